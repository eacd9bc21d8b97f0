"""A span that callbacks make current is so until it ends or steps aside, wherever its context was copied to."""

import asyncio
import contextvars
from collections.abc import Callable

import pytest
from opentelemetry import trace as otel
from opentelemetry.sdk.trace import TracerProvider

import agentops
from agentops.domain.genai import AgentRequest, AgentResponse, Request
from agentops.domain.spans import SpanKind
from agentops.instrumentation.emitter import SpanEmission, SpanEmitter
from agentops.recording.context import current_call, current_span
from agentops.testing import Recording


@pytest.fixture
def begin(agentops_recording: Recording) -> Callable[..., SpanEmission]:
    """Begins something that callbacks tell of, and lets it stay."""
    emitter = SpanEmitter("agentops.test")

    def begin(name: str, *, model: bool = False) -> SpanEmission:
        request = Request(operation="chat", provider="p") if model else AgentRequest(name=name)
        emission = emitter.open(request, name=name, kind=SpanKind.LLM if model else SpanKind.TASK)
        emission.stay()
        return emission

    return begin


def parent_names(recording: Recording) -> dict[str, str | None]:
    """The name of the span around each span."""
    names = {span.span_id: span.name for span in recording.spans()}
    return {span.name: names.get(span.parent_id or "") for span in recording.spans()}


def mark(name: str) -> None:
    """Record a span of this name."""
    with agentops.span(name):
        pass


def test_it_is_current_until_it_ends(begin: Callable[..., SpanEmission], agentops_recording: Recording) -> None:
    """What is recorded meanwhile is inside, what comes after is not, and the span has what it came back with."""
    mark("before")
    work = begin("work")
    mark("inside")
    work.finish(AgentResponse(output="done"))
    mark("after")
    assert parent_names(agentops_recording) == {"before": None, "work": None, "inside": "work", "after": None}
    assert agentops_recording.span("work").output == "done"


def test_it_may_end_in_a_copy_of_its_context(begin: Callable[..., SpanEmission], agentops_recording: Recording) -> None:
    """The end that another task tells of holds here too, also for many, one after the other and nested."""
    for number in range(3):
        outer, inner = begin(f"outer {number}"), begin(f"inner {number}")
        mark(f"within {number}")
        contextvars.copy_context().run(inner.finish)
        mark(f"between {number}")
        contextvars.copy_context().run(outer.finish)
        mark(f"after {number}")
    names = parent_names(agentops_recording)
    for number in range(3):
        assert names[f"within {number}"] == f"inner {number}"
        assert names[f"between {number}"] == f"outer {number}"
        assert names[f"after {number}"] is None


def test_aside_it_goes_on(begin: Callable[..., SpanEmission], agentops_recording: Recording) -> None:
    """Stepped aside, it is current nowhere, neither here nor in copies, and ends when it is told to."""
    work = begin("work")
    copied = contextvars.copy_context()
    work.step_aside()
    mark("here")
    copied.run(mark, "there")
    work.finish()
    work.step_aside()
    assert parent_names(agentops_recording) == {"work": None, "here": None, "there": None}


async def test_tasks_carry_it(begin: Callable[..., SpanEmission], agentops_recording: Recording) -> None:
    """A task that is started inside belongs to it, also where it goes on in a thread."""
    work = begin("work")

    async def run() -> None:
        mark("task")
        await asyncio.to_thread(mark, "thread")

    await asyncio.create_task(run())
    work.finish()
    assert parent_names(agentops_recording) == {"work": None, "task": "work", "thread": "work"}


def test_what_was_current_before_is_so_again(begin: Callable[..., SpanEmission], agentops_recording: Recording) -> None:
    """A decorated function around it, or a span of anybody else's, is not lost."""
    with agentops.span("around"):
        contextvars.copy_context().run(begin("work").finish)
        mark("after")
    assert parent_names(agentops_recording)["after"] == "around"
    tracer = TracerProvider().get_tracer("somebody")
    with tracer.start_as_current_span("theirs") as theirs:
        contextvars.copy_context().run(begin("other").finish)
        assert otel.get_current_span().get_span_context() == theirs.get_span_context()


def test_opentelemetry_sees_it(begin: Callable[..., SpanEmission], agentops_recording: Recording) -> None:
    """What others note on the current span is noted on it while it lasts, and nowhere after."""
    work = begin("work")
    seen = otel.get_current_span()
    assert work.span is not None
    assert seen.get_span_context() == work.span.get_span_context()
    assert seen.is_recording()
    seen.set_attribute("a", 1)
    seen.set_attributes({"b": 2})
    seen.add_event("moment", {"c": 3})
    seen.record_exception(ValueError("noted"))
    seen.update_name("renamed")
    seen.set_status(otel.StatusCode.OK)
    work.finish()
    seen.set_attribute("late", 1)
    assert not seen.is_recording()
    assert not otel.get_current_span().get_span_context().is_valid
    recorded = agentops_recording.span("renamed")
    assert recorded.attributes == {"a": 1, "b": 2}
    assert [event.name for event in recorded.events] == ["moment", "exception"]


def test_a_model_call_that_stays_is_the_call(begin: Callable[..., SpanEmission]) -> None:
    """Plain HTTP inside is part of it, as inside of a call of an observed client, until its answer is read."""
    call = begin("call", model=True)
    assert current_call() is call.span is current_span()
    call.answering()
    call.step_aside()
    assert current_call() is None
    call.finish()


def test_the_first_piece_of_an_answer_is_timed_once(
    begin: Callable[..., SpanEmission], agentops_recording: Recording
) -> None:
    """The time of the first token is that of the first, and none comes after the end."""
    call = begin("call", model=True)
    call.answering()
    assert call.span is not None
    first = call.span.details.first_token
    call.answering()
    assert call.span.details.first_token == first
    call.fail(ValueError("broken off"))
    call.answering()
    assert agentops_recording.span("call").first_token == first
