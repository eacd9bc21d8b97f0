"""Sessions as clients of v2 announce, change and end them."""

from uuid import uuid4

import httpx
import pytest
from server_samples import RunningServer, StartServer
from v2_samples import BEGAN, OldClient, ended, llm, session, tool

KEY, OTHER = "11111111-2222-4333-8444-555555555555", "99999999-2222-4333-8444-555555555555"


@pytest.fixture
def client(server: RunningServer) -> OldClient:
    """A client of a session of its own."""
    return OldClient(server.client)


def test_a_session_is_announced_with_what_its_client_needs(client: OldClient) -> None:
    """Exactly 200, a token, a link, what it cost, and what else is taken here."""
    answer = client.create_session()
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/json")
    said = answer.json()
    assert (said["status"], said["token_cost"], said["accepts"]) == ("Success", "0.00", ["frames", "gzip"])
    assert said["session_url"].endswith(f"/drilldown?session_id={client.session_id}")
    assert len(said["jwt"].split(".")) == 3


def test_junk_and_placeholders_are_passed_over(server: RunningServer, client: OldClient) -> None:
    """Private attributes, `""` for what has no JSON, counts that the client made up: none of it is kept as fact."""
    client.create_session()
    assert client.stats()["event_counts"] == {"llms": 0, "tools": 0, "actions": 0, "errors": 0}
    with server.store() as store:
        kept = store.session(client.session_id)
    assert (kept.tags, kept.video, kept.end, kept.state) == (["t1"], None, None, "RUNNING")
    assert kept.host_env == {"SDK": {"AgentOps SDK Version": "0.3.26"}}


def test_a_session_that_is_announced_again_keeps_its_beginning_and_joins_tags(client: OldClient) -> None:
    """A second process inherits the session: the earliest start holds, and the tags of both."""
    client.create_session(tags=["first"])
    OldClient(client.web, client.session_id).create_session(init_timestamp="2026-11-20T08:00:00+00:00", tags=["second"])
    stats = client.stats()
    assert stats["init_timestamp"] == BEGAN
    assert sorted(stats["tags"]) == ["first", "second"]


def test_tags_that_are_set_replace_those_before(client: OldClient) -> None:
    """`set_tags` of one process; those of another stay."""
    client.create_session(tags=["old"])
    other = OldClient(client.web, client.session_id)
    other.create_session(tags=["theirs"])
    client.post("update_session", session(client.session_id, tags=["new"], is_running=True))
    assert sorted(client.stats()["tags"]) == ["new", "theirs"]


def test_asking_for_counts_does_not_end_a_session(client: OldClient) -> None:
    """`get_analytics` of 0.3.26 sends an end while the session runs."""
    client.create_session()
    client.post("update_session", ended(client.session_id, is_running=True))
    assert (client.stats()["is_running"], client.stats()["end_timestamp"]) == (True, None)


def test_the_end_of_a_session_tells_what_it_cost(client: OldClient) -> None:
    """As a decimal string, from the calls that came before; the reason is kept."""
    client.create_session()
    client.create_events(llm(), llm(model="nobody-knows", cost=0.25))
    answer = client.end(end_state="Fail", end_state_reason="no luck")
    assert (answer.status_code, answer.json()["status"]) == (200, "success")
    assert answer.json()["token_cost"] == "0.250075"
    stats = client.stats()
    assert (stats["end_state"], stats["end_state_reason"], stats["is_running"]) == ("Fail", "no luck", False)


def test_an_update_of_a_session_never_announced_makes_it_known(client: OldClient) -> None:
    """Its announcement was lost: the key alone is enough."""
    assert client.end().status_code == 200
    assert client.stats()["end_state"] == "Success"


def test_the_words_of_the_documentation_are_understood(client: OldClient) -> None:
    """`session.id` for `session_id`, at `/v2/sessions` and at `/v1/sessions`."""
    for path in ("/v2/sessions", "/v1/sessions"):
        identity = str(uuid4())
        answer = client.web.post(path, json={"session": {"id": identity, "init_timestamp": BEGAN}})
        assert answer.status_code == 200
        assert client.web.get(f"/v2/sessions/{identity}/stats").json()["init_timestamp"] == BEGAN


def test_agents_of_any_id_are_known_to_their_session(server: RunningServer, client: OldClient) -> None:
    """Also before the session is, twice, and with ids that are no UUIDs."""
    for _ in range(2):
        assert client.post(
            "create_agent", {"id": "agent-1", "name": "researcher", "session_id": client.session_id}
        ).json() == {"status": "success"}
    client.create_session()
    with server.store() as store:
        agents = store.session(client.session_id).agents
    assert [(agent.id, agent.name) for agent in agents] == [("agent-1", "researcher")]


def test_an_agent_does_not_move_the_beginning_of_its_session(client: OldClient) -> None:
    """It says nothing of when the session began."""
    client.create_events(tool())
    client.post("create_agent", {"id": "a", "name": "n", "session_id": client.session_id})
    assert client.stats()["init_timestamp"] == BEGAN


