"""What was written leaves as OpenTelemetry's log records, linked to its span, where its variables ask for that."""

import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from delivery_samples import SESSION, START, tool_span
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.sdk._logs import ReadableLogRecord
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter

from agentops.delivery.destination import DeliveryError
from agentops.delivery.otlp import ExporterDestination
from agentops.delivery.otlp_logs import is_asked_for, log_of, open_log_exporter
from agentops.domain.spans import DropRecord, ErrorInfo, LogRecord, LogSource, Record

TRACE = int(SESSION.replace("-", ""), 16)


def exported(*records: Record) -> Sequence[ReadableLogRecord]:
    """What an exporter gets."""
    exporter = InMemoryLogRecordExporter()
    ExporterDestination(lambda: exporter, resource={"service.name": "crew"}, convert=log_of).deliver(records)
    return exporter.get_finished_logs()


def test_a_line_is_a_log_record_of_its_span() -> None:
    """Its body is the line, its scope ours, and which stream it was is an attribute."""
    line = LogRecord(
        session_id=SESSION, time=START, span_id="00000000000000ff", source=LogSource.STDERR, body="\x1b[31mno\x1b[0m\n"
    )
    (log,) = exported(tool_span(), line)
    record = log.log_record
    assert (record.trace_id, record.span_id, int(record.trace_flags or 0)) == (TRACE, 0xFF, 1)
    assert (record.timestamp, record.observed_timestamp) == (START, START)
    assert (record.body, record.severity_text, record.severity_number and record.severity_number.value) == (
        "\x1b[31mno\x1b[0m",
        None,
        0,
    )
    assert record.attributes == {"session.id": SESSION, "log.iostream": "stderr"}
    assert log.instrumentation_scope is not None
    assert (log.instrumentation_scope.name, log.resource.attributes["service.name"]) == ("agentops", "crew")


def test_a_logged_record_keeps_level_logger_and_exception() -> None:
    """By the names of the conventions."""
    logged = LogRecord(
        session_id=SESSION,
        time=START,
        source=LogSource.LOGGING,
        severity=17,
        severity_text="ERROR",
        body="it failed",
        logger="crew.mail",
        attributes={"code.line.number": 3, "order": {"id": 4}},
        error=ErrorInfo(type="ValueError", message="no", stacktrace="at line 1"),
    )
    (log,) = exported(logged)
    record = log.log_record
    assert (record.span_id, record.severity_text, record.severity_number and record.severity_number.name) == (
        0,
        "ERROR",
        "ERROR",
    )
    assert record.attributes == {
        "session.id": SESSION,
        "code.line.number": 3,
        "order": '{"id":4}',
        "exception.type": "ValueError",
        "exception.message": "no",
        "exception.stacktrace": "at line 1",
    }
    assert log.instrumentation_scope is not None
    assert log.instrumentation_scope.name == "crew.mail"


def test_ids_that_opentelemetry_has_not_are_counted_as_dropped() -> None:
    """The others leave."""
    drops: list[DropRecord] = []
    exporter = InMemoryLogRecordExporter()
    destination = ExporterDestination(lambda: exporter, convert=log_of, on_drop=drops.append)
    destination.deliver(
        [
            LogRecord(session_id=SESSION, time=START, span_id="no id", body="a"),
            LogRecord(session_id=SESSION, time=START, body="b"),
        ]
    )
    assert [log.log_record.body for log in exporter.get_finished_logs()] == ["b"]
    assert drops == [DropRecord(reason="no OpenTelemetry ids", count=1)]


@pytest.mark.parametrize(
    ("environ", "captured", "expected"),
    [
        ({}, True, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x"}, True, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x"}, False, False),
        ({"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": "http://x"}, False, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://x"}, True, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x", "OTEL_LOGS_EXPORTER": "none"}, True, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x", "OTEL_LOGS_EXPORTER": "console, otlp"}, False, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x", "OTEL_LOGS_EXPORTER": "console"}, True, False),
        ({"OTEL_LOGS_EXPORTER": "otlp"}, True, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x", "OTEL_SDK_DISABLED": "TRUE"}, True, False),
    ],
)
def test_opentelemetrys_variables_say_whether_logs_leave(
    environ: Mapping[str, str], *, captured: bool, expected: bool
) -> None:
    """One that names logs weighs more than one for everything."""
    assert is_asked_for(environ, captured=captured) is expected


def test_an_exporter_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that it can be."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "grpc")
    with pytest.raises(DeliveryError, match="install opentelemetry-exporter-otlp-proto-grpc"):
        open_log_exporter()


Collected = list[tuple[str, bytes]]


@pytest.fixture(name="collected")
def collect(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collected]:
    """What a collector on this machine was sent: paths and bodies; the environment names it."""
    received: Collected = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's word
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    yield received
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_programs_output_reaches_a_collector_over_http(collected: Collected, tmp_path: Path) -> None:
    """As OTLP, through OpenTelemetry's own exporter, with the span it was written in."""
    program = tmp_path / "program.py"
    program.write_text(
        "import agentops, logging\n"
        "agentops.init(capture_logs=True)\n"
        "with agentops.span('work', kind='tool') as span:\n"
        "    print('working')\n"
        "    logging.getLogger('crew').error('not %s', 'well')\n"
        "print(span.span_id)\n"
    )
    done = subprocess.run([sys.executable, str(program)], capture_output=True, text=True, check=True, timeout=60)
    span_id = done.stdout.split()[-1]
    bodies = [body for path, body in collected if path == "/v1/logs"]
    logs = [
        (scope.scope.name, log.body.string_value, log.severity_number, log.span_id.hex())
        for body in bodies
        for resource in ExportLogsServiceRequest.FromString(body).resource_logs
        for scope in resource.scope_logs
        for log in scope.log_records
    ]
    assert ("agentops", "working", 0, span_id) in logs
    assert ("crew", "not well", 17, span_id) in logs
    assert "agentops failed" not in done.stderr
