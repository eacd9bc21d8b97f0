"""How each provider says that something went wrong."""

from typing import Any

from agentops.domain.genai import Json
from agentops.testing.provider.exchange import Exchange, Face, server_sent
from agentops.testing.provider.turn import Fault

_OPENAI: dict[int, tuple[str, str | None, str]] = {
    400: ("invalid_request_error", "invalid_value", "Invalid value in the request."),
    401: ("invalid_request_error", "invalid_api_key", "Incorrect API key provided."),
    404: ("invalid_request_error", "model_not_found", "The model does not exist or you do not have access to it."),
    429: ("requests", "rate_limit_exceeded", "Rate limit reached for requests."),
    503: ("server_error", "server_overloaded", "The engine is currently overloaded, please try again later."),
}
_ANTHROPIC: dict[int, tuple[str, str]] = {
    400: ("invalid_request_error", "Invalid value in the request."),
    401: ("authentication_error", "invalid x-api-key"),
    403: ("permission_error", "Your API key does not have permission to use the specified resource."),
    404: ("not_found_error", "model: not found"),
    413: ("request_too_large", "Request exceeds the maximum size"),
    429: ("rate_limit_error", "Number of requests has exceeded your rate limit."),
    529: ("overloaded_error", "Overloaded"),
}


def error_body(*, anthropic: bool, status: int, message: str | None, request_id: str) -> Json:
    """An error's JSON, as https://docs.anthropic.com/en/api/errors and OpenAI's error guide show it."""
    if anthropic:
        kind, words = _ANTHROPIC.get(status, ("api_error", "Internal server error"))
        return {"type": "error", "error": {"type": kind, "message": message or words}, "request_id": request_id}
    fallback = ("server_error", None, "The server had an error while processing your request.")
    kind, code, words = _OPENAI.get(status, fallback)
    return {"error": {"message": message or words, "type": kind, "param": None, "code": code}}


def error_event(exchange: Exchange, fault: Fault, request_id: str, face: Face | None = None) -> bytes:
    """An error in the middle of a stream; chat completions send it as a nameless event."""
    request = exchange.request
    if face is not None and face.interruption is not None:
        return face.interruption(fault.status, fault.message)
    if face is not None:
        return server_sent(face.refusal(fault.status, fault.message))
    body: dict[str, Any] = error_body(
        anthropic=request.is_anthropic, status=fault.status, message=fault.message, request_id=request_id
    )
    if request.is_anthropic:
        return server_sent(body, event="error")
    if request.path.endswith("/responses"):
        return server_sent({"type": "error", **body}, event="error")
    return server_sent(body)
