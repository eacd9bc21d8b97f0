"""Crews, tasks, agents, tools, flows and model calls of CrewAI, by its event bus.

The bus hands events to listeners in threads of its own, in no certain order; so we listen where they are emitted, which
is where the work is done. https://docs.crewai.com/en/concepts/event-listener
"""

import sys
from collections.abc import Callable, Hashable
from threading import get_ident
from typing import Any, Final

from agentops.domain.foreign import at, text
from agentops.instrumentation.callbacks.runs import Runs
from agentops.instrumentation.target import AnyRequest, Bridge, Emitter
from agentops.plugins import hookimpl
from agentops_plugins._crewai_values import ENDED, FAILED, KINDS, STARTED, TOOL, answered, asked, subject_of

_BUSES: Final = ("crewai.events.event_bus", "crewai.utilities.events.crewai_event_bus")
"""Where the bus is, and where it was in older versions."""
_OWN_LISTENER: Final = "agentops_listener"
"""Older versions of CrewAI have a listener of their own that tells us of tools; these would be recorded twice."""


class Events:
    """What the bus is given, as runs."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs
        self._requests: dict[Hashable, AnyRequest] = {}

    def tell(self, source: Any, event: Any) -> None:
        """Something begins or ends."""
        subject, name = subject_of(event), type(event).__name__
        if subject not in KINDS:
            return
        key = _key(subject, source, event)
        if name.endswith(STARTED):
            self._begin(key, subject, source, event)
        elif name.endswith(ENDED):
            request = self._requests.pop(key, None)
            self._runs.finish(key, None if request is None else answered(request, event))
        elif name.endswith(FAILED):
            self._requests.pop(key, None)
            self._runs.fail(key, _error(event))

    def _begin(self, key: Hashable, subject: str, source: Any, event: Any) -> None:
        self._runs.finish(key)  # where events have no ids, one whose end was never told would stand in the way
        request, parent = asked(subject, source, event), text(event, "parent_event_id")
        if request is None:
            self._runs.hide(key, parent)
            return
        self._requests[key] = request
        self._runs.open(key, parent, request, kind=KINDS[subject], stays=True)


def _key(subject: str, source: Any, event: Any) -> Hashable:
    """Of the event that told of the beginning its id; where events have none, what they are about, and where."""
    return text(event, "started_event_id") or text(event, "event_id") or (subject, id(source), get_ident())


def _error(event: Any) -> BaseException:
    """The exception that is being handled where the failure is told, or what is told of it."""
    told = at(event, "error")
    if isinstance(told, BaseException):
        return told
    return sys.exception() or RuntimeError(text(told) or "")


def install(emitter: Emitter) -> Callable[[], None]:
    """Listen where events are emitted."""
    module = next((sys.modules[name] for name in _BUSES if name in sys.modules), None)
    kind: Any = at(module, "CrewAIEventsBus")
    events, emit = Events(Runs(emitter)), kind.emit

    def emit_and_tell(self: Any, source: Any, event: Any) -> Any:
        if at(event, "event_id") is None:
            events.tell(source, event)
            return emit(self, source, event)
        outcome = emit(self, source, event)  # it gives the event its parent
        events.tell(source, event)
        return outcome

    kind.emit = emit_and_tell
    _leave_out_own_listener(module)

    def uninstall() -> None:
        if kind.emit is emit_and_tell:
            kind.emit = emit

    return uninstall


def _leave_out_own_listener(module: Any) -> None:
    listening: dict[Any, list[Any]] = at(module, "crewai_event_bus", "_handlers") or {}
    for event, handlers in listening.items():
        if event.__name__.startswith(TOOL):
            handlers[:] = [each for each in handlers if not each.__module__.endswith(_OWN_LISTENER)]


BRIDGE = Bridge(
    library="crewai",
    versions=">=0.150,<2",
    captures="crews, flows, tasks, agents, tools, retrievals, guardrails, models that nothing below them shows",
    install=install,
)


@hookimpl
def agentops_instrumentation() -> Bridge:
    """What this plugin observes."""
    return BRIDGE
