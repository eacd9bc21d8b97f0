"""Writes as long as it may, then once more when it may not; says on stdout what happened.

Argument: the store's file, in a folder that anybody may enter.
"""

import os
import sys
from pathlib import Path

from agentops.domain.ids import new_session_id, new_span_id
from agentops.domain.spans import SpanRecord
from agentops.errors import StoreError
from agentops.store.sqlite import SqliteStore, connection

NOBODY = 65_534


def main(path: str) -> None:
    """Write, lose the right to, and write again."""
    file = Path(path)
    records = [SpanRecord(session_id=new_session_id(), span_id=new_span_id(), start=1, end=2)]
    store = SqliteStore(file, closing_budget=0)
    store.ingest(records)
    store.close()
    connection.check_features()
    file.chmod(0o444)
    file.parent.chmod(0o555)
    if os.geteuid() == 0:
        os.seteuid(NOBODY)  # root may do anything
    try:
        store.ingest([SpanRecord(session_id=new_session_id(), span_id=new_span_id(), start=1, end=2)])
    except StoreError as error:
        sys.stdout.write(f"{type(error).__name__} {error}\n")
    if os.getuid() == 0:
        os.seteuid(0)
    file.chmod(0o600)
    file.parent.chmod(0o755)
    sys.stdout.write(f"{store.ingest(records).known} {len(store.sessions())}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
