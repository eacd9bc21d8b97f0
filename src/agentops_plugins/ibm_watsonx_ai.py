"""Observes `ibm_watsonx_ai`: https://ibm.github.io/watsonx-ai-python-sdk/fm_model_inference.html.

Chats are seen where programs make them; of texts that go on, which come in batches over threads, each request is.
A stream of them gives the program bare texts unless it asks for more: its tokens are known only then.
"""

from dataclasses import replace
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

from agentops.domain.foreign import at, count, loaded, plain, text
from agentops.domain.genai import Operation, Request
from agentops.domain.spans import ErrorInfo
from agentops.instrumentation.target import Arguments, Instrumentation, Reader, Target
from agentops.plugins import hookimpl
from agentops_plugins._content import given, settings
from agentops_plugins._errors import failure
from agentops_plugins._openai_chat import CHAT
from agentops_plugins._watsonx_texts import fold_texts, has_text, read_texts, read_vectors


def _request(arguments: Arguments, operation: Operation, parameters: Any, **more: Any) -> Request:
    instance = arguments.instance
    address = text(instance, "_client", "credentials", "url") or ""
    return Request(
        operation=operation,
        provider="ibm.watsonx.ai",
        model=text(instance, "model_id"),
        parameters=settings(given(plain(parameters)), ()),
        server_address=urlsplit(address).hostname,
        **more,
    )


def _read_chat(arguments: Arguments, *, stream: bool = False) -> Request:
    body = {"messages": arguments.get("messages", 0), "tools": arguments.get("tools", 2)}
    content = CHAT.read_content(body, None)
    chosen = {key: arguments.get(key, at_) for key, at_ in (("tool_choice", 3), ("tool_choice_option", 4))}
    parameters = {**given(plain(arguments.get("params", 1))), **chosen}
    return _request(
        arguments, CHAT.operation, parameters, messages=content.messages, tools=content.tools, stream=stream
    )


def _read_text(arguments: Arguments, *, stream: bool = False) -> Request:
    """Of the payload or, up to version 1.3, of what it is made of."""
    payload = arguments.get("payload", 0)
    if isinstance(payload, dict):
        prompt, parameters = text(payload, "input"), at(payload, "parameters")
    else:
        prompt, parameters = text(arguments.get("prompt", 0)), arguments.get("params", 1)
    return _request(arguments, Operation.TEXT_COMPLETION, parameters, input=prompt, stream=stream)


def _read_inputs(arguments: Arguments) -> Request:
    inputs = plain(arguments.get("inputs", 0))
    return _request(arguments, Operation.EMBEDDINGS, arguments.get("params", 1), input=inputs)


def _read_error(error: BaseException) -> ErrorInfo | None:
    """What an `ApiRequestFailure` says: the status, and of the body the first error."""
    response = at(error, "response")
    status = count(response, "status_code")
    if status is None:
        return None
    said = at(loaded(at(response, "text")), "errors", 0)
    return failure(error, text(said, "message"), status=status, code=text(said, "code"))


_CHAT: Final = Reader(
    read_request=_read_chat,
    read_response=CHAT.read_response,
    fold=CHAT.fold,
    has_content=CHAT.has_content,
    read_error=_read_error,
)
_TEXT: Final = Reader(
    read_request=_read_text,
    read_response=read_texts,
    fold=fold_texts,
    has_content=has_text,
    read_error=_read_error,
)
_CHATS: Final = replace(_CHAT, read_request=partial(_read_chat, stream=True))
_TEXTS: Final = replace(_TEXT, read_request=partial(_read_text, stream=True))
_EMBED: Final = Reader(read_request=_read_inputs, read_response=read_vectors, read_error=_read_error)

_MODELS: Final = "ibm_watsonx_ai.foundation_models"
_READERS: Final = {
    "inference.model_inference:ModelInference.chat": _CHAT,
    "inference.model_inference:ModelInference.achat": _CHAT,
    "inference.model_inference:ModelInference.chat_stream": _CHATS,
    "inference.model_inference:ModelInference.achat_stream": _CHATS,
    "inference.base_model_inference:BaseModelInference._send_inference_payload": _TEXT,
    "inference.base_model_inference:BaseModelInference._BaseModelInference__make_request": _TEXT,
    "inference.base_model_inference:BaseModelInference._asend_inference_payload": _TEXT,
    "inference.base_model_inference:BaseModelInference._generate_stream_with_url": _TEXTS,
    "inference.base_model_inference:BaseModelInference._agenerate_stream_with_url": _TEXTS,
    "embeddings.embeddings:Embeddings.generate": _EMBED,
    "embeddings.embeddings:Embeddings.agenerate": _EMBED,
}

INSTRUMENTATION: Final = Instrumentation(
    library="ibm_watsonx_ai",
    distribution="ibm-watsonx-ai",
    versions=">=1.3.20,<2",
    captures="chat, streams, tools, completion, embeddings",
    targets=[Target(path=f"{_MODELS}.{place}", reader=reader) for place, reader in _READERS.items()],
)


@hookimpl
def agentops_instrumentation() -> Instrumentation:
    """The calls of `ibm_watsonx_ai`."""
    return INSTRUMENTATION
