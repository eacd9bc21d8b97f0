"""Nobody gets at anything with a forged token, and nothing of a project is seen or changed with the key of another."""

import base64
import json
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import jwt
import pytest
from hostile_samples import SESSION, SPAN, body_for, check_refusal, names_in, path_of, routes_with
from msgspec.structs import replace
from server_samples import RunningServer, StartServer

from agentops.collector.access import Scope
from agentops.collector.access.keys import create_key, revoke_key
from agentops.collector.access.records import allowed_by
from agentops.collector.access.tokens import ALGORITHM, Claims, read, sign, signing_key
from agentops.collector.routes import Route
from agentops.domain.spans import LogRecord, SessionRecord, SpanKind, SpanRecord
from agentops.store.protocol import Note, Score

OURS, THEIRS = "the key of ours", "the key of theirs"
START = 1_780_000_000_000_000_000
SECRET = "known to ours alone"
"""Stands in everything that is recorded, and must not stand in what others are answered."""


@pytest.fixture
def keyed(start_server: StartServer) -> RunningServer:
    """A server with two projects."""
    return start_server(keys={"ours": OURS, "theirs": THEIRS})


def claims_of(server: RunningServer) -> dict[str, Any]:
    """What a good token of ours says."""
    with server.asking(OURS) as client:
        token = client.post("/v3/auth/token", json={"api_key": OURS}).json()["token"]
    return jwt.decode(token, options={"verify_signature": False})


