"""The proof of a store: the same data in, the same answers out, whatever keeps it.

    @pytest.mark.parametrize("case", stores.cases(), ids=str)
    def test_the_acme_store_conforms(case: stores.Case, tmp_path: Path) -> None:
        with closing(AcmeStore(tmp_path / "acme")) as store:
            case.check(store)

A case takes an empty store, puts sessions into it, and raises AssertionError where an answer is not the one that
everybody gets: whatever came twice or in any order, in any language, ten thousand spans in a session, old sessions
forgotten, pages, filters, sums, annotations and search.
"""

from collections.abc import Callable
from dataclasses import dataclass

from agentops.store.protocol import Store
from agentops.testing.stores import annotating, asking, keeping, listing, searching, summing

__all__ = ["Case", "cases"]


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that a store has to do; `str` of it says what."""

    demand: Callable[[Store], None]

    def check(self, store: Store) -> None:
        """Demand it of an empty store.

        Raises:
            AssertionError: if it does not do it.
        """
        self.demand(store)

    def __str__(self) -> str:
        return self.demand.__name__.replace("_", " ")


def cases() -> list[Case]:
    """Everything that a store has to do."""
    parts = (keeping, asking, listing, searching, summing, annotating)
    return [Case(demand) for part in parts for demand in part.DEMANDS]
