"""The Responses API, as every kind of item is read."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

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
from agentops_plugins._openai_responses import RESPONSES


def folded(*events: dict[str, Any]) -> Response:
    """The answer that these events add up to."""
    assert RESPONSES.fold is not None
    whole = None
    for event in events:
        whole = RESPONSES.fold(whole, event)
    return RESPONSES.read_response(whole)


def test_instructions_and_items_become_messages() -> None:
    """The system prompt stands apart on the wire; each item is one message."""
    body = {
        "instructions": "Be brief.",
        "input": [
            {"role": "user", "content": "Hi"},
            {
                "role": "user",
                "content": [
                    {"type": "input_text", "text": "See"},
                    {"type": "input_image", "image_url": "data:image/jpeg;base64,AAEC"},
                    {"type": "input_file", "file_id": "file-1"},
                    {"type": "input_file", "file_url": "https://example.com/a.pdf"},
                ],
            },
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Ok"}]},
            {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm"}], "encrypted_content": "x="},
            {"type": "function_call", "call_id": "c1", "id": "fc1", "name": "f", "arguments": '{"a": 1}'},
            {"type": "function_call_output", "call_id": "c1", "output": "42"},
            {"type": "function_call_output", "call_id": "c2", "output": [{"type": "input_text", "text": "43"}]},
            {"type": "computer_call", "call_id": "c3", "action": {"type": "click", "x": 1}},
            {"type": "computer_call_output", "call_id": "c3", "output": {"type": "computer_screenshot"}},
            {"type": "item_reference", "id": "msg_1"},
        ],
    }
    assert RESPONSES.read_content(body, None).messages == [
        Message("system", [Text("Be brief.")]),
        Message("user", [Text("Hi")]),
        Message(
            "user",
            [
                Text("See"),
                Media("image", mime_type="image/jpeg", size=3),
                Media("file", file_id="file-1"),
                Media("file", uri="https://example.com/a.pdf"),
            ],
        ),
        Message("assistant", [Text("Ok")]),
        Message("assistant", [Reasoning("Hm", "x=")]),
        Message("assistant", [ToolCall("f", {"a": 1}, "c1")]),
        Message("tool", [ToolResult("42", "c1")]),
        Message("tool", [ToolResult("43", "c2")]),
        Message("assistant", [ToolCall("computer", {"type": "click", "x": 1}, "c3")]),
        Message("tool", [ToolResult({"type": "computer_screenshot"}, "c3")]),
        Message("assistant", [Other("item_reference", {"type": "item_reference", "id": "msg_1"})]),
    ]


def test_credentials_of_remote_tools_are_masked() -> None:
    """The headers with which the provider calls an MCP server are no part of the record."""
    tool = {
        "type": "mcp",
        "server_label": "wiki",
        "server_url": "https://example.com/mcp",
        "headers": {"Authorization": "Bearer secret"},
        "authorization": "secret",
    }
    assert RESPONSES.read_content({"input": "Hi", "tools": [tool]}, None).tools == [
        Tool(
            "wiki",
            parameters={
                "server_url": "https://example.com/mcp",
                "headers": "[redacted]",
                "authorization": "[redacted]",
            },
            kind="mcp",
        )
    ]


def test_every_kind_of_output_is_kept() -> None:
    """Text, refusal, thoughts, calls of the program's tools and of the provider's with their results, pictures."""
    output = [
        {"type": "reasoning", "id": "rs", "summary": [{"text": "One"}, {"text": "Two"}], "encrypted_content": None},
        {"type": "web_search_call", "id": "ws", "status": "completed", "action": {"type": "search", "query": "q"}},
        {"type": "code_interpreter_call", "id": "ci", "code": "1+1", "outputs": [{"type": "logs", "logs": "2"}]},
        {"type": "mcp_call", "id": "mc", "name": "look", "arguments": '{"a": 1}', "output": "found"},
        {"type": "mcp_call", "id": "md", "name": "look", "arguments": "{}", "error": "refused"},
        {"type": "image_generation_call", "id": "ig", "result": "AAEC", "output_format": "png"},
        {"type": "custom_tool_call", "call_id": "c1", "name": "math", "input": "4+4"},
        {
            "type": "message",
            "content": [{"type": "output_text", "text": "Done"}, {"type": "refusal", "refusal": "No more"}],
        },
    ]
    answer: dict[str, Any] = {
        "id": "resp_1",
        "model": "gpt-x",
        "status": "completed",
        "output": output,
        "service_tier": "default",
        "usage": {
            "input_tokens": 20,
            "input_tokens_details": {"cached_tokens": 5},
            "output_tokens": 9,
            "output_tokens_details": {"reasoning_tokens": 4},
            "total_tokens": 29,
        },
    }
    assert RESPONSES.read_response(answer) == Response(
        id="resp_1",
        model="gpt-x",
        messages=[
            Message(
                "assistant",
                [
                    Reasoning("One"),
                    Reasoning("Two"),
                    ToolCall("web_search", {"action": {"type": "search", "query": "q"}}, "ws", server=True),
                    ToolCall("code_interpreter", {"code": "1+1"}, "ci", server=True),
                    ToolResult([{"type": "logs", "logs": "2"}], "ci", "code_interpreter"),
                    ToolCall("look", {"a": 1}, "mc", server=True),
                    ToolResult("found", "mc", "look"),
                    ToolCall("look", {}, "md", server=True),
                    ToolResult("refused", "md", "look", is_error=True),
                    ToolCall("image_generation", None, "ig", server=True),
                    Media("image", mime_type="image/png", size=3),
                    ToolCall("math", "4+4", "c1"),
                    Text("Done"),
                    Refusal("No more"),
                ],
                finish_reason="completed",
            )
        ],
        finish_reasons=["completed"],
        usage=Usage(input=15, cache_read=5, output=5, reasoning=4),
        service_tier="default",
    )


def test_a_failed_answer_says_why() -> None:
    """`status: failed` comes with HTTP 200 and raises nothing."""
    response = RESPONSES.read_response(
        {"id": "resp_1", "status": "failed", "output": [], "error": {"code": "server_error", "message": "Sorry."}}
    )
    assert (response.error, response.finish_reasons) == ("Sorry.", ["failed"])


def test_an_answer_cut_short_says_by_what() -> None:
    """The reason of an incomplete answer is its finish reason."""
    answer: dict[str, Any] = {
        "status": "incomplete",
        "incomplete_details": {"reason": "max_output_tokens"},
        "output": [],
    }
    assert RESPONSES.read_response(answer).finish_reasons == ["max_output_tokens"]


STARTED: dict[str, Any] = {"type": "response.created", "response": {"id": "resp_1", "model": "gpt-x", "output": []}}


def text_delta(piece: str, item: int = 0) -> dict[str, Any]:
    """The event that a text goes on."""
    return {"type": "response.output_text.delta", "output_index": item, "content_index": 0, "delta": piece}


def test_a_stream_that_is_left_early_keeps_what_came() -> None:
    """Deltas are folded as they come: text, refusal, thoughts, arguments."""
    added: dict[str, Any] = {"type": "function_call", "call_id": "c1", "name": "f", "arguments": ""}
    assert folded(
        STARTED,
        {"type": "response.output_item.added", "output_index": 0, "item": {"type": "reasoning", "summary": []}},
        {"type": "response.reasoning_summary_text.delta", "output_index": 0, "summary_index": 0, "delta": "Hm"},
        {"type": "response.output_item.added", "output_index": 1, "item": added},
        {"type": "response.function_call_arguments.delta", "output_index": 1, "delta": '{"a"'},
        {"type": "response.function_call_arguments.delta", "output_index": 1, "delta": ":1}"},
        {"type": "response.output_item.added", "output_index": 2, "item": {"type": "message", "content": []}},
        text_delta("Hel", 2),
        text_delta("lo", 2),
    ) == Response(
        id="resp_1",
        model="gpt-x",
        messages=[Message("assistant", [Reasoning("Hm"), ToolCall("f", {"a": 1}, "c1"), Text("Hello")])],
    )


@given(st.lists(st.text(max_size=8), min_size=1, max_size=20))
def test_deltas_fold_to_the_text_that_was_cut_up(pieces: list[str]) -> None:
    """However a text is cut, the whole is the text."""
    assert folded(STARTED, *map(text_delta, pieces)).messages[0].text == "".join(pieces)


def test_the_last_event_is_the_answer() -> None:
    """What the provider itself says at the end counts, whatever was folded before."""
    answer: dict[str, Any] = {
        "id": "resp_1",
        "model": "gpt-x",
        "status": "completed",
        "output": [{"type": "message", "content": [{"type": "output_text", "text": "Hello"}]}],
        "usage": {"input_tokens": 1, "output_tokens": 2},
    }
    finished = {"type": "response.completed", "response": answer}
    assert folded(STARTED, text_delta("Hel"), finished) == RESPONSES.read_response(answer)


def test_the_first_content_is_the_first_delta() -> None:
    """Events that tell of the answer's state are nothing to wait for."""
    assert RESPONSES.has_content is not None
    added: dict[str, Any] = {
        "type": "response.output_item.added",
        "output_index": 0,
        "item": {"type": "message", "content": []},
    }
    assert [RESPONSES.has_content(event) for event in (STARTED, added, text_delta("a"))] == [False, False, True]


KEYS = ["type", "output_index", "delta", "item", "content", "summary", "output", "response", "input", "role", "tools"]
KINDS = st.sampled_from(
    [
        "response.output_text.delta",
        "response.output_item.added",
        "response.completed",
        "message",
        "reasoning",
        "mcp_call",
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
    assert RESPONSES.fold is not None
    assert RESPONSES.has_content is not None
    RESPONSES.read_response(odd)
    RESPONSES.read_response(RESPONSES.fold(RESPONSES.fold(None, odd), odd))
    RESPONSES.has_content(odd)
    RESPONSES.read_content(odd, None)
