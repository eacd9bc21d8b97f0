"""The responses API and embeddings, as the real openai client reads them."""

from collections.abc import Callable
from math import isclose

import pytest
from openai import AsyncOpenAI, OpenAI

from agentops.testing.provider import Provider, ToolCall, Turn, Usage

Provide = Callable[..., Provider]
Connect = Callable[..., OpenAI]

EVERYTHING = Turn(
    "In France.",
    reasoning="A map would say.",
    tool_calls=[ToolCall(name="look", arguments={"at": "map"})],
    usage=Usage(input=3, cache_read=4, output=5, reasoning=6),
)


def test_a_response_holds_reasoning_message_and_function_call(provide: Provide, openai_for: Connect) -> None:
    """The items come in the provider's order, with usage in its way of counting."""
    response = openai_for(provide(EVERYTHING)).responses.create(model="gpt-4o", input="Where is Paris?")
    assert response.status == "completed"
    assert response.output_text == "In France."
    assert [item.model_dump(exclude_none=True) for item in response.output] == [
        {
            "id": "rs_loopback000001",
            "type": "reasoning",
            "summary": [{"type": "summary_text", "text": "A map would say."}],
        },
        {
            "id": "msg_loopback000001",
            "type": "message",
            "role": "assistant",
            "status": "completed",
            "content": [{"type": "output_text", "annotations": [], "logprobs": [], "text": "In France."}],
        },
        {
            "id": "fc_loopback00000101",
            "type": "function_call",
            "status": "completed",
            "call_id": "call_loopback00000101",
            "name": "look",
            "arguments": '{"at": "map"}',
        },
    ]
    assert response.usage is not None
    assert response.usage.model_dump(exclude_none=True) == {
        "input_tokens": 7,
        "output_tokens": 11,
        "total_tokens": 18,
        "input_tokens_details": {"cached_tokens": 4},
        "output_tokens_details": {"reasoning_tokens": 6},
    }


def test_a_streamed_response_tells_its_whole_story(provide: Provide, openai_for: Connect) -> None:
    """Every item is added, filled and done, numbered without a gap, and the last event repeats the whole."""
    client = openai_for(provide(EVERYTHING))
    events = list(client.responses.create(model="gpt-4o", input="Where is Paris?", stream=True))
    assert [event.type.removeprefix("response.") for event in events] == [
        "created",
        "in_progress",
        "output_item.added",
        "reasoning_summary_part.added",
        *["reasoning_summary_text.delta"] * 4,
        "reasoning_summary_text.done",
        "reasoning_summary_part.done",
        "output_item.done",
        "output_item.added",
        "content_part.added",
        *["output_text.delta"] * 2,
        "output_text.done",
        "content_part.done",
        "output_item.done",
        "output_item.added",
        *["function_call_arguments.delta"] * 2,
        "function_call_arguments.done",
        "output_item.done",
        "completed",
    ]
    assert [event.sequence_number for event in events] == list(range(len(events)))


def test_the_stream_helper_builds_the_whole_response(provide: Provide, openai_for: Connect) -> None:
    """`responses.stream` accumulates to what `create` answers."""
    client = openai_for(provide(EVERYTHING, EVERYTHING))
    with client.responses.stream(model="gpt-4o", input="Where is Paris?") as stream:
        streamed = stream.get_final_response()
    whole = client.responses.create(model="gpt-4o", input="Where is Paris?")
    assert streamed.output_text == whole.output_text
    assert [item.type for item in streamed.output] == [item.type for item in whole.output]
    assert streamed.usage == whole.usage


async def test_an_async_stream_delivers_the_deltas(provide: Provide) -> None:
    """The async client reads the same events."""
    provider = provide(Turn("one two"))
    async with AsyncOpenAI(base_url=provider.openai_url, api_key="k") as client:
        stream = await client.responses.create(model="m", input="count", stream=True)
        deltas = [event.delta async for event in stream if event.type == "response.output_text.delta"]
    assert deltas == ["one", " two"]


@pytest.mark.parametrize(("reason", "status"), [("length", "incomplete"), ("failed", "failed")])
def test_a_response_may_end_short(provide: Provide, openai_for: Connect, reason: str, status: str) -> None:
    """`length` is an incomplete response and `failed` a failed one, streamed or not."""
    turn = Turn("half", finish_reason=reason)
    client = openai_for(provide(turn, turn))
    assert client.responses.create(model="m", input="x").status == status
    assert list(client.responses.create(model="m", input="x", stream=True))[-1].type == f"response.{status}"


def test_a_refusal_is_a_part_of_its_own(provide: Provide, openai_for: Connect) -> None:
    """The refusal is streamed as such, not as text."""
    client = openai_for(provide(Turn(refusal="No.")))
    events = list(client.responses.create(model="m", input="x", stream=True))
    assert [event.delta for event in events if event.type == "response.refusal.delta"] == ["No."]


def test_embeddings_are_the_same_as_floats_and_as_bytes(provide: Provide, openai_for: Connect) -> None:
    """Equal texts have equal vectors of length one, in either encoding."""
    client = openai_for(provide())
    encoded = client.embeddings.create(model="e", input=["a b", "c", "a b"], dimensions=8)
    plain = client.embeddings.create(model="e", input="a b", dimensions=8, encoding_format="float")
    first, second, third = (item.embedding for item in encoded.data)
    assert first == third != second
    assert all(isclose(one, other, abs_tol=1e-6) for one, other in zip(first, plain.data[0].embedding, strict=True))
    assert isclose(sum(value * value for value in first), 1, abs_tol=1e-5)
    assert (encoded.usage.prompt_tokens, plain.usage.prompt_tokens) == (5, 2)


def test_token_lists_are_embedded_too(provide: Provide, openai_for: Connect) -> None:
    """A list of token numbers is one input."""
    answer = openai_for(provide()).embeddings.create(model="e", input=[1, 2, 3], dimensions=4)
    assert (len(answer.data), answer.usage.prompt_tokens) == (1, 3)


def test_models_are_listed(provide: Provide, openai_for: Connect) -> None:
    """`models.list` finds some."""
    assert "gpt-4o" in {model.id for model in openai_for(provide()).models.list()}
