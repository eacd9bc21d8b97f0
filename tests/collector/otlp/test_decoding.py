"""Both forms say the same, and whatever is no request is refused in one way."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Status
from otlp_samples import JSON, PROTOBUF, json_of, pairs_of, read, request_of, span, spans_in

from agentops.collector.otlp.decoding import MalformedError, Signal, decode
from agentops.collector.otlp.logs import read_logs
from agentops.collector.otlp.metrics import read_metrics
from agentops.collector.otlp.traces import read_traces
from agentops.domain import wire
from agentops.domain.spans import LogRecord

STATUSES = [Status.STATUS_CODE_UNSET, Status.STATUS_CODE_OK, Status.STATUS_CODE_ERROR]
READERS: dict[Signal, Any] = {Signal.TRACES: read_traces, Signal.LOGS: read_logs, Signal.METRICS: read_metrics}

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
numbers = st.integers(-(2**63), 2**63 - 1)
times = st.integers(0, 2**64 - 1)
values = st.recursive(
    texts | st.booleans() | numbers | st.floats() | st.binary(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
names = st.sampled_from(
    [
        "gen_ai.operation.name",
        "gen_ai.request.model",
        "gen_ai.input.messages",
        "gen_ai.usage.input_tokens",
        "agentops.span.kind",
        "agentops.span.status",
        "agentops.tags",
        "agentops.session.end_state",
        "llm.token_count.prompt",
        "error.type",
        "exception.type",
        "log.iostream",
        "session.id",
        "thread.name",
        "user.id",
        "enduser.id",
    ]
)
attributes = st.dictionaries(names | texts, values | st.sampled_from(["chat", "tool", "m", "stdout"]), max_size=5)
ids = st.binary(max_size=3) | st.binary(min_size=8, max_size=8) | st.binary(min_size=16, max_size=16)


@st.composite
def trace_requests(draw: st.DrawFn) -> ExportTraceServiceRequest:
    """Requests of traces with anything in them."""
    spans = [
        span(number, draw(texts), draw(attributes), parent=draw(st.sampled_from([None, 1, 2])), start=draw(times))
        for number in range(draw(st.integers(0, 3)))
    ]
    for each in spans:
        each.trace_id, each.end_time_unix_nano = draw(ids), draw(times)
        each.status.CopyFrom(Status(code=draw(st.sampled_from(STATUSES)), message=draw(texts)))
        for said in draw(st.lists(attributes, max_size=2)):
            event = each.events.add(name=draw(st.sampled_from(["exception", "x"])), time_unix_nano=draw(times))
            event.attributes.extend(pairs_of(said))
        if draw(st.booleans()):
            each.links.add(trace_id=draw(ids), span_id=draw(ids))
    return request_of(*spans, scope=draw(texts), resource=draw(attributes))


styles = st.fixed_dictionaries({"names_as_in_protobuf": st.booleans(), "numbered_enums": st.booleans()})


@given(trace_requests(), styles)
def test_a_trace_reads_the_same_in_both_forms(request: ExportTraceServiceRequest, style: dict[str, bool]) -> None:
    """Names in either case, enums by number or name, 64-bit numbers as strings; and records can be written."""
    body = json_of(request, **style)
    found = read_traces(decode(Signal.TRACES, request.SerializeToString(), PROTOBUF))
    assert read_traces(decode(Signal.TRACES, body, JSON)) == found
    for record in found[0]:
        wire.encode(record)


@st.composite
def log_requests(draw: st.DrawFn) -> ExportLogsServiceRequest:
    """Requests of logs with anything in them."""
    request = ExportLogsServiceRequest()
    group = request.resource_logs.add()
    group.resource.attributes.extend(pairs_of(draw(attributes)))
    scoped = group.scope_logs.add()
    for _ in range(draw(st.integers(0, 3))):
        line = scoped.log_records.add(time_unix_nano=draw(times), trace_id=draw(ids), span_id=draw(ids))
        line.severity_number = draw(st.integers(0, 24))  # pyright: ignore[reportAttributeAccessIssue] - an enum is a number
        line.severity_text, line.event_name = draw(texts), draw(texts)
        line.attributes.extend(pairs_of(draw(attributes)))
        line.body.CopyFrom(pairs_of({"body": draw(values)})[0].value)
    return request


@given(log_requests())
def test_a_log_reads_the_same_in_both_forms(request: ExportLogsServiceRequest) -> None:
    """Lines, with their bodies of any type."""
    found = read_logs(decode(Signal.LOGS, request.SerializeToString(), PROTOBUF))
    assert read_logs(decode(Signal.LOGS, json_of(request), JSON)) == found
    for record in found[0]:
        wire.encode(record)
        assert not isinstance(record, LogRecord) or -(2**63) <= record.number < 2**63


@given(
    st.sampled_from(list(Signal)),
    st.binary(max_size=200) | st.text().map(lambda text: text.encode("utf-8", "replace")),
    st.sampled_from([PROTOBUF, JSON, "", "text/plain", "application/json; charset=utf-8"]),
)
@example(Signal.TRACES, b"[" * 100_000, JSON)
@example(Signal.TRACES, b'{"x":' + b"[" * 100_000, JSON)
@example(Signal.TRACES, b'{"resource_spans":' + b'{"a":' * 100_000, JSON)
@example(Signal.TRACES, b"\x0a\xff\xff\xff\xff\x0f", PROTOBUF)
@example(Signal.TRACES, b"\x0a\x7f" * 50, PROTOBUF)
@example(Signal.LOGS, b'{"resourceLogs": NaN}', JSON)
@example(Signal.LOGS, b'{"resourceLogs": [{"resource": "x"}]}', JSON)
@example(Signal.TRACES, b'{"resourceSpans": "\\ud800"}', JSON)
@example(Signal.TRACES, b"\xff\xfe{", JSON)
@example(Signal.METRICS, b'{"resourceMetrics": [{"scopeMetrics": [{"metrics": [{"sum": 1e999}]}]}]}', JSON)
def test_no_body_does_more_than_be_refused(signal: Signal, body: bytes, content_type: str) -> None:
    """It is a request, or there is one kind of error, with a short reason."""
    assert len(refusal_of(signal, body, content_type)) < 300


def refusal_of(signal: Signal, body: bytes, content_type: str) -> str:
    """Why a body is refused; empty where it is read, and everything in it can be written."""
    try:
        received = decode(signal, body, content_type)
    except MalformedError as error:
        return str(error)
    for record in READERS[signal](received)[0]:
        wire.encode(record)
    return ""


mutations = st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=6)


@given(trace_requests(), mutations, st.sampled_from([PROTOBUF, JSON]))
def test_a_damaged_request_does_no_more_than_be_refused(
    request: ExportTraceServiceRequest, changes: list[tuple[int, int]], form: str
) -> None:
    """Whatever bytes of a good request are changed."""
    body = bytearray(request.SerializeToString() if form == PROTOBUF else json_of(request))
    for position, byte in changes:
        if body:
            body[position % len(body)] = byte
    assert len(refusal_of(Signal.TRACES, bytes(body), form)) < 300


@pytest.mark.parametrize(("levels", "reason"), [(30, ""), (100, ""), (100_000, "the JSON is nested too deeply")])
def test_values_of_any_depth_are_bounded_or_refused(levels: int, reason: str) -> None:
    """No depth of nesting exhausts the stack."""
    value = '{"arrayValue": {"values": [' * levels + '{"stringValue": "end"}' + "]}}" * levels
    attribute = f'{{"key": "deep", "value": {value}}}'
    body = f'{{"resourceSpans": [{{"resource": {{"attributes": [{attribute}]}}}}]}}'.encode()
    assert refusal_of(Signal.TRACES, body, JSON) == reason


def test_json_of_other_exporters_is_read() -> None:
    """Nulls, unknown fields, upper-case ids, numbers where strings are usual, ids that are no text of digits."""
    nothing: dict[str, Any] = {}
    body: Any = {
        "resourceSpans": [
            {
                "resource": None,
                "schemaUrl": "x",
                "scopeSpans": [
                    {
                        "scope": None,
                        "spans": [
                            {
                                "traceId": "0102030405060708090A0B0C0D0E0F10",
                                "spanId": "00000000000000FF",
                                "parentSpanId": None,
                                "name": "x",
                                "kind": "SPAN_KIND_CLIENT",
                                "startTimeUnixNano": 5,
                                "endTimeUnixNano": "9",
                                "attributes": [
                                    {"key": "a", "value": {"intValue": 3}},
                                    {"key": "b"},
                                    {"key": "c", "value": nothing},
                                ],
                                "events": None,
                                "links": None,
                                "status": {"code": "STATUS_CODE_ERROR"},
                                "unknown": [{"deep": nothing}],
                            },
                            {"traceId": "01 02", "spanId": "zz", "name": "bad"},
                        ],
                    },
                    {"scope": nothing, "spans": None},
                ],
            },
            {"scopeSpans": None},
        ]
    }
    records, refusals = read_traces(decode(Signal.TRACES, json.dumps(body).encode(), JSON))
    (found,) = spans_in(records)
    assert refusals.count == 1
    assert (found.session_id, found.span_id) == ("01020304-0506-0708-090a-0b0c0d0e0f10", "00000000000000ff")
    assert (found.parent_id, found.start, found.end) == (None, 5, 9)
    assert (found.attributes, found.status) == ({"a": 3, "b": None, "c": None}, "error")


@pytest.mark.parametrize(("content_type", "form"), [("", PROTOBUF), ("", JSON), ("Application/JSON; charset=x", JSON)])
def test_the_content_type_or_else_the_first_byte_tells_the_form(content_type: str, form: str) -> None:
    """Clients that say nothing of what they send are understood."""
    request = request_of(span(2, "x"))
    body = request.SerializeToString() if form == PROTOBUF else json_of(request)
    assert read_traces(decode(Signal.TRACES, body, content_type))[0] == read(request)


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "x" * 5000])
def test_other_content_types_are_refused(content_type: str) -> None:
    """With the two that there are in the reason."""
    with pytest.raises(MalformedError, match="application/x-protobuf or application/json"):
        decode(Signal.TRACES, b"", content_type)


@pytest.mark.parametrize("signal", list(Signal))
@pytest.mark.parametrize(("body", "form"), [(b"", PROTOBUF), (b"{}", JSON)])
def test_an_empty_request_is_one(signal: Signal, body: bytes, form: str) -> None:
    """Exporters ask so whether somebody listens."""
    assert READERS[signal](decode(signal, body, form))[0] == []
