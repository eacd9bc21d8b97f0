"""A session that waits for something to happen in it: nothing is written before, everything is right afterwards."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from opentelemetry import trace as otel
from opentelemetry.propagate import inject

import agentops
from agentops.domain.spans import SpanKind
from agentops.domain.states import SessionState
from agentops.errors import SessionStateError
from agentops.instrumentation.carried import as_text, captured
from agentops.recording.span import Span
from agentops.session.session import Session
from agentops.testing.recording import Recording


@agentops.tool
def work() -> int:
    """Something that is recorded."""
    return 1


def in_a_thread(call: Callable[[], object]) -> None:
    """Call something where nothing is current by context."""
    thread = threading.Thread(target=call)
    thread.start()
    thread.join()


USES: dict[str, Callable[[Session], Any]] = {
    "a decorated call": lambda _session: work(),
    "a block": lambda _session: agentops.span("step").__enter__(),
    "an event": lambda session: session.record(agentops.ActionEvent(action_type="look")),
    "a tag": lambda session: session.add_tags("a"),
    "other tags": lambda session: session.set_tags("a"),
    "an agent": lambda session: session.create_agent("a"),
    "an attribute of its span": lambda _session: otel.get_current_span().set_attribute("a", 1),
    "an exception in its span": lambda _session: otel.get_current_span().record_exception(ValueError()),
    "a program that is started": lambda _session: as_text(captured()),
    "a request to another service": lambda _session: agentops.inject(),
    "its end": lambda session: session.end(),
    "the end of its block": lambda session: session.close(ValueError()),
}


@pytest.mark.parametrize("use", USES)
def test_with_the_first_that_happens_it_is_a_session_like_any_other(use: str, recording: Recording) -> None:
    """It has begun when it was started, with the tags that it has, and its span is an ordinary one from then on."""
    session = recording.manager.wait("own", ["early"])
    root = session.telemetry.root
    assert (recording.records(), session.is_waiting, session.state) == ([], True, SessionState.RUNNING)
    USES[use](session)
    assert session.is_waiting is False
    (told,) = recording.sessions()
    assert (told.session_id, told.name, told.start) == (session.session_id, "own", session.started_at)
    assert (told.tags or [])[0] in {"early", "a"}
    assert type(root) is Span
    session.end()
    (span,) = recording.spans(SpanKind.SESSION)
    assert (span.span_id, span.name, span.parent_id) == (root.span_id, "own", None)
    assert span.end is not None
    assert told.start <= span.start < span.end


def test_what_is_recorded_is_under_its_span(recording: Recording) -> None:
    """The first call and every later one, here and in other threads."""
    session = recording.manager.wait("own")
    recording.manager.registry.default = session
    in_a_thread(work)
    work()
    in_a_thread(work)
    session.end("Success")
    assert recording.tree().splitlines()[0] == "session own"
    assert {span.parent_id for span in recording.spans(SpanKind.TOOL)} == {recording.spans(SpanKind.SESSION)[0].span_id}
    assert session.get_analytics()["Tool calls"] == 3


def test_looking_at_it_is_nothing_that_happens(recording: Recording) -> None:
    """Its id, counts and state, what is current, and the headers that others make of it."""
    session = recording.manager.wait("own")
    headers: dict[str, str] = {}
    inject(headers)
    assert headers["traceparent"].split("-")[1] == session.session_id.replace("-", "")
    assert otel.get_current_span().is_recording()
    assert (session.get_analytics()["Tool calls"], session.is_running) == (0, True)
    assert recording.manager.registry.current() is session
    assert recording.records() == []


def test_forgotten_it_leaves_no_trace(recording: Recording) -> None:
    """Nothing is written, nothing is current, and it cannot be started again."""
    session = recording.manager.wait("own")
    session.forget()
    session.end("Success")
    assert (recording.records(), recording.manager.registry.active()) == ([], [])
    assert not otel.get_current_span().is_recording()
    assert (session.state, recording.manager.tally.started) == (SessionState.INDETERMINATE, 0)
    with pytest.raises(SessionStateError):
        session.start()


def test_used_it_cannot_be_forgotten(recording: Recording) -> None:
    """What happened stays."""
    session = recording.manager.wait("own")
    work()
    session.forget()
    assert session.is_running
    assert recording.manager.registry.current() is session


def test_many_threads_at_once_write_it_down_once(recording: Recording) -> None:
    """Whoever comes first; the others go on."""
    for _ in range(20):
        session = recording.manager.wait("own")
        recording.manager.registry.default = session
        barrier = threading.Barrier(8)

        def call(barrier: threading.Barrier = barrier) -> None:
            barrier.wait()
            work()

        threads = [threading.Thread(target=call) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        session.end("Success")
        assert session.get_analytics()["Tool calls"] == 8
    assert len(recording.spans(SpanKind.SESSION)) == 20
    assert len(recording.spans(SpanKind.TOOL)) == 160
    assert recording.manager.tally.started == 20
