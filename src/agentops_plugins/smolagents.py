"""Observes `smolagents`: agents, tools, and models that are called through no client that is observed.

Every run of an agent is `MultiStepAgent.run`, of one that another agent manages too; every tool is called as an object.
Each class of models has its own `generate` and `generate_stream`; most of them call a provider's client:
https://huggingface.co/docs/smolagents/reference/agents.
"""

from dataclasses import replace
from typing import Any, Final, cast

from agentops.domain.foreign import at, text
from agentops.domain.genai import Json, ToolResponse
from agentops.instrumentation.target import Arguments, Instrumentation, Reader, Target
from agentops.plugins import hookimpl
from agentops_plugins._agents import agent, argument, tool
from agentops_plugins._calls import brief, named
from agentops_plugins._smolagents_models import MODELS


def _answered(result: Any) -> Json:
    """The answer, or what holds it: a `RunResult`, or the last step of a stream, which had another name for it."""
    if type(result).__name__ in {"FinalAnswerStep", "RunResult"}:
        answer = at(result, "output")
        result = at(result, "final_answer") if answer is None else answer
    return brief(result)


def _run(arguments: Arguments) -> Reader:
    """An answer may be anything, and is no stream unless one is asked for."""
    return _STREAM if arguments.get("stream", 1) else _ANSWER


def _given(arguments: Arguments) -> Json:
    """What a tool is called with, by the names that it says of its inputs."""
    inputs = at(arguments.instance, "inputs")
    names = tuple(map(str, cast("dict[Any, Any]", inputs))) if isinstance(inputs, dict) else ()
    first = arguments.get("", 0)
    if isinstance(first, dict) and len(arguments.args) == 1:
        return brief(first)
    given = named(arguments, names)
    given.pop("sanitize_inputs_outputs", None)
    return brief(given)


_STREAM: Final = agent(asked=argument("task", 0), answered=_answered)
_ANSWER: Final = replace(_STREAM, read_whole=True)
_TOOL: Final = replace(
    tool(
        name=lambda arguments: text(arguments.instance, "name"),
        given=_given,
        returned=lambda result: ToolResponse(result=brief(result)),
    ),
    read_whole=True,
)

INSTRUMENTATION: Final = Instrumentation(
    library="smolagents",
    versions=">=1.16,<2",
    captures="agents, tools, models that nothing below them shows",
    targets=[
        Target(path="smolagents.agents:MultiStepAgent.run", reader=_run),
        Target(path="smolagents.tools:Tool.__call__", reader=_TOOL),
        Target(path="smolagents.tools:PipelineTool.__call__", reader=_TOOL),
        *MODELS,
    ],
)


@hookimpl
def agentops_instrumentation() -> Instrumentation:
    """The agents, tools and models of `smolagents`."""
    return INSTRUMENTATION
