"""A graph of LangGraph is an agent: its nodes and all that they do stand inside it, in whatever way it is run."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any, TypedDict

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.types import Command, interrupt

import agentops
from agentops.domain.spans import SpanStatus
from agentops.legacy.callbacks.langchain import LangchainCallbackHandler
from agentops.testing import Recording
from agentops_plugins.langchain_core import BRIDGE
from agentops_plugins.langgraph import INSTRUMENTATION


class State(TypedDict):
    """What the nodes add to."""

    words: list[str]


@pytest.fixture(autouse=True)
def observed(agentops_recording: Recording) -> Iterator[None]:
    """LangGraph and LangChain, and nothing else."""
    with agentops_recording.observing.only([BRIDGE, INSTRUMENTATION]):
        yield


def speak(state: State) -> State:
    """A node that does something of its own."""
    with agentops.span("speaking"):
        return {"words": [*state["words"], "spoken"]}


async def speak_later(state: State) -> State:
    """The same, asynchronously."""
    return speak(state)


def make_graph(node: Callable[[State], Any] = speak, name: str = "crew") -> Any:
    """A graph of one node."""
    graph: Any = StateGraph(State)
    graph.add_node("node", node)
    graph.add_edge(START, "node")
    return graph.compile(name=name, checkpointer=InMemorySaver())


def lines(recording: Recording) -> list[str]:
    """The outline of what lies within the session."""
    return [line.removeprefix("  ") for line in recording.tree().splitlines()[1:]]


ASKED: Any = {"words": []}
THREAD: Any = {"configurable": {"thread_id": "t1"}}


async def read(stream: Any) -> Any:
    """The last of a stream."""
    return [each async for each in stream][-1]


WAYS: dict[str, Callable[[Any], Any]] = {
    "invoke": lambda graph: graph.invoke(ASKED, THREAD),
    "ainvoke": lambda graph: asyncio.run(graph.ainvoke(ASKED, THREAD)),
    "stream": lambda graph: list(graph.stream(ASKED, THREAD, stream_mode="values"))[-1],
    "astream": lambda graph: asyncio.run(read(graph.astream(ASKED, THREAD, stream_mode="values"))),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_graph_is_an_agent(way: str, agentops_recording: Recording) -> None:
    """Its input, its last state and its thread are recorded, and what a node does stands in the node."""
    node: Any = speak_later if way.startswith("a") else speak
    assert WAYS[way](make_graph(node)) == {"words": ["spoken"]}
    assert lines(agentops_recording) == ["agent crew", "  task node", "    task speaking"]
    crew = agentops_recording.span("crew")
    assert (crew.input, crew.output) == ({"words": []}, {"words": ["spoken"]})
    assert crew.attributes["gen_ai.conversation.id"] == "t1"


def test_a_handler_given_by_hand_doubles_nothing(agentops_recording: Recording) -> None:
    """A program that passes the handler of earlier versions has each graph and each node once."""
    handlers: Any = [LangchainCallbackHandler()]
    make_graph().invoke(ASKED, {**THREAD, "callbacks": handlers})
    assert lines(agentops_recording) == ["agent crew", "  task node", "    task speaking"]


def test_a_node_may_be_called_like_its_graph(agentops_recording: Recording) -> None:
    """A node is no graph, whatever its name."""
    assert make_graph(name="node").invoke(ASKED, THREAD) == {"words": ["spoken"]}
    assert lines(agentops_recording) == ["agent node", "  task node", "    task speaking"]


def test_an_interrupt_is_no_failure(agentops_recording: Recording) -> None:
    """A graph inside a graph that waits for leave, and goes on when it is given."""

    def ask(state: State) -> State:
        return {"words": [interrupt("May I?")]}

    graph = make_graph(make_graph(ask, name="inner"), name="outer")
    assert "__interrupt__" in graph.invoke(ASKED, THREAD) or graph.get_state(THREAD).next == ("node",)
    assert graph.invoke(Command(resume="yes"), THREAD) == {"words": ["yes"]}
    assert lines(agentops_recording) == ["agent outer", "  task node", "    agent inner", "      task node"] * 2
    assert {span.status for span in agentops_recording.spans()} == {SpanStatus.OK}


def test_a_failure_counts_once_and_reaches_the_program(agentops_recording: Recording) -> None:
    """What a node raises passes through node and graph as it is."""

    def fail(state: State) -> State:
        raise LookupError("lost")

    with pytest.raises(LookupError, match="lost"):
        make_graph(fail).invoke(ASKED, THREAD)
    failed = [(span.name, span.counted_error) for span in agentops_recording.spans() if span.error is not None]
    assert failed == [("crew", False), ("node", True)]


def test_a_graph_that_is_left_ends(agentops_recording: Recording) -> None:
    """What a program does between the steps of a stream, and after it left, is no part of the graph."""
    stream = make_graph().stream(ASKED, THREAD, stream_mode="values")
    for _ in stream:
        with agentops.span("reading"):
            break
    stream.close()
    assert {"agent crew [incomplete]", "task reading"} <= set(lines(agentops_recording))
