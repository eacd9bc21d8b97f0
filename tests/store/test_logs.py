"""What programs wrote is kept once, in order, and found and forgotten with its session."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from store_samples import START, check_integrity, table_sizes, tool_span

from agentops.domain.ids import new_session_id, new_span_id
from agentops.domain.spans import ErrorInfo, LogRecord, LogSource, SessionRecord
from agentops.errors import UnknownSessionError
from agentops.store.protocol import Acknowledgement, LogFilter
from agentops.store.sqlite import SqliteStore


def line(session_id: str, number: int, body: str = "", **changes: Any) -> LogRecord:
    """The line of this number."""
    return LogRecord(
        session_id=session_id, time=START + number, number=number, body=body or f"line {number}\n", **changes
    )


def whole_line(session_id: str) -> LogRecord:
    """A record with every field set."""
    return line(
        session_id,
        7,
        "it \x1b[31mfailed\x1b[0m\n",
        span_id=new_span_id(),
        source=LogSource.LOGGING,
        severity=17,
        severity_text="ERROR",
        logger="crew.mail",
        attributes={"code.line.number": 3, "order": {"id": 4}},
        error=ErrorInfo(type="ValueError", message="no", stacktrace="at line 1"),
    )


def test_a_record_comes_back_as_it_was(store: SqliteStore) -> None:
    """Every field of it."""
    session_id = new_session_id()
    records = [line(session_id, 1), whole_line(session_id)]
    assert store.ingest(records) == Acknowledgement(new=2, known=0)
    assert list(store.logs(session_id)) == records


def test_a_record_that_comes_again_is_there_once(store: SqliteStore) -> None:
    """Also where part of a batch is new."""
    session_id = new_session_id()
    store.ingest([line(session_id, 1), line(session_id, 2)])
    assert store.ingest([line(session_id, 2), line(session_id, 3)]) == Acknowledgement(new=1, known=1)
    assert [record.number for record in store.logs(session_id)] == [1, 2, 3]


@given(st.permutations(range(12)), st.integers(1, 12))
def test_records_come_by_time_in_whatever_order_they_came(order: list[int], size: int) -> None:
    """And in whatever batches."""
    from tempfile import TemporaryDirectory  # noqa: PLC0415 - a folder for each example

    session_id = new_session_id()
    with TemporaryDirectory() as folder, SqliteStore(Path(folder) / "s.db", closing_budget=0) as store:
        for start in range(0, len(order), size):
            store.ingest([line(session_id, number) for number in order[start : start + size]])
        assert list(store.logs(session_id)) == [line(session_id, number) for number in range(12)]


def test_a_session_known_only_by_its_lines_is_a_session(store: SqliteStore) -> None:
    """It began and was last heard of with them."""
    session_id = new_session_id()
    store.ingest([line(session_id, 9), line(session_id, 4)])
    summary = store.find(session_id)
    assert (summary.start, summary.last, summary.spans) == (START + 4, START + 9, 0)
    assert store.prune(before=START + 9) == 0
    assert store.prune(before=START + 10) == 1


def test_lines_are_filtered_by_span_source_and_severity(store: SqliteStore) -> None:
    """All that is given must hold; streams have no severity."""
    session_id, span_id = new_session_id(), new_span_id()
    out = line(session_id, 1, span_id=span_id)
    err = line(session_id, 2, source=LogSource.STDERR)
    info = line(session_id, 3, source=LogSource.LOGGING, severity=9, span_id=span_id)
    error = line(session_id, 4, source=LogSource.LOGGING, severity=17)
    store.ingest([out, err, info, error])

    def found(**wanted: Any) -> list[LogRecord]:
        return list(store.logs(session_id, LogFilter(**wanted)))

    assert found(span_id=span_id) == [out, info]
    assert found(source=LogSource.STDERR) == [err]
    assert found(severity=9) == [info, error]
    assert found(severity=13) == [error]
    assert found(span_id=span_id, severity=17) == []


def test_many_lines_are_read_page_by_page(store: SqliteStore) -> None:
    """None is missed or given twice at the seams, where several have one time."""
    session_id = new_session_id()
    records = [LogRecord(session_id=session_id, time=START, number=number, body="x\n") for number in range(1500)]
    store.ingest(records)
    assert [record.number for record in store.logs(session_id)] == list(range(1500))


def test_a_session_that_is_not_there_is_said_not_to_be(store: SqliteStore) -> None:
    """As for its spans."""
    with pytest.raises(UnknownSessionError):
        next(store.logs(new_session_id()))


def test_changes_follow_what_is_written(store: SqliteStore) -> None:
    """From a cursor on, of all sessions or of one."""
    one, other = new_session_id(), new_session_id()
    store.ingest([line(one, 1), line(other, 2)])
    _, now = store.log_changes(-1)
    store.ingest([line(one, 3), line(other, 4)])
    assert [record.number for record in store.log_changes(0)[0]] == [1, 2, 3, 4]
    assert [record.number for record in store.log_changes(now)[0]] == [3, 4]
    assert [record.number for record in store.log_changes(0, session_id=other)[0]] == [2, 4]
    first, cursor = store.log_changes(0, limit=3)
    rest, end = store.log_changes(cursor, limit=3)
    assert [record.number for record in (*first, *rest)] == [1, 2, 3, 4]
    assert store.log_changes(end) == ([], end)


def test_lines_are_counted(store: SqliteStore) -> None:
    """What was written at once is one record of several lines."""
    session_id = new_session_id()
    store.ingest([line(session_id, 1, "a\nb\nc\n"), line(session_id, 2, "half"), line(session_id, 3, " a line\n")])
    assert store.count_lines(session_id) == 5
    assert store.count_lines(new_session_id()) == 0


@pytest.mark.parametrize("indexed", [True, False])
def test_what_was_written_is_found(store: SqliteStore, *, indexed: bool) -> None:
    """Before and after it is indexed, at the span it was written in, colours or not."""
    session_id = new_session_id()
    span = tool_span(session_id)
    inside = whole_line(session_id)
    inside.span_id = span.span_id
    store.ingest(
        [SessionRecord(session_id=session_id, name="crew", start=START), span, inside, line(session_id, 8, "bye bye\n")]
    )
    if indexed:
        assert store.index()
    assert [(hit.span_id, hit.span_name) for hit in store.search("IT FAILED")] == [(span.span_id, "search")]
    assert [hit.span_id for hit in store.search("crew.mail")] == [span.span_id]
    assert [hit.span_id for hit in store.search("valueerror: no")] == [span.span_id]
    assert [(hit.span_id, hit.span_name, hit.start) for hit in store.search("bye")] == [("", "crew", START + 8)]


@pytest.mark.parametrize("indexed", [True, False])
def test_a_session_goes_with_all_its_lines(store: SqliteStore, *, indexed: bool) -> None:
    """Nothing is left in any table, nor in the index."""
    session_id = new_session_id()
    store.ingest([line(session_id, number) for number in range(1200)])
    if indexed:
        assert store.index()
    assert store.delete([session_id]) == 1
    assert store.search("line") == []
    store.close()
    assert {table: rows for table, rows in table_sizes(store.path).items() if rows} == {}
    assert check_integrity(store.path) == "ok"


def test_what_no_text_can_hold_is_kept_as_far_as_it_can(store: SqliteStore) -> None:
    """Lone surrogates become question marks; a null character stays."""
    session_id = new_session_id()
    store.ingest([line(session_id, 1, "a\udcffb\0c\n", logger="\ud800", source=LogSource.LOGGING)])
    (record,) = store.logs(session_id)
    assert (record.body, record.logger) == ("a?b\0c\n", "?")
