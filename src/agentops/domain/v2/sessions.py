"""Sessions and agents as v2 has them."""

from collections.abc import Mapping
from copy import copy
from typing import Any, Final

from agentops.domain.spans import AgentRecord, SessionRecord
from agentops.domain.states import EndState, SessionState
from agentops.domain.v2.events import timestamp

COUNTED_TYPES: Final = ("llms", "tools", "actions", "errors", "apis")
"""The types of events that a session's `event_counts` has."""

_FIELDS: Final = tuple(field for field in SessionRecord.__struct_fields__ if field != "session_id")


def session_body(
    record: SessionRecord, counts: Mapping[str, int] | None = None, *, is_partial: bool = False
) -> dict[str, Any]:
    """The `session` of create_session and update_session.

    What the original sends by accident is left out: the names of its private attributes, its whole configuration and
    the token, which it has no use for there. `record` is ours: what else the record knows.

    Args:
        record: what is known of the session.
        counts: how many events of each type there were; none if None.
        is_partial: how the session began is not known here, and whoever knows it is not to be overruled: only what is
            known is said.
    """
    body: dict[str, Any] = {
        "session_id": record.session_id,
        "init_timestamp": timestamp(record.start),
        "end_timestamp": None if record.end is None else timestamp(record.end),
        "end_state": record.end_state or EndState.INDETERMINATE.value,
        "end_state_reason": record.end_state_reason,
        "is_running": record.end is None and not SessionState(record.state).is_terminal,
        "tags": record.tags,
        "video": record.video,
        "host_env": record.host_env,
        "event_counts": {name: (counts or {}).get(name, 0) for name in COUNTED_TYPES},
    }
    if is_partial:
        body = {name: value for name, value in body.items() if name in _IDENTITY or _is_known(name, value, record)}
    rest = copy(record)
    rest.host_env = None
    body["record"] = rest
    return body


_IDENTITY: Final = frozenset({"session_id", "init_timestamp"})
_ENDING: Final = frozenset({"end_timestamp", "end_state", "end_state_reason", "is_running"})


def _is_known(name: str, value: Any, record: SessionRecord) -> bool:
    return record.end is not None if name in _ENDING else bool(value) and name != "event_counts"


def agent_body(agent: AgentRecord, session_id: str) -> dict[str, Any]:
    """What create_agent is told; the original server takes the session from the token."""
    return {"id": agent.id, "name": agent.name, "session_id": session_id}


def merge_session(known: SessionRecord | None, record: SessionRecord) -> SessionRecord:
    """What is known of a session once another record of it came: what it says prevails, the earliest start stays."""
    if known is None:
        return copy(record)
    merged = copy(known)
    for name in _FIELDS:
        value: Any = getattr(record, name)
        if value is not None and value != [] and name not in {"start", "state", "inherited"}:
            setattr(merged, name, value)
    merged.start = min(known.start or record.start, record.start or known.start)
    merged.inherited = known.inherited and record.inherited
    if not SessionState(known.state).is_terminal:
        merged.state = record.state
    return merged
