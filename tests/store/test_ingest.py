"""What goes into the store comes out of it, once, and counted right."""

from decimal import Decimal

import pytest
from store_samples import (
    SECOND,
    START,
    by_start,
    counts_of,
    expected_counts,
    llm_span,
    running,
    said,
    session_of,
    table_sizes,
    tool_span,
    whole_span,
)

from agentops.domain.genai import Response, Usage
from agentops.domain.ids import new_session_id
from agentops.domain.spans import AgentRecord, DropRecord, SessionRecord, SpanKind, SpanRecord, SpanStatus
from agentops.errors import UnknownSessionError
from agentops.store.protocol import Acknowledgement, SessionFilter, SessionSummary
from agentops.store.sqlite import SqliteStore

SESSION = "0a000000-0000-4000-8000-000000000001"


def test_a_span_comes_back_as_it_went_in(store: SqliteStore) -> None:
    """Every field, with its messages and tool definitions."""
    record = whole_span(SESSION)
    assert store.ingest([record]) == Acknowledgement(new=1, known=0)
    assert list(store.spans(SESSION)) == [record]


def test_the_record_that_was_given_is_left_as_it_was(store: SqliteStore) -> None:
    """Other destinations read the same record."""
    record, same = whole_span(SESSION), whole_span(SESSION)
    same.span_id, same.parent_id = record.span_id, record.parent_id
    store.ingest([record])
    assert record == same


def test_a_span_given_twice_is_kept_and_counted_once(store: SqliteStore) -> None:
    """A batch whose acknowledgement was lost comes again."""
    records = [llm_span(SESSION, 1), tool_span(SESSION, 2)]
    store.ingest(records)
    before = store.find(SESSION)
    assert store.ingest([*records, *records]) == Acknowledgement(new=0, known=4)
    assert store.find(SESSION) == before
    assert list(store.spans(SESSION)) == records


def test_a_running_span_counts_when_it_ends(store: SqliteStore) -> None:
    """It is seen before, and what only its beginning carried is kept."""
    record = llm_span(SESSION)
    store.ingest([running(record)])
    assert counts_of(store.find(SESSION))["llm_calls"] == 0
    ended = llm_span(SESSION, span_id=record.span_id, request=None)
    assert store.ingest([ended]) == Acknowledgement(new=0, known=1)
    assert counts_of(store.find(SESSION)) == expected_counts([record])
    assert list(store.spans(SESSION)) == [record]


def test_a_late_beginning_changes_no_count_and_fills_in_what_was_missing(store: SqliteStore) -> None:
    """Records may come in any order."""
    record = llm_span(SESSION)
    store.ingest([llm_span(SESSION, span_id=record.span_id, request=None)])
    counts = counts_of(store.find(SESSION))
    store.ingest([running(record)])
    assert counts_of(store.find(SESSION)) == counts == expected_counts([record])
    assert list(store.spans(SESSION)) == [record]


def test_a_beginning_and_its_end_in_one_batch_are_one_span(store: SqliteStore) -> None:
    """The usual case of a span that was long enough to be seen running."""
    record = llm_span(SESSION)
    assert store.ingest([running(record), record]) == Acknowledgement(new=1, known=1)
    assert list(store.spans(SESSION)) == [record]


def test_spans_of_a_session_never_announced_are_kept(store: SqliteStore) -> None:
    """Its record may come later, from another process."""
    spans = session_of(3)
    session_id = spans[0].session_id
    store.ingest(spans)
    placeholder = store.find(session_id)
    assert (placeholder.state, placeholder.start, placeholder.name) == ("RUNNING", START, None)
    store.ingest([SessionRecord(session_id=session_id, name="late", start=START - SECOND)])
    assert (store.find(session_id).name, store.find(session_id).start) == ("late", START - SECOND)
    assert store.find(session_id).tool_calls == 3


def test_a_session_is_summed_up(store: SqliteStore) -> None:
    """Counts, tokens with cached and reasoning ones, exact cost, and how it ended."""
    spans = [
        llm_span(SESSION, 1),
        llm_span(SESSION, 2, kind=SpanKind.EMBEDDING, cost=None),
        tool_span(SESSION, 3, status=SpanStatus.ERROR, counted_error=True),
        tool_span(SESSION, 4, kind=SpanKind.ACTION),
        tool_span(SESSION, 5, kind=SpanKind.AGENT, status=SpanStatus.CANCELLED),
        tool_span(SESSION, 6, kind=SpanKind.ACTION, event_type="errors"),
    ]
    beginning = SessionRecord(
        session_id=SESSION, name="crew", start=START, tags=["a"], agents=[AgentRecord(id="1", name="researcher")]
    )
    end = SessionRecord(
        session_id=SESSION,
        state="SUCCEEDED",
        start=START,
        end=START + 9 * SECOND,
        end_state="Success",
        end_state_reason="done",
    )
    store.ingest([beginning, *spans, end], journal="one")
    assert store.find(SESSION) == SessionSummary(
        session_id=SESSION,
        name="crew",
        state="SUCCEEDED",
        start=START,
        end=START + 9 * SECOND,
        last=START + 9 * SECOND,
        duration=9.0,
        end_state="Success",
        end_state_reason="done",
        tags=["a"],
        agents=[AgentRecord(id="1", name="researcher")],
        spans=6,
        llm_calls=2,
        tool_calls=1,
        actions=1,
        errors=2,
        input_tokens=30,
        output_tokens=10,
        cost=Decimal("0.0000375"),
        unpriced=1,
    )
    assert counts_of(store.find(SESSION)) == expected_counts(spans)


