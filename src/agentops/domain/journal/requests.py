"""What goes to a collector in one request: frames, with everything that they refer to.

A request is `MAGIC` and then whole frames to its very end: a TEMPLATE for each number of a template that occurs; for
spans that began before it and end in it their STARTs; the frames themselves, as the journal has them; and a TIMES
wherever those that follow count from another moment. So any collector can read it by itself, and sending it again
tells the same again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from agentops.domain import wire
from agentops.domain.journal.decoding import templates_of
from agentops.domain.journal.frames import MAGIC, PREFIX, START, record_frame, split
from agentops.domain.journal.joining import Joiner
from agentops.domain.spans import DropRecord, LogRecord, SpanRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from agentops.domain.spans import Record

CONTENT_TYPE: Final = "application/vnd.agentops.frames"
"""Of a request."""

BYTES_AT_A_TIME: Final = 1 << 20
"""Of a request, unless one frame alone is more."""

MOST_FRAMES: Final = 1 << 17
"""Of a request; more than fit into `BYTES_AT_A_TIME`."""

_SESSION_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SPAN_ID: Final = re.compile(r"[0-9a-f]{16}")
_LARGEST: Final = 1 << 63
"""What times and counts stay below, in either direction."""
_NAME_SHARE: Final = 64
"""Characters of an agent's name that weigh as much as one attribute."""


def request_of(frames: Iterable[bytes]) -> bytes:
    """The body of a request."""
    return b"".join([MAGIC, *frames])


def requests_of(records: Iterable[Record]) -> Iterator[bytes]:
    """The bodies of the requests that tell of these records."""
    frames: list[bytes] = []
    size = 0
    for record in records:
        frame = record_frame(wire.encode(record))
        if frames and size + len(frame) > BYTES_AT_A_TIME:
            yield request_of(frames)
            frames, size = [], 0
        frames.append(frame)
        size += len(frame)
    if frames:
        yield request_of(frames)


def frames_of(body: bytes) -> list[bytes]:
    """The frames of a request.

    Raises:
        ValueError: if it is none, or one of them is not as it was written.
    """
    if not body.startswith(MAGIC):
        raise ValueError("this is no request of frames, or one of another version")
    frames = split(body, len(MAGIC), MOST_FRAMES + 1)
    if len(frames) > MOST_FRAMES:
        raise ValueError(f"a request may have {MOST_FRAMES} frames")
    if len(MAGIC) + sum(map(len, frames)) != len(body):
        raise ValueError("a frame is damaged")
    return frames


def read_request(body: bytes) -> list[Record]:
    """What a request tells: ended and running spans, sessions, logs and drops, in the order of the journal.

    What is made of it takes no more room than a multiple of the body's own.

    Raises:
        ValueError: if it is no request, or something in it makes no sense.
    """
    joiner = Joiner()
    weight = 0
    for frame in frames_of(body):
        joiner.take(frame)
        if frame[PREFIX.size] == START:
            weight += _weight(joiner, frame)
            if weight > min(len(body), BYTES_AT_A_TIME):
                raise ValueError("the templates are too large for so many spans")
    records = joiner.finish()
    if joiner.is_damaged:
        raise ValueError("a frame makes no sense, or its template is missing")
    for record in records:
        _check(record)
    return records


def _weight(joiner: Joiner, frame: bytes) -> int:
    """What a span takes that is not in its own frames."""
    span, agent = (joiner.templates.get(number) for number in templates_of(frame))
    attributes = 0 if span is None else len(span.attributes)
    return attributes + (0 if agent is None else len(agent.name) // _NAME_SHARE)


def _check(record: Record) -> None:
    if isinstance(record, DropRecord):
        numbers = (record.count, record.time)
    else:
        if _SESSION_ID.fullmatch(record.session_id) is None:
            raise ValueError("the id of a session is no UUID")
        if isinstance(record, SpanRecord):
            if _SPAN_ID.fullmatch(record.span_id) is None:
                raise ValueError("the id of a span is not 16 hexadecimal digits")
            numbers = (record.start, record.end or 0, record.first_token or 0)
        elif isinstance(record, LogRecord):
            numbers = (record.time, record.number)
        else:
            numbers = (record.start, record.end or 0, record.process_id or 0)
    if not all(-_LARGEST <= number < _LARGEST for number in numbers):
        raise ValueError("a number is larger than any time")
