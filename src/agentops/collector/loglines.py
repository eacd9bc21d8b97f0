"""Text that a program wrote to its log, as records: AgentOps 0.4 uploads such text, as `logging` formats it."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final
from zlib import crc32

from agentops.domain.severities import WORDS
from agentops.domain.spans import LogRecord, LogSource

_HEAD: Final = re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),(\d{3}) - ([A-Z]{1,20}) - ", re.MULTILINE | re.ASCII)
"""How a line begins: `2026-11-20 07:16:25,541 - INFO - `."""

_MILLISECOND: Final = 1_000_000


def read_lines(text: str, session_id: str, now: int, known: Mapping[int, int] | None = None) -> list[LogRecord]:
    """The records of a text.

    Lines that do not say when they were written belong to the record above them; where there is none, each is a
    record of its own. The numbers depend on the text alone, so that the same text gives the same records again.

    Args:
        text: of any number of lines.
        session_id: the session that wrote it.
        now: when lines were written of which nothing says so, Unix nanoseconds.
        known: the times of records that are there already, by their numbers: such lines keep theirs.
    """
    heads = list(_HEAD.finditer(text))
    first = heads[0].start() if heads else len(text)
    plain = text[:first].splitlines(keepends=True)
    moments = [_moment_of(head) for head in heads]
    begin = next((moment for moment in moments if moment is not None), now)
    records = [
        LogRecord(session_id=session_id, time=(known or {}).get(number, begin), number=number, body=line)
        for number, line in _numbered(plain, 0)
    ]
    ends = [*(head.start() for head in heads), len(text)][1:]
    bodies = [text[head.end() : end].removesuffix("\n") for head, end in zip(heads, ends, strict=True)]
    for (number, body), head, moment in zip(_numbered(bodies, len(plain)), heads, moments, strict=True):
        records.append(
            LogRecord(
                session_id=session_id,
                time=begin if moment is None else moment,
                number=number,
                source=LogSource.LOGGING,
                severity=WORDS.get(head[3].lower()),
                severity_text=head[3],
                body=body,
            )
        )
    return records


def _numbered(bodies: list[str], first: int) -> Iterator[tuple[int, str]]:
    """Texts with their numbers, which rise with their place; another text at the same place has another number."""
    for place, body in enumerate(bodies, first):
        yield place << 32 | crc32(body.encode("utf-8", "replace")), body


def _moment_of(head: re.Match[str]) -> int | None:
    """When a line was written, Unix nanoseconds; it says so in its machine's local time, taken to be this one's."""
    try:
        seconds = datetime.fromisoformat(head[1]).timestamp()
    except (ValueError, OverflowError, OSError):
        return None
    return int(seconds) * 1000 * _MILLISECOND + int(head[2]) * _MILLISECOND
