"""What is answered to OTLP is in the form of the question."""

import json
from typing import Any

import pytest
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from otlp_samples import JSON, PROTOBUF

from agentops.collector.otlp.decoding import Signal
from agentops.collector.otlp.refusals import Refusals
from agentops.collector.otlp.replies import encode_reply, tell_problem
from agentops.collector.problems import RequestError

CASES = [
    (Signal.TRACES, ExportTraceServiceResponse, "rejected_spans", "rejectedSpans"),
    (Signal.LOGS, ExportLogsServiceResponse, "rejected_log_records", "rejectedLogRecords"),
    (Signal.METRICS, ExportMetricsServiceResponse, "rejected_data_points", "rejectedDataPoints"),
]


@pytest.mark.parametrize(("signal", "kind", "name", "json_name"), CASES)
def test_what_was_refused_is_told_as_partial_success(signal: Signal, kind: Any, name: str, json_name: str) -> None:
    """With its number and the reasons."""
    refusals = Refusals({"no time": 2, "no name": 1})
    body, content_type = encode_reply(signal, refusals, PROTOBUF)
    told = kind.FromString(body).partial_success
    assert (content_type, getattr(told, name), told.error_message) == (PROTOBUF, 3, "2 with no time; 1 with no name")
    body, content_type = encode_reply(signal, refusals, "application/json; charset=utf-8")
    partial = {json_name: "3", "errorMessage": "2 with no time; 1 with no name"}
    assert (content_type, json.loads(body)) == (JSON, {"partialSuccess": partial})


@pytest.mark.parametrize("signal", list(Signal))
def test_a_request_that_was_taken_whole_has_an_empty_answer(signal: Signal) -> None:
    """Partial success is left out, as the specification asks."""
    assert encode_reply(signal, Refusals(), PROTOBUF) == (b"", PROTOBUF)
    assert encode_reply(signal, Refusals(), JSON) == (b"{}", JSON)


def test_an_error_is_a_status() -> None:
    """With the status of HTTP and what else the answer says; also to a content type that nobody reads."""
    error = RequestError(413, "too_large", "too large", headers={"Connection": "close"})
    told = tell_problem(error, "/v1/traces", {"content-type": PROTOBUF})
    assert Status.FromString(told.encoded()) == Status(code=8, message="too large")
    assert (told.status, told.media_type, told.headers) == (413, PROTOBUF, {"Connection": "close"})
    for asked in (JSON, "text/plain"):
        told = tell_problem(error, "/v1/traces", {"content-type": asked})
        assert (json.loads(told.encoded()), told.media_type) == ({"code": 8, "message": "too large"}, JSON)
