"""The bodies of InvokeModel: what each maker of models says, whole and in chunks.

Shapes: https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters.html
"""

from functools import reduce
from typing import Any

import pytest

from agentops.domain.genai import Media, Message, Operation, Response, Text, ToolCall, Usage
from agentops_plugins._bedrock_bodies import endpoint_of, operation_of, read_answer
from agentops_plugins._bedrock_streams import fold, has_content

METRICS = {"amazon-bedrock-invocationMetrics": {"inputTokenCount": 3, "outputTokenCount": 2, "invocationLatency": 9}}
COUNTED = Usage(input=3, output=2)


def said(words: str, reason: str | None = "stop", **more: Any) -> Response:
    """An answer of one message."""
    return Response(
        messages=[Message("assistant", [Text(words)], finish_reason=reason)],
        finish_reasons=[reason] if reason else [],
        **more,
    )


@pytest.mark.parametrize(
    ("answer", "response"),
    [
        pytest.param(
            {"inputTextTokenCount": 3, "results": [{"tokenCount": 2, "outputText": "Hi", "completionReason": "stop"}]},
            said("Hi", usage=COUNTED),
            id="titan",
        ),
        pytest.param(
            {"generation": "Hi", "prompt_token_count": 3, "generation_token_count": 2, "stop_reason": "stop"},
            said("Hi", usage=COUNTED),
            id="llama",
        ),
        pytest.param({"outputs": [{"text": "Hi", "stop_reason": "stop"}]}, said("Hi"), id="mistral"),
        pytest.param(
            {"choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi"}, "stop_reason": "stop"}]},
            said("Hi"),
            id="mistral-chat",
        ),
        pytest.param({"choices": [{"text": "Hi", "stop_reason": "stop"}]}, said("Hi"), id="deepseek"),
        pytest.param(
            {"id": "g", "generations": [{"id": "x", "text": "Hi", "finish_reason": "stop"}], "prompt": "?"},
            said("Hi", id="g"),
            id="cohere",
        ),
        pytest.param(
            {
                "generation_id": "g",
                "text": "",
                "finish_reason": "stop",
                "tool_calls": [{"name": "look", "parameters": {"a": 1}}],
            },
            Response(
                id="g",
                messages=[Message("assistant", [ToolCall("look", {"a": 1})], finish_reason="stop")],
                finish_reasons=["stop"],
            ),
            id="command-r",
        ),
        pytest.param(
            {"id": 1, "completions": [{"data": {"text": "Hi"}, "finishReason": {"reason": "stop"}}]},
            said("Hi"),
            id="ai21",
        ),
        pytest.param(
            {
                "id": "c",
                "model": "jamba",
                "choices": [{"message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 3, "completion_tokens": 2},
            },
            said("Hi", id="c", model="jamba", usage=COUNTED),
            id="jamba",
        ),
        pytest.param(
            {
                "output": {"message": {"role": "assistant", "content": [{"text": "Hi"}]}},
                "stopReason": "stop",
                "usage": {"inputTokens": 3, "outputTokens": 2, "cacheReadInputTokenCount": 0},
            },
            said("Hi", usage=Usage(input=3, output=2, cache_read=0)),
            id="nova",
        ),
        pytest.param({"completion": "Hi", "stop_reason": "stop"}, said("Hi"), id="claude-2"),
        pytest.param(
            {
                "type": "message",
                "role": "assistant",
                "content": [{"type": "text", "text": "Hi"}],
                "stop_reason": "stop",
                "usage": {"input_tokens": 3, "output_tokens": 2},
            },
            said("Hi", usage=COUNTED),
            id="claude",
        ),
        pytest.param(
            {"embedding": [0.0, 1.0], "inputTextTokenCount": 3},
            Response(output={"count": 1, "dimensions": 2}, usage=Usage(input=3)),
            id="titan-embed",
        ),
        pytest.param(
            {"id": "e", "embeddings": {"float": [[0.0, 1.0], [1.0, 0.0]]}},
            Response(id="e", output={"count": 2, "dimensions": 2}),
            id="cohere-embed",
        ),
        pytest.param(
            {"embeddings": [{"embeddingType": "TEXT", "embedding": [0.0, 1.0]}]},
            Response(output={"count": 1, "dimensions": 2}),
            id="nova-embed",
        ),
        pytest.param(
            {"results": [{"index": 1, "relevance_score": 0.5}]},
            Response(output=[{"index": 1, "score": 0.5}]),
            id="rerank",
        ),
        pytest.param(
            {"images": ["AAEC"]}, Response(messages=[Message("assistant", [Media("image", size=3)])]), id="canvas"
        ),
        pytest.param(
            {"artifacts": [{"base64": "AAEC", "finishReason": "SUCCESS"}]},
            Response(messages=[Message("assistant", [Media("image", size=3)])]),
            id="stability",
        ),
        pytest.param(None, Response(), id="nothing"),
        pytest.param({"something": {"new": [1]}}, Response(), id="unknown"),
    ],
)
def test_every_makers_answer_is_read(answer: Any, response: Response) -> None:
    """By its keys, not by the model's name: an inference profile's address does not say whose model it is."""
    assert read_answer(answer) == response


