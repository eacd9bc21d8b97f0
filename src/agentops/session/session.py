"""A session: one execution of a workflow, and everything that is recorded in it."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, ParamSpec, TypeAlias, TypeVar
from uuid import UUID

from msgspec.json import encode

from agentops.domain.journal.decoding import agent_id_of
from agentops.domain.spans import AgentRecord
from agentops.domain.states import EndState
from agentops.session.description import (
    agent_id_from,
    as_text,
    describe,
    event_counts,
    place_of,
    record_of,
    time_of,
    words,
)
from agentops.session.endings import end_of
from agentops.session.lifecycle import Lifecycle
from agentops.session.registry import Current

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from agentops.domain.analytics import Analytics
    from agentops.domain.events import Event
    from agentops.domain.spans import SpanRecord
    from agentops.recording.recorder import Recorder
    from agentops.recording.span import Span
    from agentops.session.description import Tags
    from agentops.session.home import Home
    from agentops.session.log_capture import LogCapture

UNNAMED = "agent"
"""What an actor is called that has no name."""
LEGACY = "agentops.legacy"
"""Before the names of what programs of AgentOps 0.4 say when they end a session, as it named them."""
FLUSH_TIMEOUT = 5.0
"""How long `record(event, flush_now=True)` may wait for delivery, seconds."""

Counts: TypeAlias = dict[str, int | str]
Description: TypeAlias = dict[str, Any]
Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


class Session(Lifecycle):
    """One execution of a workflow.

    Start it with `agentops.start_session`, `with agentops.session("name"):`, the `@agentops.session` decorator, or
    by hand: `Session()`, `start()`, `end()`; `with Session() as session:` does both.

    Attributes:
        tags: words to find it by.
        agents: the actors made known in it.
        host_env: what is known of the machine it runs on.
    """

    current = Current()
    """The session that the running code belongs to, or None: `Session.current`."""

    def __init__(  # noqa: PLR0913 - the parameters of both generations
        self,
        name: str | UUID | None = None,
        config: object = None,
        tags: Tags = None,
        host_env: Description | None = None,
        *,
        session_id: object = None,
        recorder: Recorder | None = None,
        home: Home | None = None,
    ) -> None:
        """Make a session, not started yet.

        Args:
            name: what it is called; "session" if None. A UUID is its id, as in AgentOps 0.3.
            config: the settings that it is to show; those of the program if None.
            tags: words to find it by.
            host_env: what is known of the machine; found out if None.
            session_id: an id of your own; a fresh one if None.
            recorder: what records it; the active one if None.
            home: who keeps an eye on several sessions; whoever does so for the recorder if None.

        Raises:
            ConfigurationError: if recording was never started, or tags are no words.
            ValueError: if the id is no UUID.
        """
        if isinstance(name, UUID):
            name, session_id = None, name
        super().__init__(name, session_id, recorder, home)
        self.tags = words(tags)
        self.agents: list[AgentRecord] = []
        self.host_env: Description | None = host_env
        self.entrypoint: str | None = None
        self._config = config
        self._capture: LogCapture | None = None

    @property
    def jwt(self) -> str | None:
        """The token that the collector gave for it; None before it has, and where there is no collector."""
        from agentops.delivery.receipts import receipts  # noqa: PLC0415 - only those who ask for it pay

        receipt = receipts.get(str(self.session_id))
        return None if receipt is None else receipt.jwt

    # How it is ended and recorded into

    def end_session(
        self,
        end_state: object = EndState.INDETERMINATE,
        end_state_reason: str | None = None,
        video: str | None = None,
        *,
        is_auto_end: bool = False,
        **more: Any,
    ) -> Decimal | None:
        """End it, as programs of AgentOps do.

        Args:
            end_state: `Success`, `Fail` or `Indeterminate`, as word, enum member or status code. Another word is warned
                of, and the session ends undecided.
            end_state_reason: why, in words.
            video: address of a recording.
            is_auto_end: a framework ends it, not the program: nothing happens where `skip_auto_end_session` is on.
            more: kept with its own span, as `agentops.legacy.<name>`.

        Returns:
            Its total cost in USD; None where it had ended before, or goes on.
        """
        config = None if self._home is None else self._home.config
        if self.state.is_terminal or (is_auto_end and config is not None and config.skip_auto_end_session):
            return None
        if more and self._telemetry.root is not None:
            self._telemetry.root.set_attributes({f"{LEGACY}.{name}": value for name, value in more.items()})
        self.end(*end_of(end_state, end_state_reason), video)
        return self.analytics.cost

    def record(self, event: Event, flush_now: bool = False) -> None:  # noqa: FBT001, FBT002 - AgentOps's signature
        """Record an event; a session that has ended takes no more.

        What the event does not say is noted on it: the session, the time of its end, and the agent whose work it is
        recorded in.

        Args:
            event: what happened.
            flush_now: deliver what was recorded so far at once; this may take seconds.

        Raises:
            TypeError: if it is no event.
        """
        if not self.state.is_terminal:
            self._telemetry.record(event, self.agents)
            if flush_now:
                self.flush(FLUSH_TIMEOUT)

    def flush(self, timeout: float = FLUSH_TIMEOUT) -> bool:
        """Deliver what was recorded so far; whether everything arrived within so many seconds."""
        return self._home is None or self._home.flush(timeout)

    def patch(self, func: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
        """The function, which is given this session as its argument `session` in each call."""

        @functools.wraps(func)
        def patched(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
            kwargs["session"] = self
            return func(*args, **kwargs)

        return patched

    def start_log_capture(self) -> None:
        """Record what the program writes to stdout, stderr and `logging` in it from now on, until it ends."""
        from agentops.session.log_capture import LogCapture  # noqa: PLC0415 - only for those who capture

        if not self.state.is_terminal:
            self._capture = self._capture or LogCapture(self)
            self._capture.start()

    def stop_log_capture(self) -> None:
        """Record no more of what the program writes."""
        if self._capture is not None:
            self._capture.stop()

    # What is said of it

    def add_tags(self, tags: Tags) -> None:
        """Add words to find it by.

        Raises:
            ConfigurationError: if one of them is no string.
        """
        self.tags = list(dict.fromkeys([*self.tags, *words(tags)]))
        self._tell()

    def set_tags(self, tags: Tags) -> None:
        """Replace the words to find it by.

        Raises:
            ConfigurationError: if one of them is no string.
        """
        self.tags = words(tags)
        self._tell()

    def set_video(self, video: str) -> None:
        """Say where a recording of it is to be seen."""
        self.video = as_text(video)
        self._tell()

    def create_agent(self, name: str, agent_id: object = None) -> str:
        """Make an actor known; its id, a UUID. One that is known by this id already keeps its name.

        Raises:
            ValueError: if the id is no UUID.
        """
        name = as_text(name) or UNNAMED
        known = agent_id_of(str(self.session_id), name) if agent_id is None else agent_id_from(agent_id)
        if all(agent.id != known for agent in self.agents):
            self.agents.append(AgentRecord(id=known, name=name))
            self._tell()
        return known

    def _write_down(self) -> None:
        self._telemetry.tell(record_of(self))

    # What is asked of it

    @property
    def analytics(self) -> Analytics:
        """Its counts: as fields (`analytics.llm_calls`), and as a mapping with the keys of `get_analytics`."""
        return self._telemetry.analytics

    def get_analytics(self) -> Counts:
        """Its counts as AgentOps shows them.

        For example `{'LLM calls': 1, 'Tool calls': 1, 'Actions': 0, 'Errors': 0, 'Duration': '0.9s', 'Cost': '0.00'}`.
        """
        return self.analytics.as_dict(self.duration)

    @property
    def event_counts(self) -> dict[str, int]:
        """How many events of each type there were so far."""
        return event_counts(self.analytics)

    @property
    def token_cost(self) -> Decimal:
        """USD of all its model calls whose price is known."""
        return self.analytics.cost

    @property
    def init_timestamp(self) -> str | None:
        """When it started, ISO 8601 in UTC; None before."""
        return time_of(self.started_at)

    @property
    def end_timestamp(self) -> str | None:
        """When it ended, ISO 8601 in UTC; None before."""
        return time_of(self.ended_at)

    @property
    def config(self) -> Any:
        """The settings of the program."""
        return self._config if self._config is not None or self._home is None else self._home.config

    @property
    def session_url(self) -> str:
        """Where to look at it: an address of the configured dashboard or collector, else the command that shows it."""
        return place_of(self)

    @property
    def span(self) -> Span | None:
        """Its own span, an OpenTelemetry span; None before it starts, and in a process that joined it."""
        return self._telemetry.root

    @property
    def token(self) -> None:
        """What AgentOps 0.4 detached at the end of a session; here a session leaves by itself."""

    @property
    def spans(self) -> list[SpanRecord]:
        """What the local store has of it, with everything that was recorded so far; this may take seconds."""
        return [] if self._home is None else self._home.read_spans(str(self.session_id))

    def dict(self) -> Description:
        """Everything that is known of it besides its spans."""
        return describe(self)

    def json(self) -> str:
        """The same as JSON."""
        return encode(self.dict()).decode()

    def __repr__(self) -> str:
        return f"<Session {self.name!r} {self.session_id} {self.state}>"
