"""A program without a tracer provider: libraries that use OpenTelemetry's API are heard, and notice nothing."""

import asyncio
import contextlib
import inspect
from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.trace import ProxyTracer, Status, StatusCode

import agentops
from agentops.domain.spans import SpanStatus
from agentops.recording import otel
from agentops.recording.context import suppressed
from agentops.testing.recording import Recording, record

EARLY = trace.get_tracer("early")
"""Made before anything was recorded."""


@pytest.fixture(autouse=True)
def no_provider() -> None:
    """Nobody has set a provider in this process."""
    assert isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)


@pytest.fixture(name="recording")
def listen() -> Iterator[Recording]:
    """What is recorded while we listen."""
    with record(plugins=False, strict=True) as recording:
        leave = otel.join({"native": "agentops.native"})
        yield recording
        leave()


def test_tracers_from_before_are_heard(recording: Recording) -> None:
    """A module that made its tracer when it was imported, before `init`."""
    with agentops.session("session"), EARLY.start_as_current_span("work", attributes={"n": 1}):
        pass
    span = recording.span("work")
    assert (span.source, span.attributes, span.kind) == ("early", {"n": 1}, "task")


def test_spans_nest_with_ours_in_both_directions(recording: Recording) -> None:
    """Theirs under ours, ours under theirs."""
    tracer = trace.get_tracer("library")
    with (
        agentops.session("session"),
        agentops.span("ours"),
        tracer.start_as_current_span("theirs"),
        agentops.span("deeper"),
        tracer.start_as_current_span("deepest"),
    ):
        pass
    assert recording.tree().splitlines() == [
        "session session",
        "  task ours",
        "    task theirs",
        "      task deeper",
        "        task deepest",
    ]


def test_a_given_context_decides_what_a_span_is_under(recording: Recording) -> None:
    """As OpenTelemetry's API has it: an explicit context, not the current one."""
    tracer = trace.get_tracer("library")
    with agentops.session("session"):
        with agentops.span("first") as first:
            context = otel_context.get_current()
        with agentops.span("second"):
            tracer.start_span("theirs", context=context).end()
    assert recording.span("theirs").parent_id == f"{first.get_span_context().span_id:016x}"


async def test_a_decorated_coroutine_function_is_one_span(recording: Recording) -> None:
    """`@tracer.start_as_current_span(...)` covers the whole coroutine, each time it runs."""
    tracer = trace.get_tracer("library")

    @tracer.start_as_current_span("work")
    async def work(number: int) -> int:
        with agentops.span("step"):
            await asyncio.sleep(0)
        return number

    @tracer.start_as_current_span("plain")
    def plain() -> int:
        return 3

    assert inspect.iscoroutinefunction(work)
    with agentops.session("session"):
        assert [await work(1), await work(2), plain()] == [1, 2, 3]
    assert recording.tree().splitlines() == [
        "session session",
        "  task work",
        "    task step",
        "  task work",
        "    task step",
        "  task plain",
    ]


def test_errors_statuses_events_and_names_are_kept(recording: Recording) -> None:
    """Everything that the API lets a library say of its span."""
    tracer = trace.get_tracer("library")
    with agentops.session("session"):
        with contextlib.suppress(LookupError), tracer.start_as_current_span("failing"):
            raise LookupError("no luck")
        span = tracer.start_span("old", start_time=recording.recorder.clock.now())
        span.update_name("new")
        span.add_event("found", {"hits": 3})
        span.set_status(Status(StatusCode.ERROR, "half done"))
        span.end()
        span.end()
        span.set_attribute("late", value=True)
    failing, new = recording.span("failing"), recording.span("new")
    assert failing.error is not None
    assert new.error is not None
    assert (failing.status, failing.error.type, failing.error.message) == (SpanStatus.ERROR, "LookupError", "no luck")
    assert [event.name for event in failing.events] == ["exception"]
    assert (new.status, new.error.message, new.attributes) == (SpanStatus.ERROR, "half done", {})


def test_how_exceptions_are_noted_is_the_callers_choice(recording: Recording) -> None:
    """`record_exception`, `set_status_on_exception` and `end_on_exit` mean what they say, by position as well."""
    tracer = trace.get_tracer("library")
    with agentops.session("session"):
        with (
            contextlib.suppress(LookupError),
            tracer.start_as_current_span("quiet", record_exception=False, set_status_on_exception=False),
        ):
            raise LookupError("no luck")
        kind = trace.SpanKind.INTERNAL
        with tracer.start_as_current_span("open", None, kind, None, None, None, True, True, False) as span:  # noqa: FBT003 - the API's positions
            pass
        assert [each.name for each in recording.spans()] == ["quiet"]
        span.end()
    assert recording.span("quiet").status is SpanStatus.OK
    assert recording.span("open").status is SpanStatus.OK


def test_outside_of_sessions_spans_are_as_without_us(recording: Recording) -> None:
    """They record nothing, and open no session."""
    with trace.get_tracer("library").start_as_current_span("work") as span:
        assert not span.is_recording()
    assert recording.spans() == []
    assert recording.sessions() == []


def test_our_own_deliveries_are_not_heard(recording: Recording) -> None:
    """Exporters that trace their requests do not record into the session that they deliver."""
    with agentops.session("session"), suppressed(), trace.get_tracer("library").start_as_current_span("export"):
        pass
    assert recording.spans() == []


def test_leaving_restores_opentelemetrys_api_exactly() -> None:
    """The very functions that were there before, whatever the order in which two listeners leave."""
    names = ["start_span", "start_as_current_span"]
    before = [vars(ProxyTracer)[name] for name in names], vars(trace).copy()
    first, second = otel.join({}), otel.join({})
    assert vars(ProxyTracer)["start_span"] is not before[0][0]
    second()
    first()
    assert ([vars(ProxyTracer)[name] for name in names], vars(trace).copy()) == before


def test_a_setter_put_over_ours_stays() -> None:
    """Somebody replaces a function after us: leaving does not undo that, and ours only calls through."""
    patched: Any = ProxyTracer
    original = patched.start_span
    leave = otel.join({})
    ours = patched.start_span

    def theirs(tracer: ProxyTracer, *args: object, **kwargs: object) -> trace.Span:
        return ours(tracer, *args, **kwargs)

    patched.start_span = theirs
    try:
        leave()
        assert patched.start_span is theirs
        assert not trace.get_tracer("library").start_span("work").is_recording()
    finally:
        patched.start_span = original
