"""The GenAI semantic conventions of OpenTelemetry as they are now, from 1.37 on.

https://github.com/open-telemetry/semantic-conventions-genai (`docs/gen-ai`), before that
https://opentelemetry.io/docs/specs/semconv/gen-ai/. Spans of the anthropic client from 2.0 on are written so too; what
it adds is under `anthropic.`.
"""

from typing import Final

from agentops.domain.dialects.attributes import Attributes, first_amount, first_text, others, words
from agentops.domain.dialects.reading import Dialect, Reading, Span
from agentops.domain.dialects.usage import Names, usage_of
from agentops.domain.foreign import flag, number, text
from agentops.domain.genai import Message, Request, Response
from agentops.domain.messages import loaded, messages_of, parts_of, tools_of
from agentops.domain.spans import SpanKind

KINDS: Final = {
    "chat": SpanKind.LLM,
    "text_completion": SpanKind.LLM,
    "generate_content": SpanKind.LLM,
    "image_generation": SpanKind.LLM,
    "speech": SpanKind.LLM,
    "transcription": SpanKind.LLM,
    "embeddings": SpanKind.EMBEDDING,
    "execute_tool": SpanKind.TOOL,
    "invoke_agent": SpanKind.AGENT,
    "create_agent": SpanKind.AGENT,
    "invoke_workflow": SpanKind.WORKFLOW,
    "retrieval": SpanKind.RETRIEVAL,
    "rerank": SpanKind.RETRIEVAL,
    "search_memory": SpanKind.RETRIEVAL,
    "plan": SpanKind.TASK,
    "create_memory": SpanKind.TASK,
    "update_memory": SpanKind.TASK,
    "upsert_memory": SpanKind.TASK,
    "delete_memory": SpanKind.TASK,
    "create_memory_store": SpanKind.TASK,
    "delete_memory_store": SpanKind.TASK,
}
"""By `gen_ai.operation.name`."""

USAGE: Final = Names(
    input=("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.usage.prompt_tokens"),
    output=("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.usage.completion_tokens"),
    cache_read=(
        "gen_ai.usage.cache_read.input_tokens",
        "gen_ai.usage.cache_read_input_tokens",
        "gen_ai.usage.cache_read_tokens",
        "gen_ai.usage.details.cache_read_tokens",
        "gen_ai.usage.cached_input_tokens",
    ),
    cache_write=(
        "gen_ai.usage.cache_write.input_tokens",
        "gen_ai.usage.cache_creation.input_tokens",
        "gen_ai.usage.cache_creation_input_tokens",
        "gen_ai.usage.cache_write_input_tokens",
        "gen_ai.usage.cache_write_tokens",
        "gen_ai.usage.details.cache_write_tokens",
    ),
    reasoning=(
        "gen_ai.usage.reasoning.output_tokens",
        "gen_ai.usage.reasoning_tokens",
        "gen_ai.usage.details.reasoning_tokens",
        "gen_ai.usage.experimental.reasoning_tokens",
    ),
)
"""Of all ages of `gen_ai.usage`: whoever writes two spellings writes the same number."""

COSTS: Final = ("gen_ai.usage.total_cost", "gen_ai.usage.cost", "operation.cost", "agentops.cost.usd")
"""There is no convention for cost: AgentOps, OpenLIT, pydantic-ai and we."""

DETAILS: Final = "gen_ai.client.inference.operation.details"
"""The event that holds the content where it is not on the span."""

_NOT_PARAMETERS: Final = (
    "gen_ai.request.model",
    "gen_ai.request.stream",
    "gen_ai.request.type",
    "gen_ai.request.functions.",
    "gen_ai.request.tools.",
)
_WAITS: Final = ("gen_ai.response.time_to_first_chunk", "gen_ai.streaming.time_to_first_token")
"""In seconds: the conventions, AgentOps."""

_STREAMS: Final = ("gen_ai.request.stream", "gen_ai.request.streaming", "gen_ai.request.is_stream")


