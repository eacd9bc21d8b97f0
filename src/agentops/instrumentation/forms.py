"""What a decorated function is recorded as: a span, opened and ended around each call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from agentops.recording.capture import SIZE_LIMIT, encode_bounded, encode_call, encode_plain
from agentops.recording.context import SPAN_KEY, enter, leave, variable
from agentops.recording.frames import END_OK, END_REST, INCOMPLETE, START_REST, TOOL, checksum, pack_end, pack_start
from agentops.recording.guard import FAILURES, guarded, report
from agentops.recording.recorder import active
from agentops.recording.span import Span

if TYPE_CHECKING:
    from agentops.domain.spans import SpanKind
    from agentops.recording.recorder import Recorder

Observation = TypeVar("Observation")


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

    def _bind(self) -> Recorder | None:
        recorder = active.recorder or active.wake()
        if recorder is not None and recorder is not self._recorder:
            self._template = recorder.template(
                self.name, self.kind, parameters=self.parameters, attributes=self.attributes
            )
            self._recorder = recorder
        return recorder

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
                    if size > SIZE_LIMIT:
                        data = encode_call(args, kwargs)
                        size = len(data)
                except FAILURES:
                    data = encode_call(args, kwargs)
                    size = len(data)
            else:
                data, size = b"", 0
            template = self._template
            context = variable.get()
            parent = context.get(SPAN_KEY)
            if type(parent) is not Span:
                span = recorder.open(template, data)
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
            span.token = variable.set({**context, SPAN_KEY: span})  # pyright: ignore[reportArgumentType]
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
                    if size > SIZE_LIMIT:
                        data = encode_bounded(result)
                        size = len(data)
                except FAILURES:
                    data = encode_bounded(result)
                    size = len(data)
            else:
                data, size = b"", 0
            if observation.extra is not None:
                recorder.close(observation, data)
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
