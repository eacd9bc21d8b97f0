"""What chat clients of `agent-framework` are asked and answer, whatever they ask in their turn."""

import sys
import weakref
from typing import Any, Final

from agentops.domain.foreign import at, count, flag, objects, text
from agentops.domain.genai import Message, Operation, Request, Response, Text, Usage
from agentops.instrumentation.target import Arguments, Emission, Reader


def _asked(arguments: Arguments) -> Request:
    client, options = arguments.instance, arguments.get("options")
    return Request(
        operation=Operation.CHAT,
        provider=text(client, "OTEL_PROVIDER_NAME") or "unknown",
        model=text(options, "model") or text(options, "model_id") or text(client, "model") or text(client, "model_id"),
        messages=_messages(arguments.get("messages", 0)),
        stream=flag(arguments.get("stream")),
    )


def _messages(said: Any) -> list[Message]:
    return [Message(text(each, "role") or "user", [Text(text(each, "text") or "")]) for each in objects(said)]


def _answered(response: Any) -> Response:
    return Response(
        id=text(response, "response_id"),
        model=text(response, "model") or text(response, "model_id"),
        messages=_messages(at(response, "messages")),
        usage=_usage(at(response, "usage_details")),
    )


def _usage(details: Any) -> Usage | None:
    if details is None:
        return None
    return Usage.inclusive(
        input=count(details, "input_token_count"),
        cache_read=count(details, "cache_read_input_token_count"),
        cache_write=count(details, "cache_creation_input_token_count"),
        output=count(details, "output_token_count"),
        reasoning=count(details, "reasoning_output_token_count"),
    )


def _attend(stream: Any, call: Emission) -> bool:
    """A stream is told of by its hooks, as that of an agent is."""
    if not hasattr(stream, "with_pull_context_manager"):
        return False
    seen = weakref.ref(stream)
    stream.with_cleanup_hook(lambda: _end(seen(), call))
    stream.with_pull_context_manager(call.active)
    return True


def _end(stream: Any, call: Emission) -> None:
    error, updates = at(stream, "_stream_error"), objects(stream, "_updates")
    if isinstance(error, BaseException):
        call.fail(error)
        return
    said = "".join(text(update, "text") or "" for update in updates)
    details = [at(content, "usage_details") for update in updates for content in objects(update, "contents")]
    call.finish(
        Response(
            id=next((found for update in updates if (found := text(update, "response_id"))), None),
            model=next((found for update in updates if (found := text(update, "model"))), None),
            messages=[Message("assistant", [Text(said)])] if said else [],
            usage=_usage(next((found for found in reversed(details) if found is not None), None)),
        )
    )


_MODEL: Final = Reader(read_request=_asked, read_response=_answered, attend=_attend)


def read_model(arguments: Arguments) -> Reader | None:
    """Streams of 1.0 have no hook for what they do, so that what they ask would not be known as theirs."""
    streams: Any = at(sys.modules.get("agent_framework._types"), "ResponseStream")
    has_hooks = hasattr(streams, "with_pull_context_manager")
    return _MODEL if has_hooks or not flag(arguments.get("stream")) else None
