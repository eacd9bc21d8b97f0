"""What was recorded by strangers and is later read by others: in the log, in a spreadsheet, on a page."""

import csv
import io
from uuid import uuid4

import httpx
import pytest
from hostile_samples import JSON, connected, rest_of
from process_samples import server_process
from server_samples import RunningServer

from agentops.domain.spans import SessionRecord, SpanKind, SpanRecord

FORGED = "2026-11-20T15:10:00.123Z ERROR forged"
FORMULAS = ["=1+1", "+1+1", "-1+1", "@SUM(1)", "\t=1", "\r=1", '=HYPERLINK("http://evil.example")', "%0A=1", "\uff1d1"]
START = 1_780_000_000_000_000_000


def test_no_request_forges_a_line_of_the_log() -> None:
    """Not by its path, a header, a body, or what it says of itself; and no key is ever in it."""
    key = "a-key-that-nobody-may-read"
    with server_process("--log-level", "debug", AGENTOPS_SERVE_KEY=f"team={key}") as server:
        odd = f"\r\n{FORGED}\x1b[2J\u2028{FORGED}"
        good = {"X-Agentops-Api-Key": key, "Content-Type": JSON}
        with httpx.Client(base_url=server.url, trust_env=False) as client:
            client.get(f"/api/v1/sessions/%0d%0a{FORGED}", headers=good)
            client.get("/api/v1/sessions", params={"tag": odd, odd: "1"}, headers=good)
            client.post("/v2/developer_errors", content=odd.encode(), headers=good)
            client.post("/v2/create_session", json={"session_id": odd}, headers=good)
            client.get("/api/v1/sessions", headers={"X-Agentops-Api-Key": key[::-1], "User-Agent": FORGED})
            client.get("/api/v1/sessions", headers={"Host": FORGED.replace(" ", "-")})
        with connected(server.url) as connection:
            connection.sendall(b"GET /" + FORGED.encode() + b" HTTP/1.1\r\nX: " + odd.encode() + b"\r\n\r\n")
            rest_of(connection)
        assert server.end() == 0
        lines = server.said.splitlines()
    assert not [line for line in lines if line.startswith(FORGED[:30])]
    assert not [line for line in lines if "\x1b[2J" in line or "\u2028" in line]
    assert key not in server.said
    assert key[::-1] not in server.said


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_of_a_table_is_a_formula(server: RunningServer, formula: str) -> None:
    """A spreadsheet that opens the export shows text."""
    session_id = str(uuid4())
    span = SpanRecord(
        session_id=session_id,
        span_id="01" * 8,
        start=START,
        end=START + 1,
        kind=SpanKind.TOOL,
        name=formula,
        agent_name=formula,
        input=formula,
        output=formula,
    )
    with server.store() as store:
        store.ingest(
            [SessionRecord(session_id=session_id, start=START, name=formula, tags=[formula], user=formula), span]
        )
    for path in (f"/api/v1/sessions/{session_id}/export", "/api/v1/export"):
        text = server.client.get(path, params={"format": "csv"}).text
        rows = list(csv.reader(io.StringIO(text, newline="")))
        assert len(rows) == 2
        assert not [cell for row in rows for cell in row if cell[:1] in set("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")]


def test_what_was_recorded_is_never_a_page(server: RunningServer) -> None:
    """An uploaded object, a name, a line: whatever is in it, a browser is told that it is no HTML."""
    page = "<html><script>alert(1)</script>"
    stored = server.client.post("/v4/objects/upload/", json={"body": page}).json()["url"]
    session_id = str(uuid4())
    server.client.post("/v2/create_session", json={"session": {"session_id": session_id, "tags": [page]}})
    for url in (stored, f"{server.url}/api/v1/sessions/{session_id}", f"{server.url}/api/v1/sessions/{page}"):
        answer = server.client.get(url)
        assert answer.headers["content-type"].partition(";")[0] in {JSON, "application/octet-stream"}
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")
