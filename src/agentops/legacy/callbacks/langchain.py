"""Handlers for the callbacks of LangChain: chains, agents, tools, retrievers and model calls as spans.

    chain.invoke(question, config={"callbacks": [LangchainCallbackHandler()]})

A model call that an observed client library makes inside is recorded there, once; what LangChain tells of it is then
an action around it. https://reference.langchain.com/python/langchain_core/callbacks
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from langchain_core.callbacks.base import AsyncCallbackHandler, BaseCallbackHandler

from agentops.instrumentation.callbacks.langchain import Callbacks
from agentops.instrumentation.callbacks.runs import Runs
from agentops.instrumentation.emitter import SpanEmitter
from agentops.legacy.callbacks.joining import join

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

_SOURCE: Final = "agentops.langchain"


class Done:
    """What may be awaited and is done already: LangChain awaits handlers of its async kind."""

    def __await__(self) -> Generator[None, None, None]:
        return
        yield


class Observer(Callbacks):
    """What both handlers do; each callback is done when it returns, also where it may be awaited."""

    def __init__(  # noqa: PLR0913 - the arguments of both generations of AgentOps
        self,
        api_key: str | None = None,
        endpoint: str | Iterable[str] | None = None,
        max_wait_time: int | bool | None = None,  # noqa: FBT001 - the third of AgentOps 0.4 is a switch
        max_queue_size: int | None = None,
        default_tags: Iterable[str] | None = None,
        *,
        tags: Iterable[str] | str | None = None,
        auto_session: bool = True,
    ) -> None:
        """Begin to record, if that has not begun.

        Args:
            api_key: as for `agentops.init`.
            endpoint: the collector; a list here is AgentOps 0.4's second argument, the tags.
            max_wait_time: as for `agentops.init`; a truth value here is AgentOps 0.4's third argument.
            max_queue_size: as for `agentops.init`.
            default_tags: tags of the session that begins here; `langchain` and the kind of handler if None.
            tags: words to find the session by.
            auto_session: whether to begin to record.
        """
        if endpoint is not None and not isinstance(endpoint, str):
            endpoint, tags = None, endpoint if tags is None else tags
        if isinstance(max_wait_time, bool):
            max_wait_time, auto_session = None, max_wait_time
        super().__init__(Runs(SpanEmitter(_SOURCE)))
        if auto_session:
            settings: dict[str, Any] = {
                "api_key": api_key,
                "endpoint": endpoint,
                "max_wait_time": max_wait_time,
                "max_queue_size": max_queue_size,
            }
            join(tags, default_tags or self._default_tags(), settings)

    @staticmethod
    def _default_tags() -> tuple[str, ...]:
        return "langchain", "sync"

    @property
    def ao_client(self) -> Any:
        """The client of AgentOps 0.3."""
        import agentops  # noqa: PLC0415 - what it imports, only programs that ask for it need

        return agentops.Client()

    @property
    def session_id(self) -> str | None:
        """The id of the current session."""
        from agentops import client  # noqa: PLC0415 - as above

        session = client.current_session()
        return None if session is None else session.session_id

    @property
    def session_span(self) -> Any:
        """The span of the current session itself."""
        from agentops import client  # noqa: PLC0415 - as above

        session = client.current_session()
        return None if session is None else session.telemetry.root

    @property
    def current_session_ids(self) -> list[str]:
        """The ids of the sessions that are open."""
        return self.ao_client.current_session_ids

    @property
    def active_spans(self) -> dict[Any, Any]:
        """The spans of the runs that go on, by the ids of the runs."""
        return self._runs.spans


class LangchainCallbackHandler(Observer, BaseCallbackHandler):
    """Records what LangChain does; it serves `invoke` and `ainvoke`, `stream` and `astream` alike."""


class AsyncLangchainCallbackHandler(Observer, AsyncCallbackHandler):
    """The same, of the kind that LangChain awaits."""

    _done: Any = Done()

    @staticmethod
    def _default_tags() -> tuple[str, ...]:
        return "langchain", "async"
