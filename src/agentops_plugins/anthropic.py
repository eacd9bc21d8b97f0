"""Observes `anthropic`, its clients for other clouds included.

Text completions exist in its 0.x versions only: https://docs.claude.com/en/api/complete.
"""

from typing import Any, Final

from agentops.domain.foreign import text
from agentops.domain.genai import Message, Operation, Response, Text
from agentops.instrumentation.target import Instrumentation
from agentops.plugins import hookimpl
from agentops_plugins._endpoints import Endpoint, input_of
from agentops_plugins._messages import COUNT_TOKENS, MESSAGES
from agentops_plugins._stainless import stainless


def _read_completion(answer: Any) -> Response:
    reason, said = text(answer, "stop_reason"), text(answer, "completion")
    return Response(
        id=text(answer, "id"),
        model=text(answer, "model"),
        messages=[Message("assistant", [Text(said)], finish_reason=reason)] if said else [],
        finish_reasons=[reason] if reason else [],
    )


def _fold(so_far: Any, chunk: Any) -> dict[str, Any]:
    said = (text(so_far, "completion") or "") + (text(chunk, "completion") or "")
    return {key: text(chunk, key) or text(so_far, key) for key in ("id", "model", "stop_reason")} | {"completion": said}


_COMPLETION: Final = Endpoint(
    operation=Operation.TEXT_COMPLETION,
    content=frozenset({"prompt"}),
    read_content=input_of("prompt"),
    read_response=_read_completion,
    fold=_fold,
    has_content=lambda chunk: bool(text(chunk, "completion")),
)

INSTRUMENTATION: Final = stainless(
    "anthropic",
    {"/v1/messages": MESSAGES, "/v1/messages/count_tokens": COUNT_TOKENS, "/v1/complete": _COMPLETION},
    versions=">=0.60,<3",
    captures="messages, streams, tools, thinking, token counts",
    native_scopes=("com.anthropic.sdk.python",),
)


@hookimpl
def agentops_instrumentation() -> Instrumentation:
    """The calls of `anthropic`."""
    return INSTRUMENTATION
