"""What a decorated function is recorded as: a span, opened and ended around each call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from agentops.domain.journal.frames import INCOMPLETE
from agentops.domain.redaction.suspicion import RUN
from agentops.recording.capture import SIZE_LIMIT, encode_bounded, encode_call, encode_plain
from agentops.recording.context import enter, leave
from agentops.recording.guard import FAILURES, guarded, report
from agentops.recording.recorder import active

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentops.domain.journal.frames import Template
    from agentops.domain.spans import SpanKind
    from agentops.recording.recorder import Recorder
    from agentops.recording.span import Span

Observation = TypeVar("Observation")

DICT: Final[Any] = dict
"""For a checker of types, which would take its arguments for unknown."""
NO_SHAPE: Final[tuple[int, int, Callable[[Any], bool]]] = (-1, -1, frozenset[Any]().issuperset)
SHAPES: Final = 4
"""How often a function is watched for what its results look like."""


class Form(Protocol[Observation]):
    """How calls of one decorated function are observed; what `begin` gives is handed to the rest."""

    def begin(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Observation | None:
        """The call begins and is current; None leaves it unobserved."""
        ...

    def finish(self, observation: Observation, result: Any) -> None:
        """It came back with a result; it is no longer current."""
        ...

    def fail(self, observation: Observation, error: BaseException) -> None:
        """It raised; it is no longer current."""
        ...

    def pause(self, observation: Observation) -> None:
        """It yielded: what runs now is not part of it."""
        ...

    def resume(self, observation: Observation) -> None:
        """It goes on."""
        ...

    def abandon(self, observation: Observation, result: Any) -> None:
        """Its generator was closed before its end; `result` is what it gave until then. It is no longer current."""
        ...


class SpanForm:
    """A span of one kind and name for each call, with its arguments and its result.

    Calls of plain functions are observed by `instrumentation.direct`, which says in place what `begin` and `finish` do.

    Attributes:
        name: what the span is called.
        kind: what it is about.
        parameters: names of the function's positional parameters, without bound ones.
        bound: how many leading arguments are the object that the method belongs to.
        attributes: what every one of these spans carries.
        recorder: for which the rest is meant.
        template: what is constant in its spans.
        free: results of so many bytes need no look.
        free_call: arguments of so many bytes need none, where neither `:` nor `=` is in them.
        shape: of results that need no look: how many fields, at most how many bytes, and what knows the names.
    """

    def __init__(
        self,
        name: str,
        kind: SpanKind,
        parameters: tuple[str, ...],
        *,
        bound: int = 0,
        attributes: dict[str, Any] | None = None,
    ) -> None:
        """Describe the span.

        Args:
            name: what it is called.
            kind: what it is about.
            parameters: names of the function's positional parameters, without bound ones.
            bound: how many leading arguments are the object that the method belongs to.
            attributes: what every one of these spans carries.
        """
        self.name = name
        self.kind = kind
        self.bound = bound
        self.parameters = parameters
        self.attributes = attributes
        self._learned = 0
        self.recorder: Recorder | None = None
        self.template: Template
        self.free = self.free_call = -1
        self.shape = NO_SHAPE

    def bind(self) -> Recorder | None:
        """The recorder in use, and what is constant for it; None where nothing is to be recorded."""
        recorder = active.recorder or active.wake()
        if recorder is None or recorder is self.recorder:
            return recorder
        try:
            shield = recorder.shield
            self.template = recorder.template(
                self.name, self.kind, parameters=self.parameters, attributes=self.attributes
            )
            self.free, self.shape = shield.free, NO_SHAPE
            self._learned = SHAPES if shield.sees_all else 0
            self.free_call = -1 if shield.is_secret_parameter(self.parameters) else shield.free_call
            self.recorder = recorder
        except FAILURES as error:
            report(f"beginning {self.name}", error)
            return None
        return recorder

    def arguments(self, recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any], data: bytes) -> bytes:
        """Arguments that may hold a secret, or are large, as they are recorded; `data` is them as JSON."""
        return recorder.shield.going_in(self.template, data if len(data) <= SIZE_LIMIT else encode_call(args, kwargs))

    def result(self, recorder: Recorder, result: Any, data: bytes) -> bytes:
        """A result that may hold a secret, or is large, as it is recorded; `data` is it as JSON.

        Most functions give results of one shape. Dicts with the same keys, none of which names a secret, need no look
        as long as their values together have fewer characters than a secret, and no text that assigns one.
        """
        clean = recorder.shield.data(data if len(data) <= SIZE_LIMIT else encode_bounded(result))
        if clean is data and self._learned < SHAPES and type(result) is DICT and data.count(b":") == len(result):
            self._learned += 1
            room = len(encode_plain(dict.fromkeys(result, 0))) - len(result) + RUN - 1
            self.shape = len(result), room, frozenset(result).issuperset
        return clean

    def begin(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Span | None:
        """Open the span and make it current."""
        try:
            recorder = self.bind()
            if recorder is None:
                return None
            span = recorder.open(self.template, self._given(recorder, args, kwargs), is_clean=True)
            if span is not None:
                span.token = enter(span)
        except FAILURES as error:
            report(f"beginning {self.name}", error)
            return None
        return span

    def _given(self, recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bytes:
        if not recorder.content:
            return b""
        args = args[self.bound :]
        try:
            return self.arguments(recorder, args, kwargs, encode_plain((args, kwargs)))
        except FAILURES:  # not plain
            return recorder.shield.going_in(self.template, encode_call(args, kwargs))

    def finish(self, observation: Span, result: Any) -> None:
        """End the span with what came out."""
        with guarded(f"finishing {self.name}"):
            if observation.token is not None:
                leave(observation.token)
            recorder = observation.recorder
            if recorder is not None:
                recorder.close(observation, self._given_back(recorder, result), is_clean=True)

    def _given_back(self, recorder: Recorder, result: Any) -> bytes:
        if not recorder.content:
            return b""
        try:
            return self.result(recorder, result, encode_plain(result))
        except FAILURES:  # not plain
            return recorder.shield.data(encode_bounded(result))

    def fail(self, observation: Span, error: BaseException) -> None:
        """End the span with what was raised."""
        with guarded(f"finishing {self.name}"):
            if observation.token is not None:
                leave(observation.token)
            observation.fail(error)
            observation.end()

    def pause(self, observation: Span) -> None:
        """Step out of the span while its generator is not running."""
        if observation.token is not None:
            leave(observation.token)
            observation.token = None

    def resume(self, observation: Span) -> None:
        """Step back in."""
        observation.token = enter(observation)

    def abandon(self, observation: Span, result: Any) -> None:
        """End the span of a generator that was closed before its end."""
        observation.status = INCOMPLETE
        observation.details.counted_error = False  # so that the recorder writes the status down
        self.finish(observation, result)
