"""Haystack is seen by what it tells its tracer, and the program's own tracer stays; `make matrix` installs it."""

import asyncio
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import pytest

from agentops.domain.genai import Usage
from agentops.domain.spans import SpanKind
from agentops.testing import Recording
from agentops.testing.observing import put_in
from agentops_plugins.haystack import BRIDGE, TOOLS

haystack: Any = pytest.importorskip("haystack")
pytestmark = pytest.mark.filterwarnings("ignore")  # Haystack warns of what will change
tracing: Any = import_module("haystack.tracing.tracer")
component: Any = haystack.component


@pytest.fixture(autouse=True)
def observed(agentops_recording: Recording) -> Iterator[None]:
    """Haystack and nothing else."""
    with agentops_recording.observing.only([BRIDGE, TOOLS]):
        yield


@component
class EchoGenerator:
    """A model that nobody observes."""

    @component.output_types(replies=list[str], meta=list[dict[str, Any]])
    def run(self, prompt: str) -> dict[str, Any]:
        """The prompt once more."""
        usage = {"prompt_tokens": 3, "completion_tokens": 1}
        return {"replies": [prompt], "meta": [{"model": "echo-1", "usage": usage}]}


@component
class ShelfRetriever:
    """Finds one document."""

    @component.output_types(prompt=str)
    def run(self, query: str) -> dict[str, str]:
        """Something about it."""
        if query == "nothing":
            raise LookupError(query)
        return {"prompt": f"about {query}"}


def make_pipeline(kind: str = "Pipeline") -> Any:
    """Search, then ask."""
    pipeline = getattr(haystack, kind)(metadata={"name": "crew"})
    pipeline.add_component("shelf", ShelfRetriever())
    pipeline.add_component("model", EchoGenerator())
    pipeline.connect("shelf.prompt", "model.prompt")
    return pipeline


ASKED = {"shelf": {"query": "rivers"}}
TREE = ["workflow crew", "  retrieval shelf", "  llm text_completion"]


def lines(recording: Recording) -> list[str]:
    """The outline of what lies within the session."""
    return [line.removeprefix("  ") for line in recording.tree().splitlines()[1:]]


@pytest.mark.parametrize("way", ["run", "run_async"])
def test_a_pipeline_is_seen_with_what_its_components_do(way: str, agentops_recording: Recording) -> None:
    """Input, output and the tokens of a model that nothing else shows are recorded, sync and async."""
    if way == "run":
        result = make_pipeline().run(ASKED)
    else:
        kind = "AsyncPipeline" if hasattr(haystack, "AsyncPipeline") else "Pipeline"
        result = asyncio.run(make_pipeline(kind).run_async(ASKED))
    assert result["model"]["replies"] == ["about rivers"]
    assert lines(agentops_recording) == TREE
    crew, shelf, call = agentops_recording.spans()
    assert (crew.input["shelf"], crew.output["model"]["replies"]) == ({"query": "rivers"}, ["about rivers"])
    assert (shelf.input, shelf.output) == ({"query": "rivers"}, {"prompt": "about rivers"})
    assert call.response is not None
    assert (call.response.model, call.response.usage) == ("echo-1", Usage(input=3, output=1))


def test_a_failure_counts_once(agentops_recording: Recording) -> None:
    """What a component raises passes through the pipeline to the program."""
    with pytest.raises(Exception, match="nothing"):
        make_pipeline().run({"shelf": {"query": "nothing"}})
    failed = [(span.name, span.kind, span.counted_error) for span in agentops_recording.spans() if span.error]
    assert failed == [("crew", SpanKind.WORKFLOW, False), ("shelf", SpanKind.RETRIEVAL, True)]


def test_the_programs_tracer_is_told_as_before(agentops_recording: Recording) -> None:
    """It is the one that Haystack has, and gets its own spans as parents, not ours."""
    told: list[tuple[str, Any]] = []

    class Theirs(tracing.Span):
        def set_tag(self, key: str, value: Any) -> None:
            told.append((key, value))

    class Tracer(tracing.Tracer):
        @contextmanager
        def trace(self, operation_name: str, tags: Any = None, parent_span: Any = None) -> Generator[Any]:
            told.append((operation_name, type(parent_span).__name__))
            yield Theirs()

        def current_span(self) -> Any:
            return None

    tracer = Tracer()
    tracing.enable_tracing(tracer)
    try:
        make_pipeline().run(ASKED)
        assert tracing.tracer.actual_tracer is tracer
        with tracing.tracer.trace("of.their.own") as span:
            assert isinstance(span, Theirs)
    finally:
        tracing.disable_tracing()
    assert lines(agentops_recording) == TREE
    assert {value for key, value in told if key == "haystack.component.run"} <= {"Theirs", "NoneType"}
    assert "haystack.component.visits" in {key for key, _ in told}


def test_nothing_is_left_when_observing_ends() -> None:
    """Haystack's tracer is as it was."""
    before = tracing.ProxyTracer.trace
    installed = put_in(BRIDGE, "haystack")
    assert tracing.ProxyTracer.trace is not before
    installed.undo()
    assert tracing.ProxyTracer.trace is before
