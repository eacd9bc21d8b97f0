"""What the events of CrewAI tell, as our values.

The name of an event's class says what begins or ends: https://docs.crewai.com/en/concepts/event-listener
"""

from typing import Any, Final

from agentops.domain.foreign import at, loaded, plain, text
from agentops.domain.genai import (
    AgentRequest,
    AgentResponse,
    Message,
    Operation,
    Request,
    Response,
    Text,
    ToolRequest,
    ToolResponse,
)
from agentops.domain.handmade import usage_of
from agentops.domain.messages import messages_of
from agentops.domain.spans import SpanKind
from agentops.instrumentation.target import AnyRequest, AnyResponse

MODEL: Final = "LLMCall"
TOOL: Final = "ToolUsage"
KINDS: Final[dict[str, SpanKind | None]] = {
    "CrewKickoff": SpanKind.WORKFLOW,
    "Flow": SpanKind.WORKFLOW,
    "MethodExecution": SpanKind.TASK,
    "Task": SpanKind.TASK,
    "AgentExecution": SpanKind.AGENT,
    "LiteAgentExecution": SpanKind.AGENT,
    "KnowledgeRetrieval": SpanKind.RETRIEVAL,
    "MemoryQuery": SpanKind.RETRIEVAL,
    "LLMGuardrail": SpanKind.GUARDRAIL,
    MODEL: None,
    TOOL: None,
}
"""What there are events of, and the kind of it where the request does not say."""
STARTED: Final = "StartedEvent"
ENDED: Final = ("CompletedEvent", "FinishedEvent")
FAILED: Final = ("FailedEvent", "ErrorEvent")
_OWN_FLOWS: Final = frozenset({"AgentExecutor", "CrewAgentExecutor"})
"""Flows in which CrewAI runs its agents."""
_INPUTS: Final = ("inputs", "input_params", "task_prompt", "messages", "query")


def subject_of(event: Any) -> str:
    """What an event is about: the name of its class without its ending."""
    name = type(event).__name__
    ending = next((each for each in (STARTED, *ENDED, *FAILED) if name.endswith(each)), "")
    return name.removesuffix(ending) if ending else ""


def asked(subject: str, source: Any, event: Any) -> AnyRequest | None:
    """What begins; None for what CrewAI does for itself."""
    if subject == MODEL:
        return _model_asked(source, event)
    if subject == TOOL:
        return ToolRequest(name=text(event, "tool_name") or "tool", arguments=loaded(at(event, "tool_args")))
    name = _name(subject, source, event)
    if subject == "Flow" and name in _OWN_FLOWS:
        return None
    given = next((found for each in _INPUTS if (found := at(event, each)) is not None), at(source, "description"))
    return AgentRequest(name=name, input=plain(given))


def _name(subject: str, source: Any, event: Any) -> str:
    said = (
        text(event, "agent", "role") or text(event, "agent_info", "role")
        if subject.endswith("AgentExecution")
        else None,
        text(event, "crew_name") if subject == "CrewKickoff" else None,
        text(event, "method_name"),
        text(event, "flow_name") if subject == "Flow" else None,
        (text(source, "name") or text(source, "description")) if subject == "Task" else None,
    )
    return next((name for name in said if name), subject)


def _model_asked(source: Any, event: Any) -> Request:
    provider, _, model = (text(event, "model") or text(source, "model") or "").rpartition("/")
    given = at(event, "messages")
    return Request(
        operation=Operation.CHAT,
        provider=provider or text(source, "provider") or "",
        model=model or None,
        messages=[Message("user", [Text(given)])] if isinstance(given, str) else messages_of(plain(given), "user"),
    )


def answered(request: AnyRequest, event: Any) -> AnyResponse:
    """What came of it."""
    if isinstance(request, Request):
        said, usage = at(event, "response"), at(event, "usage")
        return Response(
            id=text(event, "response_id"),
            messages=[Message("assistant", [Text(said)])] if isinstance(said, str) else [],
            output=None if isinstance(said, str) else plain(said),
            usage=usage_of(plain(usage)) if usage else None,
        )
    if isinstance(request, ToolRequest):
        return ToolResponse(result=plain(at(event, "output")))
    results = (at(event, each) for each in ("output", "result", "results", "retrieved_knowledge"))
    found = next((each for each in results if each is not None), None)
    raw = text(found, "raw")
    return AgentResponse(output=plain(found) if raw is None else raw)
