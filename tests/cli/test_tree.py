"""Spans as a tree, whatever they look like."""

from cli_samples import CREW_SPANS, parent, span
from hypothesis import given
from hypothesis import strategies as st

from agentops.cli.tree import grow, walk, where_it_died
from agentops.domain.spans import SpanKind, SpanRecord, SpanStatus


def shape(spans: list[SpanRecord]) -> list[tuple[int, str]]:
    """Depth and name of each span from the top down."""
    return [(branch.depth, branch.node.span.name) for branch in walk(grow(spans))]


def test_children_stand_under_their_parents_by_start() -> None:
    """The order in which spans are given does not matter."""
    expected = [
        (0, "research_crew"),
        (1, "researcher"),
        (2, "chat gpt-4o-mini"),
        (2, "search"),
        (2, "search"),
        (1, "writer"),
        (2, "messages"),
    ]
    assert shape(CREW_SPANS) == expected
    assert shape(CREW_SPANS[::-1]) == expected


def test_a_span_without_its_parent_is_a_root() -> None:
    """A span whose parent was recorded elsewhere, or dropped, is shown all the same."""
    assert shape([span(1, SpanKind.TASK, "lost", 0, 1, parent_id=parent(99))]) == [(0, "lost")]


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=12, unique_by=lambda pair: pair[0]))
def test_every_span_is_shown_once(edges: list[tuple[int, int]]) -> None:
    """Even where spans name each other as parents in a ring."""
    spans = [
        span(number + 1, SpanKind.TASK, str(number), number, None, parent_id=parent(to + 1)) for number, to in edges
    ]
    assert sorted(name for _, name in shape(spans)) == sorted(str(number) for number, _ in edges)


def test_ten_thousand_levels_are_no_trouble() -> None:
    """Recursion in the program is not recursion here."""
    spans = [span(n + 1, SpanKind.TASK, "f", n, None, parent_id=parent(n)) for n in range(2_000)]
    assert len(shape(spans)) == 2_000


def test_a_process_died_in_its_innermost_span() -> None:
    """Of all interrupted spans it is the one that has no interrupted child; the latest where there are several."""

    def dead(number: int, above: int) -> SpanRecord:
        return span(
            number, SpanKind.TASK, str(number), number, 9, parent_id=parent(above), status=SpanStatus.INTERRUPTED
        )

    assert where_it_died([dead(1, 0), dead(2, 1), dead(3, 2), dead(4, 1)]) == dead(4, 1)
    assert where_it_died(CREW_SPANS) is None
