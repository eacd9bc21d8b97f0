"""What stands in for agentops as it was put together, while a recording is open."""

import logging
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from opentelemetry.context.context import Context

from agentops.client import state as client
from agentops.config import Config
from agentops.domain import ids as id_source
from agentops.domain.metrics import Metrics
from agentops.domain.prices import in_use, use
from agentops.recording import guard
from agentops.recording.context import leave, set_context
from agentops.recording.recorder import Recorder, active
from agentops.session.manager import SessionManager
from agentops.testing.fixed import Ids


class StandIn:
    """The parts of a recording, in the form in which `init` puts its own together.

    Nothing is delivered, and nothing that the program does takes the parts apart: only the end of the recording.
    """

    def __init__(self, config: Config, recorder: Recorder, manager: SessionManager) -> None:
        self.config = config
        self.recorder = recorder
        self.manager = manager

    def start(self) -> None:
        """There is nothing to start."""

    def flush(self, timeout: float) -> bool:  # noqa: ARG002 - as what it stands in for
        """Everything is at hand already."""
        return True

    def metrics(self) -> Metrics:
        """What the recording has seen; nothing is delivered."""
        return Metrics(sessions=self.manager.tally.sessions(), calls=self.manager.tally.calls())

    def undo(self) -> None:
        """The recording observes on."""

    def finish(self) -> None:
        """The recording is read on."""

    def after_fork(self) -> None:
        """A child of a recording program records nothing: what it does could not be read here."""
        self.recorder.journal.abandon()


class _Occupied(client.State):
    """The client's state with a stand-in that stays: `shutdown` ends the sessions, and the recording goes on."""

    def __init__(self, stand_in: StandIn) -> None:
        self._stand_in = stand_in
        super().__init__()

    @property
    def assembly(self) -> Any:
        """The stand-in."""
        return self._stand_in

    @assembly.setter
    def assembly(self, value: object) -> None:  # pyright: ignore[reportIncompatibleVariableOverride] - it stays
        """Setting it changes nothing."""


@contextmanager
def in_place(stand_in: StandIn, ids: Ids, *, strict: bool) -> Generator[None]:
    """Whatever agentops does in the block, it does with these parts, in a context without a session."""
    state, prices, bits, strictness = client.current, in_use(), id_source.new_bits, guard.strict
    recorder, wake = active.recorder, active.wake
    logger = logging.getLogger("agentops")
    logging_before = logger.level, logger.propagate, list(logger.handlers)
    logger.setLevel(logging.WARNING)
    token = set_context(Context())
    client.current = _Occupied(stand_in)
    active.recorder, active.wake = stand_in.recorder, lambda: stand_in.recorder
    id_source.new_bits = ids
    guard.strict = strict or strictness
    try:
        yield
    finally:
        client.current = state
        active.recorder, active.wake = recorder, wake
        id_source.new_bits, guard.strict = bits, strictness
        use(prices)
        level, logger.propagate, logger.handlers = logging_before
        logger.setLevel(level)
        leave(token)
