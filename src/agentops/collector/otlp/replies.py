"""What is answered to OTLP, in the form in which it was asked.

https://opentelemetry.io/docs/specs/otlp/#otlphttp-response
"""

from typing import Final

import msgspec

from agentops.collector.otlp.decoding import MalformedError, Signal, camel, form_of, message_type
from agentops.collector.otlp.forms import JSON, PROTOBUF, Form
from agentops.collector.otlp.refusals import Refusals

_REJECTED: Final = {
    Signal.TRACES: "rejected_spans",
    Signal.LOGS: "rejected_log_records",
    Signal.METRICS: "rejected_data_points",
}


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


def encode_error(message: str, code: int, content_type: str) -> tuple[bytes, str]:
    """The body that says why nothing was taken, and its content type.

    Args:
        message: why.
        code: as gRPC numbers them, https://grpc.github.io/grpc/core/md_doc_statuscodes.html.
        content_type: of the request.
    """
    form = _form_of_reply(content_type)
    if form is JSON:
        return msgspec.json.encode({"code": code, "message": message}), form.content_type
    from google.rpc.status_pb2 import Status  # noqa: PLC0415 - heavy: a server that gets no protobuf needs none

    return Status(code=code, message=message).SerializeToString(), form.content_type


def _form_of_reply(content_type: str) -> Form:
    try:
        return form_of(content_type)
    except MalformedError:
        return PROTOBUF if "protobuf" in content_type else JSON
