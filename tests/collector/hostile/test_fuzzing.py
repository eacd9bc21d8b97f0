"""Requests that nobody thought of: made from the description, and by changing bytes of good ones."""

import json
import random
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
import schemathesis
from hostile_samples import CODINGS, FRAMES, JSON, PROTOBUF, SOAK, check_alive, check_outcome, packed
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec import Struct
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from schemathesis import checks
from schemathesis.specs.openapi import checks as openapi_checks
from server_samples import RunningServer, StartServer

from agentops.collector.openapi import describe
from agentops.collector.table import ROUTES
from agentops.domain.journal.requests import requests_of
from agentops.domain.spans import LogRecord, SessionRecord, SpanKind, SpanRecord

START = 1_780_000_000_000_000_000
KEY = "the key of the team"
DESCRIBED = describe(ROUTES)
OPERATIONS = [
    (method.upper(), path)
    for path, methods in DESCRIBED["paths"].items()
    for method in methods
    if not path.endswith("/live")
]
"""All but those whose answers do not end."""

EVERY_HEALTH_CHECK = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.function_scoped_fixture)
EXAMPLES = 25_000 // len(OPERATIONS) if SOAK else 8
MUTATIONS = 4000 if SOAK else 60
CHECKS: list[Any] = [
    getattr(checks, "not_a_server_error"),  # noqa: B009 - its types are not known
    *(
        getattr(openapi_checks, name)
        for name in ("status_code_conformance", "content_type_conformance", "response_schema_conformance")
    ),
]
FREELY = settings(
    max_examples=EXAMPLES,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=EVERY_HEALTH_CHECK,
    database=None,
)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("keys", [{}, {"team": KEY}], ids=["open", "with keys"])
def test_what_the_description_promises_holds(start_server: StartServer, keys: dict[str, str]) -> None:
    """Whatever is asked: every status, type and form of an answer is described, and none is a fault of the server."""
    server = start_server(keys=keys)
    schema: Any = schemathesis.openapi.from_url(f"{server.url}/openapi.json")
    asked = 0
    for method, path in OPERATIONS:
        operation = schema[path][method]

        @FREELY
        @given(case=operation.as_strategy(), shown=st.booleans())
        def ask(case: Any, shown: bool) -> None:  # noqa: FBT001 - hypothesis draws it
            nonlocal asked
            asked += 1
            headers = {"X-Agentops-Api-Key": KEY} if keys and shown else {}
            case.call_and_validate(base_url=server.url, headers=headers, checks=CHECKS, timeout=60)

        ask()
    assert asked >= len(OPERATIONS)
    check_alive(server)


for media_type in (FRAMES, PROTOBUF):
    schemathesis.serializer.alias(media_type, "application/octet-stream")


class Sample(Struct, frozen=True):
    """A good request."""

    path: str
    kind: str
    body: bytes


def traces() -> ExportTraceServiceRequest:
    """A request with spans of a dialect."""
    request = ExportTraceServiceRequest()
    scoped = request.resource_spans.add().scope_spans.add()
    for number in range(3):
        span = scoped.spans.add()
        span.trace_id, span.span_id, span.name = b"\1" * 16, bytes([number + 1]) * 8, "chat small"
        span.start_time_unix_nano, span.end_time_unix_nano = START, START + 1000
        for name, value in (
            ("gen_ai.operation.name", "chat"),
            ("gen_ai.request.model", "gpt-5"),
            ("gen_ai.input.messages", '[{"role":"user","parts":[{"type":"text","content":"hi"}]}]'),
        ):
            attribute = span.attributes.add()
            attribute.key, attribute.value.string_value = name, value
        usage = span.attributes.add()
        usage.key, usage.value.int_value = "gen_ai.usage.input_tokens", 10
        event = span.events.add()
        event.name, event.time_unix_nano = "exception", START
    return request


def logs() -> ExportLogsServiceRequest:
    """A request with a line."""
    request = ExportLogsServiceRequest()
    line = request.resource_logs.add().scope_logs.add().log_records.add()
    line.time_unix_nano, line.trace_id, line.body.string_value = START, b"\1" * 16, "said"
    return request


def metrics() -> ExportMetricsServiceRequest:
    """A request with points of several kinds."""
    request = ExportMetricsServiceRequest()
    scoped = request.resource_metrics.add().scope_metrics.add()
    number, histogram, exponential = (scoped.metrics.add(name=name) for name in ("a", "b", "c"))
    number.sum.data_points.add(time_unix_nano=START, as_int=3)
    histogram.histogram.data_points.add(
        time_unix_nano=START, count=1, sum=1.5, bucket_counts=[0, 1], explicit_bounds=[1]
    )
    point = exponential.exponential_histogram.data_points.add(time_unix_nano=START, count=1, scale=2)
    point.positive.bucket_counts.extend([1, 2, 3])
    return request


def frames() -> bytes:
    """A request of a journal's frames."""
    session_id = str(uuid4())
    span = SpanRecord(
        session_id=session_id, span_id="01" * 8, start=1, end=2, kind=SpanKind.TOOL, name="t", input={"a": 1}
    )
    records = [SessionRecord(session_id=session_id, start=1), span, LogRecord(session_id=session_id, time=1, body="l")]
    return next(iter(requests_of(records)))


