"""OpenInference, OpenLLMetry, Vercel's AI SDK and AgentOps 0.4, as their libraries write them."""

import json
from typing import Any

import pytest

from agentops.domain.dialects import Reading, read
from agentops.domain.genai import Media, Message, Reasoning, Request, Response, Text, Tool, ToolCall, ToolResult, Usage
from agentops.domain.spans import ErrorInfo, SpanEvent, SpanKind, SpanRecord

WITH_AGENTOPS = ("agentops 0.4", "gen_ai", "gen_ai before 1.37")


def test_a_model_call_of_openinference_is_read() -> None:
    """Messages, contents, tool calls, tools, parameters, token details and cost."""
    message = "llm.input_messages"
    found = {
        "openinference.span.kind": "LLM",
        "llm.system": "openai",
        "llm.provider": "azure",
        "llm.model_name": "gpt-4o",
        "llm.invocation_parameters": '{"model": "gpt-4o", "temperature": 0, "stream": true}',
        f"{message}.0.message.role": "user",
        f"{message}.0.message.contents.0.message_content.type": "text",
        f"{message}.0.message.contents.0.message_content.text": "What is this?",
        f"{message}.0.message.contents.1.message_content.type": "image",
        f"{message}.0.message.contents.1.message_content.image.image.url": "https://x/y.png",
        f"{message}.1.message.role": "tool",
        f"{message}.1.message.content": "rain",
        f"{message}.1.message.tool_call_id": "c0",
        "llm.output_messages.0.message.role": "assistant",
        "llm.output_messages.0.message.contents.0.message_content.type": "reasoning",
        "llm.output_messages.0.message.contents.0.message_content.text": "hm",
        "llm.output_messages.0.message.tool_calls.0.tool_call.id": "c1",
        "llm.output_messages.0.message.tool_calls.0.tool_call.function.name": "f",
        "llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments": '{"a": 1}',
        "llm.tools.0.tool.json_schema": '{"type": "function", "function": {"name": "f", "parameters": {"a": 1}}}',
        "llm.token_count.prompt": 10,
        "llm.token_count.prompt_details.cache_read": 4,
        "llm.token_count.completion": 5,
        "llm.token_count.completion_details.reasoning": 3,
        "llm.token_count.total": 15,
        "llm.cost.total": 0.0000105,
        "llm.finish_reason": "tool_calls",
        "input.value": '{"messages": []}',
        "input.mime_type": "application/json",
        "output.value": "plain words",
        "session.id": "s1",
        "user.id": "u1",
        "tag.tags": ["a", "b"],
    }
    assert read("ChatCompletion", found, "openinference.instrumentation.openai") == Reading(
        dialects=("openinference",),
        about=SpanKind.LLM,
        request=Request(
            operation="chat",
            provider="azure",
            model="gpt-4o",
            messages=[
                Message("user", [Text("What is this?"), Media("image", uri="https://x/y.png")]),
                Message("tool", [ToolResult("rain", "c0")]),
            ],
            tools=[Tool("f", parameters={"a": 1})],
            parameters={"temperature": 0, "stream": True},
            stream=True,
        ),
        response=Response(
            messages=[Message("assistant", [Reasoning("hm"), ToolCall("f", {"a": 1}, "c1")])],
            finish_reasons=["tool_calls"],
            usage=Usage(input=6, cache_read=4, output=2, reasoning=3),
        ),
        input={"messages": []},
        output="plain words",
        cost="0.0000105",
        session_id="s1",
        tags=["a", "b"],
        attributes={"llm.cost.total": 0.0000105, "session.id": "s1", "user.id": "u1"},
    )


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("CHAIN", SpanKind.TASK),
        ("RETRIEVER", SpanKind.RETRIEVAL),
        ("RERANKER", SpanKind.RETRIEVAL),
        ("AGENT", SpanKind.AGENT),
        ("GUARDRAIL", SpanKind.GUARDRAIL),
        ("EVALUATOR", SpanKind.TASK),
        ("tool", SpanKind.TOOL),
        ("UNKNOWN", None),
    ],
)
def test_the_kind_of_openinference_is_read(word: str, kind: SpanKind | None) -> None:
    """Every kind of OpenInference has ours."""
    reading = read("x", {"openinference.span.kind": word, "input.value": "in", "tool.name": "t"})
    assert reading is not None
    assert (reading.about, reading.input) == (kind, "in")


