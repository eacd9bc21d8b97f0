"""Writes until no file may grow further, then makes room and goes on; says on stdout what happened.

Argument: the store's file.
"""

import resource
import signal
import sys
from pathlib import Path

from agentops.domain.ids import new_session_id, new_span_id
from agentops.domain.spans import SpanRecord
from agentops.errors import StoreError
from agentops.store.sqlite import SqliteStore

LIMIT = 2 * 1024 * 1024


def batch(session_id: str) -> list[SpanRecord]:
    """Twenty large spans."""
    return [
        SpanRecord(session_id=session_id, span_id=new_span_id(), start=1, end=2, output="x" * 10_000) for _ in range(20)
    ]


def main(path: str) -> None:
    """Fill the disk, and make room."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    store = SqliteStore(Path(path))
    session_id = new_session_id()
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, resource.RLIM_INFINITY))
    acknowledged = 0
    records = batch(session_id)
    refusals = []
    while len(refusals) < 3:
        try:
            store.ingest(records)
        except StoreError as error:
            refusals.append(f"{type(error).__name__} {error}")
        else:
            acknowledged += len(records)
            records = batch(session_id)
    sys.stdout.write(f"kept {acknowledged} {len(list(store.spans(session_id)))}\n")
    sys.stdout.write(f"told {refusals[0]}\n")
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    store.ingest(records)
    sys.stdout.write(f"then {acknowledged + len(records)} {len(list(store.spans(session_id)))}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