EVENT = {
    "event_type": "llms",
    "id": "a",
    "session_id": str(uuid4()),
    "model": "gpt-5",
    "prompt": "p",
    "completion": "c",
}
EVENTS = {"events": [EVENT | {"prompt_tokens": 3, "init_timestamp": "2026-06-01T12:00:00Z"}]}
SPANS = {
    "resourceSpans": [
        {"scopeSpans": [{"spans": [{"traceId": "01" * 16, "spanId": "02" * 8, "name": "a", "attributes": [
            {"key": "k", "value": {"arrayValue": {"values": [{"intValue": "1"}, {"bytesValue": "AAE="}]}}}
        ]}]}]}
    ]
}  # fmt: skip
SAMPLES: dict[str, Callable[[], Sample]] = {
    "traces": lambda: Sample("/v1/traces", PROTOBUF, traces().SerializeToString()),
    "logs": lambda: Sample("/v1/logs", PROTOBUF, logs().SerializeToString()),
    "metrics": lambda: Sample("/v1/metrics", PROTOBUF, metrics().SerializeToString()),
    "traces of JSON": lambda: Sample("/v1/traces", JSON, json.dumps(SPANS).encode()),
    "events": lambda: Sample("/v2/create_events", JSON, json.dumps(EVENTS).encode()),
    "changes": lambda: Sample("/v2/update_events", JSON, json.dumps(EVENTS).encode()),
    "frames": lambda: Sample("/v2/frames", FRAMES, frames()),
    "written": lambda: Sample("/v4/logs/upload/", JSON, b'{"body":"2026-11-20 07:16:25,541 - INFO - a\\nb\\n"}'),
}


def mutated(chance: random.Random, data: bytes) -> bytes:
    """Some bytes of a body exchanged, doubled, moved or lost."""
    found = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(found) + 1)
        to = min(len(found), at + chance.choice((1, 1, 2, 4, 16)))
        match chance.randrange(5):
            case 0:
                found[at:to] = chance.randbytes(to - at)
            case 1:
                del found[at:to]
            case 2:
                found[at:at] = found[at:to] * chance.choice((1, 2, 100))
            case 3:
                found[at:to] = chance.choice((b"\0", b"\xff" * 4, b"\x80" * 10, b"}", b'"', b"[[", b"9" * 40, b"null"))
            case _:
                del found[chance.randrange(len(found) + 1) :]
        found = found or bytearray(b"\0")
    return bytes(found)


def send(server: RunningServer, sample: Sample, body: bytes, coding: str | None = None) -> httpx.Response:
    """What is answered to a body, packed or not."""
    headers = {"Content-Type": sample.kind, "Trace-Id": "01" * 16} | (
        {} if coding is None else {"Content-Encoding": coding}
    )
    return server.client.post(sample.path, content=body, headers=headers)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("make", SAMPLES.values(), ids=list(SAMPLES))
def test_no_changed_byte_is_a_fault_of_the_server(server: RunningServer, make: Callable[[], Sample]) -> None:
    """A good request is taken; one of which bytes were changed is refused, or taken as far as it can be read."""
    sample, seed = make(), random.randrange(1 << 32)
    assert send(server, sample, sample.body).status_code == 200
    chance = random.Random(seed)
    for _ in range(MUTATIONS):
        body = mutated(chance, sample.body)
        answer = send(server, sample, body)
        check_outcome(answer)
        assert answer.status_code in {200, 400, 413}, (seed, body, answer.text)
    check_alive(server)
    assert server.client.get("/api/v1/export", params={"format": "jsonl"}).status_code == 200


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("coding", CODINGS)
def test_no_changed_byte_of_a_packed_body_is_a_fault_of_the_server(server: RunningServer, coding: str) -> None:
    """However it was packed."""
    sample, seed = SAMPLES["events"](), random.randrange(1 << 32)
    good = packed(coding, sample.body)
    assert send(server, sample, good, coding).status_code == 200
    chance = random.Random(seed)
    for _ in range(MUTATIONS):
        answer = send(server, sample, mutated(chance, good), coding)
        check_outcome(answer)
        assert answer.status_code in {200, 400, 413}, (seed, answer.text)
    check_alive(server)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@settings(max_examples=MUTATIONS, suppress_health_check=EVERY_HEALTH_CHECK, database=None)
@given(number=st.integers(0, 2), name=st.text(min_size=1, max_size=20), value=VALUES)
def test_any_json_in_an_attribute_comes_back(server: RunningServer, number: int, name: str, value: Any) -> None:
    """As text of a model call, where dialects look into it; whatever it is, the session can be read and exported."""
    names = (name, "gen_ai.input.messages", "llm.input_messages.0.message.content")
    span = {"traceId": "03" * 16, "spanId": "04" * 8, "name": "chat", "startTimeUnixNano": "1", "endTimeUnixNano": "2"}
    attributes = [
        {"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}},
        {"key": names[number], "value": {"stringValue": json.dumps(value)}},
    ]
    body = {"resourceSpans": [{"scopeSpans": [{"spans": [span | {"attributes": attributes}]}]}]}
    answer = server.client.post("/v1/traces", content=json.dumps(body), headers={"Content-Type": JSON})
    assert answer.status_code == 200, answer.text
    session = f"/api/v1/sessions/{'03' * 16}"
    for path in (session, f"{session}/spans", f"{session}/messages", f"{session}/export?format=csv"):
        assert server.client.get(path).status_code == 200
