"""Chat completions, as the real openai client reads them."""

from collections.abc import Callable
from typing import Any

from groq import Groq
from openai import AsyncOpenAI, OpenAI
from together import Together

from agentops.testing.provider import Provider, ToolCall, Turn, Usage

Provide = Callable[..., Provider]
Connect = Callable[..., OpenAI]

QUESTION: list[Any] = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Where is Paris?"}]
TWO_CALLS = Turn(
    tool_calls=[ToolCall(name="look", arguments={"at": "map"}), ToolCall(name="ask", arguments={}, id="me")]
)


def test_a_completion_is_the_scripted_turn(provide: Provide, openai_for: Connect) -> None:
    """Text, model, id and counted tokens arrive as a `ChatCompletion`."""
    client = openai_for(provide(Turn("In France.")))
    completion = client.chat.completions.create(model="gpt-4o", messages=QUESTION)
    assert completion.model_dump(exclude_none=True) == {
        "id": "chatcmpl-loopback000001",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": "gpt-4o",
        "system_fingerprint": "fp_loopback",
        "service_tier": "default",
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": {"role": "assistant", "content": "In France.", "annotations": []},
            }
        ],
        "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10},
    }


async def test_the_async_client_is_answered_the_same(provide: Provide) -> None:
    """The server does not care who asks."""
    provider = provide(Turn("One.", model="gpt-4o-2024-08-06"))
    async with AsyncOpenAI(base_url=provider.openai_url, api_key="k") as client:
        completion = await client.chat.completions.create(model="gpt-4o", messages=QUESTION)
    assert (completion.choices[0].message.content, completion.model) == ("One.", "gpt-4o-2024-08-06")


def test_usage_is_said_the_way_openai_counts(provide: Provide, openai_for: Connect) -> None:
    """The prompt includes what the cache served, the completion includes the reasoning; absent buckets are absent."""
    scripted = [Turn("a", usage=Usage(input=3, cache_read=4, output=5, reasoning=6)), Turn("b", usage=Usage())]
    client = openai_for(provide(*scripted))
    full, silent = (client.chat.completions.create(model="m", messages=QUESTION) for _ in scripted)
    assert full.usage is not None
    assert full.usage.model_dump(exclude_none=True) == {
        "prompt_tokens": 7,
        "completion_tokens": 11,
        "total_tokens": 18,
        "prompt_tokens_details": {"cached_tokens": 4},
        "completion_tokens_details": {"reasoning_tokens": 6},
    }
    assert silent.usage is None


def test_parallel_tool_calls_are_streamed_and_whole_alike(provide: Provide, openai_for: Connect) -> None:
    """The client's own accumulator builds from the stream what the whole answer says."""
    client = openai_for(provide(TWO_CALLS, TWO_CALLS))
    whole = client.chat.completions.create(model="m", messages=QUESTION).choices[0]
    with client.chat.completions.stream(model="m", messages=QUESTION) as stream:
        streamed = stream.get_final_completion().choices[0]
    calls: list[list[tuple[str, str]]] = [
        [
            (call.function.name, call.function.arguments)
            for call in choice.message.tool_calls or []
            if call.type == "function"
        ]
        for choice in (whole, streamed)
    ]
    assert calls == [[("look", '{"at": "map"}'), ("ask", "{}")]] * 2
    assert whole.finish_reason == streamed.finish_reason == "tool_calls"


def test_a_stream_says_its_usage_only_when_asked(provide: Provide, openai_for: Connect) -> None:
    """With `include_usage` a last chunk without choices carries it; every other chunk says null."""
    client = openai_for(provide(Turn("a b"), Turn("a b")))
    silent = list(client.chat.completions.create(model="m", messages=QUESTION, stream=True))
    telling = list(
        client.chat.completions.create(
            model="m", messages=QUESTION, stream=True, stream_options={"include_usage": True}
        )
    )
    assert [chunk.usage for chunk in silent] == [None] * len(silent)
    assert [len(chunk.choices) for chunk in telling] == [1] * len(silent) + [0]
    assert [chunk.usage and chunk.usage.total_tokens for chunk in telling] == [None] * len(silent) + [9]


def test_the_first_chunk_of_a_stream_has_no_content(provide: Provide, openai_for: Connect) -> None:
    """A role comes first, then the pieces, then the finish reason, as the provider does it."""
    client = openai_for(provide(Turn("ab cd", chunk_size=2, finish_reason="length")))
    chunks = list(client.chat.completions.create(model="m", messages=QUESTION, stream=True))
    said = [(chunk.choices[0].delta.content, chunk.choices[0].finish_reason) for chunk in chunks]
    assert said == [("", None), ("ab", None), (" c", None), ("d", None), (None, "length")]


def test_several_choices_are_streamed_mixed(provide: Provide, openai_for: Connect) -> None:
    """`n` choices carry the alternatives, and their chunks interleave."""
    client = openai_for(provide(Turn("a b", alternatives=["c d"]), Turn("a b", alternatives=["c d"])))
    whole = client.chat.completions.create(model="m", messages=QUESTION, n=3)
    streamed = client.chat.completions.create(model="m", messages=QUESTION, n=2, stream=True)
    assert [choice.message.content for choice in whole.choices] == ["a b", "c d", "a b"]
    assert [chunk.choices[0].index for chunk in streamed] == [0, 1] * 4


def test_reasoning_and_refusals_reach_the_client(provide: Provide, openai_for: Connect) -> None:
    """Reasoning comes in the field that compatible servers use; a refusal takes the place of content."""
    client = openai_for(provide(Turn("x", reasoning="Hm."), Turn(refusal="No.")))
    thought, refused = (client.chat.completions.create(model="m", messages=QUESTION) for _ in range(2))
    assert thought.choices[0].message.to_dict()["reasoning_content"] == "Hm."
    assert (refused.choices[0].message.content, refused.choices[0].message.refusal) == (None, "No.")


def test_groq_and_together_say_usage_without_being_asked(provide: Provide) -> None:
    """The last chunk of a stream has it: under `x_groq` with Groq, as any chunk's usage with Together."""
    provider = provide(*[Turn("x", reasoning="Hm.", usage=Usage(input=1, output=2))] * 2)
    with Groq(base_url=provider.groq_url, api_key="k") as client:
        *_, last = client.chat.completions.create(model="m", messages=QUESTION, stream=True)
    assert last.x_groq is not None
    assert last.x_groq.usage is not None
    assert last.x_groq.usage.total_tokens == 3
    with Together(base_url=provider.together_url, api_key="k") as together:
        chunks: Any = list(together.chat.completions.create(model="m", messages=QUESTION, stream=True))
    assert chunks[-1].usage.total_tokens == 3
    assert "".join(chunk.choices[0].delta.reasoning or "" for chunk in chunks) == "Hm."
