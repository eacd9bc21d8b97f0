"""What pages of others can do through the browser of somebody who runs a collector: nothing."""

import httpx
import pytest
from hostile_samples import JSON, body_for, check_refusal, connected, path_of, routes_with
from server_samples import RunningServer, StartServer

from agentops.collector.table import ROUTES

FOREIGN = [
    "https://evil.example",
    "http://localhost.evil.example",
    "http://evil.example:80",
    "null",
    "file://",
    "http://[",
]
HOSTS = ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "0.0.0.0", "[::2]", "a" * 300, ""]
CHANGING = [route for route in ROUTES if route.method != "GET"]


def ask(server: RunningServer, method: str, path: str, **headers: str) -> httpx.Response:
    """What is answered to a request with these headers."""
    return server.client.request(method, path, headers={name.replace("_", "-"): headers[name] for name in headers})


@pytest.mark.parametrize("host", HOSTS)
def test_a_name_that_was_made_to_point_here_leads_nowhere(server: RunningServer, host: str) -> None:
    """421 at every route, before anything else is looked at (DNS rebinding)."""
    for route in ROUTES:
        if "live" not in route.path:
            answer = ask(server, route.method, path_of(route), Host=host, Content_Type=JSON)
            assert answer.status_code == 421, (route.path, answer.text)
            check_refusal(answer)


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_page_of_another_origin_sends_nothing(server: RunningServer, origin: str) -> None:
    """403, whatever the type of the body is; and what pages may read without asking, they do not see."""
    for route in CHANGING:
        for kind in (JSON, "application/x-protobuf", ""):
            answer = ask(server, route.method, path_of(route), Origin=origin, Content_Type=kind)
            assert answer.status_code in {403, 415}, (route.path, answer.text)
            check_refusal(answer)
            assert "access-control-allow-origin" not in answer.headers
    answer = ask(server, "GET", "/api/v1/sessions", Origin=origin)
    assert "access-control-allow-origin" not in answer.headers


def test_no_form_is_taken(server: RunningServer) -> None:
    """The three types that browsers send for any page without asking first."""
    for route in CHANGING:
        for kind in (
            "application/x-www-form-urlencoded",
            "multipart/form-data",
            "text/plain",
            "TEXT/PLAIN;charset=utf-8",
        ):
            answer = ask(server, route.method, path_of(route), Content_Type=kind)
            assert answer.status_code == 415, (route.path, kind)
            check_refusal(answer)


@pytest.mark.parametrize("origin", [*FOREIGN, "http://127.0.0.1", "http://localhost"])
def test_nobody_is_told_that_he_may_ask(server: RunningServer, origin: str) -> None:
    """A preflight is not answered as browsers want it, for no origin."""
    for route in routes_with():
        answer = ask(
            server,
            "OPTIONS",
            path_of(route),
            Origin=origin,
            Access_Control_Request_Method=route.method,
            Access_Control_Request_Headers="content-type,x-agentops-api-key",
        )
        assert answer.status_code in {404, 405}
        assert not [name for name in answer.headers if name.startswith("access-control-")]
        check_refusal(answer)


def test_only_allowed_origins_read(start_server: StartServer) -> None:
    """Exactly as they were named; never with credentials, never everybody."""
    allowed = "https://team.example"
    server = start_server(allowed_origins=(allowed,))
    seen = {
        origin: ask(server, "GET", "/api/v1/sessions", Origin=origin).headers.get("access-control-allow-origin")
        for origin in (allowed, *FOREIGN, f"{allowed}.evil.example", f"{allowed}:444", "http://team.example")
    }
    assert {origin for origin, told in seen.items() if told} == {allowed}
    answer = ask(server, "GET", "/api/v1/sessions", Origin=allowed)
    assert answer.headers["access-control-allow-origin"] == allowed
    assert answer.headers["vary"] == "Origin"
    assert "access-control-allow-credentials" not in answer.headers


def test_two_hosts_are_one_too_many(server: RunningServer) -> None:
    """The first of them counts, and is none of ours."""
    with connected(server.url) as connection:
        connection.sendall(b"GET /api/v1/sessions HTTP/1.1\r\nHost: evil.example\r\nHost: localhost\r\n\r\n")
        assert connection.recv(12) == b"HTTP/1.1 421"


def test_every_request_needs_a_body_of_its_own_type(server: RunningServer) -> None:
    """What a page can send without a type at all is read by no route that reads JSON."""
    for route in CHANGING:
        if route.body not in (None, bytes):
            options = body_for(route)
            answer = server.client.request(route.method, path_of(route), content=options["content"])
            assert answer.status_code == 415
            check_refusal(answer)
