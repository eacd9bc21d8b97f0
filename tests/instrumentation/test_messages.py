"""Messages between processes: what is sent carries what is current, what is handled is part of what sent it."""

import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

import agentops
from agentops.domain.genai import ToolRequest, ToolResponse
from agentops.domain.spans import SpanKind
from agentops.instrumentation.target import Arguments, Instrumentation, Reader, Target
from agentops.testing.recording import Recording

SESSION = "00000000-0000-4000-8000-00000000abcd"
TRACE = SESSION.replace("-", "")
FROM_AFAR = {"traceparent": f"00-{TRACE}-00000000000000aa-01", "baggage": f"agentops.session={SESSION}"}


class Courier(ModuleType):
    """A library that sends messages and handles them."""

    def __init__(self) -> None:
        super().__init__("courier")
        self.sent: list[dict[str, str]] = []

    def send(self, message: dict[str, str]) -> None:
        """Send a message."""
        self.sent.append(message)

    def handle(self, message: dict[str, str]) -> str:
        """Handle a message."""
        return message.get("text", "")

    async def handle_later(self, message: dict[str, str]) -> str:
        """Handle a message in a task."""
        return self.handle(message)


def _depart(arguments: Arguments, carried: Any) -> Arguments:
    return arguments._replace(args=({**arguments.args[0], **carried},))


_HANDLE = Reader(
    read_request=lambda _: ToolRequest(name="handle"), read_response=lambda text: ToolResponse(result=text)
)
INSTRUMENTATION = Instrumentation(
    library="courier",
    targets=[
        Target(path="courier:Courier.send", reader=lambda _: None, departs=_depart),
        Target(path="courier:Courier.handle", reader=_HANDLE, arrives=lambda arguments: arguments.args[0]),
        Target(path="courier:Courier.handle_later", reader=lambda _: None, arrives=lambda arguments: arguments.args[0]),
    ],
)


@pytest.fixture(name="courier")
def observe_courier(agentops_recording: Recording, monkeypatch: pytest.MonkeyPatch) -> Iterator[Courier]:
    """The library, observed."""
    courier = Courier()
    courier.__dict__["Courier"] = Courier
    monkeypatch.setitem(sys.modules, "courier", courier)
    with agentops_recording.observing.only([INSTRUMENTATION]):
        yield courier


def test_what_is_sent_says_what_is_current(courier: Courier, agentops_recording: Recording) -> None:
    """The fields of W3C trace context, our session and span in the baggage; the program's message is not written to."""
    message = {"text": "hello"}
    with agentops.span("sending"):
        courier.send(message)
    (sent,), span = courier.sent, agentops_recording.span("sending")
    trace_id = span.session_id.replace("-", "")
    assert message == {"text": "hello"}
    assert sent == {
        "text": "hello",
        "traceparent": f"00-{trace_id}-{span.span_id}-01",
        "baggage": f"agentops.session={span.session_id};parent={span.span_id}",
    }


def test_what_is_sent_by_nobody_stays_as_it_is(courier: Courier, agentops_recording: Recording) -> None:
    """Without a session nothing is added, and none is started."""
    courier.send({"text": "hello"})
    assert courier.sent == [{"text": "hello"}]
    assert agentops_recording.sessions() == []


def test_what_is_handled_is_part_of_what_sent_it(courier: Courier, agentops_recording: Recording) -> None:
    """It belongs to that session, under that span, and afterwards nothing of it is current."""
    with agentops.span("own"):
        assert courier.handle({**FROM_AFAR, "text": "hello"}) == "hello"
        with agentops.span("after"):
            pass
    span, own = agentops_recording.span("handle"), agentops_recording.span("own")
    assert (span.session_id, span.parent_id, span.kind) == (SESSION, "00000000000000aa", SpanKind.TOOL)
    assert agentops_recording.span("after").parent_id == own.span_id


def test_spans_that_others_put_between_do_not_come_between(courier: Courier, agentops_recording: Recording) -> None:
    """Where `traceparent` was rewritten on the way, the span that sent the message still stands in the baggage."""
    courier.handle({**FROM_AFAR, "baggage": f"theirs=1,agentops.session={SESSION};parent=00000000000000bb"})
    assert agentops_recording.span("handle").parent_id == "00000000000000bb"


async def test_what_is_handled_in_a_coroutine_is_part_of_it(courier: Courier, agentops_recording: Recording) -> None:
    """While it is awaited, and no longer; what it calls is under the span that sent the message."""
    await courier.handle_later(FROM_AFAR)
    assert agentops_recording.span("handle").parent_id == "00000000000000aa"
    assert agentops.current_session() is None


@pytest.mark.parametrize(
    "message",
    [
        {},
        {"traceparent": "00-1-2-01"},
        {"traceparent": 1, "baggage": 2},
        {"traceparent": "?", "baggage": f"agentops.session={SESSION};parent=?"},
        {**FROM_AFAR, "baggage": "agentops.session=?"},
        {**FROM_AFAR, "baggage": f"agentops.session={SESSION};parent=xyz"},
    ],
    ids=str,
)
def test_odd_messages_are_handled_as_any(courier: Courier, agentops_recording: Recording, message: Any) -> None:
    """What names no session and span is nobody's: the call is the handling program's own."""
    courier.handle(message)
    (session,) = agentops_recording.sessions()
    assert agentops_recording.span("handle").session_id == session.session_id


def test_a_message_to_oneself_stays_in_place(courier: Courier, agentops_recording: Recording) -> None:
    """What comes from the very span that is current is simply inside it."""
    with agentops.span("sending"):
        courier.send({})
        courier.handle(courier.sent[0])
    assert agentops_recording.tree().splitlines()[-2:] == ["  task sending", "    tool handle"]
