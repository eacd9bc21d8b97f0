"""Chat Completions, as every kind of message, tool and answer is read."""

import copy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from openai._models import construct_type
from openai.types.chat import ChatCompletionChunk

from agentops.domain.genai import (
    Media,
    Message,
    Other,
    Reasoning,
    Refusal,
    Response,
    Text,
    Tool,
    ToolCall,
    ToolResult,
    Usage,
)
from agentops_plugins._openai_chat import CHAT


def asked(**body: Any) -> list[Message]:
    """The messages of a request."""
    return CHAT.read_content(body, None).messages


def folded(*chunks: Any) -> Response:
    """The answer that these chunks add up to."""
    assert CHAT.fold is not None
    whole = None
    for chunk in chunks:
        whole = CHAT.fold(whole, chunk)
    return CHAT.read_response(whole)


def delta(index: int = 0, finish_reason: str | None = None, **fields: Any) -> dict[str, Any]:
    """A chunk with one delta."""
    return {
        "id": "chatcmpl-1",
        "model": "gpt-x",
        "choices": [{"index": index, "delta": fields, "finish_reason": finish_reason}],
    }


def test_every_kind_of_message_part_is_kept() -> None:
    """Texts stay texts, media keep their size instead of their content, unknown kinds stay as they came."""
    content = [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": "https://example.com/cat.png", "detail": "low"}},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAECAw=="}},
        {"type": "input_audio", "input_audio": {"data": "AAEC", "format": "wav"}},
        {"type": "file", "file": {"file_id": "file-1"}},
        {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AAEC"}},
        {"type": "hologram", "depth": 3},
    ]
    assert asked(messages=[{"role": "user", "content": content, "name": "ada"}]) == [
        Message(
            "user",
            [
                Text("What is this?"),
                Media("image", uri="https://example.com/cat.png"),
                Media("image", mime_type="image/png", size=4),
                Media("audio", mime_type="audio/wav", size=3),
                Media("file", file_id="file-1"),
                Media("file", mime_type="application/pdf", size=3),
                Other("hologram", {"type": "hologram", "depth": 3}),
            ],
            name="ada",
        )
    ]


def test_a_conversation_with_tools_is_kept_in_its_order() -> None:
    """System prompt, tool calls of the assistant and what the tools gave back."""
    call = {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Paris"}'}}
    assert asked(
        messages=[
            {"role": "developer", "content": "Be brief."},
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "call_1", "content": "12 degrees"},
            {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]},
        ]
    ) == [
        Message("developer", [Text("Be brief.")]),
        Message("assistant", [ToolCall("weather", {"city": "Paris"}, "call_1")]),
        Message("tool", [ToolResult("12 degrees", "call_1")]),
        Message("assistant", [Refusal("No.")]),
    ]


def test_tools_are_kept_as_they_were_offered() -> None:
    """Functions, custom tools, tools of the provider and the older `functions`."""
    schema = {"type": "object", "properties": {"city": {"type": "string"}}}
    body = {
        "tools": [
            {"type": "function", "function": {"name": "weather", "description": "Looks up.", "parameters": schema}},
            {"type": "custom", "custom": {"name": "math", "format": {"type": "text"}}},
            {"type": "browser_search", "region": "eu"},
        ],
        "functions": [{"name": "older", "parameters": schema}],
    }
    assert CHAT.read_content(body, None).tools == [
        Tool("weather", "Looks up.", schema),
        Tool("math", parameters={"type": "text"}, kind="custom"),
        Tool("browser_search", parameters={"region": "eu"}, kind="browser_search"),
        Tool("older", parameters=schema),
    ]


