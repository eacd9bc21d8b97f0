"""Sessions that end with an exception, one inside the other."""

import traceback
from collections.abc import Callable
from typing import Any

import pytest

import agentops
from agentops.domain.spans import SpanKind
from agentops.testing.recording import Recording


def nested(depth: int, fail: Callable[[], None]) -> None:
    """So many sessions, one inside the other, and a failure in the innermost."""
    if not depth:
        fail()
        return

    @agentops.session(name=f"session {depth}")
    def step() -> None:
        nested(depth - 1, fail)

    step()


def divide() -> None:
    """Fail."""
    assert 1 / 0


def test_an_exception_is_described_once_however_many_sessions_it_ends(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of them says the same: walking through a long traceback takes time."""
    walks: list[object] = []
    walk = traceback.walk_tb

    def counting(frames: Any) -> Any:
        walks.append(frames)
        return walk(frames)

    monkeypatch.setattr(traceback, "walk_tb", counting)
    with pytest.raises(ZeroDivisionError):
        nested(20, divide)
    errors = [span.error for span in recording.spans(SpanKind.SESSION)]
    assert len(walks) == 1
    assert len(errors) == 20
    assert {(error.type, error.message) for error in errors if error} == {("ZeroDivisionError", "division by zero")}
    assert {
        error.stacktrace.splitlines()[-1].endswith("in divide") for error in errors if error and error.stacktrace
    } == {True}
    assert {session.end_state_reason for session in recording.sessions()} == {"ZeroDivisionError: division by zero"}


def test_another_exception_is_described_for_itself(recording: Recording) -> None:
    """One that was handled between two sessions is not what the outer one ended with."""

    def recover() -> None:
        with pytest.raises(ZeroDivisionError), agentops.session("inner"):
            divide()
        raise LookupError("something else")

    with pytest.raises(LookupError):
        nested(1, recover)
    described = {span.name: span.error for span in recording.spans(SpanKind.SESSION)}
    assert {name: error and error.type for name, error in described.items()} == {
        "inner": "ZeroDivisionError",
        "session 1": "LookupError",
    }
    outer = described["session 1"]
    assert outer is not None
    assert (outer.stacktrace or "").endswith(".recover")


def test_exceptions_of_the_same_place_are_told_apart(recording: Recording) -> None:
    """A loop whose exceptions have the same identity one after the other."""
    for number in range(5):
        with pytest.raises(ValueError, match=str(number)), agentops.session(f"outer {number}"):  # noqa: SIM117
            with agentops.session("inner"):
                raise ValueError(str(number))
    described = {span.name: span.error for span in recording.spans(SpanKind.SESSION)}
    assert [error.message for name, error in described.items() if error and name != "inner"] == list("01234")
