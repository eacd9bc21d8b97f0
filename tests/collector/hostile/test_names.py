"""Paths, filters and cursors that mean something to file systems, to SQL or to search: here they are only text."""

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hostile_samples import SESSION, SPAN, body_for, check_alive, check_outcome, names_in, path_of, routes_with
from server_samples import RunningServer

from agentops.collector.openapi import describe
from agentops.collector.routes import Route
from agentops.collector.table import ROUTES
from agentops.domain.spans import SessionRecord, SpanKind, SpanRecord
from agentops.store import LOCAL_STORE

TRICKS = [
    "..",
    "%2e%2e",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    "..%5c..%5cwindows",
    "%00",
    f"{SESSION}%00.db",
    f"{SESSION}%0a",
    f"%20{SESSION}",
    "%ff%fe",
    "%ed%a0%80",
    "%c0%ae%c0%ae",
    "%25252e",
    "%",
    "%zz",
    "*",
    "'",
    "' OR 1=1 --",
    "{session_id}",
    "-1",
    "0",
    "0" * 32,
    "9" * 40,
    "١٢٣",
    "a" * 4000,
    ";x=1",
    "null",
    ".",
    "CON",
    "~root",
    "$HOME",
    "<script>alert(1)</script>",
]
SQL = [
    "'",
    '"',
    "''",
    "' OR '1'='1",
    "'; DROP TABLE spans; --",
    "x') UNION SELECT secret FROM server --",
    "%",
    "_",
    "\\",
    "[a-z]",
    "?",
    ":name",
    "@name",
    "$1",
    "x'00'",
    "\x00",
    "a\x00b",
    "\ud7ff\U0010ffff",
    "NULL",
    "null",
    "--",
    "/*",
    "a" * 1000,
]
SEARCH = [
    "AND",
    "OR",
    "NOT",
    "NEAR(a b, 5)",
    '"',
    '""',
    '"a',
    "a*",
    "^a",
    "text:a",
    "{text}: a",
    "a AND",
    "(",
    ")",
    "-a",
    "+",
    "a NOT b OR (c",
    "*",
    "ab",
    "日",
    "e\u0301",
    "\u202e",
    "\ufdfa" * 200,
    "( " * 200,
]
CURSORS = [
    "a",
    "====",
    "W10",
    "W10=",
    "bnVsbA",
    "WzEsIjAiXQ",
    "WyJhIiwxXQ",
    "WzE4NDQ2NzQ0MDczNzA5NTUxNjE2LCJhIl0",
    "W1tbW1tbW1tbW1tbW1tbW1tb",
    "\x00",
    "é",
    "-" * 500,
    "9" * 500,
    "' OR 1=1",
    "e30",
    "WzEsMSwxXQ",
    "Infinity",
    "-1",
    "1e9",
]

VARYING = [route for route in routes_with(names=True) if not route.path.endswith("/live")]
DESCRIBED = describe(ROUTES)
FILTERS = [
    (path, parameter["name"])
    for path, methods in DESCRIBED["paths"].items()
    for operation in methods.values()
    for parameter in operation.get("parameters", ())
    if parameter["in"] == "query" and not path.endswith("/live")
]
"""Every field behind a question mark, as the description has it."""


@pytest.fixture(autouse=True)
def recorded(server: RunningServer) -> None:
    """Something that must not be found."""
    with server.store() as store:
        store.ingest(
            [
                SessionRecord(session_id=SESSION, start=1_780_000_000_000_000_000, name="kept", tags=["kept"]),
                SpanRecord(
                    session_id=SESSION,
                    span_id=SPAN,
                    start=1_780_000_000_000_000_000,
                    end=1_780_000_000_000_000_001,
                    kind=SpanKind.TOOL,
                    name="kept",
                ),
            ]
        )


@pytest.mark.parametrize("route", VARYING, ids=[f"{route.method} {route.path}" for route in VARYING])
def test_a_name_in_a_path_is_no_way_to_a_file(server: RunningServer, data_directory: Path, route: Route) -> None:
    """Dots, slashes, zeros and very long names: whatever they are, they name nothing."""
    before = sorted(path.name for path in data_directory.parent.rglob("*") if not path.name.startswith("collector.db"))
    for name in names_in(route):
        for trick in TRICKS:
            path = path_of(route, **{name: trick})
            answer = server.client.request(route.method, f"{server.url}{path}", **body_for(route))
            check_outcome(answer)
            assert "root:" not in answer.text
            if answer.status_code == 200:
                assert "kept" not in answer.text or not trick.strip(".")  # clients walk dots themselves
    after = sorted(path.name for path in data_directory.parent.rglob("*") if not path.name.startswith("collector.db"))
    assert after == before
    assert LOCAL_STORE in after
    check_alive(server)


@pytest.mark.parametrize(("path", "name"), FILTERS, ids=[f"{path} {name}" for path, name in FILTERS])
def test_a_filter_is_only_text(server: RunningServer, path: str, name: str) -> None:
    """What means something to SQL, to search or to whoever reads cursors is looked for, or refused."""
    needed = {"text": "x"} if path.endswith("/search") else {}
    url = server.url + path.replace("{session_id}", SESSION).replace("{project_id}", "default")
    for odd in [*SQL, *SEARCH, *CURSORS]:
        query = "&".join(f"{field}={quote(said)}" for field, said in {**needed, name: odd}.items())
        answer = server.client.get(f"{url}?{query}")
        check_outcome(answer)
        assert answer.status_code < 500, (odd, answer.text)
        if (
            answer.status_code == 200
            and name in {"tag", "user", "model", "agent", "tool"}
            and path.endswith("/sessions")
        ):
            assert answer.json()["items"] == [], odd
    with server.store() as store:
        assert [session.name for session in store.sessions()] == ["kept"]


def test_what_is_sent_with_odd_names_is_found_by_them(server: RunningServer) -> None:
    """Names of everything, in the characters of SQL and search, come back as they were."""
    odd = [text for text in [*SQL, *SEARCH] if 0 < len(text) < 200 and "\x00" not in text and text != "null"]
    for text in odd:
        body: dict[str, Any] = {"session": {"session_id": SESSION, "tags": [text], "end_state": "Success"}}
        assert server.client.post("/v2/update_session", json=body).status_code == 200
        found = server.client.get("/api/v1/sessions", params={"tag": text}).json()["items"]
        assert [item["session_id"] for item in found] == [SESSION], text


@pytest.mark.parametrize(
    "query", ["a=1", "limit=1&limit=2&bogus", "%00=1", "=", "&&&", "limit=%zz", "limit", "a" * 8000]
)
def test_fields_that_nobody_declared_are_refused(server: RunningServer, query: str) -> None:
    """Or passed over where nothing is in them; never a fault."""
    answer = server.client.get(f"{server.url}/api/v1/sessions?{query}")
    check_outcome(answer)
    assert answer.status_code in {200, 400}
