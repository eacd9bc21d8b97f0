"""The logger that AutoGen and AG2 tell of agents, functions and completions.

    autogen.runtime_logging.start(logger=AutogenLogger())

Their interface is `autogen.logger.base_logger.BaseLogger`; it is met, not inherited, so nothing is imported here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from agentops import client
from agentops.domain.events import ActionEvent, LLMEvent, ToolEvent
from agentops.domain.foreign import at, plain, text
from agentops.domain.handmade import usage_of
from agentops.recording.guard import guarded

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_OPENAI: Final = "openai"


class AutogenLogger:
    """Records what AutoGen tells as events of the current session.

    A completion that the observed openai client made is recorded there; one that AutoGen remembered is an action.
    """

    def __init__(self) -> None:
        self._agents: dict[int, str] = {}
        self._clients: dict[int, str] = {}

    def start(self) -> str:
        """Logging begins; the id of the run, which AutoGen hands on to the program."""
        session = client.current_session()
        return str(uuid4()) if session is None else str(session.session_id)

    def stop(self) -> None:
        """Logging ends, and the session with it."""
        client.end_session("Indeterminate")

    def get_connection(self) -> None:
        """There is no database."""

    def log_new_agent(self, agent: Any, init_args: Mapping[str, Any]) -> None:  # noqa: ARG002 - AutoGen's signature
        """An agent was made."""
        with guarded("recording what AutoGen tells"):
            agent_id = client.create_agent(text(agent, "name") or type(agent).__name__, str(uuid4()))
            if agent_id is not None:
                self._agents[id(agent)] = agent_id

    def log_new_wrapper(self, wrapper: Any, init_args: Mapping[str, Any]) -> None:
        """Clients were bundled."""

    def log_new_client(self, client: Any, wrapper: Any, init_args: Mapping[str, Any]) -> None:  # noqa: ARG002
        """A client of a provider was made."""
        self._clients[id(client)] = type(client).__module__.partition(".")[0]

    def log_chat_completion(  # noqa: PLR0913, PLR0917 - AutoGen's signature
        self,
        invocation_id: object,  # noqa: ARG002
        client_id: int,
        wrapper_id: int,  # noqa: ARG002
        agent: Any,
        request: Mapping[str, Any],
        response: Any,
        is_cached: int,
        cost: float,
        start_time: str,
    ) -> None:
        """A model answered."""
        with guarded("recording what AutoGen tells"):
            agent_id = self._agents.get(id(agent))
            if is_cached:
                self._tell(ActionEvent(action_type="remembered completion", params=plain(request)), agent_id)
            elif self._clients.get(client_id) != _OPENAI or not _observes_openai():
                usage = usage_of(plain(response))
                event = LLMEvent(
                    init_timestamp=start_time,
                    prompt=plain(request.get("messages")),
                    completion=plain(at(response, "choices", -1, "message")) or plain(response),
                    model=text(response, "model") or text(request, "model"),
                    prompt_tokens=None if usage is None else usage.input_total,
                    completion_tokens=None if usage is None else usage.output_total,
                    cost=cost or None,
                )
                self._tell(event, agent_id)

    def log_event(self, source: Any, name: str, **kwargs: Any) -> None:
        """Something happened to an agent."""
        with guarded("recording what AutoGen tells"):
            self._tell(ActionEvent(action_type=name, params=plain(kwargs)), self._agents.get(id(source)))

    def log_function_use(
        self, source: Any, function: Callable[..., Any], args: Mapping[str, Any], returns: Any
    ) -> None:
        """An agent used a function."""
        with guarded("recording what AutoGen tells"):
            name = getattr(function, "__name__", None) or text(function, "name") or type(function).__name__
            event = ToolEvent(name=name, params=plain(args), returns=plain(returns))
            self._tell(event, self._agents.get(id(source)))

    def _tell(self, event: ActionEvent | LLMEvent | ToolEvent, agent_id: str | None) -> None:
        event.agent_id = agent_id
        client.record(event)


def _observes_openai() -> bool:
    """Whether the openai client is observed."""
    assembly = client.get_assembly()
    installed = () if assembly is None else assembly.observation.installed
    return any(text(each, "instrumentation", "library") == _OPENAI for each in installed)
