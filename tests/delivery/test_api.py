"""The client of the v2 protocol against a collector on this machine: every route, every way of being refused."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import pytest
from delivery_samples import SESSION, START, llm_span, tool_span

from agentops.delivery import transport
from agentops.delivery.api import SessionApiClient
from agentops.delivery.destination import DeliveryError
from agentops.delivery.exporter import SessionExporter
from agentops.delivery.receipts import KEPT, Receipts
from agentops.delivery.replies import RefusedError, UnauthorizedError
from agentops.delivery.tokens import expiry_of, is_due
from agentops.delivery.transport import retry_seconds, shown
from agentops.domain.events import ActionEvent
from agentops.domain.spans import AgentRecord, SessionRecord
from agentops.testing import Collector, Fault

RECORD = SessionRecord(session_id=SESSION, start=START, tags=["t1"], host_env={"SDK": {}})


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A collector that takes what the original does."""
    with Collector(api_key="key-1") as collector:
        yield collector


def client_of(collector: Collector, **settings: Any) -> SessionApiClient:
    """A client that knows the key."""
    return SessionApiClient(collector.url, "key-1", **settings)


def test_a_session_is_announced_as_the_original_client_does(collector: Collector) -> None:
    """Its fields, its headers, and what the collector gives in return."""
    receipt = client_of(collector).create_session(RECORD)
    (request,) = collector.requests
    assert request.path == "/v2/create_session"
    assert request.headers["x-agentops-api-key"] == "key-1"
    assert request.headers["content-type"] == "application/json; charset=UTF-8"
    assert "authorization" not in request.headers
    body = request.get("session")
    wanted: dict[str, Any] = {
        "session_id": SESSION,
        "init_timestamp": "2026-05-28T20:26:40.000000+00:00",
        "end_timestamp": None,
        "end_state": "Indeterminate",
        "end_state_reason": None,
        "tags": ["t1"],
        "video": None,
        "host_env": {"SDK": {}},
        "event_counts": {"llms": 0, "tools": 0, "actions": 0, "errors": 0, "apis": 0},
    }
    assert {name: body[name] for name in wanted} == wanted
    assert receipt.jwt in request_tokens(collector)
    assert receipt.session_url == f"http://127.0.0.1/sessions?session_id={SESSION}"


def test_the_key_of_an_organisation_goes_along_with_announcements(collector: Collector) -> None:
    """And with nothing else, as the original client has it."""
    client = client_of(collector, parent_key="parent")
    client.create_session(RECORD)
    client.update_session(RECORD)
    assert [request.headers.get("x-agentops-parent-key") for request in collector.requests] == ["parent", None]


def request_tokens(collector: Collector) -> set[str]:
    """The tokens that the collector gave."""
    return set(collector._register.tokens)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - what it alone knows


def test_what_follows_carries_key_and_token(collector: Collector) -> None:
    """Events, agents and updates are the session's by its token."""
    client = client_of(collector)
    jwt = client.create_session(RECORD).jwt
    client.create_events([tool_span()])
    client.create_agent(SESSION, AgentRecord(id="a1", name="bob"))
    receipt = client.update_session(RECORD, {"tools": 1})
    assert collector.paths == ["create_session", "create_events", "create_agent", "update_session"]
    for request in collector.requests[1:]:
        assert request.headers["authorization"] == f"Bearer {jwt}"
        assert request.headers["x-agentops-api-key"] == "key-1"
    assert receipt.token_cost == "0.00"
    assert collector.sessions[SESSION]["event_counts"]["tools"] == 1
    assert collector.agents == [{"session_id": SESSION, "id": "a1", "name": "bob"}]
    assert [event["name"] for event in collector.events] == ["search"]


def test_events_made_by_hand_find_their_session(collector: Collector) -> None:
    """A session that nobody announced is announced by its id."""
    client = client_of(collector)
    assert client.create_events([ActionEvent(action_type="look", session_id=SESSION)]) == []
    assert client.create_events([ActionEvent(action_type="leap")], SESSION) == []
    assert collector.paths == ["create_session", "create_events", "create_events"]
    assert [event["action_type"] for event in collector.events] == ["look", "leap"]
    with pytest.raises(ValueError, match="session_id"):
        client.create_events([ActionEvent()])


