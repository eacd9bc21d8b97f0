"""LlamaIndex is seen by its own dispatcher; it is large: `make matrix` installs it."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

import agentops
from agentops.domain.spans import SpanKind
from agentops.testing import Recording
from agentops.testing.observing import put_in
from agentops_plugins.llama_index import BRIDGE

core: Any = pytest.importorskip("llama_index.core")
pytestmark = pytest.mark.filterwarnings("ignore")  # it and what it imports warn of what will change
llms: Any = import_module("llama_index.core.llms")
tools: Any = import_module("llama_index.core.tools")
workflow: Any = import_module("llama_index.core.workflow")


@pytest.fixture(autouse=True)
def observed(agentops_recording: Recording) -> Iterator[None]:
    """LlamaIndex and nothing else."""
    with agentops_recording.observing.only([BRIDGE]):
        yield


def lines(recording: Recording) -> list[str]:
    """The outline of what lies within the session."""
    return [line.removeprefix("  ") for line in recording.tree().splitlines()[1:]]


def test_a_query_is_seen_with_what_it_does(agentops_recording: Recording) -> None:
    """Retrieval, synthesis and a model that nothing below shows stand within the query."""
    document = core.Document(text="Paris is large.")
    index = core.SummaryIndex.from_documents([document])
    answer = str(index.as_query_engine(llm=llms.MockLLM()).query("How large is Paris?"))
    assert [line.strip() for line in lines(agentops_recording)] == [
        "workflow RetrieverQueryEngine",
        "retrieval SummaryIndexRetriever",
        "task CompactAndRefine",
        "llm text_completion unknown",
    ]
    call = agentops_recording.spans("llm")[0]
    assert call.response is not None
    assert call.response.messages[0].text == answer
    assert agentops_recording.span("RetrieverQueryEngine").input == "How large is Paris?"
    found = agentops_recording.span("SummaryIndexRetriever")
    assert "Paris is large." in str(found.output)


def test_a_stream_ends_when_it_is_read(agentops_recording: Recording) -> None:
    """The first token is timed, the whole answer kept, and what the reader does is no part of the call."""
    said = ""
    for piece in llms.MockLLM(max_tokens=3).stream_complete("one two three"):
        said = piece.text
        with agentops.span("reading"):
            pass
    (call,) = agentops_recording.spans("llm")
    assert call.response is not None
    assert call.response.messages[0].text == said
    assert call.first_token is not None
    assert {span.parent_id for span in agentops_recording.spans()} == {call.parent_id}


def test_a_tool_that_fails_is_one_error(agentops_recording: Recording) -> None:
    """Its arguments and its exception are recorded, and the exception reaches the program as it is."""

    def shout(word: str) -> str:
        """Say a word loudly."""
        if not word:
            raise LookupError("nothing to say")
        return word.upper()

    tool = tools.FunctionTool.from_defaults(shout)
    assert tool.call(word="x").raw_output == "X"
    with pytest.raises(LookupError, match="nothing to say"):
        tool.call(word="")
    called, failed = agentops_recording.spans(SpanKind.TOOL)
    assert (called.name, called.input, called.output) == ("shout", {"word": "x"}, "X")
    assert failed.error is not None
    assert (failed.error.type, failed.counted_error) == ("LookupError", True)


class Flow(workflow.Workflow):
    """A workflow of the program's own."""

    @workflow.step
    async def speak(self, ev: workflow.StartEvent) -> workflow.StopEvent:  # pyright: ignore - it is not installed here
        """Its only step."""
        with agentops.span("speaking"):
            return workflow.StopEvent(result="spoken")


async def test_a_workflow_is_seen_with_its_steps(agentops_recording: Recording) -> None:
    """It runs in the background; what the program does meanwhile is no part of it."""
    handler = Flow().run()
    with agentops.span("meanwhile"):
        assert await handler == "spoken"
    with agentops.span("after"):
        pass
    seen = [line for line in lines(agentops_recording) if "_done" not in line]
    assert sorted(seen) == sorted(
        ["workflow Flow", "  task speak", "    task speaking", "task meanwhile", "task after"],
    )


def test_nothing_is_left_when_observing_ends() -> None:
    """The dispatcher's handlers are as they were."""
    root = import_module("llama_index.core.instrumentation").get_dispatcher()
    before = [*root.span_handlers], [*root.event_handlers]
    installed = put_in(BRIDGE, "llama_index")
    assert len(root.span_handlers) == len(before[0]) + 1
    installed.undo()
    assert ([*root.span_handlers], [*root.event_handlers]) == before
