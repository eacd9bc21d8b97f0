"""Text that a program wrote to its log, as records: AgentOps 0.4 uploads such text, as `logging` formats it."""

import re
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any, Final
from zlib import crc32

from agentops.collector.asked import Asked
from agentops.collector.ingestion import take_in
from agentops.domain.severities import WORDS
from agentops.domain.spans import LogRecord, LogSource

AT_A_TIME: Final = 2000
"""Records that are written together: texts are long, and their records take several times as much memory."""

_HEAD: Final = re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),(\d{3}) - ([A-Z]{1,20}) - ", re.MULTILINE | re.ASCII)
"""How a line begins: `2026-11-20 07:16:25,541 - INFO - `."""

_MILLISECOND: Final = 1_000_000


def take_in_lines(asked: Asked[Any, Any], text: str, session_id: str, known: Mapping[int, int] | None = None) -> None:
    """Commit the records of a text, part by part; see `read_lines`.

    Raises:
        StoreError: if not all of them are; those that are will not come again.
    """
    records = read_lines(text, session_id, time.time_ns(), known)
    while part := list(islice(records, AT_A_TIME)):
        take_in(asked, part)


def read_lines(text: str, session_id: str, now: int, known: Mapping[int, int] | None = None) -> Iterator[LogRecord]:
    """The records of a text, as they are asked for.

    Lines that do not say when they were written belong to the record above them; those above all others are a record
    of their own. The numbers depend on the text alone, so that the same text gives the same records again.

    Args:
        text: of any number of lines.
        session_id: the session that wrote it.
        now: when lines were written of which nothing says so, Unix nanoseconds.
        known: the times of records that are there already, by their numbers: what stands above all others keeps its.
    """
    first = _HEAD.search(text)
    begin = next(filter(None, map(_moment_of, _HEAD.finditer(text))), now)
    plain = text[: first.start() if first else len(text)]
    if plain:
        number = _number_of(0, plain)
        yield LogRecord(session_id=session_id, time=(known or {}).get(number, begin), number=number, body=plain)
    for place, (head, end) in enumerate(_headed(text), 1):
        body = text[head.end() : end].removesuffix("\n")
        number = _number_of(place, body)
        yield LogRecord(
            session_id=session_id,
            time=_moment_of(head) or begin,
            number=number,
            source=LogSource.LOGGING,
            severity=WORDS.get(head[3].lower()),
            severity_text=head[3],
            body=body,
        )


def is_dated(text: str) -> bool:
    """Whether all of a text belongs to records that say when they were written."""
    return not text or _HEAD.match(text) is not None


def is_above_all(number: int) -> bool:
    """Whether this is the number of what stands above all records that say when they were written."""
    return number >> 32 == 0


def _headed(text: str) -> Iterator[tuple[re.Match[str], int]]:
    """How each record begins that says when it was written, and where it ends."""
    head: re.Match[str] | None = None
    for following in _HEAD.finditer(text):
        if head is not None:
            yield head, following.start()
        head = following
    if head is not None:
        yield head, len(text)


def _number_of(place: int, body: str) -> int:
    """The number of a record: it rises with its place in the text, and another body at the same place has another."""
    return place << 32 | crc32(body.encode("utf-8", "replace"))


def _moment_of(head: re.Match[str]) -> int | None:
    """When a line was written, Unix nanoseconds; it says so in its machine's local time, taken to be this one's."""
    try:
        seconds = datetime.fromisoformat(head[1]).timestamp()
    except (ValueError, OverflowError, OSError):
        return None
    return int(seconds) * 1000 * _MILLISECOND + int(head[2]) * _MILLISECOND
