"""Inside an observed function the span answers in the place of OpenTelemetry's context, and says what that says."""

import contextvars
from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry import baggage, context, trace
from opentelemetry.context.context import Context

from agentops import decorators
from agentops.recording.context import SPAN_KEY, is_suppressed, suppressed
from agentops.recording.recorder import active
from agentops.recording.span import Span
from agentops.testing.recording import Recording, record


@pytest.fixture(name="recording", autouse=True)
def start_recording() -> Iterator[Recording]:
    """What is recorded while the test runs."""
    with record(plugins=False, strict=True) as recording:
        yield recording


@decorators.tool
def inside(ask: Any) -> Any:
    """Answer a question where the span is current."""
    return ask()


def test_a_span_can_be_asked_all_that_a_context_can() -> None:
    """What is under a key, which keys there are, and a copy of it."""
    token = context.attach(context.set_value("colour", "red"))
    try:

        @decorators.tool
        def ask() -> None:
            here: Any = context.get_current()
            span = trace.get_current_span()
            assert type(here) is Span
            assert here is span
            assert (here.get("colour"), here["colour"], here.get("none"), here.get("none", 1)) == (
                "red",
                "red",
                None,
                1,
            )
            assert "colour" in here
            assert SPAN_KEY in here
            assert "none" not in here
            with pytest.raises(KeyError):
                here["none"]
            plain = here.copy()
            assert plain[SPAN_KEY] is span
            assert {"colour", SPAN_KEY} <= plain.keys()
            assert dict(here) == {**here} == dict(here.items()) == Context(here) == plain
            assert (list(here), list(here.keys()), list(here.values())) == ([*plain], [*plain], [*plain.values()])
            assert len(here) == len(plain)
            assert here

        ask()
    finally:
        context.detach(token)


def test_values_set_inside_end_with_it_and_those_around_stay() -> None:
    """Baggage of the program's, in nested calls."""
    outer = context.attach(baggage.set_baggage("user", "ann"))

    def deeper() -> Any:
        token = context.attach(baggage.set_baggage("step", "2"))
        try:
            return inside(baggage.get_all), trace.get_current_span()
        finally:
            context.detach(token)

    try:
        (found, current) = inside(deeper)
        assert dict(found) == {"user": "ann", "step": "2"}
        assert isinstance(current, Span)
        assert dict(baggage.get_all()) == {"user": "ann"}
    finally:
        context.detach(outer)


def test_what_is_current_comes_back_level_by_level() -> None:
    """Also where a call fails."""
    before = context.get_current()

    def fail() -> None:
        raise KeyError("x")

    def middle() -> Any:
        here = context.get_current()
        with pytest.raises(KeyError):
            inside(fail)
        assert context.get_current() is here
        return here

    assert inside(middle) is not before
    assert context.get_current() is before


def test_a_copied_context_keeps_the_span() -> None:
    """As tasks and threads take it along."""
    copied = inside(contextvars.copy_context)
    assert isinstance(copied.run(trace.get_current_span), Span)
    assert not isinstance(trace.get_current_span(), Span)


def test_our_own_marks_are_seen_through_a_span() -> None:
    """Deliveries that call observed functions stay unrecorded model calls."""
    with suppressed():
        assert inside(is_suppressed) is True
    assert inside(is_suppressed) is False


def test_recursion_as_deep_as_python_lets_it_be_asks_no_deeper(recording: Recording) -> None:
    """However many spans are around, what is under another key is one step away."""

    @decorators.tool
    def down(count: int) -> Any:
        return down(count - 1) if count else context.get_value("colour")

    token = context.attach(context.set_value("colour", "red"))
    try:
        assert down(200) == "red"
    finally:
        context.detach(token)
    assert len(recording.spans("tool")) == 201


def test_what_a_function_raises_where_nothing_is_recorded_is_raised_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is called once, and not once more because of what it raised."""
    monkeypatch.setattr(active, "recorder", None)
    calls: list[int] = []

    @decorators.tool
    def fail() -> None:
        calls.append(1)
        raise ValueError("x")

    with pytest.raises(ValueError, match="x"):
        fail()
    assert calls == [1]
