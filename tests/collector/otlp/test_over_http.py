"""That OTLP over HTTP is taken in whichever form it comes, and answered in the same."""

import gzip
import zlib
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import zstandard
from google.protobuf.json_format import Parse
from google.protobuf.message import Message
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest, ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from otlp_samples import JSON, PROTOBUF, SESSION_ID, START, TRACE_ID, json_of, request_of, span
from server_samples import RunningServer, StartServer

from agentops.collector.access import Scope
from agentops.collector.access.keys import create_key
from agentops.collector.bodies import BodyLimits

FORMS = (PROTOBUF, JSON)
CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "identity": bytes,
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "zstd": zstandard.ZstdCompressor().compress,
}


def traces(*trace_ids: bytes) -> ExportTraceServiceRequest:
    """A request with a span of each of these traces."""
    return request_of(*(span(1, "look up", trace_id=trace_id) for trace_id in trace_ids or (TRACE_ID,)))


def logs(time: int = START) -> ExportLogsServiceRequest:
    """A request with a line."""
    request = ExportLogsServiceRequest()
    line = request.resource_logs.add().scope_logs.add().log_records.add()
    line.time_unix_nano, line.trace_id, line.body.string_value = time, TRACE_ID, "found"
    return request


def metrics(name: str = "calls") -> ExportMetricsServiceRequest:
    """A request with a point."""
    request = ExportMetricsServiceRequest()
    metric = request.resource_metrics.add().scope_metrics.add().metrics.add()
    metric.name = name
    point = metric.gauge.data_points.add()
    point.time_unix_nano, point.as_int = START, 3
    return request


def send(
    client: httpx.Client, path: str, request: Message, form: str, coding: str = "identity", **headers: str
) -> httpx.Response:
    """Send a request in a form, packed."""
    encoded = request.SerializeToString() if form == PROTOBUF else json_of(request)
    return client.post(
        path,
        content=CODINGS[coding](encoded),
        headers={"Content-Type": form, "Content-Encoding": coding} | headers,
    )


def told(answer: httpx.Response, form: str) -> tuple[int, str]:
    """The number and the words of an answer that tells of a problem, in this form."""
    assert answer.headers["content-type"].partition(";")[0] == form
    if form == JSON:
        problem = answer.json()
        assert set(problem) == {"code", "message"}
        return problem["code"], problem["message"]
    status = Status.FromString(answer.content)
    return status.code, status.message


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("form", FORMS)
def test_every_signal_is_taken_in_however_it_is_written_and_packed(
    server: RunningServer, form: str, coding: str
) -> None:
    """Spans, lines and points are there once they are acknowledged."""
    answers = [
        send(server.client, "/v1/traces", traces(), form, coding),
        send(server.client, "/v1/logs", logs(), form, coding),
        send(server.client, "/v1/metrics", metrics(), form, coding),
    ]
    nothing = b"{}" if form == JSON else b""
    assert [(answer.status_code, answer.content) for answer in answers] == [(200, nothing)] * 3
    assert {answer.headers["content-type"] for answer in answers} == {form}
    with server.store() as store:
        assert [span.name for span in store.spans(SESSION_ID)] == ["look up"]
        assert [line.body for line in store.logs(SESSION_ID)] == ["found"]
        assert [point.value for point in store.metric_points("calls")] == [3]


@pytest.mark.parametrize("path", ["/traces", "/v3/traces"])
def test_spans_are_taken_in_where_agentops_sent_them(server: RunningServer, path: str) -> None:
    """AgentOps 0.4 can be told to send them to these paths."""
    assert send(server.client, path, traces(), PROTOBUF).status_code == 200
    with server.store() as store:
        assert store.session(SESSION_ID) is not None


@pytest.mark.parametrize("form", FORMS)
def test_a_request_that_is_sent_again_counts_once(server: RunningServer, form: str) -> None:
    """Its second acknowledgement is that of the first."""
    for _ in range(2):
        for path, request in (("/v1/traces", traces()), ("/v1/logs", logs()), ("/v1/metrics", metrics())):
            assert send(server.client, path, request, form).status_code == 200
    with server.store() as store:
        assert (
            len(list(store.spans(SESSION_ID))) == len(list(store.logs(SESSION_ID))) == len(store.metric_points()) == 1
        )
    assert server.services.meters.records["points", True] == 1
    assert server.services.meters.records["points", False] == 1


