"""`track_endpoint`: each answered request is a session of its own."""

import sys
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

import agentops
from agentops import track_endpoint
from agentops.domain.spans import SpanKind
from agentops.testing.recording import Recording, record


@pytest.fixture
def recording() -> Iterator[Recording]:
    """What is recorded while the test runs."""
    with record(plugins=False, strict=True) as recording:
        yield recording


@pytest.fixture
def flask(monkeypatch: pytest.MonkeyPatch) -> Any:
    """What Flask tells of the request that is being answered: https://flask.palletsprojects.com/en/stable/reqcontext/."""
    module: Any = ModuleType("flask")
    module.has_request_context = lambda: True
    module.request = SimpleNamespace(
        method="POST",
        base_url="http://localhost/ask/7",
        url_rule="/ask/<n>",
        path="/ask/7",
        headers={"Authorization": "Bearer secret"},
    )
    monkeypatch.setitem(sys.modules, "flask", module)
    return module


def test_a_request_is_a_session(recording: Recording, flask: Any) -> None:
    """With method, address, route and status; nothing of its headers."""

    @track_endpoint(name="ask", tags=["web"], version=2)
    def ask(n: int) -> tuple[str, int]:
        return f"answer {n}", 201

    @track_endpoint
    def bare() -> str:
        return "fine"

    assert (ask(7), bare()) == (("answer 7", 201), "fine")
    first, second = recording.spans(SpanKind.SESSION)
    assert first.attributes == {
        "http.method": "POST",
        "http.url": "http://localhost/ask/7",
        "http.route": "/ask/<n>",
        "http.status_code": 201,
        "operation.version": 2,
    }
    assert (first.name, first.input, first.output) == ("ask", {"n": 7}, ["answer 7", 201])
    assert (second.name, second.attributes["http.status_code"]) == ("bare", 200)
    assert [(each.tags, each.end_state) for each in recording.sessions()] == [(["web"], "Success"), (None, "Success")]


def test_a_broken_answer_is_a_failure(recording: Recording) -> None:
    """Status 500 and above, and exceptions; without Flask, only the call is recorded."""

    @track_endpoint()
    def broken() -> Any:
        return SimpleNamespace(status_code=503)

    @track_endpoint()
    def raising() -> None:
        raise LookupError("no luck")

    assert broken().status_code == 503
    with pytest.raises(LookupError):
        raising()
    assert [(each.end_state, each.end_state_reason) for each in recording.sessions()] == [
        ("Fail", "status 503"),
        ("Fail", "LookupError: no luck"),
    ]
    assert recording.spans(SpanKind.SESSION)[1].attributes == {}


async def test_coroutines_answer_too_and_may_keep_things_to_themselves(recording: Recording, flask: Any) -> None:
    """`capture_request=False` and `capture_response=False` record nothing of either."""

    @track_endpoint(capture_request=False, capture_response=False)
    async def ask(secret: str) -> str:
        session = agentops.current_session()
        assert session is not None
        return session.name

    assert await ask("s3cret") == "ask"
    (root,) = recording.spans(SpanKind.SESSION)
    assert (root.input, root.output, root.attributes) == ({}, None, {})


def test_outside_of_a_request_nothing_is_read(recording: Recording, flask: Any) -> None:
    """Flask may be there without being at work."""
    flask.has_request_context = lambda: False

    @track_endpoint()
    def ask() -> str:
        return "fine"

    ask()
    assert recording.spans(SpanKind.SESSION)[0].attributes == {"http.status_code": 200}
