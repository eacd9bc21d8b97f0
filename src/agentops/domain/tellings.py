"""One model call told several times: which telling counts, and which only repeat it.

A program may be observed by several instrumentations at once, or by one that stands around another library's own
spans. Each tells of the same call, one span within the other or beside it. All are kept; one counts.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum
from itertools import groupby
from typing import Final, NamedTuple

from agentops.domain.analytics import Analytics
from agentops.domain.failures import ERROR_EVENT_TYPE, failures_of, passed_on
from agentops.domain.prices import Prices, amount_of
from agentops.domain.spans import MODEL_KINDS, SpanKind, SpanRecord, SpanStatus

_FOREVER: Final = 2**63


class Telling(IntEnum):
    """How a span counts in its session."""

    COUNTS = 0
    REPEAT = 1
    """It repeats a call that another span counts for: it adds nothing."""
    FAILED_REPEAT = 2
    """Likewise, but it alone says that the call failed: it adds an error."""


class Call(NamedTuple):
    """What decides whether a model call repeats another.

    Attributes:
        above: the nearest span that it lies in and that is no task; None where there is none.
        response_id: the provider's name for the answer.
        has_usage: whether its tokens or its cost are known.
        failed: whether it counts as an error, and no span inside it for the same failure.
        end: None while it runs.
    """

    span_id: str
    above: str | None
    response_id: str | None
    has_usage: bool
    failed: bool
    start: int
    end: int | None


def judge(calls: Mapping[str, Call]) -> dict[str, Telling]:
    """How the model calls of one session count; only those that repeat another are in the answer.

    Of calls that lie in one another the outermost that knows its usage counts, or the outermost where none does. Of
    those left, calls that overlap in time and have the same answer are one, and the first of them counts, one that
    knows its usage before one that does not. Takes time in proportion to the calls, however they lie.
    """
    groups = _Groups(calls)
    repeats = _nested(calls, groups)
    for together in _same_answers(calls.values()):
        for call in together[1:]:
            groups.unite(call.span_id, together[0].span_id)
        left = [call for call in together if call.span_id not in repeats]
        best = min(left, key=lambda call: (not call.has_usage, call.start, call.span_id), default=None)
        repeats.update(call.span_id for call in left if call is not best)
    return _with_failures(calls, repeats, groups)


def _nested(calls: Mapping[str, Call], groups: "_Groups") -> set[str]:
    """The calls that repeat one that they lie in, or one that lies in them."""
    order = _outermost_first(calls)
    is_told: dict[str, bool] = {}  # by a call further out that knows its usage
    for span_id, outer in order.items():
        if outer is not None:
            groups.unite(span_id, outer)
        is_told[span_id] = outer is not None and (is_told[outer] or calls[outer].has_usage)
    knows_more: set[str] = set()  # a call inside knows its usage
    for span_id, outer in reversed(order.items()):
        if outer is not None and (calls[span_id].has_usage or span_id in knows_more):
            knows_more.add(outer)
    return {
        span_id
        for span_id, outer in order.items()
        if (is_told[span_id] if calls[span_id].has_usage else outer is not None or span_id in knows_more)
    }


def _outermost_first(calls: Mapping[str, Call]) -> dict[str, str | None]:
    """The call that each call lies in, of those that lie in it the outer ones first; calls in a circle lie in none."""
    order: dict[str, str | None] = {}
    for first in calls.values():
        path: dict[str, Call] = {}
        call: Call | None = first
        while call is not None and call.span_id not in order and call.span_id not in path:
            path[call.span_id] = call
            call = calls.get(call.above or "")
        circle: set[str] = set()
        if call is not None and call.span_id in path:
            steps = list(path)
            circle.update(steps[steps.index(call.span_id) :])
        for span_id in reversed(path):
            outer = path[span_id].above
            order[span_id] = outer if outer in calls and span_id not in circle else None
    return order


def _same_answers(calls: Iterable[Call]) -> Iterable[list[Call]]:
    """Calls of the same answer that overlap in time, one group after the other."""
    answered = sorted(
        (call for call in calls if call.response_id is not None),
        key=lambda call: (call.response_id, call.start, call.span_id),
    )
    for _, same in groupby(answered, key=lambda call: call.response_id):
        together: list[Call] = []
        reach = -1
        for call in same:
            if together and call.start > reach:
                yield together
                together = []
            reach = max(reach if together else -1, _FOREVER if call.end is None else call.end)
            together.append(call)
        yield together


def _with_failures(calls: Mapping[str, Call], repeats: set[str], groups: "_Groups") -> dict[str, Telling]:
    """The repeats; where only repeats know that a call failed, the first of them says so."""
    told = {groups.of(span_id) for span_id, call in calls.items() if call.failed and span_id not in repeats}
    tellings: dict[str, Telling] = {}
    for call in sorted((calls[span_id] for span_id in repeats), key=lambda call: (call.start, call.span_id)):
        group = groups.of(call.span_id)
        alone = call.failed and group not in told
        if alone:
            told.add(group)
        tellings[call.span_id] = Telling.FAILED_REPEAT if alone else Telling.REPEAT
    return tellings


class _Groups:
    """Which calls are, by one way or another, the same."""

    def __init__(self, span_ids: Iterable[str]) -> None:
        self._parents = {span_id: span_id for span_id in span_ids}

    def of(self, span_id: str) -> str:
        """The call that stands for the group of this one."""
        parents = self._parents
        while parents[span_id] != span_id:
            parents[span_id] = parents[parents[span_id]]
            span_id = parents[span_id]
        return span_id

    def unite(self, one: str, other: str) -> None:
        """Make one group of two."""
        self._parents[self.of(one)] = self.of(other)


def is_call(record: SpanRecord) -> bool:
    """Whether a span tells of a model call."""
    return record.kind in MODEL_KINDS and record.event_type != ERROR_EVENT_TYPE


def tellings_of(records: Iterable[SpanRecord]) -> dict[str, Telling]:
    """How the spans of one session, all of them, count; only those that repeat another are in the answer."""
    known = {record.span_id: record for record in records}
    passed = passed_on(failures_of(known.values()))
    tasks = {span_id: record.parent_id for span_id, record in known.items() if record.kind is SpanKind.TASK}
    found: dict[str, str | None] = {}
    calls = {
        span_id: _call_of(
            record, nearest(record.parent_id, tasks, found), failed=record.counted_error and span_id not in passed
        )
        for span_id, record in known.items()
        if is_call(record)
    }
    return judge(calls)


def _call_of(record: SpanRecord, above: str | None, *, failed: bool) -> Call:
    response = record.response
    usage = None if response is None else response.usage
    return Call(
        span_id=record.span_id,
        above=above,
        response_id=(response and response.id) or None,
        has_usage=amount_of(record.cost) is not None or (usage is not None and usage.total is not None),
        failed=failed,
        start=record.start,
        end=_ended(record),
    )


def _ended(record: SpanRecord) -> int | None:
    if record.status is SpanStatus.RUNNING:
        return None
    return record.start if record.end is None else record.end


def nearest(parent: str | None, tasks: Mapping[str, str | None], found: dict[str, str | None]) -> str | None:
    """The first span from `parent` upwards that is none of the tasks; None where there is none, or a circle.

    Args:
        parent: where to begin.
        tasks: the parent of every task.
        found: what was found before, by task; more is added.
    """
    passed: list[str] = []
    while parent is not None and parent in tasks and parent not in found:
        passed.append(parent)
        found[parent] = None
        parent = tasks[parent]
    end = parent if parent is None else found.get(parent, parent)
    found.update(dict.fromkeys(passed, end))
    return end


def count(records: Sequence[SpanRecord], prices: Prices | None = None) -> Analytics:
    """The counts of one session from all its spans, each call and each failure once however often it is told."""
    tellings = tellings_of(records)
    passed = passed_on(failures_of(records))
    analytics = Analytics(prices)
    for record in records:
        telling = tellings.get(record.span_id, Telling.COUNTS)
        if telling is Telling.COUNTS:
            analytics.add(record)
            analytics.errors -= record.span_id in passed
        elif telling is Telling.FAILED_REPEAT and record.status is not SpanStatus.RUNNING:
            analytics.errors += 1
    return analytics