def test_threads_are_kept_and_count_as_nothing(client: OldClient) -> None:
    """They come once however often they are sent."""
    client.create_session()
    for _ in range(2):
        assert client.post("create_thread", {"id": "thread-1", "agent_id": "agent-1"}).status_code == 200
    assert client.stats()["events"] == 0
    (thread,) = client.export()["events"]
    assert (thread["event_type"], thread["agent_id"]) == ("threads", "agent-1")


def test_logs_are_added_to_those_before(server: RunningServer, client: OldClient) -> None:
    """`update_logs` appends."""
    client.create_session()
    for text in ("one\ntwo\n", "three"):
        assert client.post("update_logs", {"logs": text}, method="PUT").status_code == 200
    with server.store() as store:
        assert [record.body for record in store.logs(client.session_id)] == ["one\ntwo\n", "three"]


def test_a_token_can_be_renewed(client: OldClient) -> None:
    """The new one speaks for the same session."""
    client.create_session()
    client.token = client.post("reauthorize_jwt", {"session_id": client.session_id}).json()["jwt"]
    client.post("create_events", {"events": [tool()]})
    assert client.stats()["event_counts"]["tools"] == 1


def test_an_expired_token_falls_back_to_the_key(start_server: StartServer) -> None:
    """0.3.26 never asks for another token, and sends its key beside it."""
    server = start_server(keys={"team": KEY})
    with server.asking(KEY) as web:
        client = OldClient(web)
        client.create_session()
        client.token = "eyJhbGciOiJIUzI1NiJ9.e30.forged"
        assert client.create_events(tool()).status_code == 200
        assert client.end().status_code == 200
        assert client.stats()["event_counts"]["tools"] == 1


def test_a_token_alone_is_enough_for_tags(start_server: StartServer) -> None:
    """0.3.26 sends no key with `add_tags`; a token that is none is turned away."""
    server = start_server(keys={"team": KEY})
    with server.asking(KEY) as web:
        client = OldClient(web)
        client.create_session()
        body = session(client.session_id, tags=["more"], is_running=True)
        with httpx.Client(base_url=server.url, trust_env=False) as bare:
            headers = {"Authorization": f"Bearer {client.token}"}
            assert bare.post("/v2/update_session", json=body, headers=headers).status_code == 200
            refused = bare.post("/v2/update_session", json=body, headers={"Authorization": "Bearer a.b.c"})
        assert client.stats()["tags"] == ["more"]
    assert refused.status_code == 401
    assert {"path", "message"} <= refused.json().keys()


def test_a_session_is_another_in_another_project(start_server: StartServer) -> None:
    """The same id under two keys is two sessions; neither key reads the other's."""
    server = start_server(keys={"team": KEY, "others": OTHER})
    with server.asking(KEY) as ours, server.asking(OTHER) as theirs:
        client = OldClient(ours)
        client.create_session()
        client.create_events(tool())
        assert theirs.get(f"/v2/sessions/{client.session_id}/stats").status_code == 404
        assert theirs.get(f"/v2/sessions/{client.session_id}/export").status_code == 404
        assert OldClient(theirs, client.session_id).create_session().status_code == 200
        assert client.stats()["events"] == 1
        assert OldClient(theirs, client.session_id).stats()["events"] == 0


@pytest.mark.parametrize(
    ("route", "body"),
    [
        ("create_session", {}),
        ("create_session", {"session": "x"}),
        ("create_session", {"session": {"session_id": "no uuid"}}),
        ("create_session", {"session": {"session_id": str(uuid4()), "init_timestamp": "yesterday"}}),
        ("create_session", {"session": {"session_id": str(uuid4()), "record": {"state": "DANCING"}}}),
        ("create_agent", {"session_id": str(uuid4())}),
        ("create_thread", {"session_id": str(uuid4())}),
        ("update_session", {"session": {}}),
        ("reauthorize_jwt", {}),
        ("create_events", {"events": "none"}),
        ("create_events", {}),
    ],
)
def test_what_makes_no_sense_is_said_to_make_none(server: RunningServer, route: str, body: object) -> None:
    """400, with the words where the clients look for them."""
    answer = server.client.post(f"/v2/{route}", json=body)
    assert answer.status_code == 400
    assert answer.json()["message"]
    assert answer.json()["path"] == f"/v2/{route}"


def test_reports_of_a_clients_own_troubles_are_taken(server: RunningServer) -> None:
    """204, as the original answers."""
    answer = server.client.post("/v2/developer_errors", json={"sdk_version": "0.3.26", "trace": "..."})
    assert (answer.status_code, answer.content) == (204, b"")


def test_the_description_of_all_routes_is_pointed_at(server: RunningServer) -> None:
    """Under the name that it has in the original."""
    answer = server.client.get("/v2/openapi.yaml")
    assert (answer.status_code, answer.headers["location"]) == (307, f"{server.url}/openapi.json")
