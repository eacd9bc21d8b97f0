"""Spans leave as OpenTelemetry spans with GenAI semantic conventions, through any exporter."""

import json
import os
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from delivery_samples import SECOND, SESSION, START, llm_span, tool_span
from dirty_equals import IsPartialDict
from opentelemetry import context as otel_context
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind as OtelKind
from opentelemetry.trace import StatusCode

from agentops.config import otlp_requested
from agentops.delivery.destination import DeliveryError
from agentops.delivery.otlp import ExporterDestination, open_otlp_exporter
from agentops.domain.conventions import attributes_of, span_name
from agentops.domain.genai import Media, Message, Reasoning, Tool, ToolCall, ToolResult, Usage
from agentops.domain.spans import (
    DropRecord,
    ErrorInfo,
    Record,
    SessionRecord,
    SpanEvent,
    SpanKind,
    SpanLink,
    SpanRecord,
    SpanStatus,
)


def exported(*records: Record) -> Sequence[ReadableSpan]:
    """What an exporter gets."""
    exporter = InMemorySpanExporter()
    ExporterDestination(lambda: exporter, resource={"service.name": "crew"}).deliver(records)
    return exporter.get_finished_spans()


def test_a_model_call_says_everything_under_the_names_of_the_conventions() -> None:
    """Token counts include cached and reasoning ones, messages are JSON."""
    record = llm_span(cost="0.00021", agent_name="researcher", parent_id="00000000000000aa", source="openai")
    assert record.request is not None
    assert record.response is not None
    record.request.parameters = {"temperature": 0.5, "max_completion_tokens": 9, "stop": "END", "n": 2, "odd": object}
    record.request.tools = [Tool(name="search", description="looks", parameters={"type": "object"})]
    record.request.stream = True
    record.response.usage = Usage(input=10, cache_read=5, cache_write=1, output=3, reasoning=2)
    (span,) = exported(record)
    assert span.name == "chat gpt-4o-mini"
    assert span.kind is OtelKind.CLIENT
    assert span.attributes == {
        "agentops.span.kind": "llm",
        "agentops.span.status": "ok",
        "agentops.entity.name": "chat gpt-4o-mini",
        "agentops.cost.usd": 0.00021,
        "session.id": SESSION,
        "gen_ai.conversation.id": SESSION,
        "gen_ai.agent.name": "researcher",
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "gpt-4o-mini",
        "gen_ai.request.stream": True,
        "gen_ai.request.temperature": 0.5,
        "gen_ai.request.max_tokens": 9,
        "gen_ai.request.stop_sequences": ["END"],
        "gen_ai.request.choice.count": 2,
        "gen_ai.response.id": "r-1",
        "gen_ai.response.model": "gpt-4o-mini",
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.response.time_to_first_chunk": 0.25,
        "gen_ai.usage.input_tokens": 16,
        "gen_ai.usage.output_tokens": 5,
        "gen_ai.usage.cache_read.input_tokens": 5,
        "gen_ai.usage.cache_creation.input_tokens": 1,
        "gen_ai.usage.cache_write.input_tokens": 1,
        "gen_ai.usage.reasoning.output_tokens": 2,
        "gen_ai.tool.definitions": (
            '[{"type":"function","name":"search","description":"looks","parameters":{"type":"object"}}]'
        ),
        "gen_ai.input.messages": '[{"role":"user","parts":[{"type":"text","content":"question"}]}]',
        "gen_ai.output.messages": (
            '[{"role":"assistant","parts":[{"type":"text","content":"answer"}],"finish_reason":"stop"}]'
        ),
    }


