"""What `litellm` is asked and answers: OpenAI's shapes, whoever is behind it. https://docs.litellm.ai/docs/completion.

Its messages are Anthropic's; their streams it passes on as bytes: https://docs.litellm.ai/docs/anthropic_unified.
"""

from functools import partial
from typing import Any, Final

from msgspec.structs import replace

from agentops.domain.foreign import at, entry, flag, loaded, number, text
from agentops.domain.genai import Request, Response, Usage
from agentops.instrumentation.target import Arguments, Reader
from agentops_plugins._calls import named
from agentops_plugins._content import fields, price
from agentops_plugins._endpoints import Endpoint, request_of
from agentops_plugins._messages import MESSAGES
from agentops_plugins._stainless import read_error

_PROVIDERS: Final = {
    "azure": "azure.ai.openai",
    "azure_ai": "azure.ai.inference",
    "bedrock": "aws.bedrock",
    "cohere_chat": "cohere",
    "dashscope": "alibaba_cloud",
    "fireworks_ai": "fireworks",
    "gemini": "gcp.gemini",
    "mistral": "mistral_ai",
    "moonshot": "moonshot_ai",
    "nvidia_nim": "nvidia",
    "ollama_chat": "ollama",
    "together_ai": "together",
    "vertex_ai": "gcp.vertex_ai",
    "watsonx": "ibm.watsonx.ai",
    "xai": "x_ai",
}
"""Its words for providers (https://docs.litellm.ai/docs/providers) where those of `gen_ai.provider.name` differ."""
_SETTINGS: Final = """
dimensions encoding_format frequency_penalty input_type logit_bias logprobs max_completion_tokens max_tokens modalities
n parallel_tool_calls presence_penalty quality reasoning reasoning_effort response_format seed service_tier size stop
stop_sequences stream_options temperature text thinking timeout tool_choice top_k top_logprobs top_n top_p truncation
user verbosity voice web_search_options
"""
"""What is kept of the arguments: among the others are keys, clients and what it passes on to itself."""
_DELTA: Final = "content_block_delta"
_ID: Final = "llm_provider-request-id"
"""The header of the provider, as it passes it on."""
_COUNTING: Final = frozenset(
    {"anthropic", "bedrock", "cohere", "cohere_chat", "gemini", "groq", "mistral", "ollama", "ollama_chat", "vertex_ai"}
)
"""Providers whose streams say their tokens unasked; for others it estimates them, and they are left out."""


def _read_request(endpoint: Endpoint, names: tuple[str, ...], arguments: Arguments) -> Request:
    given = named(arguments, names)
    provider, model = _addressed(text(given, "model"), text(given, "custom_llm_provider"))
    known = endpoint.content.union(_SETTINGS.split())
    kept = {key: value for key, value in given.items() if key in known}
    address = text(given, "api_base") or text(given, "base_url")
    stream = flag(given, "stream")
    return request_of(endpoint, kept, provider=provider, model=model, address=address, stream=stream)


def _addressed(model: str | None, given: str | None) -> tuple[str, str | None]:
    """Who is asked for which model: `provider/model`, or a bare name."""
    name, _, rest = (model or "").partition("/")
    if given is not None:
        return _PROVIDERS.get(given, given), rest if rest and name == given else model
    if not rest:
        return "anthropic" if name.startswith("claude") else "openai", model
    return _PROVIDERS.get(name, name), rest.removeprefix("converse/").removeprefix("invoke/")


def _fold(endpoint: Endpoint, so_far: Any, chunk: Any) -> Any:
    """The tokens that it has not passed on to a program that did not ask for them lie beside the last chunk."""
    whole: Any = so_far if endpoint.fold is None else endpoint.fold(so_far, chunk)
    hidden = _hidden(chunk)
    usage = at(hidden, "usage")
    if usage is not None and whole.get("usage") is None and text(hidden, "custom_llm_provider") in _COUNTING:
        whole["usage"] = usage
    return whole


def _read_response(endpoint: Endpoint, answer: Any) -> Response:
    response = endpoint.read_response(answer)
    hidden = _hidden(answer)
    response.usage = _told(response.usage)
    if flag(hidden, "cache_hit"):  # from its own cache: nobody was asked
        response.usage, response.cost = None, "0"
    elif number(hidden, "response_cost"):  # 0 where it does not know the price
        response.cost = price(at(hidden, "response_cost"))
    headers = at(hidden, "additional_headers")
    response.request_id = text(entry(headers, _ID)) or text(entry(headers, "llm_provider-x-request-id"))
    return response


def _hidden(answer: Any) -> Any:
    """What it knows of an answer or chunk beside what the provider said."""
    return at(answer, "__pydantic_private__", "_hidden_params")


def _told(usage: Usage | None) -> Usage | None:
    """It writes 0 where the provider says nothing of its cache and of reasoning."""
    if usage is None:
        return None
    kept = {name: getattr(usage, name) or None for name in ("cache_read", "cache_write", "reasoning")}
    return replace(usage, **kept)


def reader_of(endpoint: Endpoint, names: tuple[str, ...]) -> Reader:
    """Reads a function that leads to an endpoint, and whose first parameters have these names."""
    return Reader(
        read_request=partial(_read_request, endpoint, names),
        read_response=partial(_read_response, endpoint),
        fold=None if endpoint.fold is None else partial(_fold, endpoint),
        has_content=endpoint.has_content,
        read_error=read_error,
    )


def _fold_bytes(so_far: Any, chunk: Any) -> dict[str, Any]:
    """Server-sent events, which end with an empty line wherever the pieces of the stream do; or what one of them says.

    https://html.spec.whatwg.org/multipage/server-sent-events.html
    """
    whole: dict[str, Any] = {"rest": b"", "message": None} if so_far is None else so_far
    if isinstance(chunk, bytes):
        *events, whole["rest"] = (whole["rest"] + chunk).split(b"\n\n")
        said = [loaded(data[5:].decode()) for event in events for data in event.split(b"\n") if data[:5] == b"data:"]
    else:
        said = [chunk]
    for event in said:
        whole["message"] = MESSAGES.fold and MESSAGES.fold(whole["message"], event)
    return whole


def _brings_content(chunk: Any) -> bool:
    """Whether a piece of a stream has some of what the program waits for."""
    return _DELTA.encode() in chunk if isinstance(chunk, bytes) else text(chunk, "type") == _DELTA


def _read_message(answer: Any) -> Response:
    return MESSAGES.read_response(at(answer, "message") if "rest" in fields(answer) else answer)


MESSAGES_READER: Final = Reader(
    read_request=partial(_read_request, MESSAGES, ()),
    read_response=_read_message,
    fold=_fold_bytes,
    has_content=_brings_content,
    read_error=read_error,
)
"""Reads what is asked in Anthropic's words."""
