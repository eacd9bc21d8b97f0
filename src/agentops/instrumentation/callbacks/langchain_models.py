"""What LangChain tells of model calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agentops.domain.foreign import at, text
from agentops.instrumentation.callbacks.langchain_values import described, request_of, response_of
from agentops.recording.guard import guarded

if TYPE_CHECKING:
    from uuid import UUID

    from langchain_core.messages import BaseMessage
    from langchain_core.outputs import LLMResult

    from agentops.instrumentation.callbacks.runs import Runs


class ModelCallbacks:
    """The callbacks of chat models and of models that complete texts; a handler gives the runs."""

    _runs: Runs
    _done: Any = None

    def on_chat_model_start(  # noqa: PLR0913 - LangChain's signature, as all that follow
        self,
        serialized: dict[str, Any],
        messages: list[list[BaseMessage]],
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        tags: list[str] | None = None,
        metadata: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> Any:
        """A chat model is asked."""
        with guarded("reading a callback of LangChain"):
            request = request_of(messages[0] if messages else (), serialized, metadata, kwargs, chat=True)
            self._runs.open(run_id, parent_run_id, request, stays=True, attributes=described(tags, metadata))
        return self._done

    def on_llm_start(  # noqa: PLR0913
        self,
        serialized: dict[str, Any],
        prompts: list[str],
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        tags: list[str] | None = None,
        metadata: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> Any:
        """A model that completes texts is asked."""
        with guarded("reading a callback of LangChain"):
            request = request_of(prompts[:1], serialized, metadata, kwargs, chat=False)
            self._runs.open(run_id, parent_run_id, request, stays=True, attributes=described(tags, metadata))
        return self._done

    def on_llm_new_token(self, token: Any, *, run_id: UUID, **kwargs: Any) -> Any:  # noqa: ARG002
        """A piece of a model's answer came."""
        self._runs.answering(run_id)
        return self._done

    def on_stream_event(self, event: Any, *, run_id: UUID, **kwargs: Any) -> Any:  # noqa: ARG002
        """Something of a model's streamed answer came."""
        if text(event, "event") == "content-block-delta":
            self._runs.answering(run_id)
        return self._done

    def on_llm_end(self, response: LLMResult, *, run_id: UUID, **kwargs: Any) -> Any:  # noqa: ARG002
        """A model has answered."""
        found = None
        with guarded("reading a callback of LangChain"):
            found = response_of(response)
        self._runs.finish(run_id, found)
        return self._done

    def on_llm_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> Any:
        """A model call went wrong; `response` among the arguments is what came until then."""
        found = None
        with guarded("reading a callback of LangChain"):
            given = kwargs.get("response")
            found = response_of(given) if at(given, "generations", 0, 0) is not None else None
        self._runs.fail(run_id, error, found)
        return self._done
