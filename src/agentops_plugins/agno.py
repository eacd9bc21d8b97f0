"""Observes `agno`: agents, teams, workflows and their steps, and tools.

`run` and `arun` give the outcome, or an iterator of events where they are asked to stream; every function that a model
asks for is called by `FunctionCall`, which keeps what it gave and what went wrong. The models are called through the
providers' own clients: https://docs.agno.com/.
"""

from typing import Any, Final

from agentops.domain.foreign import at, plain, text
from agentops.domain.genai import Json
from agentops.domain.spans import SpanKind
from agentops.instrumentation.target import Arguments, Instrumentation, Target
from agentops.plugins import hookimpl
from agentops_plugins._agents import agent
from agentops_plugins._agno_tools import PIECES, called


def _said(value: Any) -> Json:
    return text(value) or plain(value)


def _asked(arguments: Arguments) -> Json:
    """What it is to work on, which 1.x calls a message."""
    asked = arguments.get("input", 0)
    return _said(arguments.get("message") if asked is None else asked)


def _fold(so_far: dict[str, Any] | None, event: Any) -> dict[str, Any]:
    """The pieces of the answer, and the whole where an event tells it."""
    heard = so_far or {"content": None}
    name, content = text(event, "event") or "", at(event, "content")
    if name.endswith(PIECES):
        heard["content"] = (text(heard, "content") or "") + (text(content) or "")
    elif content is not None and (not name or name.endswith("Completed")):
        heard["content"] = _said(content)
    return heard


def _fold_team(so_far: dict[str, Any] | None, event: Any) -> dict[str, Any] | None:
    """What the team says, and not its members."""
    return _fold(so_far, event) if type(event).__name__.startswith("Team") else so_far


def _content(result: Any) -> Json:
    return _said(at(result, "content"))


_AGENT: Final = agent(asked=_asked, answered=_content, fold=_fold)
_TEAM: Final = agent(asked=_asked, answered=_content, fold=_fold_team, kind=SpanKind.WORKFLOW)
_WORKFLOW: Final = agent(asked=_asked, answered=_content, fold=_fold, kind=SpanKind.WORKFLOW)
_WORKFLOW_OF_ONE: Final = agent(
    asked=lambda arguments: plain(arguments.kwargs), answered=_content, fold=_fold, kind=SpanKind.WORKFLOW
)
_STEP: Final = agent(
    asked=lambda arguments: _said(at(arguments.get("step_input", 0), "input")),
    answered=_content,
    fold=_fold,
    kind=SpanKind.TASK,
)
_RUNS: Final = ("run", "arun", "continue_run", "acontinue_run")

INSTRUMENTATION: Final = Instrumentation(
    library="agno",
    versions=">=1.5,<4",
    captures="agents, teams, workflows, steps, tools",
    targets=[
        *(Target(path=f"agno.agent.agent:Agent.{run}", reader=_AGENT) for run in _RUNS),
        *(Target(path=f"agno.team.team:Team.{run}", reader=_TEAM) for run in _RUNS),
        *(Target(path=f"agno.workflow.workflow:Workflow.{run}", reader=_WORKFLOW) for run in _RUNS),
        Target(path="agno.workflow.workflow:Workflow.run_workflow", reader=_WORKFLOW_OF_ONE),
        *(
            Target(path=f"agno.workflow.step:Step.{execute}", reader=_STEP)
            for execute in ("execute", "aexecute", "execute_stream", "aexecute_stream")
        ),
        Target(path="agno.tools.function:FunctionCall.execute", reader=called),
        Target(path="agno.tools.function:FunctionCall.aexecute", reader=called),
    ],
)


@hookimpl
def agentops_instrumentation() -> Instrumentation:
    """The agents, teams, workflows and tools of `agno`."""
    return INSTRUMENTATION
