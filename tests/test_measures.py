"""`agentops.metrics()`: what became of what there was to record."""

import json
from pathlib import Path

import pytest
from dirty_equals import IsFloat, IsPartialDict
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

import agentops
from agentops.domain.metrics import Metrics, Recording


@agentops.tool
def work() -> int:
    """Something that is recorded."""
    return 1


class Refusing(SpanExporter):
    """An exporter that never takes anything."""

    def export(self, spans: object) -> SpanExportResult:
        """Refuse."""
        raise ConnectionError("nobody is there")


def test_before_init_there_is_nothing() -> None:
    """Asking starts nothing."""
    assert agentops.metrics() == Metrics()
    assert agentops.metrics().recording.success_rate == 1.0


def test_what_was_recorded_and_delivered_is_counted() -> None:
    """Spans, events, sessions and calls; a flush makes it exact."""
    agentops.init()
    with agentops.session("one"):
        for _ in range(10):
            work()
        agentops.record(agentops.ActionEvent(action_type="look"))
    with agentops.span("goes on"):
        assert agentops.flush()
        figures = agentops.metrics()
    assert figures.recording == Recording(spans_started=13, spans_ended=11, events_recorded=1)
    assert (figures.sessions.started, figures.sessions.active, figures.sessions.succeeded) == (2, 1, 1)
    assert (figures.calls.tool_calls, figures.calls.actions) == (10, 1)
    (local,) = figures.delivery
    assert (local.name, local.pending_bytes, local.pending_segments, local.failures, local.lag) == ("local", 0, 0, 0, 0)
    assert local.delivered > 12


def test_what_there_is_no_room_for_is_counted_at_once() -> None:
    """By reason; and in the success rate, once what there was room for has been read."""
    agentops.init(journal_limit=600_000)
    with agentops.session("one"):
        for _ in range(40):
            agentops.tool(lambda: "x" * 60_000)()
    figures = agentops.metrics().recording
    assert figures.dropped["journal full"] == figures.dropped_total > 0
    agentops.flush()
    assert 0 < agentops.metrics().recording.success_rate < 1


def test_a_destination_that_fails_lags_behind() -> None:
    """How much waits for it, how often it failed, and why."""
    agentops.init(exporter=Refusing())
    with agentops.session("one"):
        work()
    assert not agentops.flush()
    local, refusing = agentops.metrics().delivery
    assert (local.pending_bytes, local.last_error) == (0, None)
    assert (refusing.name, refusing.delivered, refusing.pending_segments) == ("exporter-0", 0, 1)
    assert refusing.failures == refusing.failures_in_row > 0
    assert refusing.pending_bytes > 0
    assert refusing.lag > 0
    assert refusing.last_error is not None
    assert "nobody is there" in refusing.last_error


def test_they_are_plain_values_too(data_directory: Path) -> None:
    """For a log or a health endpoint."""
    agentops.init()
    work()
    assert json.loads(json.dumps(agentops.metrics().as_dict())) == {
        "sessions": IsPartialDict(started=1, active=1, durations=IsPartialDict(count=0, p50=None)),
        "recording": IsPartialDict(dropped={}, success_rate=1.0),
        "delivery": [IsPartialDict(name="local", lag=IsFloat(ge=0))],
        "calls": IsPartialDict(tool_calls=1, cost="0"),
    }


def test_where_nothing_can_be_kept_that_is_told(data_directory: Path) -> None:
    """No journal can be made: sessions and calls are counted all the same, and what was lost is."""
    data_directory.parent.mkdir(exist_ok=True)
    data_directory.write_text("no folder")
    agentops.init()
    work()
    figures = agentops.metrics()
    assert (figures.calls.tool_calls, figures.delivery) == (1, ())
    assert figures.recording.dropped_total > 0
    assert figures.recording.success_rate == pytest.approx(0)
