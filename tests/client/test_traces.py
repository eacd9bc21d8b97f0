"""Sessions as the traces of AgentOps 0.4."""

import logging
from typing import Any

import pytest
from opentelemetry import trace as otel

import agentops
from agentops.client.tracestate import TraceState
from agentops.domain.spans import SpanKind
from agentops.testing.recording import Recording


def started(*args: Any, **kwargs: Any) -> agentops.TraceContext:
    """A trace that was started."""
    trace = agentops.start_trace(*args, **kwargs)
    assert trace is not None
    return trace


def test_a_trace_is_a_root_of_its_own_whatever_is_current(recording: Recording) -> None:
    """Inside another trace, a session and a decorated function: each has its own id and no parent."""

    @agentops.task
    def work() -> None:
        traces.append(agentops.start_trace("inner"))

    traces: list[agentops.TraceContext | None] = [agentops.start_trace("first"), agentops.start_trace("second")]
    with agentops.session("block"):
        work()
    agentops.end_trace()
    roots = recording.spans(SpanKind.SESSION)
    assert {(root.name, root.parent_id) for root in roots} == {
        (name, None) for name in ("first", "second", "block", "inner")
    }
    assert len({root.session_id for root in roots}) == 4
    assert [trace is not None and trace.session is not None for trace in traces] == [True] * 3


def test_a_trace_has_a_span_and_is_a_block(recording: Recording) -> None:
    """`with start_trace(...) as trace:` ends it well, or with what was raised."""
    with started("well", tags=["a"]) as trace:
        assert trace.span is otel.get_current_span()
        assert (trace.token, trace.is_init_trace) == (None, False)
        assert trace.span is not None
        trace.span.set_attribute("own", 1)
    with pytest.raises(LookupError), started("badly"):
        raise LookupError("no luck")
    assert [(each.name, each.end_state, each.end_state_reason, each.tags) for each in recording.sessions()] == [
        ("well", "Success", None, ["a"]),
        ("badly", "Fail", "LookupError: no luck", None),
    ]
    assert recording.spans(SpanKind.SESSION)[0].attributes == {"own": 1}


def test_ending_a_block_s_trace_inside_it_is_kept(recording: Recording) -> None:
    """The end that was said counts, not how the block ended."""
    with started() as trace:
        agentops.end_trace(trace, TraceState.ERROR)
    assert [each.end_state for each in recording.sessions()] == ["Fail"]


def test_the_trace_of_init_is_known() -> None:
    """`is_init_trace` is that of the session which `init` started."""
    session = agentops.init()
    started = agentops.start_trace("own")
    traces = agentops.tracer.get_active_traces()
    assert session is not None
    assert started is not None
    assert started.session is not None
    assert traces[session.session_id.hex].is_init_trace
    assert not traces[started.session.session_id.hex].is_init_trace
    assert agentops.tracer.get_active_trace_count() == 2
    assert agentops.tracer.initialized
    assert agentops.tracer.config.auto_start_session
    agentops.tracer.end_trace(started, "Success")
    agentops.tracer.shutdown()
    tracer = agentops.tracer
    assert (tracer.initialized, tracer.config, tracer.get_active_traces()) == (False, None, {})


def test_a_tracer_s_spans_stand_in_the_session() -> None:
    """`tracer.get_tracer()` is OpenTelemetry's; what the session has of it is read back."""
    agentops.init(auto_start_session=False)
    with started("own") as trace, agentops.tracer.get_tracer().start_as_current_span("mine"):
        pass
    assert trace.session is not None
    assert [(span.name, str(span.kind)) for span in trace.session.spans] == [("own", "session"), ("mine", "task")]


def test_ending_all_traces_ends_every_session(recording: Recording) -> None:
    """With the state that is said; what has ended stays as it was."""
    first, second, third = [agentops.start_trace(name) for name in "abc"]
    agentops.end_trace(second, "Fail")
    agentops.end_trace(end_state=TraceState.UNSET)
    assert {each.name: each.end_state for each in recording.sessions()} == {
        "a": "Indeterminate",
        "b": "Fail",
        "c": "Indeterminate",
    }
    agentops.end_trace(first, "Success")
    agentops.end_trace(third)
    assert {each.end_state for each in recording.sessions()} == {"Indeterminate", "Fail"}


def test_a_word_alone_is_how_all_traces_ended(recording: Recording) -> None:
    """`end_trace("Success")` broke programs of AgentOps 0.4; what is meant is clear."""
    agentops.start_trace()
    agentops.end_trace("Fail")
    agentops.start_trace()
    agentops.end_trace(TraceState.ERROR)
    assert [each.end_state for each in recording.sessions()] == ["Fail", "Fail"]


def test_what_is_no_trace_is_refused(recording: Recording) -> None:
    """With what to pass instead."""
    with pytest.raises(TypeError, match="end_trace takes what start_trace gave, not int"):
        agentops.end_trace(7)


def test_metadata_are_noted_on_the_root(recording: Recording, caplog: pytest.LogCaptureFixture) -> None:
    """Under a prefix, names of AgentOps's own without; lists as JSON; what cannot be an attribute is told."""
    with started():
        with agentops.task("inner"):
            assert agentops.update_trace_metadata(
                {"user": "u1", "n": 3, "ok": True, "l": ["a", 1], "agent_name": "writer", "tags": ["x"], "d": {"a": 1}}
            )
        assert agentops.update_trace_metadata({"k": 1.5}, prefix="mine")
        assert agentops.update_trace_metadata({"bare": "b"}, prefix="")
        assert not agentops.update_trace_metadata({"d": {}})
        assert not agentops.update_trace_metadata({})
    (root,) = recording.spans(SpanKind.SESSION)
    assert root.attributes == {
        "trace.metadata.user": "u1",
        "trace.metadata.n": 3,
        "trace.metadata.ok": True,
        "trace.metadata.l": '["a",1]',
        "agent.name": "writer",
        "mine.k": 1.5,
        "bare": "b",
    }
    assert [each.tags for each in recording.sessions()] == [["x"]]
    warnings = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert warnings == ["metadata 'd' was left out: pass text, a number, a switch, or a list of these"] * 2
    assert not agentops.update_trace_metadata({"user": "u1"})


def test_states_of_traces_are_those_of_spans() -> None:
    """`TraceState` says OpenTelemetry's status, and prints as its name."""
    assert [(str(state), state.to_status_code().name) for state in TraceState] == [
        ("SUCCESS", "OK"),
        ("ERROR", "ERROR"),
        ("UNSET", "UNSET"),
    ]
    assert tuple(TraceState) == (agentops.SUCCESS, agentops.ERROR, agentops.UNSET)
