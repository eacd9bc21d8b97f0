"""Amazon Bedrock through botocore and its async twin: one dispatcher, the operation by its name.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_Operations_Amazon_Bedrock_Runtime.html
"""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlsplit

from agentops.domain.foreign import at, count, entry, objects, plain, text
from agentops.domain.genai import Message, Operation, Request, Response, Text, Usage
from agentops.domain.spans import ErrorInfo
from agentops.instrumentation.target import Arguments, Reader
from agentops_plugins._bedrock_bodies import endpoint_of, operation_of, read_answer
from agentops_plugins._bedrock_streams import fold, has_content
from agentops_plugins._content import fields, settings
from agentops_plugins._converse import CONVERSE
from agentops_plugins._errors import failure, is_kind

PROVIDER: Final = "aws.bedrock"
_SERVICE: Final = "bedrock-runtime"
_HEADER: Final = "x-amzn-bedrock-{}-token-count"
_NEGOTIATED: Final = frozenset({"body", "modelId", "accept", "contentType"})
"""Of InvokeModel, what is neither the model's nor a setting."""


def reader_for(source: tuple[str, ...]) -> Callable[[Arguments], Reader | None]:
    """Chooses how a call of a client's `_make_api_call` is read; None for every service but this one.

    `source` is where the client's body objects read from; see `Reader.source`.
    """
    readers = {**_READERS, "InvokeModel": replace(_READERS["InvokeModel"], source=source)}

    def choose(arguments: Arguments) -> Reader | None:
        try:
            service = arguments.instance.meta.service_model.service_name
        except AttributeError:
            return None
        if service != _SERVICE:
            return None
        return readers.get(arguments.get("operation_name", 0))

    return choose


def _given(arguments: Arguments) -> dict[str, Any]:
    return fields(arguments.get("api_params", 1))


def _request(arguments: Arguments, operation: Operation, **said: Any) -> Request:
    return Request(
        operation=operation,
        provider=PROVIDER,
        model=text(_given(arguments), "modelId"),
        server_address=urlsplit(text(arguments.instance, "meta", "endpoint_url") or "").hostname,
        **said,
    )


def _read_converse(arguments: Arguments) -> Request:
    given = _given(arguments)
    content = CONVERSE.read_content(given, None)
    parameters = settings(given, CONVERSE.content | {"modelId", "toolConfig"})
    choice = plain(at(given, "toolConfig", "toolChoice"))
    return _request(
        arguments,
        Operation.CHAT,
        messages=content.messages,
        tools=content.tools,
        parameters=parameters if choice is None else {**parameters, "toolConfig": {"toolChoice": choice}},
        stream=arguments.get("operation_name", 0) == "ConverseStream",
    )


def _read_invoke(arguments: Arguments) -> Request:
    given = _given(arguments)
    body = _json(given.get("body"))
    endpoint = endpoint_of(body)
    content = endpoint.read_content(body, None)
    return _request(
        arguments,
        operation_of(text(given, "modelId") or "", body),
        messages=content.messages,
        tools=content.tools,
        input=content.input,
        parameters={**settings(body, endpoint.content), **settings(given, _NEGOTIATED)},
        stream=arguments.get("operation_name", 0) == "InvokeModelWithResponseStream",
    )


def _json(body: Any) -> Any:
    """A body as JSON; one that is a file is the client's to read."""
    try:
        return json.loads(body) if isinstance(body, str | bytes | bytearray) else None
    except (ValueError, RecursionError):
        return None


def _read_head(result: Any) -> Response:
    """What the headers say: the request's id, and tokens where the body does not say them."""
    headers = at(result, "ResponseMetadata", "HTTPHeaders")
    counts = {
        bucket: count(int(found))
        for bucket, word in (
            ("input", "input"),
            ("output", "output"),
            ("cache_read", "cache-read-input"),
            ("cache_write", "cache-write-input"),
        )
        if (found := text(entry(headers, _HEADER.format(word)))) is not None and found.isdecimal()
    }
    return Response(
        usage=Usage(**counts) if counts else None,
        request_id=text(result, "ResponseMetadata", "RequestId"),
        service_tier=text(result, "serviceTier", "type") or text(result, "serviceTier"),
    )


