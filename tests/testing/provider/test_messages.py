"""Anthropic's messages, as the real anthropic client reads them."""

from collections.abc import Callable
from typing import Any

from anthropic import Anthropic, AsyncAnthropic
from anthropic.types import Message

from agentops.testing.provider import Provider, ToolCall, Turn, Usage

Provide = Callable[..., Provider]
Connect = Callable[..., Anthropic]

QUESTION: list[Any] = [{"role": "user", "content": "Where is Paris?"}]
ASKED: Any = {"model": "claude-sonnet-4-6", "max_tokens": 64, "messages": QUESTION}
EVERYTHING = Turn(
    "Let me look.",
    reasoning="A map would say.",
    tool_calls=[ToolCall(name="look", arguments={"at": "map"}), ToolCall(name="ask", arguments={})],
    usage=Usage(input=3, cache_read=4, cache_write=2, output=5, reasoning=6),
)


def create(client: Any, **settings: Any) -> Message:
    """A message that is not streamed."""
    return client.messages.create(**ASKED, **settings)


def test_a_message_holds_thinking_text_and_tool_use(provide: Provide, anthropic_for: Connect) -> None:
    """The blocks come in the provider's order, and input tokens leave out what the cache did."""
    message = create(anthropic_for(provide(EVERYTHING)))
    assert message.model_dump(exclude_none=True) == {
        "id": "msg_loopback000001",
        "type": "message",
        "role": "assistant",
        "model": "claude-sonnet-4-6",
        "content": [
            {"type": "thinking", "thinking": "A map would say.", "signature": "bG9vcGJhY2s="},
            {"type": "text", "text": "Let me look."},
            {"type": "tool_use", "id": "toolu_loopback00000101", "name": "look", "input": {"at": "map"}},
            {"type": "tool_use", "id": "toolu_loopback00000102", "name": "ask", "input": {}},
        ],
        "stop_reason": "tool_use",
        "usage": {
            "input_tokens": 3,
            "cache_creation_input_tokens": 2,
            "cache_read_input_tokens": 4,
            "output_tokens": 11,
            "output_tokens_details": {"thinking_tokens": 6},
        },
    }


def test_a_streamed_message_adds_up_to_the_whole(provide: Provide, anthropic_for: Connect) -> None:
    """The client's own accumulator builds from the stream what `create` answers."""
    client = anthropic_for(provide(EVERYTHING, EVERYTHING))
    whole = create(client)
    with client.messages.stream(**ASKED) as stream:
        streamed: Any = stream.get_final_message()
    messages: list[Any] = [whole, streamed]
    shapes: list[Any] = [
        [block.model_dump(exclude={"id", "parsed_output"}, exclude_none=True) for block in message.content]
        for message in messages
    ]
    assert shapes[0] == shapes[1]
    assert streamed.usage.model_dump(exclude_none=True) == whole.usage.model_dump(exclude_none=True)
    assert streamed.stop_reason == "tool_use"


def test_the_events_of_a_stream_are_those_of_the_api(provide: Provide, anthropic_for: Connect) -> None:
    """Input tokens come with the start and a placeholder for the output; the final count comes with the end."""
    client = anthropic_for(provide(Turn("one two", usage=Usage(input=3, output=5))))
    events: list[Any] = list(client.messages.create(**ASKED, stream=True))
    assert [event.type for event in events] == [
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]
    usages = [
        event.message.usage.output_tokens if event.type == "message_start" else event.usage.output_tokens
        for event in events
        if event.type in {"message_start", "message_delta"}
    ]
    assert usages == [1, 5]


async def test_the_async_client_streams_the_text(provide: Provide) -> None:
    """`text_stream` of the async client yields the pieces."""
    provider = provide(Turn("one two three", chunk_size=4))
    async with AsyncAnthropic(base_url=provider.anthropic_url, api_key="k") as client:
        async with client.messages.stream(**ASKED) as stream:
            pieces = [piece async for piece in stream.text_stream]
        message = await client.messages.create(model="claude-haiku-4-5", max_tokens=64, messages=QUESTION)
    assert pieces == ["one ", "two ", "thre", "e"]
    assert message.stop_reason == "end_turn"


def test_stop_reasons_are_said_in_anthropics_words(provide: Provide, anthropic_for: Connect) -> None:
    """The words shared by all dialects are translated, the API's own go through."""
    turns = [Turn("x", finish_reason="length"), Turn(refusal="No."), Turn("x", finish_reason="pause_turn")]
    client = anthropic_for(provide(*turns))
    assert [create(client).stop_reason for _ in turns] == ["max_tokens", "refusal", "pause_turn"]


def test_tokens_are_counted_before_they_are_spent(provide: Provide, anthropic_for: Connect) -> None:
    """`count_tokens` says what a message would count as input."""
    client = anthropic_for(provide())
    counted = client.messages.count_tokens(model="claude-sonnet-4-6", messages=QUESTION, system="Be brief.")
    assert counted.input_tokens == create(client, system="Be brief.").usage.input_tokens == 7
