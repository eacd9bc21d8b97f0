"""Where OTLP comes in over HTTP.

https://opentelemetry.io/docs/specs/otlp/#otlphttp-request
"""

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from agentops.collector.access import Scope
from agentops.collector.asked import Asked
from agentops.collector.ingestion import take_in
from agentops.collector.otlp.counting import weigh_request
from agentops.collector.otlp.decoding import MalformedError, Received, Signal, UnknownFormError, decode
from agentops.collector.otlp.logs import read_logs
from agentops.collector.otlp.metrics import read_metrics
from agentops.collector.otlp.refusals import Refusals
from agentops.collector.otlp.replies import Status, encode_reply, tell_problem
from agentops.collector.otlp.traces import read_traces
from agentops.collector.problems import RequestError, Wording, bad_request
from agentops.collector.replies import Content
from agentops.collector.routes import Answer, Route, Tag
from agentops.domain.metric_points import MetricPoint
from agentops.domain.spans import Record

MEDIA_TYPES: Final = ("application/x-protobuf", "application/json")
WORDING: Final = Wording(tell_problem, Status, MEDIA_TYPES)

Sent = Asked[None, bytes]
Item = TypeVar("Item", bound=Record | MetricPoint)


def take_traces(asked: Sent) -> Content:
    """Take spans in."""
    return _taken(asked, Signal.TRACES, read_traces, take_in)


def take_logs(asked: Sent) -> Content:
    """Take lines in."""
    return _taken(asked, Signal.LOGS, read_logs, take_in)


def take_metrics(asked: Sent) -> Content:
    """Take points of metrics in."""
    return _taken(asked, Signal.METRICS, read_metrics, _keep_points)


def _taken(
    asked: Sent,
    signal: Signal,
    read: Callable[[Received], tuple[Sequence[Item], Refusals]],
    keep: Callable[[Sent, Sequence[Item]], object],
) -> Content:
    received = _received(signal, asked)
    found, refusals = read(received)
    keep(asked, found)
    for reason, count in refusals.reasons.items():
        asked.services.meters.note_refusal(reason, count)
    body, media_type = encode_reply(signal, refusals, received.form.content_type)
    return Content(body, media_type)


def _received(signal: Signal, asked: Sent) -> Received:
    kind = asked.headers.get("content-type", "")
    try:
        weigh_request(signal, asked.body, kind, asked.share)
        return decode(signal, asked.body, kind)
    except UnknownFormError as error:
        raise RequestError(415, "unsupported_media_type", str(error)) from error
    except MalformedError as error:
        raise bad_request(str(error)) from error


def _keep_points(asked: Sent, points: Sequence[MetricPoint]) -> None:
    done = asked.store.ingest_metrics(points)
    if points:
        asked.services.meters.note_records("points", new=done.new, known=done.known)


def _route(path: str, answer: Answer, summary: str, *, is_listed: bool = True) -> Route:
    return Route(
        method="POST",
        path=path,
        answer=answer,
        summary=summary,
        tag=Tag.OTLP,
        scope=Scope.WRITE,
        body=bytes,
        media_types=MEDIA_TYPES,
        replies=MEDIA_TYPES,
        problems=WORDING,
        is_ingest=True,
        is_listed=is_listed,
    )


ROUTES: Final = (
    _route("/v1/traces", take_traces, "Take in spans as OTLP"),
    _route("/v1/logs", take_logs, "Take in log records as OTLP"),
    _route("/v1/metrics", take_metrics, "Take in points of metrics as OTLP"),
    _route("/traces", take_traces, "Take in spans as OTLP, where AgentOps 0.4 may send them", is_listed=False),
    _route("/v3/traces", take_traces, "Take in spans as OTLP, where AgentOps 0.4 may send them", is_listed=False),
)
