"""What callbacks tell of, by the ids under which they tell: each run a span, under that of the run around it."""

from __future__ import annotations

from inspect import CO_ASYNC_GENERATOR, CO_GENERATOR, currentframe
from typing import TYPE_CHECKING, Any, Final

from agentops.domain.genai import Request
from agentops.domain.spans import SpanKind
from agentops.recording.context import current_call, current_span
from agentops.recording.guard import guarded
from agentops.recording.span import Span

if TYPE_CHECKING:
    from collections.abc import Hashable
    from types import CodeType

    from agentops.instrumentation.target import AnyRequest, AnyResponse, Emission, Emitter

LIMIT: Final = 10_000
"""Runs that are open at the same time; beyond it, the oldest is of a program that never told of its end."""

_GENERATOR: Final = CO_GENERATOR | CO_ASYNC_GENERATOR
_BEGINNINGS: Final = frozenset({"_start", "_astart"})
"""Functions in which nothing is done but to tell that a run begins: it is that of who called them."""

_everywhere: Final[dict[Hashable, Emission]] = {}
"""The open runs of all handlers: one that two of them are told of is recorded by the first."""


class Runs:
    """The open runs of one handler."""

    def __init__(self, emitter: Emitter) -> None:
        self._emitter = emitter
        self._open: dict[Hashable, Emission] = {}
        self._hidden: dict[Hashable, Hashable] = {}

    @property
    def spans(self) -> dict[Hashable, Span]:
        """The spans of the open runs."""
        return {run_id: span for run_id, run in list(self._open.items()) if (span := _span_of(run)) is not None}

    def open(  # noqa: PLR0913 - what a callback says at once
        self,
        run_id: Hashable,
        parent_id: Hashable | None,
        request: AnyRequest,
        *,
        name: str | None = None,
        kind: SpanKind | None = None,
        stays: bool = False,
        attributes: dict[str, Any] | None = None,
    ) -> None:
        """A run begins; one that is a model call is recorded only if none is seen further in.

        Args:
            run_id: the library's id of it.
            parent_id: of the run around it.
            request: what goes in.
            name: what it is called; None: what the request says.
            kind: what it is; None: what the request says.
            stays: whether what follows here is part of it.
            attributes: what else to keep.
        """
        if run_id in _everywhere:
            return
        self._hidden.pop(run_id, None)
        while len(self._open) >= LIMIT:
            self._take(next(iter(self._open)))
        run = self._emitter.open(
            request,
            name=name,
            kind=kind,
            parent=self._around(parent_id),
            attributes=attributes,
            fallback=isinstance(request, Request),
        )
        self._open[run_id] = _everywhere[run_id] = run
        if stays:
            run.stay()

    def _take(self, run_id: Hashable) -> Emission | None:
        """A run that is not open any more."""
        self._hidden.pop(run_id, None)
        run = self._open.pop(run_id, None)
        if run is not None:
            _everywhere.pop(run_id, None)
        return run

    def _around(self, parent_id: Hashable | None) -> Emission | None:
        """The run around a new one; None where what is current is that run's span, or lies within it."""
        run = _everywhere.get(self._shown(parent_id))
        span = _span_of(run)
        if span is None:
            return None
        here: object = current_span()
        while isinstance(here, Span):
            if here is span:
                return None
            here = here.parent
        return run

    def _shown(self, run_id: Hashable | None) -> Hashable | None:
        """A run, or the nearest one around it that is worth a span."""
        while run_id in self._hidden:
            run_id = self._hidden[run_id]
        return run_id

    def is_open(self, run_id: Hashable | None) -> bool:
        """Whether a run goes on, or one around it."""
        return self._shown(run_id) in _everywhere

    def hide(self, run_id: Hashable, parent_id: Hashable | None) -> None:
        """A run begins that is not worth a span: what it does belongs to the run around it."""
        while len(self._hidden) >= LIMIT:
            self._hidden.pop(next(iter(self._hidden)), None)
        self._hidden[run_id] = parent_id

    def answering(self, run_id: Hashable) -> None:
        """The first of a model's answer is there; whoever reads it has its turn."""
        run = self._open.get(run_id)
        if run is not None:
            run.answering()
            run.step_aside()

    def note(self, run_id: Hashable, name: str, attributes: dict[str, Any]) -> None:
        """Something happens in a run."""
        span = _span_of(self._open.get(self._shown(run_id)))
        if span is not None:
            with guarded("noting what a callback told of"):
                span.add_event(name, attributes)

    def turn_into(self, run_id: Hashable, kind: SpanKind) -> None:
        """A run turns out to be of another kind."""
        span = _span_of(self._open.get(run_id))
        if span is not None and span.recorder is not None:
            span.details.kind = kind

    def finish(self, run_id: Hashable, response: AnyResponse | None = None) -> None:
        """A run went well."""
        run = self._take(run_id)
        if run is not None:
            run.finish(response)

    def fail(self, run_id: Hashable, error: BaseException, response: AnyResponse | None = None) -> None:
        """A run went wrong; what it gave until then is kept."""
        run = self._take(run_id)
        if run is None:
            return
        span = _span_of(run)
        if response is not None and span is not None:
            with guarded("reading an error that a callback told of"):
                span.fail(error)
            run.finish(response)
        else:
            run.fail(error)


def _span_of(run: Emission | None) -> Span | None:
    """The span of a run; None where it has none."""
    span: Any = getattr(run, "span", None)
    return span if isinstance(span, Span) else None


def calling(module: str) -> CodeType | None:
    """The code that a library's callback machinery was called from.

    Args:
        module: the beginning of the names of the modules that are the machinery.
    """
    frame = currentframe()
    skipped = (module, "agentops.instrumentation.callbacks")
    while frame is not None and (
        str(frame.f_globals.get("__name__")).startswith(skipped) or frame.f_code.co_name in _BEGINNINGS
    ):
        frame = frame.f_back
    return None if frame is None else frame.f_code


def is_generator(code: CodeType) -> bool:
    """Whether what code makes current is current for its reader as well."""
    return bool(code.co_flags & _GENERATOR)


def is_call_of(name: str) -> bool:
    """Whether what runs here is the observed call of an agent of this name."""
    call = current_call()
    return call is not None and call.kind is SpanKind.AGENT and (call.details.name or call.template.name) == name