def test_it_is_where_an_exporter_of_events_leads(collector: Collector) -> None:
    """`SessionExporter` turns spans into events, the client hands them over."""
    SessionExporter(client_of(collector).create_events).deliver([RECORD, tool_span(), llm_span()])
    assert [event["event_type"] for event in collector.events] == ["tools", "llms"]


def test_a_refused_token_is_renewed(collector: Collector) -> None:
    """Once, and what was asked is asked again with the new one."""
    client = client_of(collector)
    client.create_session(RECORD)
    collector.expire_tokens()
    client.create_events([tool_span()])
    assert collector.paths == ["create_session", "create_events", "reauthorize_jwt", "create_events"]
    assert len(collector.events) == 1


def test_where_no_token_is_given_the_key_alone_is_tried(collector: Collector) -> None:
    """A server that cannot renew may yet know the session by the body; if not, it is the key that is refused."""
    client = client_of(collector)
    client.create_session(RECORD)
    collector.expire_tokens()
    collector.fail(Fault.refused(404), route="reauthorize_jwt")
    with pytest.raises(UnauthorizedError):
        client.create_events([tool_span()])
    assert collector.paths == ["create_session", "create_events", "reauthorize_jwt", "create_events"]
    assert "authorization" not in collector.requests[-1].headers


def test_a_token_is_renewed_before_it_expires() -> None:
    """As its own claim says, by the clock; in the second half of a short life."""
    now = 1_000_000.0
    with Collector(token_seconds=100, clock=lambda: now) as collector:
        client = SessionApiClient(collector.url, "key", now=lambda: now)
        client.create_session(RECORD)
        client.create_events([tool_span()])
        now += 49
        client.create_events([tool_span(1)])
        now += 2
        client.create_events([tool_span(2)])
        client.create_events([tool_span(3)])
        sent = ["create_session", "create_events", "create_events", "reauthorize_jwt", "create_events", "create_events"]
        assert collector.paths == sent


@pytest.mark.parametrize("token", ["", "opaque", "a.b.c", "e30.W10.x", "e30.e30.x", "e30.eyJleHAiOiJzb29uIn0.x"])
def test_tokens_that_do_not_say_when_they_expire_are_used_until_they_are_refused(token: str) -> None:
    """Opaque ones, damaged ones, ones without the claim."""
    assert expiry_of(token) is None
    assert not is_due(token, 0.0, 1e12)


def test_a_token_says_when_it_expires() -> None:
    """The claim `exp`, in whole or broken seconds."""
    claims = urlsafe_b64encode(json.dumps({"exp": 1_000.5}).encode()).decode().rstrip("=")
    assert expiry_of(f"e30.{claims}.x") == 1_000.5


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_what_may_succeed_later_is_to_be_tried_again(collector: Collector, status: int) -> None:
    """After as long as the collector asks for, and not by the client itself: the shipper waits."""
    collector.fail(Fault.refused(status, retry_after=7, message="too much"))
    with pytest.raises(DeliveryError, match="too much") as caught:
        client_of(collector).create_session(RECORD)
    assert caught.value.retry_after == 7
    assert len(collector.requests) == 1


@pytest.mark.parametrize("status", [400, 404, 409, 413, 422])
def test_what_will_never_succeed_is_refused(collector: Collector, status: int) -> None:
    """With the status and the collector's words."""
    collector.fail(Fault.refused(status, message="no such thing"))
    with pytest.raises(RefusedError, match="no such thing") as caught:
        client_of(collector).create_session(RECORD)
    assert caught.value.status == status


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_not_accepted_is_no_refusal(collector: Collector, status: int) -> None:
    """Whatever is recorded waits for a better key."""
    collector.fail(Fault.refused(status))
    with pytest.raises(UnauthorizedError):
        client_of(collector).create_session(RECORD)


@pytest.mark.parametrize("fault", [Fault.reset(), Fault.truncated(), Fault.garbled()], ids=lambda fault: fault.kind)
def test_an_answer_that_does_not_come_whole_is_none(collector: Collector, fault: Fault) -> None:
    """The connection is lost after the request, or the answer is cut short or garbled."""
    collector.fail(fault)
    with pytest.raises(DeliveryError):
        client_of(collector).create_session(RECORD)
    assert client_of(collector).create_session(RECORD).jwt


