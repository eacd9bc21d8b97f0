"""A library with a plugin, ready to be tried in every situation that a call may meet."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from agentops.domain.genai import Json, Usage
from agentops.domain.spans import SpanKind, SpanRecord
from agentops.instrumentation.target import Bridge, Instrumentation
from agentops.testing.provider.exchange import cut
from agentops.testing.provider.server import Provider
from agentops.testing.provider.turn import Fault, Turn


class Situation(StrEnum):
    """What a call meets, for `Probe.prepare` to bring about."""

    ANSWERS = "answers"
    """It is answered."""
    REFUSES = "refuses"
    """It raises."""
    BREAKS = "breaks"
    """Its stream raises after the first text and before the last."""
    HANGS = "hangs"
    """No answer comes; of a stream its first text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the span of a call that was answered says; what is None is not looked at.

    Attributes:
        kind: what it is recorded as.
        name: what it is called.
        model: the model that was asked.
        text: all text of the answer.
        usage: the tokens of the answer.
        streamed_usage: the tokens of a streamed answer, where they differ.
        output: what a tool or an agent gave back.
        check: looks at the span of every call that was answered, and raises what is wrong with it.
    """

    kind: SpanKind = SpanKind.LLM
    name: str | None = None
    model: str | None = None
    text: str | None = None
    usage: Usage | None = None
    streamed_usage: Usage | None = None
    output: Json = None
    check: Callable[[SpanRecord], None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A library with a plugin, and how it is called.

    Attributes:
        name: what the cases are named after.
        instrumentation: what the plugin's `agentops_instrumentation` gives.
        expected: what is to be recorded of a call that was answered.
        client: makes what sync calls are made with: a client, a module. One is made for each call and, where it is a
            context manager, entered and left. None: the library has no sync calls.
        aclient: the same for async calls; each is made in an event loop of its own.
        call: makes a call with a client and gives its result, or an awaitable of it. None: no call gives a value.
        stream: makes a call with a client and gives its stream, or an awaitable of it. None: no call streams.
        acall: `call` for async clients, where it differs.
        astream: `stream` for async clients, where it differs.
        prepare: brings about a situation for the next call; see `answering`. None: calls are only ever answered.
        text_of: the text in a chunk, None or empty where there is none. With it, what is kept of a stream that was not
            read to its end must be exactly what was received; without it, a beginning of the text.
    """

    name: str
    instrumentation: Instrumentation | Bridge | Sequence[Instrumentation | Bridge]
    expected: Expected
    client: Callable[[], Any] | None = None
    aclient: Callable[[], Any] | None = None
    call: Callable[[Any], Any] | None = None
    stream: Callable[[Any], Any] | None = None
    acall: Callable[[Any], Any] | None = None
    astream: Callable[[Any], Any] | None = None
    prepare: Callable[[Situation], None] | None = None
    text_of: Callable[[Any], str | None] | None = None

    @property
    def instrumentations(self) -> list[Instrumentation | Bridge]:
        """What it observes, as a list."""
        given = self.instrumentation
        return [given] if isinstance(given, Instrumentation | Bridge) else list(given)


def answering(provider: Provider, turn: Turn) -> Callable[[Situation], None]:
    """A `Probe.prepare` for libraries that talk to the loopback provider; `turn` is what it answers.

    The turn's text needs two words at least, or a stream of it cannot break midway.
    """
    first_word = len(cut(turn.reasoning, turn.chunk_size)) + 1
    faults = {
        Situation.REFUSES: Fault.refused(400),
        Situation.BREAKS: Fault.errored(after=first_word),
        Situation.HANGS: Fault.stalled(after=first_word),
    }

    def prepare(situation: Situation) -> None:
        provider.forget()
        provider.say(replace(turn, fault=faults.get(situation)))

    return prepare
