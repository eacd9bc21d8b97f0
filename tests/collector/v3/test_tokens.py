"""The token of AgentOps 0.4."""

import pytest
from server_samples import RunningServer, StartServer

from agentops.collector.access.tokens import LIFETIME

KEY = "11111111-2222-4333-8444-555555555555"


def bearer(token: str) -> dict[str, str]:
    """The header with a token."""
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("key", [KEY, "dummy", ""])
def test_any_key_is_given_a_token_where_none_is_needed(server: RunningServer, key: str) -> None:
    """With the project, without which the client fails, and the plan that it does not complain about."""
    answer = server.client.post("/v3/auth/token", json={"api_key": key})
    assert answer.status_code == 200
    assert answer.json() == {
        "token": answer.json()["token"],
        "project_id": server.project().id,
        "project_prem_status": "pro",
    }


def test_a_token_stands_for_its_key(start_server: StartServer) -> None:
    """What it opens, and until when."""
    server = start_server(keys={"team": KEY})
    granted = server.client.post("/v3/auth/token", json={"api_key": KEY}).json()
    assert granted["project_id"] == server.project("team").id
    shown = server.client.get("/v3/auth/token", headers=bearer(granted["token"])).json()
    payload = shown["payload"]
    assert payload["project_id"] == granted["project_id"]
    assert (payload["aud"], payload["project_prem_status"], payload["api_key"]) == ("authenticated", "pro", None)
    assert payload["exp"] > LIFETIME
    assert shown["expires_at"].endswith("+00:00")
    assert server.client.get("/public/v1/project", headers=bearer(granted["token"])).json()["name"] == "team"


def test_an_unknown_key_is_given_none(start_server: StartServer) -> None:
    """403, with the reason where clients of 0.4 look for it."""
    server = start_server(keys={"team": KEY})
    answer = server.client.post("/v3/auth/token", json={"api_key": "another"})
    assert answer.status_code == 403
    assert answer.json()["error"]
    assert "token" not in answer.json()


@pytest.mark.parametrize("body", [{}, {"api_key": 7}, [], "key"])
def test_a_body_without_a_key_makes_no_sense(server: RunningServer, body: object) -> None:
    """400."""
    assert server.client.post("/v3/auth/token", json=body).status_code == 400


@pytest.mark.parametrize("token", ["a.b.c", "eyJhbGciOiJub25lIn0.eyJleHAiOjF9."])
def test_a_token_that_is_none_says_nothing(start_server: StartServer, token: str) -> None:
    """401, also for one that nobody signed."""
    server = start_server(keys={"team": KEY})
    assert server.client.get("/v3/auth/token", headers=bearer(token)).status_code == 401


def test_a_key_is_as_good_as_its_token(start_server: StartServer) -> None:
    """It just never ends."""
    server = start_server(keys={"team": KEY})
    shown = server.client.get("/v3/auth/token", headers=bearer(KEY)).json()
    assert (shown["payload"]["exp"], shown["expires_at"]) == (None, None)