def test_costs_add_up_exactly(store: SqliteStore) -> None:
    """Ten dimes are a dollar, and a part of a nano-dollar is not lost."""
    store.ingest([llm_span(SESSION, number, cost="0.1") for number in range(10)])
    store.ingest([llm_span(SESSION, 11, cost="1.25E-13"), llm_span(SESSION, 12, cost="no number")])
    assert store.find(SESSION).cost == Decimal("1.000000000000125")
    assert store.find(SESSION).unpriced == 1
    assert sum((total.cost or Decimal(0) for total in store.totals()), Decimal(0)) == Decimal("1.000000000000125")


def test_a_cost_that_nobody_knows_is_none(store: SqliteStore) -> None:
    """Unknown is not free."""
    store.ingest([llm_span(SESSION, cost=None)])
    assert store.find(SESSION).cost is None
    assert [total.cost for total in store.totals()] == [None]


def test_a_session_record_knows_what_all_its_processes_said(store: SqliteStore) -> None:
    """The earliest start, the tags and agents of all, and the host of the one that started it."""
    parent = SessionRecord(
        session_id=SESSION,
        name="crew",
        start=START,
        tags=["a", "b"],
        agents=[AgentRecord(id="1", name="researcher")],
        host_env={"os": "x"},
        entrypoint="crew.py",
        process_id=7,
    )
    child = SessionRecord(
        session_id=SESSION,
        start=START + SECOND,
        tags=["b", "c"],
        agents=[AgentRecord(id="2", name="writer")],
        host_env={"os": "y"},
        entrypoint="child.py",
        process_id=8,
        inherited=True,
    )
    store.ingest([parent], journal="parent")
    store.ingest([child], journal="child")
    assert store.session(SESSION) == SessionRecord(
        session_id=SESSION,
        name="crew",
        start=START,
        tags=["a", "b", "c"],
        agents=[AgentRecord(id="1", name="researcher"), AgentRecord(id="2", name="writer")],
        host_env={"os": "x"},
        entrypoint="crew.py",
        process_id=7,
    )


def test_a_process_may_replace_the_tags_it_gave(store: SqliteStore) -> None:
    """Those of other processes stay."""
    store.ingest([SessionRecord(session_id=SESSION, start=START, tags=["a", "b"])], journal="parent")
    store.ingest([SessionRecord(session_id=SESSION, start=START, tags=["c"], inherited=True)], journal="child")
    store.ingest([SessionRecord(session_id=SESSION, start=START, tags=["d"])], journal="parent")
    assert store.find(SESSION).tags == ["d", "c"]


def test_a_session_that_ended_stays_ended(store: SqliteStore) -> None:
    """A late record of its running does not open it again."""
    end = SessionRecord(session_id=SESSION, state="FAILED", start=START, end=START + 1, end_state="Fail")
    store.ingest([end])
    store.ingest([SessionRecord(session_id=SESSION, start=START, name="x")])
    assert (store.find(SESSION).state, store.find(SESSION).end, store.find(SESSION).name) == ("FAILED", START + 1, "x")


def test_a_message_sent_again_and_again_is_stored_once(store: SqliteStore) -> None:
    """Agents send the whole conversation with each call."""
    history = [said("system", "You are brief.")]
    spans: list[SpanRecord] = []
    for number in range(20):
        history = [*history, said("user", f"question {number}")]
        spans.append(llm_span(SESSION, number, asked=history))
    store.ingest(spans[:10])
    store.ingest(spans[10:])
    sizes = table_sizes(store.path)
    assert (sizes["messages"], sizes["session_messages"]) == (42, 42)  # system, 20 asked, 20 answered, the tools
    assert list(store.spans(SESSION)) == spans


def test_drops_are_counted_once(store: SqliteStore) -> None:
    """A drop of a known moment that comes again is the same; one without a moment always counts."""
    drop = DropRecord(reason="journal full", count=3, time=START)
    store.ingest([drop, drop], journal="one")
    assert store.ingest([drop], journal="one") == Acknowledgement(new=0, known=1)
    store.ingest([drop], journal="two")
    store.ingest([DropRecord(reason="damaged", count=1), DropRecord(reason="damaged", count=1)], journal="one")
    assert store.health().drops == [
        DropRecord(reason="damaged", count=2, time=0),
        DropRecord(reason="journal full", count=6, time=START),
    ]


