"""What is read of `agno`, on stand-ins of its names and shapes; `tests/frameworks` runs the library itself."""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from stand_ins import Put, exhaust, record, told

import agentops
from agentops.testing import Recording
from agentops_plugins import agno


class FunctionCall:
    """A call that a model asked for, which is told by its fields how it went."""

    def __init__(self, **arguments: Any) -> None:
        self.function = record(name="population")
        self.arguments, self.call_id = arguments, "c1"
        self.result: Any = None
        self.error: str | None = None

    def execute(self) -> bool:
        """Paris is known, other cities are not, and some end it all."""
        match self.arguments["city"]:
            case "Paris":
                self.result = 2_100_000
            case "Everywhere":
                self.result = iter(["many", "more"])
            case "Nowhere":
                raise StopAgentRun("enough")
            case city:
                self.error = f"{city} is not known"
        return self.error is None


class StopAgentRun(Exception):  # noqa: N818 - the library's name
    """What a tool raises to end the run."""


class TeamEvent:
    """What a team says; the events of its members are called otherwise."""

    def __init__(self, event: str, content: str | None) -> None:
        self.event, self.content = event, content


@pytest.fixture(autouse=True)
def observe_agno(agentops_recording: Recording, put: Put) -> Iterator[None]:
    """The plugin, at work on stand-ins."""

    class Agent:
        name = "ann"

        def run(self, _message: str, *, stream: bool = False) -> Any:
            pieces = [record(event="RunContent", content="do"), record(event="RunContent", content="ne")]
            return iter(pieces) if stream else record(content="done")

    class Team:
        name = "board"

        def arun(self, _input: str) -> AsyncIterator[Any]:
            return self.events()

        async def events(self) -> AsyncIterator[Any]:
            yield TeamEvent("TeamRunContent", "al")
            yield record(event="RunContent", content="a member")
            yield TeamEvent("TeamRunContent", "l")
            yield TeamEvent("TeamRunCompleted", None)

    class Step:
        name = "first"

        def execute(self, step_input: Any) -> Any:
            return record(content=f"{step_input.input}, surely")

    put("agno.agent.agent", {"Agent": Agent})
    put("agno.team.team", {"Team": Team})
    put("agno.workflow.step", {"Step": Step})
    put("agno.tools.function", {"FunctionCall": FunctionCall})
    with agentops_recording.observing.only([agno.INSTRUMENTATION]), agentops.session("session"):
        yield


def test_a_run_is_read_from_its_outcome_or_from_its_events(agentops_recording: Recording) -> None:
    """The pieces of what an agent says are one answer, and a team's answer is not that of its members."""
    agents, teams = sys.modules["agno.agent.agent"], sys.modules["agno.team.team"]
    assert agents.Agent().run("How large?").content == "done"
    assert len(list(agents.Agent().run("How large?", stream=True))) == 2
    assert len(asyncio.run(exhaust(teams.Team().arun("All of them?")))) == 4
    assert told(agentops_recording) == [
        ("agent", "ann", "How large?", "done", None),
        ("agent", "ann", "How large?", "done", None),
        ("workflow", "board", "All of them?", "all", None),
    ]


def test_a_step_of_a_workflow_is_a_task(agentops_recording: Recording) -> None:
    """With what it is given and what it says."""
    step = sys.modules["agno.workflow.step"].Step()
    step.execute(record(input="large"))
    assert told(agentops_recording) == [("task", "first", "large", "large, surely", None)]


def test_a_tool_that_fails_is_an_error_although_nothing_is_raised(agentops_recording: Recording) -> None:
    """The call keeps what it gave and what went wrong; pieces are left to whoever reads them."""
    for city in ("Paris", "Atlantis"):
        FunctionCall(city=city).execute()
    pieces = FunctionCall(city="Everywhere")
    pieces.execute()
    with pytest.raises(StopAgentRun):
        FunctionCall(city="Nowhere").execute()
    assert list(pieces.result) == ["many", "more"]
    assert told(agentops_recording) == [
        ("tool", "population", {"city": "Paris"}, 2_100_000, None),
        ("tool", "population", {"city": "Atlantis"}, None, "Atlantis is not known"),
        ("tool", "population", {"city": "Everywhere"}, None, None),
        ("tool", "population", {"city": "Nowhere"}, {"StopAgentRun": "enough"}, None),
    ]


class Outcome:
    """How a call went, from 2.0 on."""

    def __init__(self, result: Any) -> None:
        self.result = result


def test_a_tool_works_while_its_pieces_are_read(agentops_recording: Recording, put: Put) -> None:
    """What happens for a piece is inside the call, what the program does between two of them is not."""

    def pieces() -> Iterator[Any]:
        with agentops.span("work"):
            pass
        yield "la"
        yield record(event="RunContent", content="rge")

    class Call(FunctionCall):
        def execute(self) -> Any:
            self.result = pieces()
            return Outcome(self.result)

    put("agno.tools.function", {"FunctionCall": Call})
    with agentops_recording.observing.only([agno.INSTRUMENTATION]):
        call = Call(city="Paris")
        outcome = call.execute()
        assert outcome.result is call.result
        for _ in outcome.result:
            with agentops.span("between"):
                pass
    (tool,) = agentops_recording.spans("tool")
    inside = {span.name for span in agentops_recording.spans() if span.parent_id == tool.span_id}
    assert (tool.output, inside) == ("large", {"work"})


@pytest.mark.parametrize("is_left", [False, True])
def test_pieces_may_be_awaited_fail_or_be_left(agentops_recording: Recording, put: Put, *, is_left: bool) -> None:
    """The call ends with what the program sees."""
    closed: list[bool] = []

    async def pieces() -> AsyncIterator[Any]:
        try:
            yield "la"
            raise LookupError("Atlantis")
        finally:
            closed.append(True)

    class Call(FunctionCall):
        async def aexecute(self) -> Any:
            self.result = pieces()
            return Outcome(self.result)

    async def main() -> None:
        call = Call(city="Atlantis")
        await call.aexecute()
        assert await anext(call.result) == "la"
        if is_left:
            await call.result.aclose()
            return
        with pytest.raises(LookupError):
            await anext(call.result)

    put("agno.tools.function", {"FunctionCall": Call})
    with agentops_recording.observing.only([agno.INSTRUMENTATION]):
        asyncio.run(main())
    (tool,) = agentops_recording.spans("tool")
    assert closed
    assert tool.status == ("cancelled" if is_left else "error")
