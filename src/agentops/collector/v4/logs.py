"""What a program printed, as its client uploads it when its first trace ends, and as the dashboard reads it."""

from typing import Any

from msgspec import Struct

from agentops.collector.asked import Asked
from agentops.collector.loglines import take_in_lines
from agentops.collector.problems import bad_request, refusing
from agentops.collector.traces import session_of_trace, trace_id_of, trace_in_path
from agentops.collector.v4.objects import Stored, content_of
from agentops.errors import UnknownSessionError


class Written(Struct, frozen=True):
    """What was written in a trace."""

    content: str
    trace_id: str
    freeplan_truncated: bool = False


def upload_logs(asked: Asked[None, bytes]) -> Stored:
    """Keep what a trace's program printed; the same text again changes nothing, and the trace may come later."""
    named = asked.headers.get("trace-id")
    if not named:
        raise bad_request("no trace is named: send its id as Trace-Id")
    with refusing():
        session_id = session_of_trace(named.strip())
    data = content_of(asked.body)
    take_in_lines(asked, data.decode("utf-8", "replace"), session_id, _known(asked, session_id))
    return Stored(f"{asked.base_url}/v4/logs/{trace_id_of(session_id)}", len(data))


def _known(asked: Asked[Any, Any], session_id: str) -> dict[int, int]:
    """When the lines of a session were written that are there already, by their numbers."""
    try:
        return {record.number: record.time for record in asked.store.logs(session_id)}
    except UnknownSessionError:
        return {}


def read_logs(asked: Asked[None, None]) -> Written:
    """What a trace's program printed and logged, by time."""
    session_id = trace_in_path(asked)
    lines = (
        record.body if record.body.endswith("\n") else f"{record.body}\n" for record in asked.store.logs(session_id)
    )
    return Written("".join(lines), trace_id_of(session_id))
