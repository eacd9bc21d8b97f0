"""The client: what the module functions do, as an object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from agentops.client import sessions, setup, state
from agentops.domain.ids import new_session_id
from agentops.domain.spans import AgentRecord
from agentops.session.description import agent_id_from, words

if TYPE_CHECKING:
    from decimal import Decimal

    from agentops.config import Config
    from agentops.domain.events import Event
    from agentops.session.description import Tags
    from agentops.session.session import Session


class Client:
    """The program's client; there is one, however often it is asked for.

    `Client(api_key="...")` makes settings, as `agentops.configure` does. Recording begins with `init`, or with the
    first session.
    """

    _only: ClassVar[Client | None] = None

    def __new__(cls, *args: Any, use_singleton: bool = True, **settings: Any) -> Client:  # noqa: ARG004, PYI034 - see `__init__`
        """The client of the program; `use_singleton=False` gives another object for the same recording."""
        if cls._only is None or not use_singleton:
            made = super().__new__(cls)
            cls._only = cls._only or made
            return made
        return cls._only

    def __init__(self, api_key: str | None = None, *, use_singleton: bool = True, **settings: Any) -> None:
        """Make settings, where there are any.

        Args:
            api_key: authenticates towards a collector; not needed to record on this machine.
            use_singleton: whether it is the same object as ever.
            settings: any other setting by its name.

        Raises:
            ConfigurationError: if a setting cannot be what it was given.
        """
        del use_singleton  # `__new__` has read it
        if api_key is not None:
            settings["api_key"] = api_key
        if settings:
            setup.configure(**settings)

    # The program

    @property
    def config(self) -> Config:
        """The settings in use, or those that `init` is going to use."""
        assembly = state.current.assembly
        return state.read_settings({}) if assembly is None else assembly.config

    @property
    def initialized(self) -> bool:
        """Whether the program is being recorded."""
        return state.current.assembly is not None

    is_initialized = initialized

    def init(self, *args: Any, **settings: Any) -> Session | None:
        """See `agentops.init`."""
        return setup.init(*args, **settings)

    def initialize(self) -> Session | None:
        """Begin to record with the settings made so far."""
        return setup.init()

    def configure(self, **settings: Any) -> None:
        """See `agentops.configure`."""
        setup.configure(**settings)

    def stop_instrumenting(self) -> None:
        """See `agentops.stop_instrumenting`."""
        setup.stop_instrumenting()

    @property
    def api_key(self) -> str | None:
        """Authenticates towards a collector."""
        return self.config.api_key

    def get_current_jwt(self) -> str | None:
        """By which a collector knows the current session; None where there is none."""
        session = sessions.current_session()
        return None if session is None else session.jwt

    @property
    def parent_key(self) -> str | None:
        """Of an organisation's project at the collector."""
        return self.config.parent_key

    @property
    def host_env(self) -> dict[str, Any]:
        """What is written down of the machine; empty before `init`."""
        assembly = state.current.assembly
        return {} if assembly is None else assembly.manager.describe_host() or {}

    def add_default_tags(self, tags: Tags) -> None:
        """Add to the tags of sessions that start from now on."""
        setup.configure(default_tags=[*self.config.default_tags, *words(tags)])

    def get_default_tags(self) -> list[str]:
        """Tags of every session."""
        return list(self.config.default_tags)

    def add_pre_init_warning(self, message: str) -> None:
        """Say something that went wrong before recording began."""
        state.logger.warning("%s", message)

    def unsuppress_logs(self) -> None:
        """Let our logger speak as the settings say."""
        state.speak(self.config.log_level)

    # Its sessions

    @property
    def _sessions(self) -> list[Session]:
        assembly = state.current.assembly
        return [] if assembly is None else assembly.manager.registry.active()

    @property
    def has_sessions(self) -> bool:
        """Whether a session is running."""
        return bool(self._sessions)

    @property
    def is_multi_session(self) -> bool:
        """Whether several are."""
        return len(self._sessions) > 1

    @property
    def session_count(self) -> int:
        """How many sessions are running."""
        return len(self._sessions)

    @property
    def current_session_ids(self) -> list[str]:
        """The ids of the running sessions, oldest first."""
        return [str(session.session_id) for session in self._sessions]

    def start_session(self, tags: Tags = None, inherited_session_id: object = None, **settings: Any) -> Session | None:
        """See `agentops.start_session`."""
        return sessions.start_session(tags, inherited_session_id, **settings)

    def end_session(
        self,
        end_state: object = None,
        end_state_reason: str | None = None,
        video: str | None = None,
        is_auto_end: bool = False,  # noqa: FBT001, FBT002 - AgentOps's signature
        **more: Any,
    ) -> Decimal | None:
        """See `agentops.end_session`."""
        return sessions.end_session(end_state, end_state_reason, video, is_auto_end, **more)

    def end_all_sessions(self, *args: Any) -> None:
        """See `agentops.end_all_sessions`."""
        sessions.end_all_sessions(*args)

    def get_session(self, session_id: object) -> Session | None:
        """See `agentops.get_session`."""
        return sessions.get_session(session_id)

    def record(self, event: Event) -> Event:
        """See `agentops.record`."""
        return sessions.record(event)

    def add_tags(self, tags: Tags) -> None:
        """See `agentops.add_tags`."""
        sessions.add_tags(tags)

    def set_tags(self, tags: Tags) -> None:
        """See `agentops.set_tags`."""
        sessions.set_tags(tags)

    def create_agent(self, name: str, agent_id: object = None, session: Session | None = None) -> str | None:
        """Make an actor known, in the current session or in the one given; before any, in the first that starts.

        Raises:
            ValueError: if the id is no UUID.
        """
        if session is not None:
            return session.create_agent(name, agent_id)
        if self._sessions:
            return sessions.create_agent(name, agent_id)
        agent = AgentRecord(id=new_session_id() if agent_id is None else agent_id_from(agent_id), name=name)
        state.expected_agents().append(agent)
        return agent.id


def get_client() -> Client:
    """The client of the program."""
    return Client()