def test_an_embedding_of_openinference_is_read() -> None:
    """The texts that were embedded are the input of the request; vectors are not kept."""
    found = {
        "openinference.span.kind": "EMBEDDING",
        "embedding.model_name": "text-embedding-3-small",
        "embedding.embeddings.0.embedding.text": "one",
        "embedding.embeddings.0.embedding.vector": [0.1, 0.2],
        "embedding.embeddings.1.embedding.text": "two",
    }
    assert read("CreateEmbeddings", found) == Reading(
        dialects=("openinference",),
        about=SpanKind.EMBEDDING,
        request=Request(operation="embeddings", provider="", model="text-embedding-3-small", input=["one", "two"]),
        response=Response(),
    )


def test_the_answer_of_openinference_is_known_by_the_providers_id() -> None:
    """It is in the provider's answer, which is kept as it is; what else a span gives back has no such id."""
    answered = {
        "openinference.span.kind": "LLM",
        "llm.model_name": "m",
        "output.value": '{"id": "resp_1", "output": []}',
    }
    chained = answered | {"openinference.span.kind": "CHAIN"}
    found, other = read("Response", answered), read("chain", chained)
    assert found is not None
    assert found.response is not None
    assert other is not None
    assert (found.response.id, other.response) == ("resp_1", None)


@pytest.mark.parametrize(
    ("attributes", "event"),
    [
        ({"openinference.span.kind": "LLM", "llm.model_name": "m"}, "First Token Stream Event"),
        ({"gen_ai.operation.name": "chat", "gen_ai.is_streaming": True}, "gen_ai.content.completion.chunk"),
    ],
)
def test_the_first_piece_of_a_stream_is_the_first_token(attributes: dict[str, Any], event: str) -> None:
    """OpenInference and OpenLLMetry note it as an event."""
    pieces = [SpanEvent(name=name, time=time) for name, time in (("else", 5), (event, 7), (event, 9))]
    found = read("call", attributes, events=pieces)
    assert found is not None
    record = SpanRecord(session_id="s", span_id="a", kind=found.kind, start=3, events=pieces)
    found.fill(record)
    assert record.first_token == 7


def test_a_model_call_of_openllmetry_is_read() -> None:
    """Numbered prompts and completions, functions, and the type of the request."""
    found = {
        "llm.request.type": "chat",
        "gen_ai.system": "Anthropic",
        "gen_ai.request.model": "claude-sonnet-4-5",
        "gen_ai.request.max_tokens": 5,
        "llm.is_streaming": True,
        "llm.request.functions.0.name": "f",
        "llm.request.functions.0.description": "d",
        "llm.request.functions.0.input_schema": '{"type": "object"}',
        "gen_ai.prompt.0.role": "user",
        "gen_ai.prompt.0.content": '[{"type": "text", "text": "hi"}]',
        "gen_ai.completion.0.role": "assistant",
        "gen_ai.completion.0.finish_reason": "tool_use",
        "gen_ai.completion.0.tool_calls.0.id": "c1",
        "gen_ai.completion.0.tool_calls.0.name": "f",
        "gen_ai.completion.0.tool_calls.0.arguments": '{"a": 1}',
        "gen_ai.usage.input_tokens": 16,
        "gen_ai.usage.cache_read_input_tokens": 6,
        "gen_ai.usage.output_tokens": 4,
        "llm.usage.total_tokens": 20,
        "traceloop.workflow.name": "w",
        "traceloop.association.properties.session_id": "s1",
    }
    assert read("anthropic.chat", found, "opentelemetry.instrumentation.anthropic") == Reading(
        dialects=("openllmetry", "gen_ai", "gen_ai before 1.37"),
        about=SpanKind.LLM,
        request=Request(
            operation="chat",
            provider="anthropic",
            model="claude-sonnet-4-5",
            messages=[Message("user", [Text("hi")])],
            tools=[Tool("f", "d", {"type": "object"})],
            parameters={"max_tokens": 5},
            stream=True,
        ),
        response=Response(
            messages=[Message("assistant", [ToolCall("f", {"a": 1}, "c1")], finish_reason="tool_use")],
            finish_reasons=["tool_use"],
            usage=Usage(input=10, cache_read=6, output=4),
        ),
        session_id="s1",
        attributes={"traceloop.workflow.name": "w", "traceloop.association.properties.session_id": "s1"},
    )


