"""Bodies of OTLP/HTTP as requests, in either form."""

from collections.abc import Callable
from enum import StrEnum
from functools import cache
from importlib import import_module
from typing import Any, Final, cast

import msgspec
from msgspec import Struct

from agentops.collector.otlp.forms import JSON, PROTOBUF, Form
from agentops.collector.otlp.shapes import LogsRequest, MetricsRequest, TraceRequest


class MalformedError(ValueError):
    """The body is no such request; the message says why in a few words."""


class UnknownFormError(MalformedError):
    """The content type is none that OTLP/HTTP has."""


class Signal(StrEnum):
    """What a request carries; the paths of OTLP/HTTP end in these words."""

    TRACES = "traces"
    LOGS = "logs"
    METRICS = "metrics"


class Received(Struct, frozen=True):
    """A request as it was decoded: a message of protobuf, or a struct that looks like it."""

    signal: Signal
    form: Form
    message: Any


SHAPES: Final = {Signal.TRACES: TraceRequest, Signal.LOGS: LogsRequest, Signal.METRICS: MetricsRequest}
_OUTERMOST: Final = {Signal.TRACES: "resource_spans", Signal.LOGS: "resource_logs", Signal.METRICS: "resource_metrics"}
_PROTOBUF_TYPES: Final = frozenset({"application/x-protobuf", "application/protobuf"})


def decode(signal: Signal, body: bytes, content_type: str) -> Received:
    """The request in a body.

    Args:
        signal: what it carries.
        body: unpacked.
        content_type: as the header says it; without one the body's first byte tells.

    Raises:
        UnknownFormError: if the content type is none that OTLP/HTTP has.
        MalformedError: if it is no such request.
    """
    form = form_of(content_type, body)
    if form is PROTOBUF:
        return Received(signal, PROTOBUF, _decode_protobuf(signal, body))
    return Received(signal, JSON, _decode_json(signal, body))


def form_of(content_type: str, body: bytes = b"") -> Form:
    """The form that a content type names.

    Raises:
        UnknownFormError: if it names neither.
    """
    name = content_type.partition(";")[0].strip().lower()
    if name in _PROTOBUF_TYPES:
        return PROTOBUF
    if name == JSON.content_type:
        return JSON
    if not name:
        return JSON if body.lstrip()[:1] == b"{" else PROTOBUF
    raise UnknownFormError(f"the content type is {name[:60]!r}, not {PROTOBUF.content_type} or {JSON.content_type}")


def _decode_protobuf(signal: Signal, body: bytes) -> Any:
    from google.protobuf.message import DecodeError  # noqa: PLC0415 - heavy: a server that gets none needs none

    try:
        return message_type(signal).FromString(body)
    except DecodeError as error:
        raise MalformedError(f"the body is no protobuf of {signal}") from error


@cache
def message_type(signal: Signal, end: str = "Request") -> Any:
    """The class of the messages of protobuf that ask, or with the end `Response` answer."""
    module, name = _SERVICES[signal]  # imported here: heavy, and a server that gets no protobuf needs none
    return getattr(import_module(f"opentelemetry.proto.collector.{module}_service_pb2"), f"{name}{end}")


_SERVICES: Final = {
    Signal.TRACES: ("trace.v1.trace", "ExportTraceService"),
    Signal.LOGS: ("logs.v1.logs", "ExportLogsService"),
    Signal.METRICS: ("metrics.v1.metrics", "ExportMetricsService"),
}


def _decode_json(signal: Signal, body: bytes) -> Any:
    outermost = _OUTERMOST[signal]
    try:
        message = _json_decoder(signal)(body)
        if getattr(message, outermost) is None and f'"{outermost}"'.encode() in body:
            renamed = _with_camel_case(msgspec.json.decode(body))
            message = msgspec.convert(renamed, SHAPES[signal], strict=False)
    except RecursionError as error:
        raise MalformedError("the JSON is nested too deeply") from error
    except (msgspec.MsgspecError, UnicodeDecodeError, ValueError, OverflowError) as error:
        raise MalformedError(f"the body is no JSON of {signal}: {str(error)[:200]}") from error
    return message


@cache
def _json_decoder(signal: Signal) -> Callable[[bytes], Any]:
    # not strict: 64-bit numbers are strings, and so are NaN and infinities
    return cast("Any", msgspec.json.Decoder(SHAPES[signal], strict=False)).decode


def _with_camel_case(value: Any) -> Any:
    """JSON whose fields are named as in protobuf's schema, under the names that they have in JSON."""
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        return {camel(name): _with_camel_case(item) for name, item in fields.items()}
    return [_with_camel_case(item) for item in cast("list[Any]", value)] if isinstance(value, list) else value


def camel(name: str) -> str:
    """A name of protobuf's schema as JSON has it."""
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)
