"""Model calls as frameworks tell of them: recorded only where the same call was not recorded further in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, final

from opentelemetry.context.context import Context

from agentops.domain.journal.frames import START_REST, checksum, pack_start
from agentops.domain.spans import SpanKind
from agentops.recording.context import FALLBACK_KEY, SPAN_KEY, current_span, get_context, set_context
from agentops.recording.passing import Passing
from agentops.recording.span import Span

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextvars import Token

    from agentops.domain.journal.frames import Template
    from agentops.domain.spans import ErrorInfo, SpanRecord
    from agentops.recording.recorder import Recorder
    from agentops.recording.span import Outside

_OWN_WORK: Final = frozenset({SpanKind.TOOL, SpanKind.AGENT})
"""What makes model calls of its own: those inside it are not the call around it."""


@final
class Fallback(Span):
    """A model call that is written when it ends, if until then none was recorded inside it.

    It is never the current span, so that what is recorded inside it stands under the span around it. It is told from
    other spans by its exact type: `isinstance` runs Python code for classes of OpenTelemetry's.

    Attributes:
        outer: the fallback that was current when it began.
        asked: what went in, as JSON that has passed the shield.
        began: when, by the recorder's clock.
        seen: whether the call was recorded further in.
        stays: whether it has not stepped aside where it was current.
    """

    outer: Fallback | None = None
    asked: bytes = b""
    began: int = 0
    seen: bool = False
    stays: bool = True

    @property
    def stands(self) -> bool:
        """Whether what runs where it was made current is part of it."""
        return self.stays and self.recorder is not None

    @property
    def surrounds(self) -> bool:
        """Whether the running code is directly inside it, not in a span that was opened meanwhile."""
        return current_span() in {None, self.parent}

    def fail(self, error: BaseException, info: ErrorInfo | None = None) -> None:
        """Note the exception that ends it, unless whoever recorded the call has."""
        if not self.seen:
            super().fail(error, info)

    def begin(self) -> bool:
        """Write its beginning, now that it ends; False, and it is over, where the call was recorded further in."""
        recorder, trace, data = self.recorder, self.trace, self.asked
        if recorder is None:
            return False
        if self.seen:
            self.recorder = None
            return False
        if trace.waiting:
            trace.touch()
        head = self.template.head, self.agent, trace.trace_id, self.id, self.parent.id, self.began
        recorder.journal.append(pack_start(START_REST + len(data), checksum(data), *head) + data)
        return True


def hold_back(recorder: Recorder, template: Template, data: bytes) -> Fallback | None:
    """Begin a fallback under what is current; `data` is what goes in, as JSON. None where no session takes it."""
    trace, parent = recorder.surroundings()
    if trace is None:
        return None
    span = Fallback()
    span.recorder = recorder
    span.extra = None
    span.template = template
    span.trace = trace
    span.parent = parent
    span.agent = parent.agent
    span.id = recorder.new_id()
    span.began = recorder.clock.read()
    span.asked = recorder.shield.going_in(template, data) if data else b""
    span.outer = current_fallback()
    return span


def current_fallback(context: Mapping[str, object] | None = None) -> Fallback | None:
    """The innermost fallback that the running code is part of, or whatever runs in this context."""
    found: Fallback | None = (get_context() if context is None else context).get(FALLBACK_KEY)  # pyright: ignore[reportAssignmentType] - ours
    while found is not None and not found.stands:
        found = found.outer
    return found


class Surroundings(Passing):
    """Stands for the span around a fallback while that goes on, where something else was current."""

    def __init__(self, fallback: Fallback, parent: Span, around: object) -> None:
        super().__init__(parent, around)
        self._fallback = fallback

    @property
    def stands(self) -> bool:
        """Whether it is the span that is current."""
        return self._fallback.stands and super().stands


def inside(fallback: Fallback, around: Mapping[str, object]) -> Context:
    """The context inside a fallback, where `around` is the current one."""
    here: dict[str, object] = {**around, FALLBACK_KEY: fallback}
    parent = fallback.parent
    if isinstance(parent, Span) and current_span() is not parent:
        here[SPAN_KEY] = Surroundings(fallback, parent, around.get(SPAN_KEY))
    return Context(here)


def enter_fallback(fallback: Fallback) -> Token[Context]:
    """Make a fallback current; the token goes to `context.leave`."""
    return set_context(inside(fallback, get_context()))


def around_fallback(fallback: Fallback) -> dict[str, object]:
    """What to attach for what happens inside a fallback, wherever it does."""
    carried: dict[str, object] = {FALLBACK_KEY: fallback}
    return carried | {SPAN_KEY: fallback.parent} if isinstance(fallback.parent, Span) else carried


def mark_seen(span: Span, fallback: Fallback | None) -> None:
    """A model call begins in a fallback: it is the same one, and learns what the fallback knows of it."""
    if fallback is not None:
        _mark(span.kind, span.parent, span.details.attributes, fallback)


def mark_told(record: SpanRecord, parent: Span | Outside, fallback: Fallback | None) -> None:
    """The same, of a model call that somebody else told of."""
    if fallback is not None:
        _mark(record.kind, parent, record.attributes, fallback)


def _mark(kind: str, parent: Span | Outside, attributes: dict[str, Any], fallback: Fallback | None) -> None:
    while fallback is not None:
        if fallback.recorder is not None and fallback.kind == kind and _is_same_work(parent, fallback):
            fallback.seen = True
            known = {} if fallback.extra is None else fallback.extra.attributes
            attributes.update({name: value for name, value in known.items() if name not in attributes})
        fallback = fallback.outer


def _is_same_work(parent: Span | Outside, fallback: Fallback) -> bool:
    """Whether no tool and no agent began between the two."""
    while isinstance(parent, Span) and parent is not fallback.parent:
        if parent.kind in _OWN_WORK:
            return False
        parent = parent.parent
    return True