def test_an_answer_is_read_whole() -> None:
    """Every choice with its parts and reason; tokens in disjoint buckets; the price where the provider says it."""
    answer: dict[str, Any] = {
        "id": "chatcmpl-1",
        "model": "gpt-x-2026",
        "service_tier": "priority",
        "choices": [
            {
                "index": 0,
                "finish_reason": "tool_calls",
                "message": {
                    "role": "assistant",
                    "content": "Let me look.",
                    "reasoning_content": "Which city?",
                    "tool_calls": [{"id": "c1", "type": "custom", "custom": {"name": "math", "input": "4+4"}}],
                },
            },
            {"index": 1, "finish_reason": "content_filter", "message": {"role": "assistant", "refusal": "I cannot."}},
        ],
        "usage": {
            "prompt_tokens": 100,
            "completion_tokens": 50,
            "total_tokens": 150,
            "prompt_tokens_details": {"cached_tokens": 60, "cache_write_tokens": 10},
            "completion_tokens_details": {"reasoning_tokens": 20},
            "cost": 1.5e-05,
        },
    }
    assert CHAT.read_response(answer) == Response(
        id="chatcmpl-1",
        model="gpt-x-2026",
        messages=[
            Message(
                "assistant",
                [Reasoning("Which city?"), Text("Let me look."), ToolCall("math", "4+4", "c1")],
                finish_reason="tool_calls",
            ),
            Message("assistant", [Refusal("I cannot.")], finish_reason="content_filter"),
        ],
        finish_reasons=["tool_calls", "content_filter"],
        usage=Usage(input=30, cache_read=60, cache_write=10, output=30, reasoning=20),
        service_tier="priority",
        cost="0.000015",
    )


def test_reasoning_beside_the_output_is_not_taken_from_it() -> None:
    """Where the total adds reasoning to the output (xAI), the output is not diminished by it."""
    usage = {
        "prompt_tokens": 10,
        "completion_tokens": 5,
        "total_tokens": 35,
        "completion_tokens_details": {"reasoning_tokens": 20},
    }
    assert CHAT.read_response({"usage": usage}).usage == Usage(input=10, output=5, reasoning=20)


def test_sound_keeps_its_size_and_its_transcript() -> None:
    """The spoken answer is a medium; its words are there, but are not text that was written."""
    audio = {"id": "audio_1", "data": "AAEC", "transcript": "Hello", "expires_at": 1}
    answer: dict[str, Any] = {"choices": [{"message": {"role": "assistant", "content": None, "audio": audio}}]}
    assert CHAT.read_response(answer).messages == [
        Message("assistant", [Media("audio", file_id="audio_1", size=3), Other("transcript", "Hello")])
    ]


def test_tools_that_the_provider_ran_are_marked_so() -> None:
    """Groq's compound models run tools themselves and say so."""
    ran = {"index": 0, "type": "search", "arguments": '{"query": "x"}', "output": "Title: y"}
    answer: dict[str, Any] = {"choices": [{"message": {"role": "assistant", "content": "z", "executed_tools": [ran]}}]}
    assert CHAT.read_response(answer).messages[0].parts == [
        Text("z"),
        ToolCall("search", {"query": "x"}, server=True),
        ToolResult("Title: y", name="search"),
    ]


@given(st.lists(st.text(max_size=8), max_size=20), st.lists(st.text(max_size=8), max_size=5))
def test_a_stream_folds_to_the_answer_that_was_cut_up(said: list[str], thought: list[str]) -> None:
    """However a text is cut into deltas, the whole is the text."""
    stream = [delta(role="assistant", content="")]
    stream += [delta(reasoning=piece) for piece in thought]
    stream += [delta(content=piece) for piece in said]
    parts = [part for part in (Reasoning("".join(thought)), Text("".join(said))) if part.content]
    assert folded(*stream, delta(finish_reason="stop")).messages == [
        Message("assistant", [*parts], finish_reason="stop")  # pyright: ignore[reportArgumentType] - a list of parts
    ]


PIECES = st.text(max_size=5)
CALL = {"index": 0, "id": "c", "function": {"name": "f", "arguments": "1"}}
DELTAS = st.fixed_dictionaries({"content": PIECES}) | st.fixed_dictionaries(
    {},
    optional={
        "role": st.sampled_from(["assistant", None]),
        "content": st.none() | PIECES,
        "refusal": st.none() | PIECES,
        "reasoning_content": st.none() | PIECES,
        "tool_calls": st.sampled_from([None, [CALL]]),
    },
)
CHOICES = st.fixed_dictionaries(
    {
        "index": st.sampled_from([0, 0, 0, 1]),
        "delta": DELTAS,
        "finish_reason": st.sampled_from([None, None, None, "stop"]),
    }
)
CHUNKS = st.fixed_dictionaries(
    {
        "id": st.just("chatcmpl-1"),
        "model": st.just("gpt-x"),
        "choices": st.lists(CHOICES, max_size=2),
        "usage": st.sampled_from([None, None, {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}]),
    },
    optional={"obfuscation": PIECES},
)


