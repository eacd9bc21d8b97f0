"""The embedded store does what every store has to do."""

import pytest

from agentops.store.sqlite import SqliteStore
from agentops.testing import stores


@pytest.mark.parametrize("case", stores.cases(), ids=str)
def test_the_embedded_store_conforms(case: stores.Case, store: SqliteStore) -> None:
    """With the index behind, so that everything is found by reading."""
    case.check(store)


@pytest.mark.parametrize("case", stores.cases(), ids=str)
def test_the_embedded_store_conforms_when_its_index_is_up_to_date(case: stores.Case, store: SqliteStore) -> None:
    """With everything found through the index."""
    case.check(Indexed(store))  # pyright: ignore[reportArgumentType] - a store, and an index after every batch


class Indexed:
    """A store that indexes whatever comes at once."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store

    def ingest(self, *arguments: object, **more: object) -> object:
        """Take records in, and index them."""
        done = self._store.ingest(*arguments, **more)  # pyright: ignore[reportArgumentType] - handed on
        self._store.index()
        return done

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)
