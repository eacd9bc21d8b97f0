"""Tags, scores and notes: what is said of sessions and spans afterwards."""

from typing import Any

import pytest
from api_samples import Api, AskAs
from server_samples import RunningServer, StartServer

from agentops.collector.access import Scope
from agentops.collector.access.keys import create_key
from agentops.domain.spans import Record


def test_tags_are_what_was_said_last(api: Api, session_id: str) -> None:
    """These and no others, each once."""
    assert api.ask("PUT", f"sessions/{session_id}/tags", json={"tags": ["b", "a", "b"]}).json()["tags"] == ["b", "a"]
    assert api.get(f"sessions/{session_id}")["summary"]["tags"] == ["b", "a"]
    assert [session["session_id"] for session in api.get("sessions", tag="a")["items"]] == [session_id]
    assert api.get("sessions", tag="night")["items"] == []
    assert api.ask("PUT", f"sessions/{session_id}/tags", json={"tags": []}).json()["tags"] == []


def test_a_score_is_kept(api: Api, session_id: str) -> None:
    """A number, a yes or no, or a word; of the session or of a span."""
    for count, value in enumerate((0.75, True, False, "fair", 3, "")):
        score = api.ask("POST", f"sessions/{session_id}/scores", json={"name": "quality", "value": value}).json()
        assert (score["value"], type(score["value"]) is bool) == (value, isinstance(value, bool))
        assert score["time"] > 0
        kept = api.get(f"sessions/{session_id}/scores")["items"]
        assert score in kept
        assert len(kept) == count + 1
    assert len(api.get(f"sessions/{session_id}")["scores"]) == 6
    on_span = {"name": "quality", "value": 1, "span_id": f"{2:016x}", "author": "judge", "comment": "so", "time": 5}
    assert api.ask("POST", f"sessions/{session_id}/scores", json=on_span).json().items() >= on_span.items()


@pytest.mark.parametrize(("kind", "body"), [("scores", {"name": "n", "value": 1}), ("notes", {"text": "t"})])
def test_what_is_said_twice_under_one_id_is_said_once(api: Api, session_id: str, kind: str, body: Any) -> None:
    """The later word holds; and it can be taken back, once."""
    first, later = {**body, "id": "mine"}, {**body, "id": "mine", "author": "ada"}
    for said in (first, first, later):
        assert api.status("POST", f"sessions/{session_id}/{kind}", json=said) == 201
    (kept,) = api.get(f"sessions/{session_id}/{kind}")["items"]
    assert (kept["id"], kept["author"]) == ("mine", "ada")
    assert api.ask("DELETE", f"sessions/{session_id}/{kind}/mine").json() == kept
    assert api.status("DELETE", f"sessions/{session_id}/{kind}/mine") == 404
    assert api.get(f"sessions/{session_id}/{kind}")["items"] == []


WRONG: list[tuple[str, Any]] = [
    ("scores", {"name": "n"}),
    ("scores", {"value": 1}),
    ("scores", {"name": "n", "value": [1]}),
    ("scores", {"name": "", "value": 1}),
    ("scores", {"name": "n", "value": 1, "time": -1}),
    ("notes", {}),
    ("notes", {"text": 5}),
    ("notes", [1]),
]


def test_what_is_not_said_right_is_refused(api: Api, session_id: str) -> None:
    """And nothing is kept."""
    for path, body in WRONG:
        assert api.status("POST", f"sessions/{session_id}/{path}", json=body) == 400, body
        assert api.get(f"sessions/{session_id}/{path}")["items"] == []


def test_nothing_is_said_of_spans_that_are_not_there(api: Api, session_id: str) -> None:
    """Of a span that the session does not have."""
    for path, body in (("scores", {"name": "n", "value": 1}), ("notes", {"text": "t"})):
        assert api.status("POST", f"sessions/{session_id}/{path}", json={**body, "span_id": "ffffffffffffffff"}) == 404


def test_notes_go_with_their_session(api: Api, session_id: str, server: RunningServer, records: list[Record]) -> None:
    """A session that is forgotten and comes again has none."""
    assert api.status("POST", f"sessions/{session_id}/notes", json={"text": "look here"}) == 201
    assert api.status("DELETE", f"sessions/{session_id}") == 200
    with server.store() as store:
        store.ingest(records)
    assert api.get(f"sessions/{session_id}/notes")["items"] == []


def test_a_key_allows_its_scopes_and_no_more(start_server: StartServer, ask_as: AskAs) -> None:
    """Reading takes `read`, saying something takes `write`, and forgetting takes `admin`."""
    server = start_server(keys={"first": "some-key"})
    catalog = server.services.projects.catalog
    keys = {scope: create_key(catalog, "first", scope.value, scopes=[scope])[1] for scope in Scope}
    asked = 0
    document = ask_as(server, "some-key").truth.document
    for scope in (Scope.READ, Scope.WRITE):
        api = ask_as(server, keys[scope])
        for path, methods in document["paths"].items():
            if not path.startswith("/api/v1/"):
                continue
            for method, operation in methods.items():
                url = path.removeprefix("/api/v1/").format(session_id="0" * 32, span_id="1", score_id="1", note_id="1")
                needed = operation["description"].split("`")[1]
                if needed != scope.value:
                    assert api.status(method.upper(), url, json={}) == 403, (method, path, scope)
                    asked += 1
    assert asked > 20
    assert ask_as(server, keys[Scope.ADMIN]).get("sessions")["items"] == []
    assert ask_as(server, None).status("GET", "sessions") == 401
