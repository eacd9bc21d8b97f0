"""Logs over OTLP become what programs wrote in their sessions."""

from pathlib import Path
from typing import Any

import pytest
from opentelemetry.exporter.otlp.proto.common._log_encoder import encode_logs
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.logs.v1.logs_pb2 import SeverityNumber
from opentelemetry.sdk.resources import Resource
from otlp_samples import JSON, PROTOBUF, SESSION_ID, START, TRACE_ID, pairs_of, received, value_of

from agentops.collector.otlp.logs import read_logs
from agentops.delivery.otel_logs import readable_log
from agentops.domain.spans import ErrorInfo, LogRecord, LogSource, SessionRecord
from agentops.store.sqlite.store import SqliteStore

DAY = 86_400_000_000_000


def logs_of(*bodies: Any, service: str = "crew", scope: str = "app", **fields: Any) -> ExportLogsServiceRequest:
    """Lines of one scope as a request, all of one moment."""
    request = ExportLogsServiceRequest()
    group = request.resource_logs.add()
    group.resource.attributes.extend(pairs_of({"service.name": service}))
    scoped = group.scope_logs.add()
    scoped.scope.name = scope
    for body in bodies:
        scoped.log_records.add(**{"time_unix_nano": START, "trace_id": TRACE_ID, "body": value_of(body), **fields})
    return request


def lines_of(request: ExportLogsServiceRequest, form: str = PROTOBUF) -> list[LogRecord]:
    """The lines in a request."""
    return [each for each in read_logs(received(request, form))[0] if isinstance(each, LogRecord)]


def test_a_line_belongs_to_the_session_and_span_of_its_trace() -> None:
    """With its time, severity, logger, attributes and event."""
    request = logs_of(
        "hello",
        span_id=b"12345678",
        severity_number=SeverityNumber.SEVERITY_NUMBER_WARN2,
        severity_text="WARN",
        attributes=pairs_of({"a": 1}),
        event_name="greeted",
    )
    for form in (PROTOBUF, JSON):
        (line,) = lines_of(request, form)
        line.number = 0
        assert line == LogRecord(
            session_id=SESSION_ID,
            time=START,
            span_id=b"12345678".hex(),
            source=LogSource.LOGGING,
            severity=14,
            severity_text="WARN",
            body="hello",
            logger="app",
            attributes={"a": 1, "event.name": "greeted"},
        )


def test_a_body_of_structure_is_json() -> None:
    """A line is text, whatever it was."""
    assert [line.body for line in lines_of(logs_of({"a": [1, True]}, "x", 5))] == ['{"a":[1,true]}', "x", "5"]


SENT = [
    LogRecord(session_id=SESSION_ID, time=START, body="a\n"),
    LogRecord(session_id=SESSION_ID, time=START, body="a\n"),
    LogRecord(session_id=SESSION_ID, time=START, span_id="00000000000000bb", source=LogSource.STDERR, body="b\n"),
    LogRecord(
        session_id=SESSION_ID,
        time=START + 5,
        source=LogSource.LOGGING,
        severity=17,
        severity_text="ERROR",
        body="failed",
        logger="app.db",
        attributes={"code.function.name": "f"},
        error=ErrorInfo(type="ValueError", message="boom", stacktrace="Traceback"),
    ),
]


@pytest.mark.parametrize("form", [PROTOBUF, JSON])
def test_what_our_exporter_sent_is_read_back_in_order(form: str) -> None:
    """By the encoder of OpenTelemetry's own exporter; what our streams wrote has no logger of its own."""
    request = encode_logs([readable_log(line, Resource({"service.name": "crew"})) for line in SENT])
    found = sorted(lines_of(request, form), key=lambda line: (line.time, line.number))
    for line in found:
        line.number = 0
    assert found == SENT


def test_a_line_sent_twice_counts_once(tmp_path: Path) -> None:
    """Two that say the same at the same moment stay two; other services' lines are others."""
    request = logs_of("a", "a", "b")
    with SqliteStore(tmp_path / "agentops.db") as store:
        for each in (request, request, logs_of("a", "a", "b", service="other"), request):
            store.ingest(read_logs(received(each))[0])
        assert sorted(line.body for line in store.logs(SESSION_ID)) == ["a", "a", "a", "a", "b", "b"]


def test_lines_outside_of_traces_are_kept_in_a_session_of_their_service_and_day() -> None:
    """Deterministically: the same whenever and however often they come, and one session for each day."""
    first, second = logs_of("a", trace_id=b""), logs_of("b", trace_id=bytes(16), time_unix_nano=START + 1)
    tomorrow, other = logs_of("c", trace_id=b"", time_unix_nano=START + DAY), logs_of("d", trace_id=b"", service="x")
    found = [record for each in (first, second, tomorrow, other) for record in read_logs(received(each))[0]]
    sessions = [each for each in found if isinstance(each, SessionRecord)]
    assert [each.name for each in sessions] == ["crew 2025-11-20", "crew 2025-11-20", "crew 2025-11-21", "x 2025-11-20"]
    assert len({each.session_id for each in sessions}) == 3
    lines = [each for each in found if isinstance(each, LogRecord)]
    assert [each.session_id for each in lines] == [each.session_id for each in sessions]


def test_a_line_without_a_time_is_refused() -> None:
    """The time at which it was seen does as well."""
    records, refusals = read_logs(received(logs_of("a", time_unix_nano=0)))
    assert (records, refusals.message) == ([], "1 with no time")
    (line,) = lines_of(logs_of("a", time_unix_nano=0, observed_time_unix_nano=START))
    assert line.time == START
