"""Of spans that one failure ended, the innermost counts."""

from typing import Any

from agentops.domain.failures import failure_of, failures_of, passed_on
from agentops.domain.spans import ErrorInfo, SpanKind, SpanRecord, SpanStatus
from agentops.domain.tellings import count

SESSION = "0a000000-0000-4000-8000-000000000001"


def failed(span_id: str, parent_id: str | None = None, message: str = "boom", **changes: Any) -> SpanRecord:
    """A span that ended by an error."""
    values: dict[str, Any] = {"kind": SpanKind.TOOL, "status": SpanStatus.ERROR, "counted_error": True, **changes}
    error = ErrorInfo(type="ValueError", message=message)
    return SpanRecord(session_id=SESSION, span_id=span_id, parent_id=parent_id, start=1, end=2, error=error, **values)


def test_a_failure_passes_from_span_to_the_span_around_it() -> None:
    """As long as type and message are the same; the counts follow."""
    spans = [failed("root"), failed("agent", "root"), failed("tool", "agent"), failed("other", "root", "late")]
    assert passed_on(failures_of(spans)) == {"root", "agent"}
    assert (count(spans).errors, count(spans).tool_calls) == (2, 4)


def test_what_is_no_counted_failure_passes_nothing_on() -> None:
    """A span still running, one that does not count its error or says nothing of it, and a recorded error."""
    silent = failed("a")
    silent.error = None
    others = [
        failed("a", status=SpanStatus.RUNNING),
        failed("a", counted_error=False),
        failed("a", event_type="errors"),
    ]
    assert [failure_of(span) for span in (silent, *others)] == [None] * 4


def test_a_failure_is_a_number_that_sqlite_holds() -> None:
    """Told apart by type and message, whatever they are made of."""
    messages = ["", "boom", "\0", "\udcff", "x" * 100_000]
    found = [failure_of(failed("a", message=message)) for message in messages]
    assert len(set(found)) == len(messages)
    assert all(number is not None and -(2**63) <= number < 2**63 for number in found)


def test_a_span_that_is_its_own_parent_keeps_its_failure() -> None:
    """Broken ids lose nothing."""
    assert passed_on(failures_of([failed("a", "a")])) == set()
