"""The GenAI semantic conventions of OpenTelemetry as they are now, from 1.37 on.

https://github.com/open-telemetry/semantic-conventions-genai (`docs/gen-ai`), before that
https://opentelemetry.io/docs/specs/semconv/gen-ai/. Spans of the anthropic client from 2.0 on are written so too; what
it adds is under `anthropic.`.
"""

from typing import Final

from agentops.domain.dialects.attributes import Attributes, first_amount, first_text, others, section_of, words
from agentops.domain.dialects.reading import Dialect, Reading, Span
from agentops.domain.dialects.usage import Names, usage_of
from agentops.domain.foreign import loaded, number, text
from agentops.domain.genai import Message, Request, Response
from agentops.domain.messages import messages_of, parts_of, tools_of
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

_STREAMS: Final = (
    "gen_ai.request.stream",
    "gen_ai.request.streaming",
    "gen_ai.request.is_stream",
    "gen_ai.is_streaming",
)
"""The conventions, AgentOps, OpenLLMetry."""


def _read(span: Span) -> Reading:
    attributes, sections = span.attributes, span.sections
    for event in span.events:
        if event.name == DETAILS:
            attributes = event.attributes | dict(attributes)
            sections = frozenset(map(section_of, attributes))
    operation = text(attributes.get("gen_ai.operation.name"))
    tool, agent = text(attributes.get("gen_ai.tool.name")), text(attributes.get("gen_ai.agent.name"))
    kind = KINDS.get(operation or "")
    if kind is None and (tool or text(attributes.get("mcp.method.name")) == "tools/call"):
        kind = SpanKind.TOOL
    found = Reading(about=kind, agent_name=agent)
    if kind in _ENTITIES:
        found.name = text(attributes.get(_ENTITIES[kind]))
    if not sections.isdisjoint(_ASKING):
        found.request = _request(attributes, operation, sections)
    else:
        found.request = Request(operation=operation or "", provider="")
    if "gen_ai.tool.definitions" in attributes:
        found.request.tools = tools_of(attributes["gen_ai.tool.definitions"])
    if not sections.isdisjoint(_ANSWERING):
        found.response = _response(attributes, span.scope, sections)
        found.first_token_after = _first_wait(attributes)
        found.cost = first_amount(attributes, COSTS)
    if not sections.isdisjoint(_WORKING):
        found.input = loaded(first_text(attributes, ("gen_ai.tool.call.arguments", "gen_ai.retrieval.query.text")))
        found.output = _output(attributes)
    if not sections.isdisjoint(_NAMING):
        found.agent_id = text(attributes.get("gen_ai.agent.id"))
        found.session_id = first_text(attributes, ("session.id", "gen_ai.conversation.id", "anthropic.session.id"))
    return found


_ENTITIES: Final[dict[SpanKind | None, str]] = {
    SpanKind.TOOL: "gen_ai.tool.name",
    SpanKind.AGENT: "gen_ai.agent.name",
    SpanKind.WORKFLOW: "gen_ai.workflow.name",
    SpanKind.RETRIEVAL: "gen_ai.data_source.id",
}
"""What a span of a kind is named after."""

_ASKING: Final = frozenset(
    {
        "gen_ai.input",
        "gen_ai.provider",
        "gen_ai.request",
        "gen_ai.system_instructions",
        "server.address",
    }
)
_ANSWERING: Final = frozenset(
    {
        "agentops.cost",
        "gen_ai.openai",
        "gen_ai.output",
        "gen_ai.response",
        "gen_ai.streaming",
        "gen_ai.usage",
        "llm.usage",
        "openai.response",
        "operation.cost",
    }
)
_WORKING: Final = frozenset({"anthropic.tool_result", "gen_ai.retrieval", "gen_ai.tool"})
_NAMING: Final = frozenset({"anthropic.session", "gen_ai.agent", "gen_ai.conversation", "session.id"})
"""The sections of what was asked and answered, of what a tool was given and gave, of who did it in which session."""


def _first_wait(attributes: Attributes) -> float | None:
    for name in _WAITS:
        wait = number(attributes[name]) if name in attributes else None
        if wait is not None:
            return wait
    return None


def _request(attributes: Attributes, operation: str | None, sections: frozenset[str]) -> Request:
    request = Request(
        operation=operation or "",
        provider=text(attributes.get("gen_ai.provider.name")) or "",
        model=text(attributes.get("gen_ai.request.model")),
        server_address=text(attributes.get("server.address")),
    )
    instructions = parts_of(loaded(attributes.get("gen_ai.system_instructions")))
    request.messages = messages_of(attributes.get("gen_ai.input.messages"), "user")
    if instructions:
        request.messages.insert(0, Message("system", instructions))
    if "gen_ai.request" in sections:
        request.parameters = others(attributes, "gen_ai.request", _NOT_PARAMETERS)
        request.stream = any(attributes.get(name) is True for name in _STREAMS)
    return request


def _response(attributes: Attributes, scope: str, sections: frozenset[str]) -> Response:
    response = Response(
        id=text(attributes.get("gen_ai.response.id")),
        model=text(attributes.get("gen_ai.response.model")),
        messages=messages_of(attributes.get("gen_ai.output.messages"), "assistant"),
        finish_reasons=words(attributes.get("gen_ai.response.finish_reasons")),
    )
    if not response.finish_reasons:
        response.finish_reasons = [each.finish_reason for each in response.messages if each.finish_reason]
    if "gen_ai.usage" in sections or "llm.usage" in sections:
        response.usage = usage_of(attributes, USAGE, scope)
    if "openai.response" in sections or "gen_ai.openai" in sections:
        response.service_tier = first_text(attributes, _TIERS)
    return response


_TIERS: Final = ("openai.response.service_tier", "gen_ai.openai.response.service_tier")


def _output(attributes: Attributes) -> object:
    for name in ("gen_ai.tool.call.result", "anthropic.tool_result.content", "gen_ai.retrieval.documents"):
        value = attributes.get(name)
        found = None if value is None else loaded(value)
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
        "gen_ai.is_streaming",
    ),
)