def test_ids_times_and_surroundings_are_those_of_the_record() -> None:
    """The session id is the trace id."""
    record = tool_span(
        span_id="00000000000000ff",
        parent_id="00000000000000aa",
        source="somewhere",
        events=[SpanEvent(name="retry", time=START + 5, attributes={"n": 1})],
        links=[SpanLink(trace_id="1" * 32, span_id="2" * 16)],
    )
    (span,) = exported(record)
    assert span.context is not None
    assert span.parent is not None
    assert (span.context.trace_id, span.context.span_id) == (int(SESSION.replace("-", ""), 16), 0xFF)
    assert (span.parent.trace_id, span.parent.span_id) == (span.context.trace_id, 0xAA)
    assert span.context.trace_flags.sampled
    assert (span.start_time, span.end_time) == (START, START + SECOND // 2)
    assert [(event.name, event.timestamp, event.attributes) for event in span.events] == [
        ("retry", START + 5, {"n": 1})
    ]
    assert [link.context.span_id for link in span.links] == [0x2222222222222222]
    assert span.resource.attributes["service.name"] == "crew"
    assert span.instrumentation_scope is not None
    assert span.instrumentation_scope.name == "somewhere"


@pytest.mark.parametrize(
    ("record", "name", "expected"),
    [
        (
            tool_span(),
            "execute_tool search",
            {
                "gen_ai.operation.name": "execute_tool",
                "gen_ai.tool.name": "search",
                "gen_ai.tool.call.arguments": '{"query":"weather"}',
                "gen_ai.tool.call.result": "fine",
            },
        ),
        (
            tool_span(kind=SpanKind.AGENT, name="researcher", agent_id="7"),
            "invoke_agent researcher",
            {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.id": "7", "agentops.entity.output": "fine"},
        ),
        (
            tool_span(kind=SpanKind.WORKFLOW, name="crew"),
            "invoke_workflow crew",
            {"gen_ai.operation.name": "invoke_workflow", "gen_ai.workflow.name": "crew"},
        ),
        (tool_span(kind=SpanKind.SESSION, name="run"), "run", {"agentops.session.name": "run"}),
        (tool_span(kind=SpanKind.TASK, name="plan"), "plan", {"agentops.entity.input": '{"query":"weather"}'}),
        (tool_span(attributes={"a": [1, 2], "b": {"c": 1}, "d": 2**70, "session.id": "x"}), "execute_tool search",
            {"a": [1, 2], "b": '{"c":1}', "d": str(2**70), "session.id": SESSION}),
    ],
)  # fmt: skip
def test_every_kind_of_span_has_its_name_and_attributes(
    record: SpanRecord, name: str, expected: dict[str, Any]
) -> None:
    """Own attributes are added, and replace none of ours."""
    assert (span_name(record), attributes_of(record)) == (name, IsPartialDict(expected))


def test_message_parts_take_the_shape_of_the_conventions_schemas() -> None:
    """Tool results have a response, media are files or addresses."""
    record = llm_span()
    assert record.request is not None
    record.request.messages = [
        Message(
            role="tool",
            parts=[
                ToolResult(result={"degrees": 3}, id="c1"),
                ToolCall(name="search", arguments={"q": 1}, id="c2"),
                Reasoning(content="hm"),
                Media(modality="image", uri="https://example.invalid/a.png"),
                Media(modality="document", file_id="f1", mime_type="application/pdf"),
            ],
        )
    ]
    (message,) = json.loads(attributes_of(record)["gen_ai.input.messages"])
    assert message["parts"] == [
        {"type": "tool_call_response", "id": "c1", "response": {"degrees": 3}},
        {"type": "tool_call", "name": "search", "arguments": {"q": 1}, "id": "c2"},
        {"type": "reasoning", "content": "hm"},
        {"type": "uri", "modality": "image", "uri": "https://example.invalid/a.png"},
        {"type": "file", "modality": "document", "file_id": "f1", "mime_type": "application/pdf"},
    ]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (SpanStatus.OK, StatusCode.UNSET),
        (SpanStatus.CANCELLED, StatusCode.UNSET),
        (SpanStatus.INCOMPLETE, StatusCode.UNSET),
        (SpanStatus.INTERRUPTED, StatusCode.ERROR),
        (SpanStatus.ERROR, StatusCode.ERROR),
    ],
)
def test_only_what_failed_has_the_status_of_an_error(status: SpanStatus, expected: StatusCode) -> None:
    """Giving up and not reading on are no errors."""
    (span,) = exported(tool_span(status=status))
    assert span.status.status_code is expected


def test_an_error_comes_with_its_exception() -> None:
    """As an event, as the conventions have it."""
    error = ErrorInfo(type="RateLimitError", message="slow down", status_code=429, stacktrace="at line 1")
    (span,) = exported(tool_span(status=SpanStatus.ERROR, error=error))
    assert span.attributes == IsPartialDict({"error.type": "RateLimitError", "http.response.status_code": 429})
    assert span.status.description == "slow down"
    assert [(event.name, event.attributes) for event in span.events] == [
        (
            "exception",
            {
                "exception.type": "RateLimitError",
                "exception.message": "slow down",
                "exception.stacktrace": "at line 1",
            },
        )
    ]


