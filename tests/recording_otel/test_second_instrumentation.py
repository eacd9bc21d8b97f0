"""Somebody else instruments the same method of the same library: both see every call, and undo restores exactly."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import wrapt

import agentops
from agentops.testing.provider import Provider
from agentops.testing.recording import Recording, record

openai = pytest.importorskip("openai")
base = pytest.importorskip("openai._base_client")

METHODS: dict[str, Any] = {"request": base.SyncAPIClient, "create": openai.resources.chat.completions.Completions}
"""The method that we observe, and one further out."""
ASKED: dict[str, Any] = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Where?"}]}


class Other:
    """An instrumentation made with wrapt, as OpenTelemetry's and Sentry's are."""

    def __init__(self, name: str) -> None:
        self.seen: list[Any] = []
        self._owner: Any = METHODS[name]
        self._name = name

    def install(self) -> None:
        """Wrap the method."""
        wrapt.wrap_function_wrapper(self._owner, self._name, self._call)

    def undo(self) -> None:
        """Put back what was there, as OpenTelemetry's `unwrap` does."""
        setattr(self._owner, self._name, inspect.getattr_static(self._owner, self._name).__wrapped__)

    def _call(self, wrapped: Callable[..., Any], instance: object, args: tuple[Any, ...], kwargs: Any) -> Any:
        result = wrapped(*args, **kwargs)
        self.seen.append(result)
        return result


@pytest.fixture(params=METHODS, name="other")
def make_other(request: pytest.FixtureRequest) -> Iterator[Other]:
    """The other instrumentation, taken out at the end in any case."""
    owner, name = METHODS[request.param], request.param
    original = inspect.getattr_static(owner, name)
    yield Other(name)
    setattr(owner, name, original)


@pytest.fixture(name="client")
def connect(loopback_provider: Provider) -> Iterator[Any]:
    """A client of the real library."""
    with openai.OpenAI(max_retries=0, timeout=10) as client:
        yield client


def members() -> dict[str, Any]:
    """What the two methods are right now, as their classes hold them."""
    return {name: inspect.getattr_static(owner, name) for name, owner in METHODS.items()}


def assert_both_see(recording: Recording, other: Other, client: Any) -> None:
    """A call, and a call that streams, are seen by both, and the program gets what the library made."""
    answer = client.chat.completions.create(**ASKED)
    stream = client.chat.completions.create(**ASKED, stream=True)
    assert len(list(stream)) > 1
    assert [type(answer).__name__, type(stream).__name__] == ["ChatCompletion", "Stream"]
    assert (other.seen[-2] is answer, other.seen[-1] is stream) == (True, True)
    assert len([span for span in recording.spans("llm") if span.response is not None]) == 2


def test_one_that_was_there_before_keeps_working(other: Other, client: Any) -> None:
    """We come second and go first: their wrapper is what stands there again."""
    before = members()
    other.install()
    theirs = members()
    with record(strict=True) as recording, agentops.session("session"):
        assert_both_see(recording, other, client)
    assert members() == theirs
    client.chat.completions.create(**ASKED)
    assert len(other.seen) == 3
    other.undo()
    assert members() == before


def test_one_that_comes_after_keeps_working(other: Other, client: Any) -> None:
    """It comes second and goes first: our wrapper is what stands there again, until we go."""
    before = members()
    with record(strict=True) as recording, agentops.session("session"):
        ours = members()
        other.install()
        assert_both_see(recording, other, client)
        other.undo()
        assert members() == ours
        client.chat.completions.create(**ASKED)
        assert len(recording.spans("llm")) == 3
    assert members() == before


def test_one_that_stays_when_we_go_keeps_working(other: Other, client: Any) -> None:
    """It covers our wrapper, which stays in place and only calls through."""
    with record(strict=True) as recording, agentops.session("session"):
        other.install()
        assert_both_see(recording, other, client)
    client.chat.completions.create(**ASKED)
    assert (len(other.seen), len(recording.spans("llm"))) == (3, 2)
