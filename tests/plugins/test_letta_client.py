"""The plugin for `letta-client`: an agent on a server is asked, and its answer is read, whole or piece by piece.

The shapes: https://docs.letta.com/api/resources/agents/subresources/messages/methods/create.
"""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from agentops.domain.spans import SpanKind, SpanStatus
from agentops.testing import Recording, record
from agentops_plugins.letta_client import INSTRUMENTATION

letta: Any = pytest.importorskip("letta_client")
httpx: Any = pytest.importorskip("httpx")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

USAGE = {"message_type": "usage_statistics", "prompt_tokens": 12, "completion_tokens": 5, "step_count": 2}
SAID = [
    {"message_type": "reasoning_message", "id": "m1", "date": "2026-01-01T00:00:00Z", "reasoning": "hm"},
    {"message_type": "assistant_message", "id": "m2", "date": "2026-01-01T00:00:00Z", "content": "Paris is "},
    {"message_type": "assistant_message", "id": "m3", "date": "2026-01-01T00:00:00Z", "content": "large."},
]
STOP = {"message_type": "stop_reason", "stop_reason": "end_turn"}
ASKED = [{"role": "user", "content": "How large is Paris?"}]


def answer(request: Any) -> Any:
    """What the server says to an agent that it knows."""
    if "agent-1" not in request.url.path:
        return httpx.Response(404, json={"detail": "no such agent"})
    body = json.loads(request.read())
    if body.get("streaming") or request.url.path.endswith("/stream"):
        events = "".join(f"data: {json.dumps(each)}\n\n" for each in [*SAID, STOP, USAGE])
        return httpx.Response(200, text=events + "data: [DONE]\n\n", headers={"content-type": "text/event-stream"})
    return httpx.Response(200, json={"messages": SAID, "stop_reason": STOP, "usage": USAGE})


async def answer_later(request: Any) -> Any:
    """The same to those who wait."""
    await request.aread()
    return answer(request)


def client(transport: Any, kind: Any) -> dict[str, Any]:
    """Arguments for a client that asks the server above, in this version and the older ones."""
    http = kind(transport=transport, base_url="http://letta.test")
    is_first = not hasattr(letta, "AsyncStream")
    return {"base_url": "http://letta.test", ("httpx_client" if is_first else "http_client"): http}


@pytest.fixture(name="recording")
def observe_letta() -> Iterator[Recording]:
    """What the plugin sees."""
    with record(plugins=False, strict=True) as opened, opened.observing.only([INSTRUMENTATION]):
        yield opened


@pytest.fixture(name="messages")
def make_messages() -> Any:
    """The messages of agents."""
    return letta.Letta(**client(httpx.MockTransport(answer), httpx.Client)).agents.messages


def stream_of(messages: Any) -> Any:
    """The method that answers piece by piece."""
    return messages.stream if hasattr(messages, "stream") else messages.create_stream


def check(recording: Recording) -> None:
    """The span says who was asked what, what came of it, and what it took."""
    span = recording.span()
    assert (span.kind, span.name, span.status) == (SpanKind.AGENT, "agent-1", SpanStatus.OK)
    assert (span.input, span.output) == (ASKED, "Paris is large.")
    assert span.attributes["agentops.agent.input_tokens"] == 12
    assert span.attributes["agentops.agent.output_tokens"] == 5


def test_an_answer_is_read_whole(recording: Recording, messages: Any) -> None:
    """The words of the agent, without what it thought."""
    assert len(messages.create("agent-1", messages=ASKED).messages) == 3
    check(recording)


def test_an_answer_is_read_piece_by_piece(recording: Recording, messages: Any) -> None:
    """The program gets every piece, and the stream that the library made."""
    pieces = list(stream_of(messages)(agent_id="agent-1", messages=ASKED))
    assert [text.content for text in pieces if text.message_type == "assistant_message"] == ["Paris is ", "large."]
    check(recording)


@pytest.mark.parametrize("is_streamed", [False, True])
def test_an_answer_may_be_awaited(recording: Recording, *, is_streamed: bool) -> None:
    """Whole, and piece by piece."""

    async def main() -> None:
        asynchronous = client(httpx.MockTransport(answer_later), httpx.AsyncClient)
        messages = letta.AsyncLetta(**asynchronous).agents.messages
        if not is_streamed:
            await messages.create("agent-1", messages=ASKED)
            return
        stream = stream_of(messages)("agent-1", messages=ASKED)
        stream = await stream if asyncio.iscoroutine(stream) else stream
        assert len([piece async for piece in stream]) == 5

    asyncio.run(main())
    check(recording)


def test_a_refusal_is_an_error(recording: Recording, messages: Any) -> None:
    """It is the library's own."""
    with pytest.raises(Exception, match="no such agent"):
        messages.create("agent-2", messages=ASKED)
    assert recording.span().status is SpanStatus.ERROR
