"""What a process left running when it ended, as the end of it."""

from collections import defaultdict
from collections.abc import Iterable
from copy import copy

from agentops.domain.spans import Record, SessionRecord, SpanKind, SpanRecord, SpanStatus
from agentops.domain.states import EndState, SessionState


def interrupted(running: Iterable[SpanRecord], at: int) -> list[Record]:
    """The ends of running spans at a moment (Unix nanoseconds), and those of the sessions among them."""
    ends: list[Record] = []
    sessions = defaultdict[str, list[SpanRecord]](list)
    for record in running:
        ended = copy(record)
        ended.status, ended.end = SpanStatus.INTERRUPTED, max(at, record.start)
        ends.append(ended)
        sessions[record.session_id].append(ended)
    for session_id, spans in sessions.items():
        if any(span.kind is SpanKind.SESSION for span in spans):
            ends.append(_cut_off(session_id, spans, at))
    return ends


def _cut_off(session_id: str, spans: list[SpanRecord], at: int) -> SessionRecord:
    root = min(spans, key=lambda span: span.start)
    parents = {span.parent_id for span in spans}
    leaves = [span for span in spans if span.span_id not in parents and span.kind is not SpanKind.SESSION]
    innermost = max(leaves, key=lambda span: span.start, default=None)
    where = "" if innermost is None else f" in {innermost.kind} {innermost.name!r}"
    return SessionRecord(
        session_id=session_id,
        state=str(SessionState.INDETERMINATE),
        start=root.start,
        end=max(at, root.start),
        end_state=EndState.INDETERMINATE.value,
        end_state_reason=f"interrupted: the process ended{where} without ending the session",
    )
