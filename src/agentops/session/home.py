"""Who keeps an eye on the sessions of a recorder, also on those that a program makes by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol
from weakref import WeakKeyDictionary, ref

if TYPE_CHECKING:
    from agentops.config import Config
    from agentops.domain.spans import SpanRecord
    from agentops.recording.recorder import Recorder
    from agentops.session.registry import Registry
    from agentops.session.session import Session


class Home(Protocol):
    """What a session tells of itself, and asks.

    Attributes:
        config: the settings of the program, where they are known.
        registry: the sessions that live.
    """

    config: Config | None
    registry: Registry

    def flush(self, timeout: float, /) -> bool:
        """Deliver what was recorded so far; whether that was done within so many seconds."""
        ...

    def read_spans(self, session_id: str, /) -> list[SpanRecord]:
        """What is recorded of the session of this id."""
        ...

    def prepare(self, session: Session) -> None:
        """It is about to start: it is given what all sessions share."""
        ...

    def add(self, session: Session) -> None:
        """It has started; of one that waits for something to happen, said once more when that has."""
        ...

    def remove(self, session: Session) -> None:
        """It has ended."""
        ...


_homes: WeakKeyDictionary[Recorder, ref[Home]] = WeakKeyDictionary()


def make_home(recorder: Recorder, home: Home) -> None:
    """Sessions of this recorder tell of themselves here, as long as the home is alive."""
    _homes[recorder] = ref(home)


def home_of(recorder: Recorder) -> Home | None:
    """Where sessions of this recorder tell of themselves."""
    found = _homes.get(recorder)
    return None if found is None else found()
