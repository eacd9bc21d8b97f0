"""What those see who keep a collector running: is it well, can it take anything in, how much does it do."""

import resource
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx
from prometheus_client.parser import text_string_to_metric_families
from server_samples import RunningServer, StartServer

from agentops.domain.ids import session_id_of
from agentops.domain.spans import DropRecord, SpanKind, SpanRecord
from agentops.store import LOCAL_STORE

SESSION = session_id_of(1)


def metrics(client: httpx.Client) -> dict[str, float]:
    """Every sample that is exposed, by its name and labels."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    return {
        sample.name + "".join(f" {name}={value}" for name, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_requests_are_counted_by_route_and_status(server: RunningServer) -> None:
    """With how long they took; what varies in a path makes no series of its own."""
    for number in range(3):
        server.client.get(f"/api/v1/sessions/{session_id_of(number + 1)}")
    server.client.get("/healthz")
    found = metrics(server.client)
    route = "GET /api/v1/sessions/{session_id}"
    assert found[f"agentops_requests_total route={route} status=404"] == 3
    assert found["agentops_requests_total route=GET /healthz status=200"] == 1
    assert found[f"agentops_request_seconds_count route={route}"] == 3
    assert found[f"agentops_request_seconds_bucket le=+Inf route={route}"] == 3
    assert found[f"agentops_request_seconds_sum route={route}"] > 0


def test_records_are_counted_as_new_or_known(server: RunningServer) -> None:
    """What is sent again shows as known, and what could not be read as refused."""
    span = {"traceId": "1" * 32, "spanId": "2" * 16, "name": "ask", "startTimeUnixNano": "1", "endTimeUnixNano": "2"}
    wrong = {**span, "spanId": ""}
    for _ in range(2):
        sent = {"resourceSpans": [{"scopeSpans": [{"spans": [span, wrong]}]}]}
        assert server.client.post("/v1/traces", json=sent).status_code == 200
    found = metrics(server.client)
    counted = {name: value for name, value in found.items() if name.startswith("agentops_records_total")}
    assert sum(value for name, value in counted.items() if "known=false" in name) >= 1
    assert sum(value for name, value in counted.items() if "known=true" in name) >= 1
    assert sum(value for name, value in found.items() if name.startswith("agentops_refused_records_total")) == 2


def test_the_store_and_the_process_are_measured(server: RunningServer) -> None:
    """Sizes, what the search index lacks, what programs dropped, memory and processor time."""
    with server.store() as store:
        store.ingest(
            [
                SpanRecord(session_id=SESSION, span_id="a" * 16, kind=SpanKind.TOOL, name="x", start=1, end=2),
                DropRecord(reason="journal full", count=7, time=1),
            ]
        )
    found = metrics(server.client)
    assert found["agentops_store_sessions"] == 1
    assert found["agentops_store_spans"] == 1
    assert found["agentops_drops_total reason=journal full"] == 7
    assert found["agentops_files_bytes"] >= found["agentops_store_bytes"] > 0
    assert {"agentops_store_unindexed", "agentops_load_bytes", "agentops_live_streams"} <= found.keys()
    assert found["process_resident_memory_bytes"] > 0
    assert found["process_cpu_seconds_total"] > 0


def test_metrics_need_a_key_where_keys_are_in_use(start_server: StartServer) -> None:
    """They say how busy a team is; whether the server is well, anybody may ask."""
    server = start_server(keys={"team": "a-key-of-the-team"})
    assert server.client.get("/metrics").status_code == 401
    assert server.client.get("/healthz").status_code == 200
    assert server.client.get("/readyz").status_code == 200
    with server.asking("a-key-of-the-team") as client:
        text = client.get("/metrics").text
    assert "team" not in text


@contextmanager
def full_disk() -> Generator[None]:
    """No file may grow any more."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_server_that_cannot_write_is_not_ready(server: RunningServer) -> None:
    """It says so, goes on answering questions, and is ready again when there is room, without a restart."""
    assert server.client.get("/api/v1/sessions").status_code == 200
    with full_disk():
        answer = server.client.get("/readyz")
        assert server.client.get("/healthz").status_code == 200
        assert server.client.get("/api/v1/sessions").status_code == 200
    assert answer.status_code == 503
    assert answer.json()["error"] == "store_unavailable"
    assert answer.headers["retry-after"] == "1"
    assert server.client.get("/readyz").status_code == 200


@contextmanager
def locked(path: Path) -> Generator[None]:
    """Another process keeps the file to itself."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.close()


def test_a_server_whose_file_is_kept_locked_is_not_ready(start_server: StartServer, data_directory: Path) -> None:
    """Nothing is acknowledged meanwhile; what is sent again afterwards is taken in."""
    server = start_server(patience=0.2)
    span = {"traceId": "1" * 32, "spanId": "2" * 16, "name": "ask", "startTimeUnixNano": "1", "endTimeUnixNano": "2"}
    sent = {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}
    with locked(data_directory / LOCAL_STORE):
        assert server.client.get("/readyz").status_code == 503
        assert server.client.post("/v1/traces", json=sent).status_code == 503
        assert server.client.get("/api/v1/sessions").json()["items"] == []
    assert server.client.get("/readyz").status_code == 200
    assert server.client.post("/v1/traces", json=sent).status_code == 200
    assert len(server.client.get("/api/v1/sessions").json()["items"]) == 1