def test_nobody_waits_for_an_answer_longer_than_agreed(collector: Collector) -> None:
    """A collector that accepts and keeps silent is as good as away."""
    collector.fail(Fault.stalled())
    with pytest.raises(DeliveryError):
        client_of(collector, timeout=0.05).create_session(RECORD)


def test_nobody_listening_is_found_out_at_once(collector: Collector) -> None:
    """Also on a connection that was good a moment ago."""
    client = client_of(collector)
    client.create_session(RECORD)
    collector.close()
    with pytest.raises(DeliveryError):
        client.create_session(RECORD)
    with pytest.raises(DeliveryError, match="nobody listens"):
        client.create_session(RECORD)
    collector.start()
    assert client.create_session(RECORD).jwt


def test_redirects_are_not_followed(collector: Collector) -> None:
    """The key goes to nobody but who was named."""
    collector.fail(Fault.refused(302))
    with pytest.raises(DeliveryError, match="moved"):
        client_of(collector).create_session(RECORD)


def test_a_password_for_the_host_does_not_replace_the_token(
    collector: Collector, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A .netrc is for other programs."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    client = client_of(collector)
    jwt = client.create_session(RECORD).jwt
    client.create_events([tool_span()])
    assert [request.headers.get("authorization") for request in collector.requests] == [None, f"Bearer {jwt}"]


@pytest.mark.parametrize(
    ("endpoint", "is_near"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://localhost/agentops", True),
        ("http://[::1]:8000", True),
        ("https://user:word@collector.example:443", False),
        ("http://10.0.0.1", False),
        ("nonsense", False),
    ],
)
def test_what_is_on_this_machine_is_told_from_its_address(endpoint: str, *, is_near: bool) -> None:
    """Nobody is asked."""
    assert transport.is_loopback(endpoint) == is_near


def test_bodies_on_the_way_to_this_machine_are_not_compressed() -> None:
    """That would cost more than sending them."""
    with Collector(accepts=("gzip",)) as collector:
        client = SessionApiClient(collector.url)
        client.create_session(RECORD)
        client.create_events([tool_span(output="x" * 100_000)], SESSION)
        assert [request.headers.get("content-encoding") for request in collector.requests] == [None, None]


def _is_never(endpoint: str) -> bool:
    return not endpoint


def test_bodies_are_compressed_only_for_those_who_take_that(monkeypatch: pytest.MonkeyPatch) -> None:
    """And only large ones, to other machines."""
    monkeypatch.setattr(transport, "is_loopback", _is_never)
    large = tool_span(output="x" * 100_000)
    for accepts, encoding in (((), None), (("gzip",), "gzip")):
        with Collector(accepts=accepts) as collector:
            client = SessionApiClient(collector.url)
            client.create_session(RECORD)
            client.create_events([large], SESSION)
            first, second = (request.headers.get("content-encoding") for request in collector.requests)
            assert (first, second) == (None, encoding)
            assert collector.events[0]["returns"] == "x" * 100_000


def test_our_own_requests_are_not_recorded(collector: Collector) -> None:
    """Though the plugin for the library that makes them is installed."""
    from agentops.testing import record  # noqa: PLC0415 - starts recording

    with record() as recording:
        client_of(collector).create_session(RECORD)
    assert recording.spans() == []


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        (None, None),
        ("", None),
        ("120", 120.0),
        ("1.5", 1.5),
        (format_datetime(datetime.fromtimestamp(1_000_090, UTC), usegmt=True), 90.0),
        (format_datetime(datetime.fromtimestamp(999_000, UTC), usegmt=True), 0.0),
        ("soon", None),
        ("-5", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(said: str | None, seconds: float | None) -> None:
    """RFC 9110, 10.2.3, by the clock given."""
    assert retry_seconds(said, 1_000_000.0) == seconds


def test_addresses_are_shown_without_passwords() -> None:
    """In logs and findings."""
    assert shown("https://me:secret@collector.example:8443/x") == "https://collector.example:8443/x"


def test_receipts_of_many_sessions_do_not_add_up_for_ever() -> None:
    """The oldest go first."""
    receipts = Receipts()
    for number in range(KEPT + 10):
        receipts.keep(str(number), {"jwt": "x"}, 0.0)
    assert receipts.get("9") is None
    assert receipts.get("10") is not None
