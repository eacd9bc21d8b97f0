"""What the spans of a session add up to."""

from agentops.cli.tallies import tally
from agentops.domain.spans import ErrorInfo, SpanRecord, SpanStatus


def test_a_failure_that_passed_through_spans_is_one_error() -> None:
    """As it is in the counts of the session."""
    error = ErrorInfo(type="TimeoutError", message="late")
    spans = [
        SpanRecord(
            session_id="s", span_id=own, parent_id=outer, status=SpanStatus.ERROR, error=error, counted_error=True
        )
        for own, outer in (("a", None), ("b", "a"), ("c", "b"))
    ]
    assert tally(spans).errors == {"TimeoutError": 1}
