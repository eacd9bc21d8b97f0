"""Bodies that no client sends: whatever they are, they are refused or taken, and never a fault of the server."""

import json
from typing import Any, cast
from uuid import UUID

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from server_samples import RunningServer
from v2_samples import OldClient, action, ended, error, llm, session, tool

ROUTES = (
    ("POST", "create_session"),
    ("POST", "update_session"),
    ("POST", "create_events"),
    ("POST", "update_events"),
    ("POST", "create_agent"),
    ("POST", "create_thread"),
    ("POST", "reauthorize_jwt"),
    ("PUT", "update_logs"),
)
SESSION = str(UUID(int=7))
HEADERS = {"Content-Type": "application/json"}

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from(["", "llms", "errors", SESSION, "9999-12-31T23:59:59Z", "0001-01-01", "\ud800", "1e999999"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
BODIES: list[dict[str, Any]] = [
    session(SESSION),
    ended(SESSION),
    {"events": [llm(session_id=SESSION)]},
    {"events": [tool(session_id=SESSION), error(session_id=SESSION)]},
    {"events": [action(session_id=SESSION)]},
    {"events": [{**tool(session_id=SESSION), "span_id": "1" * 16, "kind": "tool", "status": "ok", "span": {}}]},
    {"session": {"session_id": SESSION, "record": {"session_id": SESSION, "state": "RUNNING"}}},
    {"id": "a", "name": "n", "session_id": SESSION, "logs": "l"},
]


def keys_of(body: Any) -> list[Any]:
    """The keys of an object, or the places of a list."""
    return list(cast("Any", body)) if isinstance(body, dict) else list(range(len(body)))


@st.composite
def twisted(draw: st.DrawFn) -> Any:
    """A body with one thing in it replaced by another, or removed."""
    body: Any = json.loads(json.dumps(draw(st.sampled_from(BODIES))))
    place = body
    while keys := keys_of(place):
        key = draw(st.sampled_from(keys))
        if isinstance(place[key], dict | list) and draw(st.booleans()):
            place = place[key]
        elif draw(st.booleans()):
            place[key] = draw(values)
            break
        else:
            del place[key]
            break
    return body


def send(server: RunningServer, method: str, route: str, body: bytes) -> httpx.Response:
    """Ask with any bytes."""
    return server.client.request(method, f"/v2/{route}", content=body, headers=HEADERS)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(asked=st.sampled_from(ROUTES), body=values | twisted())
def test_no_json_is_a_fault_of_the_server(server: RunningServer, asked: tuple[str, str], body: Any) -> None:
    """It is taken, or refused with a reason; what was taken can be read back."""
    answer = send(server, *asked, json.dumps(body).encode())
    assert answer.status_code in {200, 400}, answer.text
    if answer.status_code == 400:
        assert answer.json()["message"]
    for path in ("stats", "export"):
        assert server.client.get(f"/v2/sessions/{SESSION}/{path}").status_code in {200, 404}


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(asked=st.sampled_from([*ROUTES, ("POST", "frames")]), body=st.binary(max_size=40))
def test_no_bytes_are_a_fault_of_the_server(server: RunningServer, asked: tuple[str, str], body: bytes) -> None:
    """What is no JSON at all is refused."""
    assert send(server, *asked, body).status_code in {200, 400}


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 10_000,
        b'{"a":' * 10_000,
        b'{"session":' + b'{"session":' * 500 + b"1" + b"}" * 501,
        b'"\xff"',
        b"NaN",
        b"",
    ],
    ids=["lists", "objects", "sessions", "encoding", "nan", "nothing"],
)
def test_deep_and_broken_bodies_are_refused(server: RunningServer, body: bytes) -> None:
    """400, at once, by every route."""
    answers = [send(server, *asked, body).status_code for asked in (*ROUTES, ("POST", "frames"))]
    assert answers == [400] * len(answers)


def test_a_request_has_only_so_many_events(server: RunningServer) -> None:
    """However small they are, so that what is said of each fits in memory."""
    body = b'{"events":[' + b"{}," * 20_000 + b"{}]}"
    assert send(server, "POST", "create_events", body).status_code == 413


def test_a_deep_value_is_cut_and_the_rest_is_kept(server: RunningServer) -> None:
    """Parameters of a few hundred levels: within what JSON readers take, beyond what is kept."""
    client = OldClient(server.client)
    deep: Any = 1
    for _ in range(300):
        deep = [deep]
    assert client.create_events(tool(params=deep)).status_code == 200
    assert client.stats()["event_counts"]["tools"] == 1
    assert len(client.export()["tools"]) == 1