def encoded(value: dict[str, Any]) -> str:
    """A part of a token."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def forged_tokens(server: RunningServer) -> dict[str, str]:
    """Tokens that look good, and are not."""
    claims = claims_of(server)
    secret = server.services.projects.catalog.secret
    key = signing_key(secret)
    good = jwt.encode(claims, key, ALGORITHM)
    head, payload, signature = good.split(".")
    expired = sign(Claims(claims["sub"], frozenset(Scope)), secret, now=time.time() - 400 * 86_400)
    tokens = {
        "alg none": f"{encoded({'alg': 'none', 'typ': 'JWT'})}.{payload}.",
        "alg none with our head": f"{head}.{payload}.",
        "alg NONE": f"{encoded({'alg': 'NoNe', 'typ': 'JWT'})}.{payload}.{signature}",
        "another algorithm": jwt.encode(claims, key * 2, "HS512"),
        "another key": jwt.encode(claims, b"x" * 32, ALGORITHM),
        "an empty key": jwt.encode(claims, b"\0" * 32, ALGORITHM),
        "the bare secret": jwt.encode(claims, secret, ALGORITHM),
        "another server": sign(Claims(claims["sub"], frozenset(Scope), claims.get("key_id")), b"y" * 32),
        "expired": expired,
        "no end": jwt.encode({name: value for name, value in claims.items() if name != "exp"}, key, ALGORITHM),
        "another issuer": jwt.encode({**claims, "iss": "somebody"}, key, ALGORITHM),
        "another audience": jwt.encode({**claims, "aud": "somebody"}, key, ALGORITHM),
        "no key": jwt.encode({**claims, "key_id": None}, key, ALGORITHM),
        "an unknown key": jwt.encode({**claims, "key_id": "0" * 12}, key, ALGORITHM),
        "another project": jwt.encode({**claims, "sub": server.project("theirs").id}, key, ALGORITHM),
        "a payload exchanged": f"{head}.{encoded({**claims, 'sub': server.project('theirs').id})}.{signature}",
        "a head with a path": f"{encoded({'alg': ALGORITHM, 'kid': '../../dev/null'})}.{payload}.{signature}",
        "nothing signed": f"{head}.{payload}",
        "nothing": "..",
        "long": "a" * 20_000,
    }
    assert read(good, secret).project == server.project("ours").id
    return tokens


def ask(client: httpx.Client, route: Route, headers: dict[str, str] | None = None, **names: str) -> httpx.Response:
    """What is answered to a route, with a body that it could read."""
    options = body_for(route)
    merged = {**options.pop("headers", {}), **(headers or {})}
    return client.request(route.method, path_of(route, **names), headers=merged, **options)


def test_no_route_takes_a_forged_token(keyed: RunningServer) -> None:
    """401 for each of them, at each route that needs a key, with the same words; only what expired is told so."""
    tokens = forged_tokens(keyed)
    with keyed.store("ours") as store:
        before = store.health().sessions
    for route in routes_with(scope=True):
        for name, token in tokens.items():
            answer = ask(keyed.client, route, {"Authorization": f"Bearer {token}"})
            assert answer.status_code == route.unauthorized, (name, route.path, answer.text)
            check_refusal(answer)
            assert token not in answer.text
    with keyed.store("ours") as store:
        assert store.health().sessions == before == 0


def test_no_route_that_needs_a_key_is_open(keyed: RunningServer) -> None:
    """Without one, with an unknown one, with two that disagree, and with one that was revoked."""
    catalog = keyed.services.projects.catalog
    key, revoked = create_key(catalog, "ours", "gone")
    revoke_key(catalog, key.id)
    shown: list[dict[str, str]] = [
        {},
        {"X-Agentops-Api-Key": "unknown"},
        {"X-Agentops-Api-Key": revoked},
        {"X-Agentops-Api-Key": OURS, "X-API-Key": THEIRS},
        {"X-Agentops-Api-Key": f"{OURS}, {OURS}"},
        {"Authorization": "Bearer"},
        {"Authorization": f"Digest {OURS}"},
        {"Authorization": "Basic !!!"},
        {"Cookie": f"key={OURS}"},
    ]
    for route in routes_with(scope=True):
        for headers in shown:
            answer = ask(keyed.client, route, headers)
            assert answer.status_code == route.unauthorized, (headers, route.path)
            check_refusal(answer)


@pytest.mark.parametrize("scope", list(Scope))
def test_a_key_opens_what_its_scope_names(keyed: RunningServer, scope: Scope) -> None:
    """403 at all routes beyond it."""
    catalog = keyed.services.projects.catalog
    _, key = create_key(catalog, "ours", "narrow", scopes=[scope])
    with keyed.asking(key) as client:
        for route in routes_with(scope=True):
            if "live" in route.path:
                continue
            answer = ask(client, route)
            if route.scope not in allowed_by([scope]):
                assert answer.status_code == 403, (route.path, answer.text)
                check_refusal(answer)
            elif "project_id" not in names_in(route):
                assert answer.status_code not in {401, 403}, (route.path, answer.text)


def fill(server: RunningServer, project: str) -> tuple[str, str, str]:
    """A session with everything in it, in a project; its id and those of its score and its note."""
    session_id, score, note = str(uuid4()), str(uuid4()), str(uuid4())
    with server.store(project) as store:
        store.ingest(
            [
                SessionRecord(session_id=session_id, start=START, name=SECRET, tags=[SECRET], user=SECRET),
                SpanRecord(
                    session_id=session_id,
                    span_id=SPAN,
                    start=START,
                    end=START + 1,
                    kind=SpanKind.TOOL,
                    name=SECRET,
                    input=SECRET,
                ),
                LogRecord(session_id=session_id, time=START, number=1, body=SECRET),
            ]
        )
        store.add_score(
            Score(
                id=score, session_id=session_id, span_id=None, name="n", value=1.0, comment=SECRET, author=None, time=1
            )
        )
        store.add_note(Note(id=note, session_id=session_id, span_id=None, text=SECRET, author=None, time=1))
    return session_id, score, note


def everything_of(server: RunningServer, project: str) -> list[Any]:
    """All that a project holds."""
    with server.store(project) as store:
        found: list[Any] = []
        for summary in store.sessions(limit=1000):
            named = summary.session_id
            found += [
                replace(summary),
                *store.spans(named),
                *store.logs(named),
                *store.scores(named),
                *store.notes(named),
            ]
        return found


def without_names(answer: httpx.Response, *names: str) -> str:
    """An answer, without the names that were asked for."""
    text = answer.text
    for name in names:
        for spelling in (name, name.replace("-", "")):
            text = text.replace(spelling, "X")
    return text


NAMING = [route for route in routes_with(scope=True, names=True) if "project_id" not in names_in(route)]


@pytest.mark.parametrize("route", NAMING, ids=[f"{route.method} {route.path}" for route in NAMING])
def test_what_is_of_another_project_is_as_what_is_nowhere(keyed: RunningServer, route: Route) -> None:
    """To the letter, by whoever asks; and it stays as it was."""
    session_id, score, note = fill(keyed, "ours")
    before = everything_of(keyed, "ours")
    other = str(uuid4())
    foreign = {"session_id": session_id, "trace_id": session_id, "span_id": SPAN, "score_id": score, "note_id": note}
    missing = {"session_id": other, "trace_id": other, "span_id": SPAN, "score_id": other, "note_id": other}
    bodies = {"tags": {"tags": ["theirs"]}, "scores": {"name": "n", "value": 1}, "notes": {"text": "theirs"}}
    options: dict[str, Any] = {}
    if route.body is not None:
        options = {"json": bodies[route.path.rpartition("/")[2]]}
    with keyed.asking(THEIRS) as client:
        answers = [client.request(route.method, path_of(route, **names), **options) for names in (foreign, missing)]
    assert [answer.status_code for answer in answers] in ([404, 404], [400, 400], [403, 403])
    assert without_names(answers[0], *foreign.values()) == without_names(answers[1], *missing.values())
    for answer in answers:
        assert SECRET not in answer.text
        check_refusal(answer)
    assert everything_of(keyed, "ours") == before
    assert everything_of(keyed, "theirs") == []


def test_lists_searches_and_sums_show_ones_own(keyed: RunningServer) -> None:
    """Whatever is asked for: nothing of another project is counted, found or exported."""
    session_id, _, _ = fill(keyed, "ours")
    project = keyed.project("ours").id
    with keyed.asking(THEIRS) as client:
        for route in routes_with(scope=True, names=False):
            if route.method != "GET" or "live" in route.path or route.path == "/metrics":
                continue
            for query in ({}, {"text": SECRET}, {"tag": SECRET}, {"name": SECRET}, {"format": "csv"}):
                answer = client.get(route.path, params=query)
                assert answer.status_code in {200, 400}, (route.path, answer.text)
                for told in (SECRET, session_id, session_id.replace("-", ""), project):
                    assert told not in answer.text.replace(query.get("text", "\0"), "") or answer.status_code == 400
        for path in (f"/v4/traces/list/{project}", f"/v4/meterics/project/{project}"):
            answer = client.get(path)
            assert answer.status_code in {403, 404}
            assert SECRET not in answer.text
        rows = client.post("/api/v1/sql", json={"sql": "SELECT count(*) FROM sessions"}).json()["rows"]
        assert rows == [[0]]


ATTACHING: list[tuple[str, str, Callable[[str], Any]]] = [
    ("GET", "/api/v1/sql/views", lambda _: None),
    ("POST", "/api/v1/sql", lambda path: {"sql": f"ATTACH DATABASE '{path}' AS other"}),
    ("POST", "/api/v1/sql", lambda path: {"sql": f"SELECT readfile('{path}')"}),
    ("POST", "/api/v1/sql", lambda _: {"sql": "SELECT load_extension('x')"}),
    ("POST", "/api/v1/sql", lambda path: {"sql": f"VACUUM INTO '{path}.copy'"}),
    ("POST", "/api/v1/sql", lambda _: {"sql": "SELECT * FROM sqlite_master"}),
    ("POST", "/api/v1/sql", lambda _: {"sql": "PRAGMA database_list"}),
    ("POST", "/api/v1/sql", lambda _: {"sql": "SELECT 1; DELETE FROM sessions"}),
    (
        "POST",
        "/api/v1/sql",
        lambda _: {
            "sql": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT i FROM n",
            "seconds": 0.2,
        },
    ),
    ("POST", "/api/v1/sql", lambda _: {"sql": "SELECT zeroblob(1000000000)"}),
    ("POST", "/api/v1/sql", lambda _: {"sql": "SELECT printf('%.*c', 900000000, 'x')"}),
    ("POST", "/api/v1/sql", lambda _: {"sql": "SELECT replace(hex(zeroblob(4000000)), '0', hex(zeroblob(100000)))"}),
]


@pytest.mark.parametrize(("method", "path", "make"), ATTACHING)
def test_sql_stays_in_its_views(keyed: RunningServer, method: str, path: str, make: Callable[[str], Any]) -> None:
    """Of its own project: no other file, no setting, no write, and no more time and memory than it may have."""
    fill(keyed, "ours")
    other = keyed.services.projects.path_of(keyed.project("ours").id)
    with keyed.asking(THEIRS) as client:
        body = make(str(other))
        answer = client.request(method, path, **({} if body is None else {"json": body}))
        assert answer.status_code in {200, 400}
        assert SECRET not in answer.text
        assert len(answer.content) < 20 << 20
    assert not other.with_name(f"{other.name}.copy").exists()
    assert len(everything_of(keyed, "ours")) == 5


def test_a_session_id_stands_for_ones_own_session(keyed: RunningServer) -> None:
    """The same id sent with another key is another session."""
    session_id, _, _ = fill(keyed, "ours")
    before = everything_of(keyed, "ours")
    event = {"event_type": "tools", "id": "a", "session_id": session_id, "name": "theirs"}
    with keyed.asking(THEIRS) as client:
        opened = client.post("/v2/create_session", json={"session": {"session_id": session_id, "tags": ["theirs"]}})
        assert opened.status_code == 200
        assert client.post("/v2/create_events", json={"events": [event]}).status_code == 200
        end = {"session": {"session_id": session_id, "end_state": "Fail"}}
        assert client.post("/v2/update_session", json=end).status_code == 200
        assert client.request("DELETE", f"/api/v1/sessions/{SESSION}").status_code in {403, 404}
    assert everything_of(keyed, "ours") == before
    token = opened.json()["jwt"]
    with keyed.asking(OURS) as client:
        mixed = client.post("/v2/create_events", json={"events": [event]}, headers={"Authorization": f"Bearer {token}"})
    assert mixed.status_code == 401
    assert everything_of(keyed, "ours") == before