@given(st.lists(CHUNKS, max_size=12))
def test_chunks_that_only_go_on_are_read_like_all_others(chunks: list[dict[str, Any]]) -> None:
    """A stream of models, read in the short way where it may be, is the same answer as the JSON it was made of."""
    models = [construct_type(type_=ChatCompletionChunk, value=copy.deepcopy(chunk)) for chunk in chunks]
    assert folded(*models) == folded(*chunks)


def test_streamed_choices_and_calls_find_their_places() -> None:
    """Deltas of several choices and several calls come mingled, the usage in a chunk without choices."""
    response = folded(
        delta(0, role="assistant", content="a"),
        delta(1, role="assistant", content="b"),
        delta(0, tool_calls=[{"index": 0, "id": "c1", "type": "function", "function": {"name": "f", "arguments": ""}}]),
        delta(
            0, tool_calls=[{"index": 1, "id": "c2", "type": "function", "function": {"name": "g", "arguments": "{}"}}]
        ),
        delta(0, tool_calls=[{"index": 0, "function": {"arguments": '{"x":'}}]),
        delta(1, content="B", finish_reason="stop"),
        delta(0, tool_calls=[{"index": 0, "function": {"arguments": "1}"}}], finish_reason="tool_calls"),
        {"id": "chatcmpl-1", "choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 4}},
    )
    assert response == Response(
        id="chatcmpl-1",
        model="gpt-x",
        messages=[
            Message(
                "assistant", [Text("a"), ToolCall("f", {"x": 1}, "c1"), ToolCall("g", {}, "c2")], None, "tool_calls"
            ),
            Message("assistant", [Text("bB")], finish_reason="stop"),
        ],
        finish_reasons=["tool_calls", "stop"],
        usage=Usage(input=3, output=4),
    )


def test_calls_that_share_an_index_stay_apart() -> None:
    """Gemini's OpenAI surface streams whole calls, all with index 0."""
    calls = [{"index": 0, "id": f"c{n}", "function": {"name": "f", "arguments": f'{{"n": {n}}}'}} for n in (1, 2)]
    assert folded(*(delta(tool_calls=[call]) for call in calls)).messages[0].parts == [
        ToolCall("f", {"n": 1}, "c1"),
        ToolCall("f", {"n": 2}, "c2"),
    ]


def test_groq_says_usage_and_request_id_aside() -> None:
    """`x_groq` of the first and of the last chunk."""
    response = folded(
        {"id": "chatcmpl-1", "model": "m", "x_groq": {"id": "req_1"}, "choices": []},
        delta(content="a"),
        {"choices": [], "x_groq": {"id": "req_1", "usage": {"prompt_tokens": 1, "completion_tokens": 2}}},
    )
    assert (response.request_id, response.usage) == ("req_1", Usage(input=1, output=2))


def test_an_empty_first_chunk_leaves_id_and_model_to_the_next() -> None:
    """Azure begins with the results of its content filter."""
    response = folded({"id": "", "model": "", "choices": [], "prompt_filter_results": []}, delta(content="a"))
    assert (response.id, response.model) == ("chatcmpl-1", "gpt-x")


def test_the_first_content_is_not_the_first_chunk() -> None:
    """The role, empty text and the closing chunks are nothing to wait for."""
    assert CHAT.has_content is not None
    chunks: list[dict[str, Any]] = [
        delta(role="assistant", content=""),
        delta(content="a"),
        delta(reasoning_content="r"),
        delta(tool_calls=[{"index": 0, "id": "c"}]),
        delta(finish_reason="stop"),
        {"choices": []},
    ]
    assert [CHAT.has_content(chunk) for chunk in chunks] == [False, True, True, True, False, False]


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(
                    ["choices", "delta", "message", "content", "tool_calls", "index", "usage", "messages", "tools"]
                ),
                inner,
            )
        ),
    )
)
def test_no_answer_is_too_odd_to_be_read(odd: Any) -> None:
    """Whatever JSON comes, reading it raises nothing."""
    assert CHAT.fold is not None
    assert CHAT.has_content is not None
    CHAT.read_response(odd)
    CHAT.read_response(CHAT.fold(CHAT.fold(None, odd), odd))
    CHAT.has_content(odd)
    CHAT.read_content(odd, None)
