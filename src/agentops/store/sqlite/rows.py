"""Spans as narrow rows, which lists, trees and counts read; `bodies` has the rest of them."""

from collections.abc import Callable
from operator import itemgetter
from typing import Any, Final

from agentops.domain.failures import ERROR_EVENT_TYPE, failure_of
from agentops.domain.spans import SpanRecord, SpanStatus
from agentops.domain.tellings import is_call
from agentops.store.sqlite.costs import read_cost, write_cost

SpanRow = tuple[Any, ...]
"""The columns of `spans`, in order."""

RID, SID, SPAN_ID, PARENT, KIND, NAME, MODEL, STARTED, ENDED, STATUS, ERROR, ASKED, ANSWERED, COST = range(14)
AGENT, JID, ABOVE, RESPONSE_ID, REPEATS, FAILURE = range(14, 20)

PASSED_ON, FAILED, ERROR_EVENT = -1, 1, 2
"""In the column `error`: a span inside counts for the failure, the span does, or it is a recorded ErrorEvent."""

_END_OF_TIME: Final = 2**62
_MOST_TOKENS: Final = 10**12
"""More than any one call has; what claims more is cut so that sums stay within 64 bits."""

_text = str.__str__


def span_row(rid: int, sid: int, jid: int, record: SpanRecord) -> SpanRow:
    """The narrow row of a span; a call is said to lie in its parent and to repeat none, and a failure to count."""
    request, response, status = record.request, record.response, record.status
    model, input_tokens, output_tokens, response_id = "", None, None, None
    if response is not None:
        model = response.model or ""
        response_id = response.id or None
        if response.usage is not None:
            input_tokens = _tokens(response.usage.input_total)
            output_tokens = _tokens(response.usage.output_total)
    if request is not None and not model:
        model = request.model or ""
    is_a_call = is_call(record)
    return (
        rid,
        sid,
        record.span_id,
        record.parent_id,
        _text(record.kind),
        record.name,
        model,
        moment(record.start),
        None if status is SpanStatus.RUNNING else moment(record.start if record.end is None else record.end),
        _text(status),
        ERROR_EVENT if record.event_type == ERROR_EVENT_TYPE else int(record.counted_error),
        input_tokens,
        output_tokens,
        None if record.cost is None else write_cost(read_cost(record.cost)),
        record.agent_name,
        jid,
        record.parent_id if is_a_call else None,
        response_id if is_a_call else None,
        0,
        failure_of(record),
    )


bare: Final[Callable[[SpanRow], SpanRow]] = itemgetter(*range(ERROR + 1), AGENT, JID)
"""The columns of a span that is no model call, cost nothing and did not fail: the others are left to their defaults.

sqlite3 takes over a thousand instructions for a None, and for bytes that are no bytearray.
"""


def is_bare(row: SpanRow) -> bool:
    """Whether `bare` leaves nothing out."""
    return row[ASKED:AGENT] == _NOT_COUNTED and row[ABOVE:] == _NOT_CALLED


_NOT_COUNTED: Final = (None, None, None)
_NOT_CALLED: Final = (None, None, 0, None)


def moment(time: int) -> int:
    """A time that SQLite can hold and days can be counted in."""
    return time if 0 <= time < _END_OF_TIME else max(0, min(time, _END_OF_TIME))


def _tokens(count: int | None) -> int | None:
    return count if count is None or 0 <= count < _MOST_TOKENS else max(0, min(count, _MOST_TOKENS))
