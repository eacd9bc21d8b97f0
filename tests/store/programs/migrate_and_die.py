"""Opens a store of an older version and is gone before so many statements of its migration have run.

Arguments: the store's file, and how many statements may run; prints nothing, and ends with 9 if it died.
"""

import os
import sqlite3
import sys
from pathlib import Path

from agentops.store.sqlite import connection, schema

DIED = 9


def main(path: str, limit: str) -> None:
    """Migrate, as far as it goes."""
    migrated = connection.connect(Path(path), query_only=False)
    left = int(limit)

    def count_down(_: str) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            os._exit(DIED)

    migrated.set_trace_callback(count_down)
    schema.migrate(migrated, Path(path))
    sqlite3.connect(path).close()


if __name__ == "__main__":
    main(*sys.argv[1:])
