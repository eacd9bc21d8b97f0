"""Which model calls of a session repeat another, found for those that a batch of spans has to do with.

And with them which failures are another's: a call whose failure is, counts as one that did not fail.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from agentops.domain import wire
from agentops.domain.spans import MODEL_KINDS, SpanKind
from agentops.domain.tellings import Call, Telling, judge, nearest
from agentops.store.sqlite.failures import pass_on
from agentops.store.sqlite.rollup import Deltas
from agentops.store.sqlite.rows import (
    ABOVE,
    ANSWERED,
    ASKED,
    COST,
    ENDED,
    ERROR,
    ERROR_EVENT,
    FAILED,
    FAILURE,
    KIND,
    PARENT,
    REPEATS,
    RESPONSE_ID,
    RID,
    SPAN_ID,
    STARTED,
    SpanRow,
)
from agentops.store.sqlite.sessions import SessionRow
from agentops.store.sqlite.statements import SQL
from agentops.store.sqlite.transaction import Transaction

CALLS: Final = frozenset(kind.value for kind in MODEL_KINDS)
TASK: Final = SpanKind.TASK.value


def settle(
    transaction: Transaction, session: SessionRow, rows: list[SpanRow], outdated: Sequence[SpanRow], deltas: Deltas
) -> None:
    """Say of spans about to be written which calls repeat one and whose failure is whose, and change what is stored so.

    Args:
        transaction: where the stored calls are found and changed.
        session: whose spans they are.
        rows: the spans; what is found is put into them.
        outdated: the rows, taken out by now, of those that were known.
        deltas: takes what the stored spans count differently.
    """
    is_known = bool(session.spans or outdated)
    passed = pass_on(transaction, session.sid, rows, outdated, is_known=is_known)
    arrival = Arrival(rows)
    calls = Calls(transaction, session.sid, arrival)
    if is_known:
        calls.find(outdated, [old for old, _ in passed.values()])
    before = {**calls.stored, **{span_id: old for span_id, (old, _) in passed.items()}}
    after = {**calls.stored, **{span_id: new for span_id, (_, new) in passed.items()}}
    if not before and not arrival.calls:
        return
    told = _tell(calls, {**{span_id: after[span_id] for span_id in calls.stored}, **arrival.calls})
    for position, row in enumerate(rows):
        rows[position] = told.get(row[SPAN_ID], row)
    changed = [(old, new) for span_id, old in before.items() if (new := told.get(span_id, after[span_id])) is not old]
    transaction.run_each("retell_span", [(new[ERROR], new[ABOVE], new[REPEATS], new[RID]) for _, new in changed])
    deltas.apply(session, [old for old, _ in changed], -1)
    deltas.apply(session, [new for _, new in changed])


def _tell(calls: "Calls", rows: Mapping[str, SpanRow]) -> dict[str, SpanRow]:
    """Rows of calls with what is to be said of them."""
    aboves = {span_id: calls.above(row) for span_id, row in rows.items()}
    tellings: Mapping[str, Telling] = {}
    if _may_repeat(rows.values(), aboves):
        tellings = judge({span_id: _call_of(row, aboves[span_id]) for span_id, row in rows.items()})
    return {
        span_id: _told(row, aboves[span_id], tellings.get(span_id, Telling.COUNTS)) for span_id, row in rows.items()
    }


class Arrival:
    """Spans of one session that are about to be written.

    Attributes:
        rows: all of them by span id.
        calls: the model calls among them.
        tasks: the parents of the tasks among them.
        outside: the parents of both that are not among them.
    """

    def __init__(self, rows: Iterable[SpanRow]) -> None:
        self.rows = {row[SPAN_ID]: row for row in rows}
        self.calls = {span_id: row for span_id, row in self.rows.items() if is_call(row)}
        self.tasks: dict[str, str | None] = {
            span_id: row[PARENT] for span_id, row in self.rows.items() if row[KIND] == TASK
        }
        parents = {row[PARENT] for row in self.calls.values()} | set(self.tasks.values())
        self.outside = {parent for parent in parents if parent is not None and parent not in self.rows}

    def is_between(self, span_id: str | None) -> bool:
        """Whether what lies in this span may repeat a call because of it."""
        return span_id in self.calls or span_id in self.tasks

    def changes_shape(self, outdated: Iterable[SpanRow]) -> bool:
        """Whether a span that was known turns out to be of another kind, or to lie elsewhere."""
        return any((new := self.rows.get(old[SPAN_ID])) is None or _shape_of(old) != _shape_of(new) for old in outdated)


class Calls:
    """The stored model calls of a session that spans about to be written have to do with.

    Attributes:
        stored: their rows by span id.
    """

    def __init__(self, transaction: Transaction, sid: int, arrival: Arrival) -> None:
        self.stored: dict[str, SpanRow] = {}
        self._transaction = transaction
        self._sid = sid
        self._arrival = arrival
        self._tasks = dict(arrival.tasks)
        self._found: dict[str, str | None] = {}
        self._is_reshaped = False

    def above(self, row: SpanRow) -> str | None:
        """The nearest span above a call that is no task."""
        is_settled = row[SPAN_ID] in self.stored and not self._is_reshaped
        return nearest(row[ABOVE if is_settled else PARENT], self._tasks, self._found)

    def find(self, outdated: Sequence[SpanRow], passed: Iterable[SpanRow]) -> None:
        """Find them, and the stored tasks between all of them; begin with those `passed` as well."""
        arrival = self._arrival
        self._is_reshaped = arrival.changes_shape(outdated)
        if self._is_reshaped:
            self._keep(self._transaction.run("calls_of", (self._sid,)))
            self._find_tasks({row[PARENT] for row in self.stored.values()} | arrival.outside)
            return
        answers = _answers_of(arrival.calls.values()) | _answers_of(row for row in outdated if is_call(row))
        found = self._mates(arrival.rows, arrival.outside, answers)
        self._find_tasks({row[SPAN_ID] for row in found if row[KIND] == TASK})
        new = self._keep(
            row
            for row in found
            if arrival.is_between(row[ABOVE]) or row[SPAN_ID] in arrival.outside or row[RESPONSE_ID] in answers
        )
        asked = set(arrival.outside)
        new = [*arrival.calls.values(), *new, *self._keep(row for row in passed if is_call(row))]
        while new:
            above = {span_id for row in new if (span_id := self.above(row)) not in arrival.rows} - asked - {None}
            inside = [row[SPAN_ID] for row in new if row[SPAN_ID] not in arrival.rows]
            more = _answers_of(new) - answers
            asked |= above
            answers |= more
            new = self._keep(self._mates(inside, above, more)) if inside or above or more else []

    def _mates(self, outer: Iterable[str], span_ids: Iterable[str | None], answers: Iterable[str]) -> list[SpanRow]:
        """Stored calls that lie in spans or have answers of these, and calls and tasks that are these spans."""
        wanted = {"sid": self._sid, "outer": _as_json(outer), "ids": _as_json(span_ids), "answers": _as_json(answers)}
        return self._transaction.connection.execute(SQL["mates"], wanted).fetchall()

    def _find_tasks(self, span_ids: Iterable[str | None]) -> None:
        wanted = [span_id for span_id in span_ids if span_id is not None and span_id not in self._tasks]
        if wanted:
            found = self._transaction.run("tasks_above", (self._sid, _as_json(wanted), self._sid))
            self._tasks = {**dict(found), **self._tasks}

    def _keep(self, rows: Iterable[SpanRow]) -> list[SpanRow]:
        new = {
            row[SPAN_ID]: row
            for row in rows
            if row[KIND] != TASK and row[SPAN_ID] not in self.stored and row[SPAN_ID] not in self._arrival.rows
        }
        self.stored |= new
        return list(new.values())


def is_call(row: SpanRow) -> bool:
    """Whether the row is that of a model call."""
    return row[KIND] in CALLS and row[ERROR] != ERROR_EVENT


def _shape_of(row: SpanRow) -> tuple[bool, bool, str | None]:
    return is_call(row), row[KIND] == TASK, row[PARENT]


def _answers_of(rows: Iterable[SpanRow]) -> set[str]:
    return {row[RESPONSE_ID] for row in rows if row[RESPONSE_ID] is not None}


def _as_json(texts: Iterable[str | None]) -> str:
    return wire.to_json(list(texts)).decode()


def _may_repeat(rows: Collection[SpanRow], aboves: Mapping[str, str | None]) -> bool:
    """Whether any of the calls can be a repeat of another: a quick look, for in most sessions none is."""
    answers = [row[RESPONSE_ID] for row in rows if row[RESPONSE_ID] is not None]
    return len(set(answers)) < len(answers) or any(above in aboves for above in aboves.values())


def _call_of(row: SpanRow, above: str | None) -> Call:
    return Call(
        span_id=row[SPAN_ID],
        above=above,
        response_id=row[RESPONSE_ID],
        has_usage=row[ASKED] is not None or row[ANSWERED] is not None or row[COST] is not None,
        failed=row[ERROR] == FAILED,
        start=row[STARTED],
        end=row[ENDED],
    )


def _told(row: SpanRow, above: str | None, telling: Telling) -> SpanRow:
    if above == row[ABOVE] and telling == row[REPEATS]:
        return row
    return (*row[:ABOVE], above, row[RESPONSE_ID], telling.value, row[FAILURE])
