"""What a process left running when it died is ended in its name."""

from store_samples import SECOND, START, llm_span, running, tool_span

from agentops.domain.ids import new_session_id
from agentops.domain.spans import SessionRecord, SpanKind, SpanStatus
from agentops.store.sqlite import SqliteStore

AT = START + 60 * SECOND


def test_running_spans_end_as_interrupted_and_count(store: SqliteStore) -> None:
    """At the last sign of life of their process, and with what they had recorded."""
    session_id = new_session_id()
    call = running(llm_span(session_id, 1))
    store.ingest([SessionRecord(session_id=session_id, start=START), call, tool_span(session_id, 2)], journal="dead")
    assert store.interrupt("dead", at=AT) == 1
    cut = next(span for span in store.spans(session_id) if span.span_id == call.span_id)
    assert (cut.status, cut.end, cut.request) == (SpanStatus.INTERRUPTED, AT, call.request)
    assert (store.find(session_id).llm_calls, store.find(session_id).unpriced) == (1, 1)


def test_its_session_becomes_indeterminate_and_says_where_it_died(store: SqliteStore) -> None:
    """The reason names the innermost span."""
    session_id = new_session_id()
    root = running(tool_span(session_id, 0, kind=SpanKind.SESSION, name="crew"))
    agent = running(tool_span(session_id, 1, kind=SpanKind.AGENT, name="researcher", parent_id=root.span_id))
    tool = running(tool_span(session_id, 2, name="search_web", parent_id=agent.span_id))
    store.ingest([SessionRecord(session_id=session_id, start=START), root, agent, tool], journal="dead")
    assert store.interrupt("dead", at=AT) == 3
    summary = store.find(session_id)
    assert (summary.state, summary.end, summary.interrupted, summary.end_state, summary.end_state_reason) == (
        "INDETERMINATE",
        AT,
        True,
        "Indeterminate",
        "interrupted: the process ended in tool 'search_web' without ending the session",
    )


def test_it_happens_once(store: SqliteStore) -> None:
    """Two adopters, or one that was killed between, change nothing more."""
    session_id = new_session_id()
    store.ingest([SessionRecord(session_id=session_id, start=START), running(tool_span(session_id))], journal="dead")
    store.interrupt("dead", at=AT)
    before = (store.find(session_id), list(store.spans(session_id)))
    assert store.interrupt("dead", at=AT + SECOND) == 0
    assert (store.find(session_id), list(store.spans(session_id))) == before


def test_other_processes_and_sessions_that_ended_are_left_alone(store: SqliteStore) -> None:
    """A session that it only joined goes on, and one that it ended stays as it ended."""
    joined, ended, elsewhere = (new_session_id() for _ in range(3))
    store.ingest([SessionRecord(session_id=joined, start=START)], journal="alive")
    store.ingest(
        [
            SessionRecord(session_id=joined, start=START, inherited=True),
            SessionRecord(session_id=ended, start=START, state="SUCCEEDED", end=AT, end_state="Success"),
        ],
        journal="dead",
    )
    store.ingest([running(tool_span(joined)), running(tool_span(elsewhere))], journal="alive")
    assert store.interrupt("dead", at=AT) == 0
    assert store.interrupt("never heard of", at=AT) == 0
    assert (store.find(joined).state, store.find(elsewhere).state) == ("RUNNING", "RUNNING")
    assert (store.find(ended).state, store.find(ended).interrupted) == ("SUCCEEDED", False)


def test_an_end_that_is_found_later_replaces_the_interruption(store: SqliteStore) -> None:
    """Another process that took part ended the session after all."""
    session_id = new_session_id()
    span = tool_span(session_id)
    store.ingest([SessionRecord(session_id=session_id, start=START), running(span)], journal="dead")
    store.interrupt("dead", at=AT)
    end = SessionRecord(session_id=session_id, state="SUCCEEDED", start=START, end=START + SECOND, end_state="Success")
    store.ingest([span, end], journal="dead")
    summary = store.find(session_id)
    assert (summary.state, summary.end, summary.end_state_reason, summary.interrupted) == (
        "SUCCEEDED",
        START + SECOND,
        None,
        False,
    )
    assert (list(store.spans(session_id)), summary.tool_calls) == ([span], 1)
