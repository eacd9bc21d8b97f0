"""One request and the turn that answers it, as the dialects see them."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from agentops.domain.genai import Json, ToolCall, Usage
from agentops.testing.provider.request import ReceivedRequest, count_tokens
from agentops.testing.provider.turn import Turn

_PIECE = re.compile(r"\s*\S+|\s+$")


@dataclass(frozen=True, slots=True)
class Event:
    """One server-sent event; `content` marks those that carry something the caller waits for."""

    data: bytes
    content: bool = False


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request with its answer; `created` is Unix seconds."""

    request: ReceivedRequest
    turn: Turn
    created: int

    @property
    def model(self) -> str:
        """The model that answers."""
        return self.turn.model or self.request.model

    @property
    def usage(self) -> Usage:
        """The scripted usage, or one token per word and mark."""
        turn = self.turn
        if turn.usage is not None:
            return turn.usage
        said = [turn.text, turn.refusal, *(arguments_text(call) for call in turn.tool_calls)]
        return Usage(
            input=self.request.tokens,
            output=sum(map(count_tokens, said)),
            reasoning=count_tokens(turn.reasoning) if turn.reasoning else None,
        )

    @property
    def tool_calls(self) -> list[ToolCall]:
        """The tool calls, each with an id."""
        prefix = "toolu" if self.request.is_anthropic else "call"
        return [
            call
            if call.id
            else ToolCall(name=call.name, arguments=call.arguments, id=self.identifier(f"{prefix}_", index))
            for index, call in enumerate(self.turn.tool_calls, 1)
        ]

    def identifier(self, prefix: str, part: int = 0) -> str:
        """An id that is unique in this provider and the same in every run."""
        suffix = f"{part:02d}" if part else ""
        return f"{prefix}loopback{self.request.number:06d}{suffix}"

    def pieces(self, text: str) -> list[str]:
        """A text as a stream delivers it."""
        return cut(text, self.turn.chunk_size)


Answer = Callable[[Exchange], Json]
"""Makes a whole answer."""

Events = Callable[[Exchange], Iterator[Event]]
"""Makes a stream."""


@dataclass(frozen=True, slots=True)
class Face:
    """One provider's way to speak, where it is not OpenAI's or Anthropic's.

    Attributes:
        endpoints: how it answers, whole and as a stream, by the end of the path.
        refusal: the JSON of an error of an HTTP status, in the given words or its own.
        interruption: what a stream carries in such a case; None: a server-sent event with the JSON.
        request_id: the header that names a request.
        apart: the path at which a stream is to be had with GET; None: it is the answer itself.
    """

    endpoints: Mapping[str, tuple[Answer, Events | None]]
    refusal: Callable[[int, str | None], Json]
    interruption: Callable[[int, str | None], bytes] | None = None
    request_id: str = "x-request-id"
    apart: Callable[[Exchange], str] | None = None


def cut(text: str, size: int | None) -> list[str]:
    """A text in pieces of so many characters; None cuts it into words."""
    if size is None:
        return _PIECE.findall(text)
    return [text[start : start + size] for start in range(0, len(text), size)]


def arguments_text(call: ToolCall) -> str:
    """The arguments of a tool call as the model wrote them: JSON, or the very text where a string was scripted."""
    return call.arguments if isinstance(call.arguments, str) else json.dumps(call.arguments or {})


def server_sent(data: Json, *, event: str | None = None) -> bytes:
    """An event in the format of https://html.spec.whatwg.org/multipage/server-sent-events.html."""
    name = f"event: {event}\n" if event else ""
    payload = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    return f"{name}data: {payload}\n\n".encode()


def known(**counts: int | None) -> dict[str, int]:
    """The counts that the wire says; what is None is absent."""
    return {name: count for name, count in counts.items() if count is not None}