@pytest.mark.parametrize("form", FORMS)
def test_what_cannot_be_taken_is_counted_and_told(server: RunningServer, form: str) -> None:
    """The rest of the request is taken."""
    answers = [
        send(server.client, "/v1/traces", traces(TRACE_ID, bytes(16), b"short"), form),
        send(server.client, "/v1/logs", logs(time=0), form),
        send(server.client, "/v1/metrics", metrics(name=""), form),
    ]
    replies: list[Any] = [ExportTraceServiceResponse(), ExportLogsServiceResponse(), ExportMetricsServiceResponse()]
    for answer, reply in zip(answers, replies, strict=True):
        assert answer.status_code == 200
        if form == JSON:
            Parse(answer.content, reply)
        else:
            reply.ParseFromString(answer.content)
        assert reply.partial_success.error_message
    assert [
        replies[0].partial_success.rejected_spans,
        replies[1].partial_success.rejected_log_records,
        replies[2].partial_success.rejected_data_points,
    ] == [2, 1, 1]
    assert server.services.meters.refused.total() == 4
    with server.store() as store:
        assert len(list(store.spans(SESSION_ID))) == 1


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("path", ["/v1/traces", "/v1/logs", "/v1/metrics"])
def test_what_is_no_request_is_refused_in_its_own_form(server: RunningServer, path: str, form: str) -> None:
    """Nobody should send it again."""
    answer = server.client.post(path, content=b"\xff{not", headers={"Content-Type": form})
    code, message = told(answer, form)
    assert (answer.status_code, code) == (400, 3)
    assert "body is no" in message


def test_a_type_that_is_none_of_otlp_is_refused(server: RunningServer) -> None:
    """The sender learns which there are."""
    answer = server.client.post("/v1/traces", content=b"a,b", headers={"Content-Type": "text/csv"})
    assert answer.status_code == 415
    assert PROTOBUF in told(answer, JSON)[1]


@pytest.mark.parametrize("form", FORMS)
def test_the_form_is_found_out_where_it_is_not_named(server: RunningServer, form: str) -> None:
    """A request without a content type is answered in the form that it has."""
    content = traces().SerializeToString() if form == PROTOBUF else json_of(traces())
    answer = server.client.post("/v1/traces", content=content)
    assert (answer.status_code, answer.headers["content-type"]) == (200, form)


@pytest.mark.parametrize("form", FORMS)
def test_limits_are_told_in_the_form_of_the_request(start_server: StartServer, form: str) -> None:
    """A body that is too large, and one that is packed in a way that nobody reads."""
    server = start_server(limits=BodyLimits(wire=1000, inflated=1 << 20))
    large = server.client.post("/v1/traces", content=b"x" * 1001, headers={"Content-Type": form})
    packed = server.client.post("/v1/traces", content=b"x", headers={"Content-Type": form, "Content-Encoding": "br"})
    assert (large.status_code, told(large, form)[0]) == (413, 8)
    assert (packed.status_code, told(packed, form)[0]) == (415, 3)


@pytest.mark.parametrize("form", FORMS)
def test_an_overload_is_told_in_the_form_of_the_request(server: RunningServer, form: str) -> None:
    """It says when to come again, and later the same request is taken."""
    load = server.services.load
    load.take(load.limit)
    refused = send(server.client, "/v1/traces", traces(), form)
    load.give_back(load.limit)
    assert (refused.status_code, refused.headers["retry-after"], told(refused, form)[0]) == (503, "1", 14)
    assert send(server.client, "/v1/traces", traces(), form).status_code == 200


@pytest.mark.parametrize("form", FORMS)
def test_who_may_not_send_is_told_so_in_the_form_of_the_request(start_server: StartServer, form: str) -> None:
    """Without a key, with one that is unknown, and with one that only reads."""
    server = start_server(keys={"team": "team-key"})
    nobody = send(server.client, "/v1/traces", traces(), form)
    stranger = send(server.client, "/v1/traces", traces(), form, Authorization="Bearer other")
    _, key = create_key(server.services.projects.catalog, "team", "wall", scopes=[Scope.READ])
    reader = send(server.client, "/v1/traces", traces(), form, Authorization=f"Bearer {key}")
    answers = (nobody, stranger, reader)
    assert [(answer.status_code, told(answer, form)[0]) for answer in answers] == [(401, 16), (401, 16), (403, 7)]
    assert nobody.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "header",
    ["X-Agentops-Api-Key: team-key", "Authorization: Bearer team-key", "Authorization: Basic dXNlcjp0ZWFtLWtleQ=="],
)
def test_the_key_says_whose_spans_they_are(start_server: StartServer, header: str) -> None:
    """They are in its project, and nowhere else, whatever they say of themselves."""
    server = start_server(keys={"team": "team-key", "other": "other-key"})
    name, _, value = header.partition(": ")
    assert send(server.client, "/v1/traces", traces(), PROTOBUF, **{name: value}).status_code == 200
    found: list[int] = []
    for project in ("team", "other", "default"):
        with server.store(project) as store:
            found.append(len(list(store.sessions())))
    assert found == [1, 0, 0]


def test_only_sending_is_possible(server: RunningServer) -> None:
    """There is nothing to be read where OTLP comes in."""
    answer = server.client.get("/v1/traces")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
