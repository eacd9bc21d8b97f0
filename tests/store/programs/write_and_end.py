"""Writes so many batches of ten spans of one session, each span known by a number of its own.

Arguments: the store's file, the session id, the first number, how many batches.
"""

import sys
from pathlib import Path

from agentops.domain.spans import SpanKind, SpanRecord
from agentops.store.sqlite import SqliteStore


def main(path: str, session_id: str, first: str, batches: str) -> None:
    """Write and end."""
    store = SqliteStore(Path(path))
    number = int(first)
    for _ in range(int(batches)):
        records = []
        for _ in range(10):
            records.append(
                SpanRecord(
                    session_id=session_id,
                    span_id=f"{number:016x}",
                    kind=SpanKind.TOOL,
                    name="work",
                    start=number,
                    end=number + 1,
                    input="the same words",
                )
            )
            number += 1
        store.ingest(records)
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
