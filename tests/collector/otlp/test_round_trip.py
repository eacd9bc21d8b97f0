"""What agentops itself sends over OTLP is read back as what was recorded."""

from typing import Any

import pytest
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.resources import Resource
from otlp_samples import JSON, PROTOBUF, START, read, received, spans_in

from agentops.collector.otlp.traces import read_traces
from agentops.delivery.otel_spans import readable_span
from agentops.domain.genai import Message, Reasoning, Request, Response, Text, Tool, ToolCall, ToolResult, Usage
from agentops.domain.spans import (
    AgentRecord,
    ErrorInfo,
    SessionRecord,
    SpanEvent,
    SpanKind,
    SpanLink,
    SpanRecord,
    SpanStatus,
)

SESSION = "0a000000-0000-4000-8000-000000000001"
OURS = Resource({"telemetry.sdk.name": "agentops", "service.name": "crew"})


def recorded(kind: SpanKind, name: str, **fields: Any) -> SpanRecord:
    """A span as the recorder makes it."""
    values: dict[str, Any] = {"parent_id": "00000000000000aa", "start": START, "end": START + 1_000_000_000}
    return SpanRecord(session_id=SESSION, span_id="00000000000000bb", kind=kind, name=name, **{**values, **fields})


CALL = recorded(
    SpanKind.LLM,
    "chat gpt-4o",
    source="openai",
    first_token=START + 250_000_000,
    cost="0.0125",
    agent_id="a1",
    agent_name="ada",
    thread="MainThread",
    attributes={"custom": 1},
    request=Request(
        operation="chat",
        provider="openai",
        model="gpt-4o",
        server_address="api.openai.com",
        stream=True,
        parameters={"temperature": 0.5, "max_tokens": 9, "stop_sequences": ["x"]},
        tools=[Tool("f", "does", {"type": "object"})],
        messages=[
            Message("system", [Text("Be brief.")]),
            Message("user", [Text("Weather?")]),
            Message("assistant", [Reasoning("hm", "sig"), ToolCall("f", {"a": [1]}, "c1")]),
            Message("tool", [ToolResult({"rain": True}, "c1")]),
        ],
    ),
    response=Response(
        id="r1",
        model="gpt-4o-2024-08-06",
        messages=[Message("assistant", [Text("Rain.")], finish_reason="stop")],
        finish_reasons=["stop"],
        usage=Usage(input=40, cache_read=60, output=15, reasoning=5),
    ),
)
ERROR = ErrorInfo(type="ValueError", message="boom", stacktrace="Traceback", status_code=429)
SPANS = [
    CALL,
    recorded(SpanKind.TOOL, "search", input={"q": ["x"]}, output="fine", event_type="tools"),
    recorded(SpanKind.TOOL, "search", input="x", status=SpanStatus.ERROR, error=ERROR, counted_error=True),
    recorded(SpanKind.AGENT, "ada", input={"goal": 1}, output=[1, 2], agent_id="a1", agent_name="ada"),
    recorded(SpanKind.WORKFLOW, "crew", input="go", output={"done": True}),
    recorded(SpanKind.TASK, "step", events=[SpanEvent(name="note", time=START + 5, attributes={"a": "b"})]),
    recorded(SpanKind.ACTION, "click", event_type="actions", attributes={"event.action_type": "click"}),
    recorded(SpanKind.GUARDRAIL, "safe", output={"ok": True}, attributes={"agentops.guardrail.spec": "input"}),
    recorded(SpanKind.RETRIEVAL, "docs", input="q", output=[{"id": 1}]),
    recorded(SpanKind.TASK, "gave up", status=SpanStatus.CANCELLED),
    recorded(SpanKind.TASK, "linked", links=[SpanLink(trace_id="0b" * 16, span_id="0c" * 8)]),
    recorded(
        SpanKind.EMBEDDING,
        "embeddings m",
        source="openai",
        request=Request(operation="embeddings", provider="openai", model="m", input=["a", "b"]),
        response=Response(model="m", usage=Usage(input=4), output={"count": 2}),
    ),
]


@pytest.mark.parametrize("form", [PROTOBUF, JSON])
@pytest.mark.parametrize("span", SPANS, ids=lambda span: f"{span.kind} {span.name}")
def test_a_span_that_our_exporter_sent_is_read_back_the_same(span: SpanRecord, form: str) -> None:
    """In every kind and status, by the encoder of OpenTelemetry's own exporter."""
    records, refusals = read_traces(received(encode_spans([readable_span(span, OURS)]), form))
    assert (spans_in(records), refusals.count) == ([span], 0)


def test_the_session_of_a_sent_root_is_read_back() -> None:
    """By its name, its times and how it ended; the agents of its spans are its agents."""
    root = recorded(SpanKind.SESSION, "crew", parent_id=None, status=SpanStatus.ERROR, error=ERROR, counted_error=True)
    root.span_id = "00000000000000aa"
    records = read(encode_spans([readable_span(CALL, OURS), readable_span(root, OURS)]))
    (session,) = [each for each in records if isinstance(each, SessionRecord)]
    assert (session.session_id, session.name, session.start, session.end) == (SESSION, "crew", root.start, root.end)
    assert (session.state, session.end_state, session.end_state_reason) == ("FAILED", "Fail", "boom")
    assert session.agents == [AgentRecord(id="a1", name="ada")]
    assert spans_in(records) == [CALL, root]
