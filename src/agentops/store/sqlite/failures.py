"""Which spans of a session failed by what a span inside them failed by, found for a batch that tells of failures."""

from collections.abc import Iterable, Sequence
from typing import Final

from agentops.domain import wire
from agentops.domain.failures import passed_on
from agentops.store.sqlite.rows import ERROR, FAILED, FAILURE, PARENT, PASSED_ON, SPAN_ID, SpanRow
from agentops.store.sqlite.transaction import Transaction

Change = tuple[SpanRow, SpanRow]
"""A stored row as it is and as it is to be."""

_NOTHING: Final = dict[str, Change]()


def pass_on(
    transaction: Transaction, sid: int, rows: list[SpanRow], outdated: Sequence[SpanRow], *, is_known: bool
) -> dict[str, Change]:
    """Say of every failure among spans about to be written whether it is that of a span inside.

    Args:
        transaction: where the stored spans are found.
        sid: whose spans they are.
        rows: the spans; what is found is put into them.
        outdated: the rows, taken out by now, of those that were known.
        is_known: whether the session has spans already.

    Returns:
        The stored spans around them of which something else is to be said now, by span id.
    """
    failed = {row[SPAN_ID]: position for position, row in enumerate(rows) if row[FAILURE] is not None}
    lost = [row for row in outdated if row[FAILURE] is not None]
    if not failed and not lost:
        return _NOTHING
    arrived = [rows[position] for position in failed.values()]
    around: list[SpanRow] = []
    if is_known:
        outer = {row[PARENT] for row in (*arrived, *lost)} - {row[SPAN_ID] for row in rows} - {None}
        around = transaction.run("failed_spans", (_as_json(outer), sid)).fetchall()
    passed = passed_on({row[SPAN_ID]: (row[PARENT], row[FAILURE]) for row in (*arrived, *around)})
    if is_known:
        open_ones = [(row[SPAN_ID], row[FAILURE]) for row in (*arrived, *around) if row[SPAN_ID] not in passed]
        passed.update(span_id for (span_id,) in transaction.run("failed_inside", (_as_json(open_ones), sid)))
    for position in failed.values():
        rows[position] = _said(rows[position], passed)
    return {row[SPAN_ID]: (row, new) for row in around if (new := _said(row, passed)) is not row}


def _said(row: SpanRow, passed: set[str]) -> SpanRow:
    error = PASSED_ON if row[SPAN_ID] in passed else FAILED
    return row if row[ERROR] == error else (*row[:ERROR], error, *row[ERROR + 1 :])


def _as_json(values: Iterable[object]) -> str:
    return wire.to_json(list(values)).decode()
