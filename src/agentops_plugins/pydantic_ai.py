"""Observes `pydantic-ai`: agents and tools; its own spans, where the program has switched them on, are left out.

Every way of running an agent enters `Agent.iter`, every Python function that a model asks for is called by its schema.
A model call is that of the client it goes through; where none is observed, it is what the agent's model answers:
https://ai.pydantic.dev/.
"""

from typing import Any, Final

from agentops.domain.foreign import at, plain, text
from agentops.domain.genai import Json, ToolResponse
from agentops.instrumentation.target import Instrumentation, Target
from agentops.plugins import hookimpl
from agentops_plugins._agents import agent, argument, tool
from agentops_plugins._pydantic_ai_models import REQUEST, STREAM, read_step

_ANSWERS: Final = frozenset({"ModelRetry", "CallDeferred", "ApprovalRequired", "ToolFailed", "SkipToolExecution"})
"""What a tool raises to tell the model or the program something."""


def _asked(prompt: Any) -> Json:
    return text(prompt) or plain(prompt)


def _raised(error: BaseException) -> ToolResponse | None:
    name = type(error).__name__
    if name not in _ANSWERS or not type(error).__module__.startswith("pydantic_ai"):
        return None
    return ToolResponse(result={name: text(error, "message")})


INSTRUMENTATION: Final = Instrumentation(
    library="pydantic_ai",
    distribution="pydantic-ai-slim",
    versions=">=0.4,<3",
    captures="agents, tools, models",
    targets=[
        Target(
            path="pydantic_ai.agent:Agent.iter",
            reader=agent(
                asked=lambda arguments: _asked(arguments.get("user_prompt", 0)),
                answered=lambda run: plain(at(run, "result", "output")),
                entered=True,
            ),
        ),
        Target(
            path="pydantic_ai._function_schema:FunctionSchema.call",
            reader=tool(
                name=lambda arguments: text(arguments.get("ctx", 1), "tool_name"),
                given=argument("args_dict", 0),
                returned=lambda result: ToolResponse(result=result),
                call_id=lambda arguments: text(arguments.get("ctx", 1), "tool_call_id"),
                raised=_raised,
            ),
        ),
        Target(path="pydantic_ai._agent_graph:model_request", reader=REQUEST, fallback=True),
        Target(path="pydantic_ai._agent_graph:ModelRequestNode._make_request", reader=read_step, fallback=True),
        Target(path="pydantic_ai._agent_graph:ModelRequestNode.stream", reader=STREAM, fallback=True),
        Target(path="pydantic_ai._agent_graph:ModelRequestNode._stream", reader=STREAM, fallback=True),
    ],
    native_scopes=("pydantic-ai",),
)


@hookimpl
def agentops_instrumentation() -> Instrumentation:
    """The agents and tools of `pydantic_ai`."""
    return INSTRUMENTATION