@pytest.mark.parametrize(
    "chunks",
    [
        pytest.param(
            [
                {"outputText": "Hi ", "index": 0, "completionReason": None, "inputTextTokenCount": 3},
                {"outputText": "you", "index": 0, "completionReason": "stop", "totalOutputTextTokenCount": 2},
            ],
            id="titan",
        ),
        pytest.param(
            [
                {"generation": "Hi ", "prompt_token_count": 3, "generation_token_count": 1, "stop_reason": None},
                {"generation": "you", "prompt_token_count": None, "generation_token_count": 2, "stop_reason": "stop"},
            ],
            id="llama",
        ),
        pytest.param(
            [
                {"outputs": [{"text": "Hi ", "stop_reason": None}]},
                {"outputs": [{"text": "you", "stop_reason": "stop"}]},
            ],
            id="mistral",
        ),
        pytest.param(
            [
                {"choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi "}, "stop_reason": None}]},
                {"choices": [{"index": 0, "message": {"content": "you"}, "stop_reason": "stop"}]},
            ],
            id="mistral-chat",
        ),
        pytest.param(
            [
                {"choices": [{"index": 0, "delta": {"role": "assistant", "content": "Hi "}}]},
                {"choices": [{"index": 0, "delta": {"content": "you"}, "finish_reason": "stop"}]},
            ],
            id="jamba",
        ),
        pytest.param(
            [
                {"event_type": "text-generation", "text": "Hi ", "is_finished": False},
                {"event_type": "text-generation", "text": "you", "is_finished": False},
                {"event_type": "stream-end", "finish_reason": "stop", "is_finished": True},
            ],
            id="command-r",
        ),
        pytest.param(
            [
                {"messageStart": {"role": "assistant"}},
                {"contentBlockDelta": {"delta": {"text": "Hi "}, "contentBlockIndex": 0}},
                {"contentBlockDelta": {"delta": {"text": "you"}, "contentBlockIndex": 0}},
                {"messageStop": {"stopReason": "stop"}},
                {"metadata": {"usage": {"inputTokens": 3, "outputTokens": 2}}},
            ],
            id="nova",
        ),
        pytest.param(
            [
                {"type": "message_start", "message": {"role": "assistant", "usage": {"input_tokens": 3}}},
                {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
                {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hi "}},
                {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "you"}},
                {"type": "message_delta", "delta": {"stop_reason": "stop"}, "usage": {"output_tokens": 2}},
            ],
            id="claude",
        ),
    ],
)
def test_every_makers_chunks_are_one_answer(chunks: list[dict[str, Any]]) -> None:
    """Text, reason and tokens, which Bedrock tells with the last chunk where the maker does not."""
    whole = reduce(fold, [*chunks[:-1], {**chunks[-1], **METRICS}], None)
    response = read_answer(whole)
    assert response.messages[0].text == "Hi you"
    assert (response.finish_reasons, response.usage) == (["stop"], COUNTED)
    heard = [has_content(chunk) for chunk in chunks]
    assert heard.count(True) == 2
    assert not has_content(METRICS)


def test_thoughts_and_tools_of_claude_are_folded() -> None:
    """As from its own API."""
    chunks: list[dict[str, Any]] = [
        {"type": "message_start", "message": {"id": "m", "role": "assistant"}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "tool_use", "id": "t", "name": "look"}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "input_json_delta", "partial_json": '{"a": 1}'}},
        {"type": "message_delta", "delta": {"stop_reason": "tool_use"}},
    ]
    response = read_answer(reduce(fold, chunks, None))
    assert (response.id, response.messages[0].parts) == ("m", [ToolCall("look", {"a": 1}, "t")])


@pytest.mark.parametrize(
    ("model", "body", "operation"),
    [
        ("anthropic.claude-x", {"anthropic_version": "x", "messages": []}, Operation.CHAT),
        ("cohere.command-r-v1:0", {"message": "Hi"}, Operation.CHAT),
        ("meta.llama3", {"prompt": "Hi"}, Operation.TEXT_COMPLETION),
        ("amazon.titan-text", {"inputText": "Hi"}, Operation.TEXT_COMPLETION),
        ("amazon.titan-embed-text-v2:0", {"inputText": "Hi"}, Operation.EMBEDDINGS),
        ("arn:aws:bedrock:::application-inference-profile/x", {"texts": ["Hi"]}, Operation.EMBEDDINGS),
        ("cohere.rerank-v3-5:0", {"query": "q", "documents": ["d"]}, Operation.RERANK),
        ("amazon.nova-canvas-v1:0", {"taskType": "TEXT_IMAGE"}, Operation.IMAGE_GENERATION),
    ],
)
def test_what_is_asked_is_told_by_the_body(model: str, body: dict[str, Any], operation: Operation) -> None:
    """And by the model's name where bodies are alike."""
    assert operation_of(model, body) is operation


@pytest.mark.parametrize(
    ("body", "messages", "asked"),
    [
        ({"prompt": "Hi", "temperature": 1}, [], "Hi"),
        ({"messages": [{"role": "user", "content": [{"text": "Hi"}]}]}, [Message("user", [Text("Hi")])], None),
        ({"messages": [{"role": "user", "content": "Hi"}]}, [Message("user", [Text("Hi")])], None),
        (
            {"messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}]},
            [Message("user", [Text("Hi")])],
            None,
        ),
        (
            {"message": "Hi", "chat_history": [{"role": "CHATBOT", "message": "Yes?"}]},
            [Message("assistant", [Text("Yes?")]), Message("user", [Text("Hi")])],
            None,
        ),
        ({"query": "q", "documents": ["d"]}, [], {"query": "q", "documents": ["d"]}),
        ({"taskType": "TEXT_IMAGE", "textToImageParams": {"text": "A cat"}}, [], "A cat"),
    ],
)
def test_what_goes_in_is_read_in_every_shape(body: dict[str, Any], messages: list[Message], asked: Any) -> None:
    """Messages where there are messages, else the prompt."""
    content = endpoint_of(body).read_content(body, None)
    assert (content.messages, content.input) == (messages, asked)
