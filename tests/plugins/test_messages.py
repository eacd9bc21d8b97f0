"""Anthropic's Messages API, as every kind of block is read."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agentops.domain.genai import (
    Media,
    Message,
    Operation,
    Other,
    Reasoning,
    Response,
    Text,
    Tool,
    ToolCall,
    ToolResult,
    Usage,
)
from agentops_plugins._messages import COUNT_TOKENS, MESSAGES


def folded(*events: dict[str, Any]) -> Response:
    """The answer that these events add up to."""
    assert MESSAGES.fold is not None
    whole = None
    for event in events:
        whole = MESSAGES.fold(whole, event)
    return MESSAGES.read_response(whole)


def test_system_prompt_and_blocks_become_messages() -> None:
    """The system prompt comes first; media keep their size instead of their content."""
    picture = {"type": "base64", "media_type": "image/png", "data": "AAEC"}
    body = {
        "system": [{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}],
        "messages": [
            {"role": "user", "content": "Hi"},
            {
                "role": "user",
                "content": [
                    {"type": "image", "source": picture},
                    {"type": "image", "source": {"type": "url", "url": "https://example.com/cat.png"}},
                    {"type": "document", "source": {"type": "file", "file_id": "file_1"}},
                    {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "abcd"}},
                    {"type": "search_result", "title": "x"},
                ],
            },
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": "Hm", "signature": "s="},
                    {"type": "redacted_thinking", "data": "r="},
                    {"type": "tool_use", "id": "t1", "name": "look", "input": {"a": 1}},
                ],
            },
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": "found"}]},
                    {
                        "type": "tool_result",
                        "tool_use_id": "t2",
                        "is_error": True,
                        "content": [{"type": "text", "text": "shot"}, {"type": "image", "source": picture}],
                    },
                ],
            },
        ],
    }
    assert MESSAGES.read_content(body, None).messages == [
        Message("system", [Text("Be brief.")]),
        Message("user", [Text("Hi")]),
        Message(
            "user",
            [
                Media("image", mime_type="image/png", size=3),
                Media("image", uri="https://example.com/cat.png"),
                Media("file", file_id="file_1"),
                Media("file", mime_type="text/plain", size=4),
                Other("search_result", {"type": "search_result", "title": "x"}),
            ],
        ),
        Message("assistant", [Reasoning("Hm", "s="), Reasoning(None, "r="), ToolCall("look", {"a": 1}, "t1")]),
        Message(
            "user",
            [
                ToolResult("found", "t1"),
                ToolResult(
                    [
                        {"type": "text", "content": "shot"},
                        {"type": "media", "modality": "image", "mime_type": "image/png", "size": 3},
                    ],
                    "t2",
                    is_error=True,
                ),
            ],
        ),
    ]


def test_tools_are_kept_as_they_were_offered() -> None:
    """Tools with a schema, and those that the provider runs."""
    schema = {"type": "object"}
    body = {
        "tools": [
            {"name": "look", "description": "Looks.", "input_schema": schema, "cache_control": {"type": "ephemeral"}},
            {"type": "web_search_20250305", "name": "web_search", "max_uses": 2},
        ]
    }
    assert MESSAGES.read_content(body, None).tools == [
        Tool("look", "Looks.", schema),
        Tool("web_search", parameters={"max_uses": 2}, kind="web_search_20250305"),
    ]


def test_an_answer_is_read_whole() -> None:
    """Input tokens come without the cached ones, output tokens with those of thinking."""
    answer: dict[str, Any] = {
        "id": "msg_1",
        "model": "claude-x",
        "role": "assistant",
        "stop_reason": "tool_use",
        "content": [
            {"type": "text", "text": "Looking."},
            {"type": "server_tool_use", "id": "s1", "name": "web_search", "input": {"query": "q"}},
            {"type": "web_search_tool_result", "tool_use_id": "s1", "content": [{"title": "t"}]},
            {"type": "web_fetch_tool_result", "tool_use_id": "s2", "content": {"error_code": "url_not_allowed"}},
            {"type": "mcp_tool_use", "id": "m1", "name": "look", "input": {}},
            {"type": "mcp_tool_result", "tool_use_id": "m1", "content": [{"type": "text", "text": "found"}]},
            {"type": "container_upload", "file_id": "file_1"},
        ],
        "usage": {
            "input_tokens": 3,
            "output_tokens": 50,
            "cache_creation_input_tokens": 7,
            "cache_read_input_tokens": 11,
            "output_tokens_details": {"thinking_tokens": 20},
            "service_tier": "standard",
        },
    }
    assert MESSAGES.read_response(answer) == Response(
        id="msg_1",
        model="claude-x",
        messages=[
            Message(
                "assistant",
                [
                    Text("Looking."),
                    ToolCall("web_search", {"query": "q"}, "s1", server=True),
                    ToolResult([{"title": "t"}], "s1", "web_search"),
                    ToolResult({"error_code": "url_not_allowed"}, "s2", "web_fetch", is_error=True),
                    ToolCall("look", {}, "m1", server=True),
                    ToolResult("found", "m1"),
                    Media("file", file_id="file_1"),
                ],
                finish_reason="tool_use",
            )
        ],
        finish_reasons=["tool_use"],
        usage=Usage(input=3, cache_read=11, cache_write=7, output=30, reasoning=20),
        service_tier="standard",
    )


STARTED: dict[str, Any] = {
    "type": "message_start",
    "message": {
        "id": "msg_1",
        "model": "claude-x",
        "role": "assistant",
        "content": [],
        "usage": {"input_tokens": 25, "cache_read_input_tokens": 4, "output_tokens": 1},
    },
}


def block(index: int, **content: Any) -> dict[str, Any]:
    """The event that a block begins."""
    return {"type": "content_block_start", "index": index, "content_block": content}


def delta(index: int, kind: str, **content: Any) -> dict[str, Any]:
    """The event that a block goes on."""
    return {"type": "content_block_delta", "index": index, "delta": {"type": kind, **content}}


def test_a_stream_folds_to_the_answer() -> None:
    """Blocks of every kind come in deltas; of the counts, the last one of each holds."""
    assert folded(
        STARTED,
        block(0, type="thinking", thinking="", signature=""),
        delta(0, "thinking_delta", thinking="Let "),
        delta(0, "thinking_delta", thinking="me"),
        delta(0, "signature_delta", signature="s="),
        block(1, type="text", text=""),
        {"type": "ping"},
        delta(1, "text_delta", text="Hel"),
        delta(1, "text_delta", text="lo"),
        block(2, type="tool_use", id="t1", name="look", input={}),
        delta(2, "input_json_delta", partial_json='{"a"'),
        delta(2, "input_json_delta", partial_json=": 1}"),
        block(3, type="tool_use", id="t2", name="idle", input={}),
        {
            "type": "message_delta",
            "delta": {"stop_reason": "tool_use"},
            "usage": {"input_tokens": 10423, "output_tokens": 15},
        },
        {"type": "message_stop"},
    ) == Response(
        id="msg_1",
        model="claude-x",
        messages=[
            Message(
                "assistant",
                [
                    Reasoning("Let me", "s="),
                    Text("Hello"),
                    ToolCall("look", {"a": 1}, "t1"),
                    ToolCall("idle", {}, "t2"),
                ],
                finish_reason="tool_use",
            )
        ],
        finish_reasons=["tool_use"],
        usage=Usage(input=10423, cache_read=4, output=15),
    )


def test_a_stream_that_is_left_early_keeps_what_came() -> None:
    """Half a tool call is kept as the text that it was."""
    response = folded(
        STARTED,
        block(0, type="tool_use", id="t1", name="look", input={}),
        delta(0, "input_json_delta", partial_json='{"a'),
    )
    assert (response.messages, response.finish_reasons) == ([Message("assistant", [ToolCall("look", '{"a', "t1")])], [])


@given(st.lists(st.text(max_size=8), min_size=1, max_size=20).filter(any))
def test_deltas_fold_to_the_text_that_was_cut_up(pieces: list[str]) -> None:
    """However a text is cut, the whole is the text."""
    deltas = [delta(0, "text_delta", text=piece) for piece in pieces]
    assert folded(STARTED, block(0, type="text", text=""), *deltas).messages[0].text == "".join(pieces)


def test_the_first_content_is_the_first_delta() -> None:
    """The start of the message and of a block, and pings, are nothing to wait for."""
    assert MESSAGES.has_content is not None
    events: list[dict[str, Any]] = [
        STARTED,
        {"type": "ping"},
        block(0, type="text", text=""),
        delta(0, "text_delta", text="a"),
    ]
    assert [MESSAGES.has_content(event) for event in events] == [False, False, False, True]


def test_counting_tokens_uses_none() -> None:
    """What is counted is an output; nothing was spent."""
    response = COUNT_TOKENS.read_response({"input_tokens": 12})
    assert (COUNT_TOKENS.operation, response) == (Operation.TOKEN_COUNT, Response(output={"input_tokens": 12}))


KEYS = ["type", "index", "delta", "content_block", "content", "message", "messages", "source", "usage", "tools", "text"]
KINDS = st.sampled_from(
    [
        "message_start",
        "content_block_start",
        "content_block_delta",
        "text_delta",
        "message_delta",
        "image",
        "tool_result",
    ]
)


@given(
    st.recursive(
        st.none() | st.integers(0, 3) | st.text(max_size=3) | KINDS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    )
)
def test_no_event_is_too_odd_to_be_read(odd: Any) -> None:
    """Whatever JSON comes, reading it raises nothing."""
    assert MESSAGES.fold is not None
    assert MESSAGES.has_content is not None
    MESSAGES.read_response(odd)
    MESSAGES.read_response(MESSAGES.fold(MESSAGES.fold(None, odd), odd))
    MESSAGES.has_content(odd)
    MESSAGES.read_content(odd, None)