def test_what_cannot_be_written_holds_up_nothing(store: SqliteStore) -> None:
    """A broken text is written as well as it can be, and numbers beyond all bounds are cut."""
    broken = tool_span(SESSION, 1, output="half a \ud83d pair", name="na\ud800me")
    huge = llm_span(SESSION, 2, start=-5, end=10**40, response=Response(usage=Usage(input=10**30)))
    store.ingest([broken, huge, tool_span(SESSION, 3), SessionRecord(session_id=SESSION, name="\udfff", start=10**40)])
    assert {record.output for record in store.spans(SESSION)} == {"half a ? pair", None, "fine"}
    assert (store.find(SESSION).name, store.find(SESSION).tool_calls) == ("?", 2)
    assert store.find(SESSION).input_tokens == 10**12


def test_a_span_that_no_json_can_hold_is_counted_as_dropped(store: SqliteStore) -> None:
    """The rest of its batch is kept."""
    store.ingest([tool_span(SESSION, 1, output=object()), tool_span(SESSION, 2)])
    assert [drop.count for drop in store.health().drops] == [1]
    assert store.find(SESSION).spans == 1


def test_sessions_come_latest_first_and_page_by_page(store: SqliteStore) -> None:
    """A page continues where the one before ended."""
    ids = [new_session_id() for _ in range(7)]
    store.ingest([SessionRecord(session_id=each, start=START + at) for at, each in enumerate(ids)])
    first = store.sessions(limit=4)
    rest = store.sessions(limit=4, before=first[-1].start)
    assert [each.session_id for each in (*first, *rest)] == ids[::-1]
    assert store.find("last").session_id == ids[-1]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (SessionFilter(), ["c", "b", "a"]),
        (SessionFilter(state="FAILED"), ["b"]),
        (SessionFilter(tag="x"), ["c", "a"]),
        (SessionFilter(name="b"), ["b"]),
        (SessionFilter(since=START + 1), ["c", "b"]),
        (SessionFilter(until=START + 2), ["b", "a"]),
        (SessionFilter(has_errors=True), ["a"]),
        (SessionFilter(has_errors=False, tag="x"), ["c"]),
        (SessionFilter(tag='" OR 1=1 --'), []),
    ],
)
def test_sessions_are_found_by_what_they_are(store: SqliteStore, where: SessionFilter, expected: list[str]) -> None:
    """Every given field must hold."""
    ids = [new_session_id() for _ in range(3)]
    store.ingest(
        [
            SessionRecord(session_id=ids[0], name="a", start=START, tags=["x", "y"]),
            SessionRecord(session_id=ids[1], name="b", start=START + 1, state="FAILED", end=START + 5),
            SessionRecord(session_id=ids[2], name="c", start=START + 2, tags=["x"]),
            tool_span(ids[0], counted_error=True, status=SpanStatus.ERROR),
        ]
    )
    assert [each.name for each in store.sessions(where)] == expected


@pytest.mark.parametrize("prefix", ["0a", "0A000000-0000", "0a00000000004000", SESSION, SESSION.replace("-", "")])
def test_a_session_is_found_by_the_beginning_of_its_id(store: SqliteStore, prefix: str) -> None:
    """With or without dashes, in upper or lower case."""
    store.ingest([SessionRecord(session_id=SESSION, start=START)])
    assert store.find(prefix).session_id == SESSION


@pytest.mark.parametrize("prefix", ["ff", "", "xyz", "%", "0a000000-0000-4000-8000-0000000000011"])
def test_a_session_that_is_not_there_is_said_not_to_be(store: SqliteStore, prefix: str) -> None:
    """Nothing is guessed."""
    store.ingest([SessionRecord(session_id=SESSION, start=START)])
    with pytest.raises(UnknownSessionError, match="no session's id begins with"):
        store.find(prefix)


def test_a_beginning_that_several_sessions_share_names_them(store: SqliteStore) -> None:
    """The user picks one."""
    other = SESSION[:-1] + "2"
    store.ingest([SessionRecord(session_id=each, start=START) for each in (SESSION, other)])
    with pytest.raises(UnknownSessionError, match=f"{SESSION}, {other}"):
        store.find("0a")


def test_an_empty_store_knows_no_session(store: SqliteStore) -> None:
    """Each question says so in its own way."""
    assert store.sessions() == []
    with pytest.raises(UnknownSessionError, match="no session has been recorded yet"):
        store.find("last")
    with pytest.raises(UnknownSessionError):
        store.session(SESSION)
    with pytest.raises(UnknownSessionError):
        next(store.spans(SESSION))
    assert store.ingest([]) == Acknowledgement(new=0, known=0)


def test_many_spans_come_back_whole_and_in_order(store: SqliteStore) -> None:
    """More than fit one page, several of them of one moment."""
    session_id = new_session_id()
    spans = [tool_span(session_id, number // 3) for number in range(1500)]
    store.ingest(spans[700:])
    store.ingest(spans[:700])
    assert list(store.spans(session_id)) == by_start(spans)
