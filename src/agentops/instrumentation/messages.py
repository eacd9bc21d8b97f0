"""Messages between processes: what is current goes with them, and is current again where they are handled.

It travels as W3C trace context (https://www.w3.org/TR/trace-context/) and baggage (https://www.w3.org/TR/baggage/).
The span stands in the baggage too: on the way, others may put spans of their own into `traceparent`, of which we
know nothing.
"""

from __future__ import annotations

from types import CoroutineType
from typing import TYPE_CHECKING, Any, Final, cast

from agentops.domain.foreign import text
from agentops.instrumentation.carried import as_text, captured, revive
from agentops.instrumentation.target import Arguments
from agentops.recording.context import SESSION_BAGGAGE, attach, current_span, detach, inherited, internal, is_suppressed
from agentops.recording.guard import guarded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from agentops.instrumentation.target import Target

    Wrapper = Callable[[Any, Any, tuple[Any, ...], dict[str, Any]], Any]

_PARENT: Final = "parent"
"""The property of our member of the baggage that holds the span id."""


def carry(target: Target, observed: Wrapper) -> Wrapper:
    """The wrapper of a target that sends or handles messages, around the one that observes it."""

    def carried(wrapped: Any, instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        here: Mapping[str, object] = {}
        with guarded(f"carrying what is current through {target.path}"):
            arguments = Arguments(instance, args, kwargs)
            if target.internal:
                here = internal()
            elif target.arrives is not None:
                here = _arriving(_text_in(target.arrives(arguments)))
            elif target.departs is not None and (message := _message()):
                _, args, kwargs = target.departs(arguments, message)
        if not here:
            return observed(wrapped, instance, args, kwargs)
        token = attach(here)
        try:
            outcome = observed(wrapped, instance, args, kwargs)
        finally:
            detach(token)
        kind = cast("Any", type(outcome))
        return _arrived(outcome, here) if kind is CoroutineType else outcome

    return carried


def _arriving(text: Mapping[str, str]) -> Mapping[str, object]:
    """What to make current; nothing where the message came from what is current here."""
    here, origin = current_span(), inherited(text)
    if origin is None or (here is not None and here.id == origin[1].to_bytes(8, "big")):
        return {}
    return revive(text)


async def _arrived(coroutine: CoroutineType[Any, Any, Any], here: Mapping[str, object]) -> Any:
    token = attach(here)
    try:
        return await coroutine
    finally:
        detach(token)


def _message() -> dict[str, str]:
    """What is current, as the fields of a message; nothing where nothing is."""
    carried = {} if is_suppressed() else as_text(captured())
    if not carried:
        return {}
    parent = carried["TRACEPARENT"].split("-")[2]
    return {"traceparent": carried["TRACEPARENT"], "baggage": f"{carried['BAGGAGE']};{_PARENT}={parent}"}


def _text_in(message: Any) -> dict[str, str]:
    """The carrier in a message: the span that the baggage names, where it does, and else that of `traceparent`."""
    traceparent, baggage = (text(message, name) for name in ("traceparent", "baggage"))
    if traceparent is None or baggage is None:
        return {}
    parts = traceparent.split("-")
    for member in baggage.split(","):
        known, *properties = member.split(";")
        if known.partition("=")[0].strip() != SESSION_BAGGAGE:
            continue
        for name, _, value in (each.strip().partition("=") for each in properties):
            if name == _PARENT and len(parts) > 2:  # noqa: PLR2004 - where the span id stands
                parts[2] = value
    return {"TRACEPARENT": "-".join(parts), "BAGGAGE": baggage}
