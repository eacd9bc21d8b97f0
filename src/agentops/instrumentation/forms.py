"""What a decorated function is recorded as: a span, opened and ended around each call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from agentops.domain.redaction.suspicion import RUN
from agentops.recording.capture import SIZE_LIMIT, encode_bounded, encode_call, encode_plain
from agentops.recording.context import SPAN_KEY, enter, leave, variable
from agentops.recording.frames import END_OK, END_REST, INCOMPLETE, START_REST, TOOL, checksum, pack_end, pack_start
from agentops.recording.guard import FAILURES, guarded, report
from agentops.recording.recorder import active
from agentops.recording.span import Span

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentops.domain.spans import SpanKind
    from agentops.recording.recorder import Recorder

Observation = TypeVar("Observation")

_COLON: Final = ord(":")
_EQUALS: Final = ord("=")
_DICT: Final[Any] = dict
_NO_SHAPE: Final[tuple[int, int, Callable[[Any], bool]]] = (-1, -1, frozenset[Any]().issuperset)
_SHAPES: Final = 4
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
    """A span of one kind and name for each call, with its arguments and its result."""

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
        self.parameters = parameters
        self.bound = bound
        self.attributes = attributes
        self._recorder: Recorder | None = None
        self._shape = _NO_SHAPE
        self._free = self._free_call = -1
        self._learned = 0

    def _bind(self) -> Recorder | None:
        recorder = active.recorder or active.wake()
        if recorder is not None and recorder is not self._recorder:
            self._template = recorder.template(
                self.name, self.kind, parameters=self.parameters, attributes=self.attributes
            )
            shield = recorder.shield
            self._free = shield.free
            self._shape = _NO_SHAPE
            self._learned = _SHAPES if shield.sees_all else 0
            self._free_call = -1 if shield.is_secret_parameter(self.parameters) else shield.free_call
            self._recorder = recorder
        return recorder

    def _look_into(self, recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any], data: bytes) -> bytes:
        """Arguments that may hold a secret, or are large, as they are recorded."""
        return recorder.shield.going_in(self._template, data if len(data) <= SIZE_LIMIT else encode_call(args, kwargs))

    def _look_at(self, recorder: Recorder, result: Any, data: bytes) -> bytes:
        """A result that may hold a secret, or is large, as it is recorded.

        Most functions give results of one shape. Dicts with the same keys, none of which names a secret, need no look
        as long as their values together have fewer characters than a secret, and no text that assigns one.
        """
        clean = recorder.shield.data(data if len(data) <= SIZE_LIMIT else encode_bounded(result))
        if clean is data and self._learned < _SHAPES and type(result) is _DICT and data.count(b":") == len(result):
            self._learned += 1
            room = len(encode_plain(dict.fromkeys(result, 0))) - len(result) + RUN - 1
            self._shape = len(result), room, frozenset(result).issuperset
        return clean

    def begin(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Span | None:  # noqa: C901 - see the docstring
        """Open the span and make it current.

        This says in place what `Recorder.open` and `Journal.append` say, and `finish` what `Recorder.close` says, which
        saves a few hundredths of a microsecond. A method that is an attribute of an instance is looked up slowly where
        it is called at once, so it is taken first.
        """
        try:
            recorder = active.recorder
            if recorder is not self._recorder or recorder is None:
                recorder = self._bind()
                if recorder is None:
                    return None
            if recorder.content:
                if self.bound:
                    args = args[self.bound :]
                try:
                    data = encode_plain((args, kwargs))
                    size = len(data)
                    if size > self._free_call or _COLON in data or _EQUALS in data:
                        data = self._look_into(recorder, args, kwargs, data)
                        size = len(data)
                except FAILURES:
                    data = recorder.shield.going_in(self._template, encode_call(args, kwargs))
                    size = len(data)
            else:
                data, size = b"", 0
            template = self._template
            context = variable.get()
            parent = context.get(SPAN_KEY)
            if type(parent) is not Span:
                span = recorder.open(template, data, is_clean=True)
                if span is None:
                    return None
            else:
                span = Span()
                span.recorder = recorder
                span.extra = None
                span.template = template
                span.trace = trace = parent.trace
                span.parent = parent
                span.agent = agent = template.agent or parent.agent
                ids = recorder.ids
                read_clock = recorder.read_clock
                span.id = span_id = ids.pop() if ids else recorder.new_id()
                frame = pack_start(
                    START_REST + size, checksum(data), template.head, agent,
                    trace.trace_id, span_id, parent.id, read_clock(),
                ) + data  # fmt: skip
                write = recorder.journal.write
                try:
                    write(frame)
                except ValueError:
                    recorder.journal.append_further(frame)
            # A plain dict serves as well as a Context, which only forbids assignment, for half the price.
            inside = context.copy()
            inside[SPAN_KEY] = span
            span.token = variable.set(inside)  # pyright: ignore[reportArgumentType]
        except FAILURES as error:
            report(f"beginning {self.name}", error)
            return None
        return span

    def finish(self, observation: Span, result: Any) -> None:  # noqa: C901 - as `begin`
        """End the span with what came out."""
        try:
            try:  # noqa: SIM105 - `suppress` costs ten times as much
                variable.reset(observation.token)  # pyright: ignore[reportArgumentType] - begun and resumed spans have one
            except ValueError:  # ended in another task than it began in
                pass
            recorder = observation.recorder
            if recorder is None:
                return
            if recorder.content:
                try:
                    data = encode_plain(result)
                    size = len(data)
                    if size > self._free:
                        fields, room, knows = self._shape
                        if (
                            size > room
                            or _EQUALS in data
                            or type(result) is not _DICT
                            or len(result) != fields
                            or not knows(result)
                            or data.count(b":") != fields
                        ):
                            data = self._look_at(recorder, result, data)
                            size = len(data)
                except FAILURES:
                    data = recorder.shield.data(encode_bounded(result))
                    size = len(data)
            else:
                data, size = b"", 0
            if observation.extra is not None:
                recorder.close(observation, data, is_clean=True)
                return
            observation.recorder = None
            read_clock = recorder.read_clock
            frame = pack_end(END_REST + size, checksum(data), END_OK, observation.id, read_clock()) + data
            write = recorder.journal.write
            try:
                write(frame)
            except ValueError:
                recorder.journal.append_further(frame)
            counting = observation.template.counting
            if counting is TOOL:
                observation.trace.analytics.tool_calls += 1
            elif counting is not None:
                recorder.count(observation)
        except FAILURES as error:
            report(f"finishing {self.name}", error)

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
