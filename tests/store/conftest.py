"""What the tests of the store share: `store_samples`, importable from any of them, and a store of the test's own."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))

from agentops.store.sqlite import SqliteStore


@pytest.fixture
def path(data_directory: Path) -> Path:
    """Where the test's store lies; nothing is there yet."""
    return data_directory / "agentops.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    """An empty store."""
    with SqliteStore(path, closing_budget=0) as store:
        yield store