def test_a_decorated_function_of_openllmetry_is_read() -> None:
    """Its kind, name, input and output."""
    found = {
        "traceloop.span.kind": "agent",
        "traceloop.entity.name": "ada",
        "traceloop.entity.path": "crew.ada",
        "traceloop.entity.input": '{"args": ["q"], "kwargs": {}}',
        "traceloop.entity.output": '"done"',
    }
    assert read("ada.agent", found) == Reading(
        dialects=("openllmetry",),
        about=SpanKind.AGENT,
        name="ada",
        input={"args": ["q"], "kwargs": {}},
        output="done",
        agent_name="ada",
        attributes={"traceloop.entity.path": "crew.ada"},
    )


def test_decorated_functions_of_agentops_are_read() -> None:
    """A task with its input and output, as AgentOps 0.4.21 sends it."""
    found = {
        "agentops.span.kind": "task",
        "operation.name": "op",
        "agentops.task.input": '{"args": ["q"], "kwargs": {}}',
        "agentops.task.output": '["q", "q"]',
        "agentops.tags": ("a",),
        "operation.version": 2,
    }
    assert read("op.task", found, "agentops") == Reading(
        dialects=("agentops 0.4",),
        about=SpanKind.TASK,
        name="op",
        input={"args": ["q"], "kwargs": {}},
        output=["q", "q"],
        tags=["a"],
        attributes={"operation.version": 2},
    )


def test_a_tool_of_agentops_is_read_with_its_cost() -> None:
    """What the decorator said the tool costs."""
    found = {
        "agentops.span.kind": "tool",
        "operation.name": "search",
        "agentops.tool.input": '{"args": [], "kwargs": {"q": "z"}}',
        "agentops.tool.output": "[1, 2]",
        "gen_ai.usage.total_cost": 0.05,
    }
    assert read("search.tool", found, "agentops") == Reading(
        dialects=WITH_AGENTOPS,
        about=SpanKind.TOOL,
        name="search",
        input={"args": [], "kwargs": {"q": "z"}},
        output=[1, 2],
        cost="0.05",
        attributes={"gen_ai.usage.total_cost": 0.05},
    )


@pytest.mark.parametrize("tags", [("t2", "t1"), ["t2", "t1"], '["t2", "t1"]', "t2, t1"])
def test_a_session_of_agentops_is_read(tags: Any) -> None:
    """Its tags, in whichever form, its end state, its input and output, its metadata."""
    found = {
        "agentops.span.kind": "session",
        "operation.name": "main",
        "agentops.entity.input": '{"args": [], "kwargs": {}}',
        "agentops.entity.output": '"ok"',
        "agentops.session.end_state": "Success",
        "agentops.tags": tags,
        "trace.metadata.user": "u1",
    }
    assert read("main.session", found, "agentops") == Reading(
        dialects=("agentops 0.4",),
        about=SpanKind.SESSION,
        name="main",
        input={"args": [], "kwargs": {}},
        output="ok",
        tags=["t2", "t1"],
        end_state="Success",
        attributes={"trace.metadata.user": "u1"},
    )


