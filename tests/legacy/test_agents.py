"""`track_agent`: objects are agents with names of their own, and what they do is attributed to them."""

import dataclasses
import pickle
from collections.abc import Generator, Iterator
from typing import Any

import pytest

import agentops
from agentops import Session, track_agent
from agentops.domain.spans import SpanKind
from agentops.recording.context import current_span
from agentops.testing.recording import Recording, record


@pytest.fixture
def recording() -> Iterator[Recording]:
    """What is recorded while the test runs."""
    with record(plugins=False, strict=True) as recording:
        yield recording


@agentops.tool
def search() -> None:
    """Work that is attributed to whoever does it."""


@track_agent(name="writer")
class Writer:
    """An agent that others inherit from, pickle and compare."""

    def __init__(self, topic: str = "rivers") -> None:
        self.topic = topic

    def work(self) -> str:
        """Use a tool."""
        search()
        return self.topic

    def parts(self) -> Generator[str]:
        """Give several things."""
        yield self.topic


class Editor(Writer):
    """Inherits from an agent."""


def test_a_class_stays_the_very_class(recording: Recording) -> None:
    """No subclass, no other name; instances pickle, and inheriting works."""
    writer = Writer("lakes")
    assert (Writer.__name__, Writer.__mro__, type(writer)) == ("Writer", (Writer, object), Writer)
    assert pickle.loads(pickle.dumps(writer)).topic == "lakes"
    assert Editor("seas").work() == "seas"


def test_what_an_agent_does_is_attributed_to_it(recording: Recording) -> None:
    """Under the name that the object has; the agent is known in the session from its construction on."""
    with Session() as session:
        one, other = Writer(), Writer(agentops_name="critic")  # pyright: ignore[reportCallIssue] - what the decorator takes
        assert [agent.name for agent in session.agents] == ["writer", "critic"]
        assert (one.work(), other.work(), list(other.parts())) == ("rivers", "rivers", ["rivers"])
        ids = [getattr(each, "agentops_agent_id") for each in (one, other)]  # noqa: B009 - what the decorator adds
    assert ids == [agent.id for agent in session.agents]
    spans = {span.name: span for span in recording.spans(SpanKind.AGENT)}
    assert spans.keys() == {"writer", "critic"}
    tools = [(span.agent_name, span.agent_id) for span in recording.spans(SpanKind.TOOL)]
    assert tools == [("writer", ids[0]), ("critic", ids[1])]


def test_names_come_from_the_argument_the_decorator_the_role_and_the_class(recording: Recording) -> None:
    """In this order; both can be set."""

    @track_agent()
    class Plain:
        """Without a name."""

    @track_agent
    class Roled:
        """With a role."""

        def __init__(self, role: str) -> None:
            self.role = role

    agents: list[Any] = [Plain(), Roled("critic"), Roled(role="", agentops_name="named")]  # pyright: ignore[reportCallIssue] - what the decorator takes
    assert [agent.agentops_agent_name for agent in agents] == ["Plain", "critic", "named"]
    agents[0].agentops_agent_name = "other"
    agents[0].agentops_agent_id = "own"
    assert (agents[0].agentops_agent_name, agents[0].agentops_agent_id) == ("other", "own")


def test_without_a_session_an_agent_has_an_id_and_is_known_when_it_works(recording: Recording) -> None:
    """It may be made before anything starts."""
    writer: Any = Writer()
    before = writer.agentops_agent_id
    assert before == writer.agentops_agent_id
    with Session() as session:
        writer.work()
        assert [agent.name for agent in session.agents] == []
        assert writer.agentops_agent_id == session.create_agent("writer")
    (span,) = recording.spans(SpanKind.AGENT)
    assert span.name == "writer"


def test_an_agent_may_be_of_one_session(recording: Recording) -> None:
    """`session=` of its construction, where the class takes one."""

    @track_agent("critic")
    class Critic:
        """Takes a session."""

        def __init__(self, session: Session) -> None:
            self.session = session

    with Session() as first, Session() as second:
        Critic(session=first)
        assert ([agent.name for agent in first.agents], second.agents) == (["critic"], [])


def test_unusual_classes_are_agents_too(recording: Recording) -> None:
    """With slots, frozen, and with a lively `__setattr__`."""

    @track_agent("slotted")
    class Slotted:
        """No dictionary."""

        __slots__ = ("x",)

        def work(self) -> int:
            """Do something."""
            return 1

    @track_agent("frozen")
    @dataclasses.dataclass(frozen=True)
    class Frozen:
        """Refuses to be changed."""

        x: int = 1

    made: list[Any] = [Slotted(), Frozen(), Frozen(agentops_name="own")]  # pyright: ignore[reportCallIssue] - what the decorator takes
    with Session():
        assert made[0].work() == 1
    assert [each.agentops_agent_name for each in made] == ["slotted", "frozen", "own"]


def test_models_of_pydantic_are_agents_too(recording: Recording) -> None:
    """Their fields stay what they are."""
    pydantic = pytest.importorskip("pydantic")

    @track_agent()
    class Crew(pydantic.BaseModel):  # type: ignore[misc]
        """A model with a role."""

        role: str

        def work(self) -> str:
            """Do something."""
            return self.role

    with Session():
        crew: Any = Crew(role="critic", agentops_name="named")  # pyright: ignore[reportCallIssue] - what the decorator takes
        assert (crew.work(), crew.model_dump(), crew.agentops_agent_name) == ("critic", {"role": "critic"}, "named")
    assert [span.name for span in recording.spans(SpanKind.AGENT)] == ["named"]


def test_a_function_is_an_agent(recording: Recording) -> None:
    """Each call, with what happens inside; it has a name and an id as well."""

    @track_agent(name="runner")
    def run(x: int) -> int:
        search()
        return x

    function: Any = run
    with Session():
        assert run(3) == 3
        assert current_span() is not None
    assert (function.agentops_agent_name, len(function.agentops_agent_id)) == ("runner", 36)
    assert recording.spans(SpanKind.TOOL)[0].agent_name == "runner"


def test_what_is_no_agent_is_refused(recording: Recording) -> None:
    """A number cannot be one."""
    with pytest.raises(TypeError, match="for functions and classes"):
        track_agent("x")(7)
