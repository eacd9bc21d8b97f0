"""Requests of logs as what programs wrote.

https://opentelemetry.io/docs/specs/otel/logs/data-model/
"""

import hashlib
from datetime import UTC, datetime
from typing import Any, Final, cast
from uuid import UUID, uuid5

import msgspec

from agentops.collector.otlp.decoding import Received
from agentops.collector.otlp.forms import Form
from agentops.collector.otlp.identities import is_span_id, is_trace_id
from agentops.collector.otlp.origins import Origin, origin_of, source_of
from agentops.collector.otlp.refusals import Refusals
from agentops.collector.otlp.shapes import LogRecord as SentLog
from agentops.collector.otlp.shapes import LogsRequest
from agentops.collector.otlp.spans import moment
from agentops.collector.weights import check_count
from agentops.domain import semconv, wire
from agentops.domain.foreign import text
from agentops.domain.ids import session_id_from_bytes
from agentops.domain.severities import WORDS
from agentops.domain.spans import ErrorInfo, LogRecord, LogSource, Record, SessionRecord

NAMESPACE: Final = UUID("8ac9f9a4-6a4e-5c0b-9a53-5a5f5b8a1a4f")
"""Of the ids of sessions that hold what was logged outside of every trace."""

_EVENT: Final = "event.name"
_EXCEPTION: Final = (semconv.EXCEPTION_TYPE, semconv.EXCEPTION_MESSAGE, semconv.EXCEPTION_STACKTRACE)
_STEPS: Final = 4
_SEVERITIES: Final = {
    f"SEVERITY_NUMBER_{'FATAL' if word == 'critical' else 'WARN' if word == 'warning' else word.upper()}"
    f"{step + 1 if step else ''}": least + step
    for word, least in WORDS.items()
    for step in range(_STEPS)
}
_MOST_SEVERE: Final = 24
_PLACE_BITS: Final = 22
_DIGEST_BITS: Final = 40
"""How many bits of a number tell the place in a request of what was written at one moment, and its content."""


def read_logs(received: Received) -> tuple[list[Record], Refusals]:
    """The records in a request of logs, and what of it cannot be taken.

    What was logged outside of every trace is kept in a session of its service and day (UTC), which is announced with
    it. A record's number is made of its content, so that what is sent twice is the same record.
    """
    refusals, form = Refusals(), received.form
    request = cast("LogsRequest", received.message)
    sessions: dict[str, SessionRecord] = {}
    lines: list[LogRecord] = []
    senders: list[bytes] = []
    for group in request.resource_logs or ():
        origin = origin_of(group.resource, form)
        sender = msgspec.msgpack.encode(origin.attributes)
        for scoped in group.scope_logs or ():
            source = source_of(scoped.scope)
            for sent in scoped.log_records or ():
                line = _read(sent, form, source)
                if line is None:
                    refusals.add("no time")
                    continue
                if not line.session_id:
                    session = session_of(origin, line.time)
                    line.session_id = sessions.setdefault(session.session_id, session).session_id
                lines.append(line)
                check_count(len(lines))
                senders.append(sender)
    _number(lines, senders)
    return [*sessions.values(), *lines], refusals


def session_of(origin: Origin, time: int) -> SessionRecord:
    """The session of what a program logs outside of traces on one day."""
    day = datetime.fromtimestamp(time // 1_000_000_000, UTC).date().isoformat()
    service = origin.service or ""
    name = f"{service or 'logs'} {day}"
    return SessionRecord(
        session_id=str(uuid5(NAMESPACE, f"{service}\0{day}")), name=name, start=time, host_env=origin.host_env()
    )


def _read(sent: SentLog, form: Form, source: str) -> LogRecord | None:
    """What was written; without a session where it was outside of traces."""
    time = moment(sent.time_unix_nano) or moment(sent.observed_time_unix_nano)
    if not time:
        return None
    trace_id, span_id = form.bytes_of(sent.trace_id), form.bytes_of(sent.span_id)
    attributes = form.attributes_of(sent.attributes)
    stream = text(attributes, semconv.LOG_STREAM)
    is_line = stream in _STREAMS
    if is_line:
        del attributes[semconv.LOG_STREAM]
    session_id = session_id_from_bytes(trace_id) if is_trace_id(trace_id) else ""
    if session_id and attributes.get(semconv.SESSION_ID) == session_id:
        del attributes[semconv.SESSION_ID]
    if sent.event_name:
        attributes.setdefault(_EVENT, sent.event_name)
    body = _body(form.value_of(sent.body))
    return LogRecord(
        session_id=session_id,
        time=time,
        span_id=span_id.hex() if session_id and is_span_id(span_id) else None,
        source=LogSource(stream) if is_line else LogSource.LOGGING,
        severity=_severity(sent.severity_number),
        severity_text=sent.severity_text or None,
        body=f"{body}\n" if is_line and not body.endswith("\n") else body,
        logger=None if is_line else source or None,
        error=_error(attributes),
        attributes=attributes,
    )


_STREAMS: Final = frozenset({LogSource.STDOUT.value, LogSource.STDERR.value})


def _body(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else wire.to_legible_json(value).decode()


def _severity(value: int | str | None) -> int | None:
    number = _SEVERITIES.get(value) if isinstance(value, str) else value
    return number if number is not None and 0 < number <= _MOST_SEVERE else None


def _error(attributes: dict[str, Any]) -> ErrorInfo | None:
    kind = text(attributes, _EXCEPTION[0])
    if not kind:
        return None
    _, message, stacktrace = _EXCEPTION
    error = ErrorInfo(type=kind, message=text(attributes, message) or "", stacktrace=text(attributes, stacktrace))
    for name in _EXCEPTION:
        attributes.pop(name, None)
    return error


def _number(lines: list[LogRecord], senders: list[bytes]) -> None:
    """Number what was written at one moment of a session: by its place in the request, then by its content."""
    places: dict[tuple[str, int], int] = {}
    for line, sender in zip(lines, senders, strict=True):
        key = (line.session_id, line.time)
        place = places[key] = places.get(key, -1) + 1
        line.number = min(place, (1 << _PLACE_BITS) - 1) << _DIGEST_BITS | _digest(
            msgspec.msgpack.encode(line) + sender
        )


def _digest(content: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(content, digest_size=_DIGEST_BITS // 8).digest())
