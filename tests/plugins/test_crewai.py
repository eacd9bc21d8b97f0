"""CrewAI is seen where it emits its events; it is large: `make matrix` installs it."""

import os
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

import agentops
from agentops.testing import Recording
from agentops.testing.observing import put_in
from agentops_plugins.crewai import BRIDGE

for name in ("CREWAI_DISABLE_TELEMETRY", "CREWAI_DISABLE_TRACKING"):
    os.environ.setdefault(name, "true")  # it is read when CrewAI is imported
os.environ.setdefault("CREWAI_TRACING_ENABLED", "false")

crewai: Any = pytest.importorskip("crewai")
pytestmark = pytest.mark.filterwarnings("ignore")  # it and what it imports warn of what will change
llms: Any = import_module("crewai.llms.base_llm")
flows: Any = import_module("crewai.flow.flow")


@pytest.fixture(autouse=True)
def observed(agentops_recording: Recording) -> Iterator[None]:
    """CrewAI and nothing else."""
    with agentops_recording.observing.only([BRIDGE]):
        yield


def lines(recording: Recording) -> list[str]:
    """The outline of what lies within the session."""
    return [line.removeprefix("  ") for line in recording.tree().splitlines()[1:]]


class Canned(llms.BaseLLM):
    """A model of the program's own."""

    def call(self, messages: Any, *args: Any, **more: Any) -> str:
        """Always the same answer, unless there is none."""
        if "unknowable" in str(messages):
            raise LookupError("nobody knows")
        with agentops.span("thinking"):
            return "Thought: I know.\nFinal Answer: Paris"


def make_crew(question: str) -> Any:
    """One agent with one task."""
    agent = crewai.Agent(
        role="knower", goal="Know.", backstory="A sage.", llm=Canned(model="canned"), max_retry_limit=0
    )
    task = crewai.Task(name="answer", description=question, expected_output="A word.", agent=agent)
    return crewai.Crew(name="crew", agents=[agent], tasks=[task])


def test_a_crew_is_seen_with_its_tasks_and_agents(agentops_recording: Recording) -> None:
    """What its model does stands in the agent, and each says what went in and what came out."""
    assert make_crew("Capital of {country}?").kickoff(inputs={"country": "France"}).raw == "Paris"
    seen = [line for line in lines(agentops_recording) if not line.strip().startswith("llm")]
    assert seen == ["workflow crew", "  task answer", "    agent knower", "      task thinking"]
    crew, task = agentops_recording.span("crew"), agentops_recording.span("answer")
    assert (crew.input, crew.output) == ({"country": "France"}, "Paris")
    assert (task.input, task.output) == ("Capital of France?", "Paris")


def test_a_failure_counts_once_and_reaches_the_program(agentops_recording: Recording) -> None:
    """What a model raises passes through agent, task and crew as it is."""
    with pytest.raises(LookupError, match="nobody knows"):
        make_crew("unknowable").kickoff()
    failed = {span.name: span.counted_error for span in agentops_recording.spans() if span.error is not None}
    assert failed.keys() >= {"crew", "answer", "knower"}
    assert list(failed.values()).count(True) == 1


class Steps(flows.Flow):
    """A flow of one method."""

    @flows.start()
    def first(self) -> str:
        """Its only step."""
        with agentops.span("working"):
            return "done"


def test_a_flow_is_seen_with_its_methods(agentops_recording: Recording) -> None:
    """What a method does stands in it."""
    assert Steps().kickoff() == "done"
    assert lines(agentops_recording) == ["workflow Steps", "  task first", "    task working"]


def test_nothing_is_left_when_observing_ends() -> None:
    """The bus is as it was."""
    bus: Any = event_bus().__class__
    before = bus.emit
    installed = put_in(BRIDGE, "crewai")
    assert bus.emit is not before
    installed.undo()
    assert bus.emit is before


def event_bus() -> Any:
    """The bus, where this version of CrewAI has it."""
    try:
        return import_module("crewai.events.event_bus").crewai_event_bus
    except ImportError:
        return import_module("crewai.utilities.events.crewai_event_bus").crewai_event_bus
