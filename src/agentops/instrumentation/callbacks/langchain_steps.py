"""What LangChain tells of chains, agents, tools and retrievers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from agentops.domain.foreign import at, plain, text
from agentops.domain.genai import AgentRequest, AgentResponse
from agentops.domain.spans import SpanKind
from agentops.instrumentation.callbacks.langchain_values import described, name_of, tool_request_of, tool_response_of
from agentops.instrumentation.callbacks.runs import Runs, calling, is_call_of, is_generator
from agentops.recording.guard import guarded

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from langchain_core.agents import AgentAction, AgentFinish
    from langchain_core.documents import Document

_CALLBACKS: Final = "langchain_core.callbacks"
_HIDDEN: Final = "langsmith:hidden"
"""The tag of runs that LangChain and LangGraph make for themselves."""
_WHOLE: Final = frozenset({"invoke", "ainvoke", "_call_with_config", "_acall_with_config", "run", "arun"})
"""Functions of LangChain within which a run begins and ends, and in which nothing else begins beside it."""
_PAUSE: Final = "GraphBubbleUp"
"""The base of the exceptions with which LangGraph stops a graph to go on later."""
_STREAMS: Final = frozenset({"stream", "astream"})
"""Functions within which a graph of LangGraph runs."""


def _stays() -> bool:
    """Whether what follows where a run begins is part of it."""
    code = calling(_CALLBACKS)
    return code is not None and code.co_name in _WHOLE and not is_generator(code)


def _is_hidden(name: str, tags: Sequence[str] | None) -> bool:
    """Whether a run is not worth a span, or is that of a graph which is recorded already where it was called."""
    if tags and _HIDDEN in tags:
        return True
    code = calling(_CALLBACKS) if is_call_of(name) else None
    return code is not None and code.co_name in _STREAMS


class StepCallbacks:
    """The callbacks of everything but models; a handler gives the runs."""

    _runs: Runs
    _done: Any = None

    def on_chain_start(  # noqa: PLR0913
        self,
        serialized: dict[str, Any],
        inputs: dict[str, Any],
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        tags: list[str] | None = None,
        metadata: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> Any:
        """A chain begins."""
        name = name_of(serialized, kwargs, "chain")
        if _is_hidden(name, tags):
            self._runs.hide(run_id, parent_run_id)
            return self._done
        with guarded("reading a callback of LangChain"):
            kind = SpanKind.WORKFLOW if parent_run_id is None else SpanKind.TASK
            if name == "AgentExecutor" or name == text(metadata, "lc_agent_name"):
                kind = SpanKind.AGENT
            self._runs.open(
                run_id,
                parent_run_id,
                AgentRequest(name=name, input=plain(inputs), attributes=described(tags, metadata)),
                kind=kind,
                stays=_stays(),
            )
        return self._done

    def on_chain_end(self, outputs: dict[str, Any], *, run_id: UUID, **kwargs: Any) -> Any:  # noqa: ARG002
        """A chain has come to its end."""
        self._runs.finish(run_id, AgentResponse(output=plain(outputs)))
        return self._done

    def on_chain_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> Any:  # noqa: ARG002
        """A chain went wrong, or stopped to be gone on with."""
        if any(each.__name__ == _PAUSE for each in type(error).__mro__):
            self._runs.finish(run_id)
        else:
            self._runs.fail(run_id, error)
        return self._done

    def on_tool_start(  # noqa: PLR0913
        self,
        serialized: dict[str, Any],
        input_str: str,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        tags: list[str] | None = None,
        metadata: dict[str, Any] | None = None,
        inputs: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> Any:
        """A tool is called."""
        with guarded("reading a callback of LangChain"):
            request = tool_request_of(serialized, input_str, {**kwargs, "inputs": inputs})
            request.attributes = described(tags, metadata)
            self._runs.open(run_id, parent_run_id, request, stays=_stays())
        return self._done

    def on_tool_end(self, output: Any, *, run_id: UUID, **kwargs: Any) -> Any:  # noqa: ARG002
        """A tool gave something back."""
        self._runs.finish(run_id, tool_response_of(output))
        return self._done

    def on_tool_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> Any:  # noqa: ARG002
        """A tool went wrong."""
        self._runs.fail(run_id, error)
        return self._done

    def on_retriever_start(  # noqa: PLR0913
        self,
        serialized: dict[str, Any],
        query: str,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        tags: list[str] | None = None,
        metadata: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> Any:
        """Documents are looked for."""
        with guarded("reading a callback of LangChain"):
            name = name_of(serialized, kwargs, "retriever")
            request = AgentRequest(name=name, input=query, attributes=described(tags, metadata))
            self._runs.open(run_id, parent_run_id, request, kind=SpanKind.RETRIEVAL, stays=_stays())
        return self._done

    def on_retriever_end(self, documents: Sequence[Document], *, run_id: UUID, **kwargs: Any) -> Any:  # noqa: ARG002
        """Documents were found."""
        self._runs.finish(run_id, AgentResponse(output=plain(documents)))
        return self._done

    def on_retriever_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> Any:  # noqa: ARG002
        """Looking for documents went wrong."""
        self._runs.fail(run_id, error)
        return self._done

    def on_agent_action(self, action: AgentAction, *, run_id: UUID, **kwargs: Any) -> Any:  # noqa: ARG002
        """An agent decided what to do; the chain that says so is an agent."""
        self._runs.turn_into(run_id, SpanKind.AGENT)
        self._runs.note(run_id, "agent action", {"tool": action.tool, "input": plain(action.tool_input)})
        return self._done

    def on_agent_finish(self, finish: AgentFinish, *, run_id: UUID, **kwargs: Any) -> Any:  # noqa: ARG002
        """An agent is done."""
        self._runs.turn_into(run_id, SpanKind.AGENT)
        self._runs.note(run_id, "agent finish", {"returns": plain(finish.return_values)})
        return self._done

    def on_text(self, text: str, *, run_id: UUID, **kwargs: Any) -> Any:  # noqa: ARG002
        """A chain says something."""
        self._runs.note(run_id, "text", {"text": text})
        return self._done

    def on_retry(self, retry_state: Any, *, run_id: UUID, **kwargs: Any) -> Any:  # noqa: ARG002
        """Something is tried again."""
        self._runs.note(run_id, "retry", {"attempt": at(retry_state, "attempt_number")})
        return self._done

    def on_custom_event(self, name: str, data: Any, *, run_id: UUID, **kwargs: Any) -> Any:  # noqa: ARG002
        """The program tells of something of its own."""
        self._runs.note(run_id, name, {"data": plain(data)})
        return self._done
