"""Small requests that want to be large: each a few kilobytes or megabytes that unpack to what is just not refused."""

from collections.abc import Callable
from itertools import repeat

from hostile_samples import FRAMES, JSON, PROTOBUF, field, nested
from msgspec import Struct

from agentops.domain.journal.frames import MAGIC, record_frame

SIZES = (31 << 20, 4 << 20, 2 << 20, 500_000)
"""Bytes unpacked: as many as are taken, and fewer, of which more is read."""

IDS = field(1, b"\1" * 16) + field(2, b"\2" * 8)


class Bomb(Struct, frozen=True):
    """A request.

    Attributes:
        path: where it is sent.
        kind: its content type.
        make: its body, of about so many bytes unpacked.
        method: how it is sent.
    """

    path: str
    kind: str
    make: Callable[[int], bytes]
    method: str = "POST"


def filled(piece: bytes, before: bytes = b"", after: bytes = b"") -> Callable[[int], bytes]:
    """A body that holds a piece as often as there is room."""
    return lambda size: before + piece * ((size - len(before) - len(after)) // len(piece)) + after


def listed(piece: bytes, before: bytes, after: bytes) -> Callable[[int], bytes]:
    """A body of JSON that holds a piece as often as there is room, with commas between them."""
    return lambda size: before + b",".join(repeat(piece, size // (len(piece) + 1))) + after


def within(*numbers: int, piece: bytes) -> Callable[[int], bytes]:
    """A body of protobuf that holds a piece as often as there is room, in fields in fields."""
    return lambda size: nested(piece * ((size - 64) // len(piece)), *numbers)


def spans(piece: bytes) -> Callable[[int], bytes]:
    """A request of JSON with a span again and again."""
    return listed(piece, b'{"resourceSpans":[{"scopeSpans":[{"spans":[', b"]}]}]}")


def values(piece: bytes) -> Callable[[int], bytes]:
    """A request of JSON whose one span has a list again and again."""
    before = b'{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"%b","spanId":"%b","attributes":[' % (
        b"01" * 16,
        b"02" * 8,
    )
    return listed(piece, before + b'{"key":"k","value":{"arrayValue":{"values":[', b"]}}}]}]}]}]}")


TRACES, LOGS, METRICS = "/v1/traces", "/v1/logs", "/v1/metrics"
ONE_SPAN = b'{"traceId":"%b","spanId":"%b"}' % (b"01" * 16, b"02" * 8)

BOMBS: dict[str, Bomb] = {
    "empty resources": Bomb(TRACES, PROTOBUF, within(piece=b"\x0a\x00")),
    "empty spans": Bomb(TRACES, PROTOBUF, within(1, 2, piece=b"\x12\x00")),
    "small spans": Bomb(TRACES, PROTOBUF, within(1, 2, piece=field(2, IDS))),
    "empty attributes": Bomb(TRACES, PROTOBUF, lambda size: nested(IDS + b"\x4a\x00" * (size // 2 - 64), 1, 2, 2)),
    "empty events": Bomb(TRACES, PROTOBUF, lambda size: nested(IDS + b"\x5a\x00" * (size // 2 - 64), 1, 2, 2)),
    "empty links": Bomb(TRACES, PROTOBUF, lambda size: nested(IDS + b"\x6a\x00" * (size // 2 - 64), 1, 2, 2)),
    "empty values": Bomb(
        TRACES, PROTOBUF, lambda size: nested(IDS + nested(b"\x0a\x00" * (size // 2 - 64), 9, 2, 5), 1, 2, 2)
    ),
    "long number": Bomb(TRACES, PROTOBUF, within(piece=b"\x80")),
    "small buckets": Bomb(METRICS, PROTOBUF, within(1, 2, 2, 10, 1, 8, 2, piece=b"\x01")),
    "small points": Bomb(METRICS, PROTOBUF, within(1, 2, 2, 5, 1, piece=b"\x19" + b"\x01" * 8)),
    "lines": Bomb(LOGS, PROTOBUF, within(1, 2, piece=field(2, b"\x09" + b"\x01" * 8))),
    "empty spans of JSON": Bomb(TRACES, JSON, spans(b"{}")),
    "small spans of JSON": Bomb(TRACES, JSON, spans(ONE_SPAN)),
    "empty values of JSON": Bomb(TRACES, JSON, values(b"{}")),
    "nulls of JSON": Bomb(TRACES, JSON, values(b"null")),
    "unknown fields": Bomb(TRACES, JSON, listed(b"[]", b'{"unknown":[', b"]}")),
    "empty points": Bomb(
        METRICS,
        JSON,
        listed(b"{}", b'{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"gauge":{"dataPoints":[', b"]}}]}]}]}"),
    ),
    "empty events of v2": Bomb("/v2/create_events", JSON, listed(b"{}", b'{"events":[', b"]}")),
    "small events of v2": Bomb("/v2/create_events", JSON, listed(b'{"event_type":"actions"}', b'{"events":[', b"]}")),
    "empty lists": Bomb("/v2/create_events", JSON, listed(b"[]", b'{"events":[', b"]}")),
    "numbers": Bomb("/v2/create_session", JSON, listed(b"999", b'{"session":[', b"]}")),
    "texts": Bomb("/v2/create_session", JSON, listed(b'"ab"', b'{"session":[', b"]}")),
    "short texts": Bomb("/v2/update_session", JSON, listed(b'""', b'{"session":[', b"]}")),
    "objects": Bomb("/v2/create_agent", JSON, listed(b'{"a":1}', b'{"name":[', b"]}")),
    "keys": Bomb(
        "/v2/create_session",
        JSON,
        lambda size: b'{"session":{' + b",".join(b'"%x":1' % number for number in range(size // 12)) + b"}}",
    ),
    "tags": Bomb(f"/api/v1/sessions/{'0' * 32}/tags", JSON, listed(b'"ab"', b'{"tags":[', b"]}"), "PUT"),
    "parameters": Bomb("/api/v1/sql", JSON, listed(b"1.5", b'{"sql":"SELECT 1","parameters":[', b"]}")),
    "empty frames": Bomb("/v2/frames", FRAMES, lambda size: MAGIC + record_frame(b"") * (size // 9 - 8)),
    "frames of nothing": Bomb("/v2/frames", FRAMES, lambda size: MAGIC + record_frame(b"[" + b"{}," * (size // 3 - 9))),
    "line ends": Bomb(
        "/v2/update_logs", JSON, filled(b"\\n", b'{"session_id":"%b","logs":"' % (b"01" * 16), b'"}'), "PUT"
    ),
    "dated lines": Bomb("/v4/logs/upload/", JSON, filled(b"2026-06-01 00:00:00,000 - INFO - \n")),
    "line ends of v4": Bomb("/v4/logs/upload/", JSON, filled(b"\n")),
    "letters of four bytes": Bomb("/v4/logs/upload/", JSON, filled("\U0001f600".encode())),
    "spaces": Bomb(TRACES, JSON, filled(b" ", b"{", b"}")),
    "a key": Bomb("/v3/auth/token", JSON, filled(b"k", b'{"api_key":"', b'"}')),
    "trouble": Bomb("/v2/developer_errors", JSON, filled(b"\x00")),
}
