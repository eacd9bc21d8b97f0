"""What models of `google-adk` are asked and answer, whatever they ask in their turn."""

from typing import Any, Final

from agentops.domain.foreign import at, count, text
from agentops.domain.genai import Message, Operation, Request, Response
from agentops.instrumentation.target import Arguments, Reader
from agentops_plugins._agents import last
from agentops_plugins._gemini import usage_of
from agentops_plugins._gemini_parts import parts_of, read_content

_COUNTS: Final = {
    "promptTokenCount": "prompt_token_count",
    "toolUsePromptTokenCount": "tool_use_prompt_token_count",
    "cachedContentTokenCount": "cached_content_token_count",
    "candidatesTokenCount": "candidates_token_count",
    "thoughtsTokenCount": "thoughts_token_count",
}
"""The counts as the API names them, and as its Python types do."""


def _asked_model(request: Any, context: Any) -> Request:
    model, config = at(context, "agent", "model"), at(request, "config")
    asked = {"contents": at(request, "contents"), "systemInstruction": at(config, "system_instruction")}
    return Request(
        operation=Operation.CHAT,
        provider="unknown" if isinstance(model, str) else type(model).__module__.rpartition(".")[2],
        model=text(request, "model"),
        messages=read_content(asked)["messages"],
    )


def _answered_model(response: Any) -> Response:
    usage = at(response, "usage_metadata")
    counts = {name: count(usage, field) for name, field in _COUNTS.items()}
    return Response(
        messages=[Message("assistant", parts_of(at(response, "content")))],
        usage=usage_of({name: found for name, found in counts.items() if found is not None}),
        error=text(response, "error_message"),
    )


def _model(asked: int, context: int) -> Reader:
    """A model's answers, by where the request and the invocation stand among the arguments."""
    return Reader(
        read_request=lambda arguments: _asked_model(
            arguments.get("llm_request", asked), arguments.get("invocation_context", context)
        ),
        read_response=_answered_model,
        fold=last,
    )


def read_call(arguments: Arguments) -> Reader | None:
    """Where answers are handled by themselves they are read there: here a callback may have given them."""
    agent = at(arguments.get("invocation_context", 0), "agent")
    is_apart = hasattr(arguments.instance, "_run_and_handle_error") or at(agent, "before_model_callback")
    return None if is_apart else _CALL


ANSWERS: Final = _model(2, 1)
"""What a model itself answers; 1.7 has no place of its own for that."""

_CALL: Final = _model(1, 0)