def test_the_span_of_a_session_tells_of_its_tags() -> None:
    """The last that were said of it before the span ended; spans inside it do not repeat them."""
    told = [SessionRecord(session_id=SESSION, tags=tags) for tags in (["draft"], ["draft", "paid"], None)]
    root = SpanRecord(session_id=SESSION, span_id="00000000000000aa", kind=SpanKind.SESSION, start=1, end=9)
    inner = SpanRecord(session_id=SESSION, span_id="00000000000000ab", parent_id=root.span_id, start=2, end=3)
    found = [span.attributes or {} for span in exported(*told, inner, root)]
    assert [attributes.get("agentops.tags") for attributes in found] == [None, ["draft", "paid"]]
    assert root.attributes == {}


def test_only_spans_that_ended_are_exported() -> None:
    """Not the running ones, not sessions, not drops."""
    exporter = InMemorySpanExporter()
    destination = ExporterDestination(lambda: exporter)
    destination.deliver(
        [
            SessionRecord(session_id=SESSION),
            tool_span(status=SpanStatus.RUNNING, end=None),
            DropRecord(reason="full", count=1),
        ]
    )
    assert exporter.get_finished_spans() == ()
    destination.deliver([tool_span()])
    assert len(exporter.get_finished_spans()) == 1
    destination.close(1)


def test_spans_without_opentelemetry_ids_are_counted_as_dropped() -> None:
    """They hold up nothing."""
    drops: list[DropRecord] = []
    exporter = InMemorySpanExporter()
    destination = ExporterDestination(lambda: exporter, on_drop=drops.append)
    destination.deliver([tool_span(session_id="no id"), tool_span(span_id="neither"), tool_span()])
    assert len(exporter.get_finished_spans()) == 1
    assert (destination.dropped, [drop.count for drop in drops]) == (2, [1, 1])


class Failing(SpanExporter):
    """Fails in one way or another."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.suppressed: list[object] = []

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Fail."""
        self.suppressed.append(otel_context.get_value("suppress_instrumentation"))
        if self.error is not None:
            raise self.error
        return SpanExportResult.FAILURE


@pytest.mark.parametrize("error", [None, RuntimeError("its own mistake"), OSError()])
def test_an_exporter_that_fails_is_offered_the_spans_again_and_at_last_they_are_given_up(
    error: Exception | None,
) -> None:
    """It cannot say that it will never take them, and the journal cannot wait for ever."""
    drops: list[DropRecord] = []
    exporter = Failing(error)
    destination = ExporterDestination(lambda: exporter, attempts=3, on_drop=drops.append)
    for _ in range(2):
        with pytest.raises(DeliveryError):
            destination.deliver([tool_span(), tool_span()])
    destination.deliver([tool_span(), tool_span()])
    assert [drop.count for drop in drops] == [2]
    assert destination.dropped == 2
    assert exporter.suppressed == [True] * 3
    assert otel_context.get_value("suppress_instrumentation") is None


class CollectorServer(HTTPServer):
    """Remembers what it was sent: paths and bodies."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Collector)
        self.received: list[tuple[str, bytes]] = []


class Collector(BaseHTTPRequestHandler):
    """Takes OTLP in."""

    def do_POST(self) -> None:
        """Keep what was sent."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        assert isinstance(self.server, CollectorServer)
        self.server.received.append((self.path, body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name http.server gives it
        """Say nothing."""


@pytest.fixture
def collector() -> Iterator[CollectorServer]:
    """An OTLP collector on the loopback interface."""
    server = CollectorServer()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_opentelemetrys_own_exporter_takes_them_over_http(
    collector: CollectorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where its own environment variables say."""
    assert not otlp_requested(os.environ)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{collector.server_port}")
    monkeypatch.setenv("OTEL_SERVICE_NAME", "crew")
    assert otlp_requested(os.environ)
    destination = ExporterDestination(open_otlp_exporter)
    destination.deliver([tool_span(), llm_span()])
    destination.close(5)
    ((path, body),) = collector.received
    assert path == "/v1/traces"
    request = ExportTraceServiceRequest.FromString(body)
    (resource,) = request.resource_spans
    assert "crew" in [each.value.string_value for each in resource.resource.attributes if each.key == "service.name"]
    spans = [span for scope in resource.scope_spans for span in scope.spans]
    assert {span.name for span in spans} == {"execute_tool search", "chat gpt-4o-mini"}
    assert {span.trace_id.hex() for span in spans} == {SESSION.replace("-", "")}


def test_an_exporter_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """What to install is part of the message."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
    with pytest.raises(DeliveryError, match="install opentelemetry-exporter-otlp-proto-grpc"):
        open_otlp_exporter()
