"""A store that is never quiet, as a server's is, stays quick to search."""

import time
from pathlib import Path

from store_samples import session_of

from agentops.store.sqlite import SqliteStore

PATIENCE = 30


def test_a_store_that_keeps_up_indexes_while_it_is_written(path: Path) -> None:
    """Though no moment between two writes is long enough to be quiet."""
    with SqliteStore(path, closing_budget=0, keeps_up=True) as store:
        store.ingest(session_of(2_000))
        deadline = time.monotonic() + PATIENCE
        behind = store.health().unindexed
        while behind > 500 and time.monotonic() < deadline:
            store.ingest(session_of(5))
            time.sleep(0.05)
            behind = store.health().unindexed
        assert behind <= 500
