"""Agents, teams and tools of frameworks, as their methods are called: who works on what, and what came of it.

A run that is told of piece by piece ends with the piece that tells the result, so the last piece is what came of it.
"""

from collections.abc import Callable
from typing import Any

from agentops.domain.foreign import text
from agentops.domain.genai import AgentRequest, AgentResponse, Json, ToolRequest, ToolResponse
from agentops.domain.spans import SpanKind
from agentops.instrumentation.target import Arguments, Emission, Reader

Read = Callable[[Arguments], Any]


def argument(name: str, position: int | None = None) -> Read:
    """Reads the argument of a name, or at a position."""
    return lambda arguments: arguments.get(name, position)


def instance(arguments: Arguments) -> Any:
    """The object whose method is called."""
    return arguments.instance


def last(_so_far: Any, piece: Any) -> Any:
    """What a run has come to."""
    return piece


def agent(  # noqa: PLR0913 - what an agent is
    *,
    asked: Read,
    answered: Callable[[Any], Json],
    who: Read = instance,
    name: Callable[[Any], str | None] = lambda agent: text(agent, "name"),
    fold: Callable[[Any, Any], Any] = last,
    kind: SpanKind | None = None,
    entered: bool = False,
    attend: Callable[[Any, Emission], bool] | None = None,
) -> Reader:
    """How a run of an agent is read.

    Args:
        asked: what it is asked to do.
        answered: what came of it, read from the result or the last piece.
        who: the agent.
        name: what the agent is called; where that is nothing, it is called by its class.
        fold: how the pieces of a run add up; by default the last one is what came of it.
        kind: `workflow` where it is a team of agents; None: an agent.
        entered: as in `Reader`.
        attend: as in `Reader`.
    """

    def read_request(arguments: Arguments) -> AgentRequest:
        worker = who(arguments)
        return AgentRequest(name=name(worker) or type(worker).__name__, input=asked(arguments))

    return Reader(
        read_request=read_request,
        read_response=lambda result: AgentResponse(output=answered(result)),
        fold=fold,
        has_content=lambda _piece: False,
        kind=kind,
        entered=entered,
        attend=attend,
    )


def tool(
    *,
    name: Callable[[Arguments], str | None],
    given: Read,
    returned: Callable[[Any], ToolResponse],
    call_id: Callable[[Arguments], str | None] = lambda _arguments: None,
    raised: Callable[[BaseException], ToolResponse | None] | None = None,
) -> Reader:
    """How a call of a tool is read.

    Args:
        name: what the tool is called.
        given: what it is called with.
        returned: what it gave back, read from the result or the last piece.
        call_id: the model's id of the call.
        raised: what it says by raising, as `read_raised` of `Reader`.
    """
    return Reader(
        read_request=lambda arguments: ToolRequest(
            name=name(arguments) or "tool", arguments=given(arguments), call_id=call_id(arguments)
        ),
        read_response=returned,
        fold=last,
        has_content=lambda _piece: False,
        read_raised=raised,
    )
