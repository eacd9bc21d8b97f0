"""Observes `replicate`: models that are run or streamed, and predictions that are made in other ways.

`replicate.run` and its like were bound to a client at import; what they call is looked up in `replicate.client` when
they are called. A prediction that is not waited for is recorded as it was when it was made, whoever asks for it later.
"""

import re
from functools import partial
from typing import Final

from agentops.domain.foreign import count, flag, text
from agentops.domain.genai import Request
from agentops.domain.spans import ErrorInfo
from agentops.instrumentation.target import Arguments, Instrumentation, Reader, Target
from agentops.plugins import hookimpl
from agentops_plugins._errors import failure
from agentops_plugins._replicate import fold, has_content, name_of, read_output, read_prediction, request_of

_PATH: Final = re.compile(r"/v1/(?:(?:models|deployments)/([^/]+/[^/]+)/)?predictions/?")


def _read_error(error: BaseException) -> ErrorInfo | None:
    if type(error).__module__ != "replicate.exceptions":
        return None
    said = text(error, "detail") or text(error, "title") or text(error, "prediction", "error")
    return failure(error, said, status=count(error, "status"))


def _read_run(call: Arguments, *, stream: bool) -> Request:
    return request_of(call.get("client", 0), name_of(call.get("ref", 1)), call.get("input", 2), stream=stream)


def _run(*, stream: bool) -> Reader:
    return Reader(
        read_request=partial(_read_run, stream=stream),
        read_response=read_output,
        fold=fold,
        has_content=has_content,
        read_error=_read_error,
    )


def _read_made(call: Arguments) -> Request:
    path, body = _PATH.fullmatch(text(call.get("path", 1)) or ""), call.get("json")
    named = (path and path[1]) or f":{text(body, 'version') or ''}"
    return request_of(call.instance, named, body and body.get("input"), stream=flag(body, "stream"))


_MADE: Final = Reader(read_request=_read_made, read_response=read_prediction, read_error=_read_error)


def _choose(call: Arguments) -> Reader | None:
    is_made = call.get("method", 0) == "POST" and _PATH.fullmatch(text(call.get("path", 1)) or "")
    return _MADE if is_made else None


INSTRUMENTATION: Final = Instrumentation(
    library="replicate",
    targets=[
        *(
            Target(path=f"replicate.client:{kind}{name}", reader=_run(stream=name == "stream"), opaque=True)
            for name in ("run", "stream")
            for kind in ("", "async_")
        ),
        *(Target(path=f"replicate.client:Client.{name}", reader=_choose) for name in ("_request", "_async_request")),
    ],
    versions=">=1,<2",
    captures="runs, streams, predictions",
)


@hookimpl
def agentops_instrumentation() -> Instrumentation:
    """The calls of `replicate`."""
    return INSTRUMENTATION