def _read_body(result: Any) -> Response:
    """The body, as far as the program read it; the result itself where nothing of it was seen."""
    if not isinstance(result, list):
        return _read_head(result)
    return read_answer(_json(b"".join(objects(result))))


def _fold_bytes(so_far: Any, data: Any) -> list[bytes]:
    read: list[bytes] = [] if so_far is None else so_far
    read.append(data)
    return read


def _fold_chunk(so_far: Any, event: Any) -> dict[str, Any]:
    return fold(so_far, _json(at(event, "chunk", "bytes")))


def _brings_content(event: Any) -> bool:
    return has_content(_json(at(event, "chunk", "bytes")))


def _read_check(arguments: Arguments) -> Request:
    given = _given(arguments)
    said = [Text(words) for part in objects(given, "content") if (words := text(part, "text", "text")) is not None]
    request = _request(
        arguments,
        Operation.GUARDRAIL,
        messages=[Message("assistant" if text(given, "source") == "OUTPUT" else "user", [*said])],
        parameters=settings(given, {"content"}),
    )
    request.model = text(given, "guardrailIdentifier")
    return request


def _read_verdict(result: Any) -> Response:
    said = [Text(words) for output in objects(result, "outputs") if (words := text(output, "text")) is not None]
    reason = text(result, "action")
    return Response(
        messages=[Message("assistant", [*said])] if said else [],
        finish_reasons=[reason] if reason else [],
        output={"action": reason, "assessments": plain(at(result, "assessments"))},
        request_id=text(result, "ResponseMetadata", "RequestId"),
    )


def _read_counting(arguments: Arguments) -> Request:
    asked = at(_given(arguments), "input", "converse")
    body = _json(at(_given(arguments), "input", "invokeModel", "body")) if asked is None else asked
    content = (endpoint_of(body) if asked is None else CONVERSE).read_content(body, None)
    return _request(
        arguments, Operation.TOKEN_COUNT, messages=content.messages, tools=content.tools, input=content.input
    )


def _read_count(result: Any) -> Response:
    return Response(
        output={"input_tokens": count(result, "inputTokens")}, request_id=text(result, "ResponseMetadata", "RequestId")
    )


def read_error(error: BaseException) -> ErrorInfo | None:
    """What a `ClientError` says, one that came as an event of a stream included."""
    if not is_kind(error, "ClientError"):
        return None
    answer = at(error, "response")
    return failure(
        error,
        text(answer, "Error", "Message"),
        status=count(answer, "ResponseMetadata", "HTTPStatusCode"),
        code=text(answer, "Error", "Code"),
        request_id=text(answer, "ResponseMetadata", "RequestId"),
    )


def _stream(part: str, **told: Any) -> Reader:
    return Reader(
        begin=_read_head,
        part=part,
        iterator="_event_generator",
        decode="_parse_event",
        connection="_raw_stream",
        read_error=read_error,
        **told,
    )


_READERS: Final = {
    "Converse": Reader(read_request=_read_converse, read_response=CONVERSE.read_response, read_error=read_error),
    "ConverseStream": _stream(
        "stream",
        read_request=_read_converse,
        read_response=CONVERSE.read_response,
        fold=CONVERSE.fold,
        has_content=CONVERSE.has_content,
    ),
    "InvokeModel": Reader(
        read_request=_read_invoke,
        read_response=_read_body,
        fold=_fold_bytes,
        begin=_read_head,
        has_content=lambda _: False,
        part="body",
        read_error=read_error,
    ),
    "InvokeModelWithResponseStream": _stream(
        "body",
        read_request=_read_invoke,
        read_response=read_answer,
        fold=_fold_chunk,
        has_content=_brings_content,
    ),
    "ApplyGuardrail": Reader(read_request=_read_check, read_response=_read_verdict, read_error=read_error),
    "CountTokens": Reader(read_request=_read_counting, read_response=_read_count, read_error=read_error),
}