def _read(span: Span) -> Reading:
    attributes = dict(span.attributes)
    for event in span.events:
        if event.name == DETAILS:
            attributes = event.attributes | attributes
    operation = text(attributes, "gen_ai.operation.name")
    tool = text(attributes, "gen_ai.tool.name")
    kind = KINDS.get(operation or "")
    if kind is None and (tool or text(attributes, "mcp.method.name") == "tools/call"):
        kind = SpanKind.TOOL
    agent = text(attributes, "gen_ai.agent.name")
    entities = {
        SpanKind.TOOL: tool,
        SpanKind.AGENT: agent,
        SpanKind.WORKFLOW: text(attributes, "gen_ai.workflow.name"),
        SpanKind.RETRIEVAL: text(attributes, "gen_ai.data_source.id"),
    }
    return Reading(
        about=kind,
        name=entities.get(kind) if kind else None,
        request=_request(attributes, operation),
        response=_response(attributes, span.scope),
        input=loaded(first_text(attributes, ("gen_ai.tool.call.arguments", "gen_ai.retrieval.query.text"))),
        output=_output(attributes),
        first_token_after=next((wait for name in _WAITS if (wait := number(attributes, name)) is not None), None),
        cost=first_amount(attributes, COSTS),
        agent_id=text(attributes, "gen_ai.agent.id"),
        agent_name=agent,
        session_id=first_text(attributes, ("session.id", "gen_ai.conversation.id", "anthropic.session.id")),
    )


def _request(attributes: Attributes, operation: str | None) -> Request:
    instructions = parts_of(loaded(attributes.get("gen_ai.system_instructions")))
    return Request(
        operation=operation or "",
        provider=text(attributes, "gen_ai.provider.name") or "",
        model=text(attributes, "gen_ai.request.model"),
        messages=[
            *([Message("system", instructions)] if instructions else []),
            *messages_of(attributes.get("gen_ai.input.messages"), "user"),
        ],
        tools=tools_of(attributes.get("gen_ai.tool.definitions")),
        parameters=others(attributes, "gen_ai.request", _NOT_PARAMETERS),
        stream=any(flag(attributes, name) for name in _STREAMS),
        server_address=text(attributes, "server.address"),
    )


def _response(attributes: Attributes, scope: str) -> Response:
    messages = messages_of(attributes.get("gen_ai.output.messages"), "assistant")
    return Response(
        id=text(attributes, "gen_ai.response.id"),
        model=text(attributes, "gen_ai.response.model"),
        messages=messages,
        finish_reasons=words(attributes.get("gen_ai.response.finish_reasons"))
        or [message.finish_reason for message in messages if message.finish_reason],
        usage=usage_of(attributes, USAGE, scope),
        service_tier=first_text(attributes, ("openai.response.service_tier", "gen_ai.openai.response.service_tier")),
    )


def _output(attributes: Attributes) -> object:
    for name in ("gen_ai.tool.call.result", "anthropic.tool_result.content", "gen_ai.retrieval.documents"):
        found = loaded(attributes.get(name))
        if found is not None:
            return found
    return None


GENAI: Final = Dialect(
    name="gen_ai",
    marks=("gen_ai.", "mcp.method.name"),
    read=_read,
    takes=(
        "gen_ai.input.messages",
        "gen_ai.output.messages",
        "gen_ai.system_instructions",
        "gen_ai.tool.call.arguments",
        "gen_ai.tool.call.result",
        "gen_ai.retrieval.query.text",
        "gen_ai.retrieval.documents",
        "anthropic.tool_result.content",
    ),
    takes_of_call=(
        "gen_ai.operation.name",
        "gen_ai.provider.name",
        "gen_ai.request.",
        "gen_ai.response.id",
        "gen_ai.response.model",
        "gen_ai.response.finish_reasons",
        "gen_ai.usage.",
        "gen_ai.tool.definitions",
    ),
)