def test_a_model_call_of_agentops_is_read() -> None:
    """The span of the openai instrumentation of AgentOps 0.4.21, which names no kind."""
    found = {
        "gen_ai.request.type": "chat",
        "gen_ai.system": "OpenAI",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.request.max_tokens": 5,
        "gen_ai.request.temperature": 0.0,
        "gen_ai.request.streaming": True,
        "gen_ai.prompt.0.role": "system",
        "gen_ai.prompt.0.content": "Be brief.",
        "gen_ai.prompt.1.role": "user",
        "gen_ai.prompt.1.content": "hi",
        "gen_ai.response.id": "r1",
        "gen_ai.response.model": "gpt-4o-2024-08-06",
        "gen_ai.openai.system_fingerprint": "fp",
        "gen_ai.usage.total_tokens": 7,
        "gen_ai.usage.prompt_tokens": 5,
        "gen_ai.usage.completion_tokens": 2,
        "gen_ai.completion.0.role": "assistant",
        "gen_ai.completion.0.content": "yo",
        "gen_ai.completion.0.finish_reason": "stop",
        "gen_ai.request.functions.0.name": "f",
        "gen_ai.request.functions.0.description": "d",
        "gen_ai.request.functions.0.parameters": '{"type": "object"}',
        "gen_ai.streaming.time_to_first_token": 0.2,
    }
    assert read("openai.chat.completion", found, "openai") == Reading(
        dialects=("gen_ai", "gen_ai before 1.37"),
        about=SpanKind.LLM,
        request=Request(
            operation="chat",
            provider="openai",
            model="gpt-4o",
            messages=[Message("system", [Text("Be brief.")]), Message("user", [Text("hi")])],
            tools=[Tool("f", "d", {"type": "object"})],
            parameters={"max_tokens": 5, "temperature": 0.0},
            stream=True,
        ),
        response=Response(
            id="r1",
            model="gpt-4o-2024-08-06",
            messages=[Message("assistant", [Text("yo")], finish_reason="stop")],
            finish_reasons=["stop"],
            usage=Usage(input=5, output=2),
        ),
        first_token_after=0.2,
        attributes={"gen_ai.openai.system_fingerprint": "fp", "gen_ai.streaming.time_to_first_token": 0.2},
    )


def test_a_failed_span_of_agentops_is_read_once() -> None:
    """AgentOps records an exception twice; it is one error."""
    event = SpanEvent(
        name="exception", time=1, attributes={"exception.type": "ValueError", "exception.message": "boom"}
    )
    reading = read("mytask.task", {"agentops.span.kind": "task", "agentops.tags": ["a"]}, "agentops", [event, event])
    assert reading is not None
    assert reading.error == ErrorInfo(type="ValueError", message="boom")


def test_a_failed_tool_of_agentops_is_an_error() -> None:
    """A tool may say by its status that it failed."""
    found = {"agentops.span.kind": "tool", "tool.name": "t", "tool.parameters": '{"q": 1}', "tool.status": "failed"}
    reading = read("t.tool", found, "agentops")
    assert reading is not None
    assert (reading.name, reading.input, reading.error) == ("t", {"q": 1}, ErrorInfo(type="tool_error"))


def test_a_tool_that_the_model_only_asked_for_is_no_tool_call() -> None:
    """AgentOps wrote a span for each tool call in a response; nothing was called yet."""
    found = {"tool.name": "get_weather", "tool.parameters": "{}", "tool.call.id": "c1", "tool.call.type": "function"}
    assert read("tool_call.get_weather", found, "openai") is None


