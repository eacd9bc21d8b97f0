"""What a collector says of itself, and what it never says."""

import io
import json
import logging
import re
import unicodedata
from collections.abc import Iterator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from server_samples import RunningServer, StartServer

from agentops.collector.app import build_app
from agentops.collector.logs import JsonFormatter, LogFormat, Sieve, TextFormatter, say, write_logs
from agentops.collector.remarks import note_answer
from agentops.collector.routes import Route, Tag

STEERING = {"Cc", "Zl", "Zp"}
"""Categories of characters that begin lines and move cursors."""

LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (DEBUG|INFO|WARNING|ERROR) .*")


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What is written to the log, at its most talkative, as text; nothing was held back before."""
    monkeypatch.setattr("agentops.collector.remarks._sieve", Sieve())
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    write_logs("DEBUG", LogFormat.TEXT, stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.getLogger("uvicorn").setLevel(logging.NOTSET)


def record_of(message: str, **fields: object) -> logging.LogRecord:
    """An event."""
    record = logging.LogRecord("agentops.collector", logging.INFO, "", 0, message, (), None)
    record.agentops_fields = fields
    return record


@given(message=st.text(), value=st.text())
def test_an_event_is_one_line_whatever_is_in_it(message: str, value: str) -> None:
    """Nobody can forge a line, or steer the terminal of whoever reads it."""
    for formatter in (TextFormatter(), JsonFormatter()):
        line = formatter.format(record_of(message, value=value))
        assert not [character for character in line if unicodedata.category(character) in STEERING]
        line.encode()


@given(message=st.text(), value=st.text())
def test_json_lines_are_json(message: str, value: str) -> None:
    """What was said can be read back, but for what UTF-8 has no place for."""
    told = json.loads(JsonFormatter().format(record_of(message, value=value)))
    assert told["level"] == "info"
    assert told["value"] == value.encode("utf-8", "replace").decode()


def test_a_fault_comes_with_its_traceback(written: io.StringIO) -> None:
    """Below the line and indented, so that no line of it passes for an event."""
    say(logging.ERROR, "failed", error=RuntimeError("first\n2026-11-20T00:00:00.000Z INFO forged"), route="GET /x")
    first, *rest = written.getvalue().splitlines()
    assert LINE.fullmatch(first)
    assert first.endswith('ERROR failed route="GET /x"')
    assert rest
    assert all(line.startswith("    ") for line in rest)


def test_requests_are_logged_only_when_asked_for(written: io.StringIO, server: RunningServer) -> None:
    """One line each at the level debug, with the route instead of what a client made of it."""
    server.client.get("/api/v1/sessions/3f2a91c4-7b1e-4c55-9a10-5d3e0c2b7a01?secret=1")
    lines = [line for line in written.getvalue().splitlines() if " answered " in line]
    assert len(lines) == 1
    assert 'route="GET /api/v1/sessions/{session_id}"' in lines[0]
    assert "client=127.0.0.1" in lines[0]
    assert "3f2a91c4" not in lines[0]
    assert "secret" not in lines[0]


def test_who_is_turned_away_is_logged_without_the_key(written: io.StringIO, start_server: StartServer) -> None:
    """A wrong key shows as a remark with where it came from, and nothing of itself."""
    server = start_server(keys={"team": "a-key-of-the-team"})
    with server.asking("not-the-key-of-the-team") as client:
        assert client.get("/api/v1/sessions").status_code == 401
    (line,) = [line for line in written.getvalue().splitlines() if " refused " in line]
    assert "WARNING refused" in line
    assert "client=127.0.0.1" in line
    assert "key-of-the-team" not in written.getvalue()


def test_many_equal_remarks_are_one(written: io.StringIO) -> None:
    """Whoever tries a thousand keys fills no disk."""
    for _ in range(1000):
        note_answer("GET /x", 401, 0.0, client="10.0.0.1", reason="no")
    assert written.getvalue().count(" refused ") <= 10


def test_what_was_held_back_is_counted() -> None:
    """The next remark that is let through says how many were not."""
    sieve = Sieve(seconds=float("inf"))
    assert sieve.let_through("x") == 0
    assert [sieve.let_through("x") for _ in range(3)] == [None, None, None]
    assert sieve.let_through("y") == 0
    later = Sieve(seconds=0)
    assert [later.let_through("x") for _ in range(3)] == [0, 0, 0]


def test_slow_answers_are_remarked_on(written: io.StringIO) -> None:
    """From a second on."""
    note_answer("GET /quick", 200, 0.9, client=None)
    note_answer("GET /slow", 200, 1.5, client=None)
    remarks = [line for line in written.getvalue().splitlines() if "WARNING" in line]
    assert [re.sub(r"^\S+ ", "", line) for line in remarks] == ['WARNING slow route="GET /slow" status=200 seconds=1.5']


async def test_a_fault_of_ours_is_logged_and_told_without_details(written: io.StringIO, server: RunningServer) -> None:
    """The client learns that it was not its mistake, the log what happened where."""

    def fail(_: object) -> None:
        raise RuntimeError("the inside of the server")

    route = Route(method="GET", path="/broken", answer=fail, summary="fails", tag=Tag.OPERATIONS, scope=None)
    transport = httpx.ASGITransport(build_app(server.services, [route]))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        answer = await client.get("/broken")
    assert (answer.status_code, answer.json()["error"]) == (500, "internal")
    assert "inside" not in answer.text
    assert 'ERROR failed route="GET /broken"' in written.getvalue()
    assert "RuntimeError: the inside of the server" in written.getvalue()
    assert server.services.meters.requests["GET /broken", 500] == 1
