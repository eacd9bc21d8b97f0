"""What is answered to OTLP, in the form in which it was asked.

https://opentelemetry.io/docs/specs/otlp/#otlphttp-response
"""

from collections.abc import Mapping
from typing import Final

import msgspec
from msgspec import Struct

from agentops.collector.otlp.decoding import Signal, UnknownFormError, camel, form_of, message_type
from agentops.collector.otlp.forms import JSON, PROTOBUF, Form
from agentops.collector.otlp.refusals import Refusals
from agentops.collector.problems import RequestError
from agentops.collector.replies import Content

_REJECTED: Final = {
    Signal.TRACES: "rejected_spans",
    Signal.LOGS: "rejected_log_records",
    Signal.METRICS: "rejected_data_points",
}
_UNKNOWN: Final = 2
_CODES: Final = {400: 3, 401: 16, 403: 7, 404: 5, 408: 4, 413: 8, 415: 3, 421: 3, 429: 8, 500: 13, 503: 14, 507: 8}
"""Numbers of gRPC by status of HTTP (https://grpc.github.io/grpc/core/md_doc_statuscodes.html)."""


class Status(Struct, frozen=True):
    """Why nothing was taken, as gRPC tells it (https://github.com/googleapis/googleapis/blob/master/google/rpc/status.proto).

    Attributes:
        code: as gRPC numbers its statuses.
        message: a sentence for people.
    """

    code: int
    message: str


def encode_reply(signal: Signal, refusals: Refusals, content_type: str) -> tuple[bytes, str]:
    """The body that says what was taken, and its content type."""
    form = _form_of_reply(content_type)
    rejected = _REJECTED[signal]
    if form is JSON:
        partial = {camel(rejected): str(refusals.count), "errorMessage": refusals.message}
        return msgspec.json.encode({"partialSuccess": partial} if refusals.count else {}), form.content_type
    if not refusals.count:
        return b"", form.content_type
    reply = message_type(signal, "Response")()
    setattr(reply.partial_success, rejected, refusals.count)
    reply.partial_success.error_message = refusals.message
    return reply.SerializeToString(), form.content_type


def tell_problem(error: RequestError, path: str, headers: Mapping[str, str]) -> Content:
    """The answer that says why nothing was taken: `google.rpc.Status`, in the form of the request."""
    del path
    form = _form_of_reply(headers.get("content-type", ""))
    status = Status(code=_CODES.get(error.status, _UNKNOWN), message=str(error))
    return Content(_encode_status(status, form), form.content_type, status=error.status, headers=error.headers)


def _encode_status(status: Status, form: Form) -> bytes:
    if form is JSON:
        return msgspec.json.encode(status)
    from google.rpc import status_pb2  # noqa: PLC0415 - heavy: a server that gets no protobuf needs none

    return status_pb2.Status(code=status.code, message=status.message).SerializeToString()


def _form_of_reply(content_type: str) -> Form:
    try:
        return form_of(content_type)
    except UnknownFormError:
        return PROTOBUF if "protobuf" in content_type else JSON