def test_a_model_call_of_vercel_is_read() -> None:
    """Messages with tool calls and results, tools, tokens with cached ones, and the wait, which is in milliseconds."""
    found = {
        "operation.name": "ai.streamText.doStream chat",
        "ai.operationId": "ai.streamText.doStream",
        "ai.model.provider": "google.generative-ai",
        "ai.model.id": "gemini-2.5-pro",
        "ai.prompt.messages": json.dumps(
            [
                {"role": "system", "content": "Be brief."},
                {"role": "user", "content": [{"type": "text", "text": "How warm?"}]},
                {
                    "role": "assistant",
                    "content": [{"type": "tool-call", "toolCallId": "c0", "toolName": "look", "input": {"at": "Ulm"}}],
                },
                {
                    "role": "tool",
                    "content": [
                        {
                            "type": "tool-result",
                            "toolCallId": "c0",
                            "toolName": "look",
                            "output": {"type": "text", "value": "18"},
                        }
                    ],
                },
            ]
        ),
        "ai.prompt.tools": ['{"type": "function", "name": "look", "inputSchema": {"type": "object"}}'],
        "ai.response.text": "Look again.",
        "ai.response.toolCalls": '[{"toolCallId": "c1", "toolName": "look", "input": "{\\"at\\": \\"Bonn\\"}"}]',
        "ai.response.finishReason": "tool-calls",
        "ai.response.msToFirstChunk": 250.0,
        "ai.usage.inputTokens": 20,
        "ai.usage.outputTokens": 6,
        "ai.usage.cachedInputTokens": 8,
        "gen_ai.system": "google.generative-ai",
        "gen_ai.request.model": "gemini-2.5-pro",
        "gen_ai.request.temperature": 0.2,
        "gen_ai.response.id": "r1",
        "gen_ai.response.finish_reasons": ["tool-calls"],
        "gen_ai.usage.input_tokens": 20,
        "gen_ai.usage.output_tokens": 6,
        "ai.telemetry.metadata.userId": "ada",
    }
    reading = read("ai.streamText.doStream", found, "ai")
    assert reading is not None
    assert reading.about is SpanKind.LLM
    assert reading.first_token_after == 0.25
    assert reading.request == Request(
        operation="chat",
        provider="gcp.gemini",
        model="gemini-2.5-pro",
        messages=[
            Message("system", [Text("Be brief.")]),
            Message("user", [Text("How warm?")]),
            Message("assistant", [ToolCall("look", {"at": "Ulm"}, "c0")]),
            Message("tool", [ToolResult("18", "c0", "look")]),
        ],
        tools=[Tool("look", parameters={"type": "object"})],
        parameters={"temperature": 0.2},
        stream=True,
    )
    assert reading.response == Response(
        id="r1",
        messages=[Message("assistant", [Text("Look again."), ToolCall("look", {"at": "Bonn"}, "c1")])],
        finish_reasons=["tool_calls"],
        usage=Usage(input=12, cache_read=8, output=6),
    )
    assert reading.attributes["ai.telemetry.metadata.userId"] == "ada"
    assert "ai.prompt.messages" not in reading.attributes


def test_what_is_around_model_calls_of_vercel_is_read() -> None:
    """The whole generation is a task, whose tokens are those of the calls in it; its tools are tools."""
    whole = {
        "ai.operationId": "ai.generateText",
        "ai.model.id": "gpt-4o",
        "ai.model.provider": "openai.chat",
        "ai.prompt": '{"prompt": "How warm?"}',
        "ai.response.text": "18 degrees.",
        "ai.usage.promptTokens": 40,
        "ai.telemetry.metadata.tags": ["weather"],
    }
    tool = {
        "ai.operationId": "ai.toolCall",
        "ai.toolCall.name": "look",
        "ai.toolCall.args": '{"at": "Ulm"}',
        "ai.toolCall.result": '"18"',
    }
    embedding = {
        "ai.operationId": "ai.embed.doEmbed",
        "ai.model.id": "text-embedding-3-small",
        "ai.values": ['"river"', '"sea"'],
        "ai.usage.tokens": 3,
    }
    found = [read("span", each, "ai") for each in (whole, tool, embedding)]
    task, called, embedded = found
    assert task is not None
    assert (task.about, task.request, task.input) == (SpanKind.TASK, None, {"prompt": "How warm?"})
    assert (task.output, task.tags) == ("18 degrees.", ["weather"])
    assert called is not None
    assert (called.about, called.name, called.input, called.output) == (SpanKind.TOOL, "look", {"at": "Ulm"}, "18")
    assert embedded is not None
    assert embedded.about is SpanKind.EMBEDDING
    assert embedded.request is not None
    assert embedded.response is not None
    assert (embedded.request.input, embedded.response.usage) == (["river", "sea"], Usage(input=3))
