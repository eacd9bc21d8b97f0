"""What a program printed, as its client uploads it when its first trace ends, and as the dashboard reads it."""

from collections.abc import Iterator
from typing import Any

from agentops.collector.asked import Asked
from agentops.collector.loglines import is_above_all, is_dated, take_in_lines
from agentops.collector.problems import bad_request, refusing
from agentops.collector.replies import JSON, Stream, to_json
from agentops.collector.traces import session_of_trace, trace_id_of, trace_in_path
from agentops.collector.v4.objects import Stored, content_of
from agentops.collector.weights import weigh
from agentops.errors import UnknownSessionError


def upload_logs(asked: Asked[None, bytes]) -> Stored:
    """Keep what a trace's program printed; the same text again changes nothing, and the trace may come later."""
    named = asked.headers.get("trace-id")
    if not named:
        raise bad_request("no trace is named: send its id as Trace-Id")
    with refusing():
        session_id = session_of_trace(named.strip())
    weigh(len(asked.body), 0, asked.share)
    data = content_of(asked.body)
    text = data.decode("utf-8", "replace")
    take_in_lines(asked, text, session_id, None if is_dated(text) else _known(asked, session_id))
    return Stored(f"{asked.base_url}/v4/logs/{trace_id_of(session_id)}", len(data))


def _known(asked: Asked[Any, Any], session_id: str) -> dict[int, int]:
    """When the lines of a session were written that do not say so and are there already, by their numbers."""
    try:
        return {number: time for time, number in asked.store.log_times(session_id) if is_above_all(number)}
    except UnknownSessionError:
        return {}


def read_logs(asked: Asked[None, None]) -> Stream:
    """What a trace's program printed and logged, by time, as one text; however long, it goes out piece by piece."""
    session_id = trace_in_path(asked)
    asked.store.session(session_id)
    return Stream(_written(asked, session_id), JSON)


def _written(asked: Asked[None, None], session_id: str) -> Iterator[bytes]:
    yield b'{"content":"'
    with asked.services.projects.lease(asked.principal.project) as store:
        for record in store.logs(session_id):
            body = record.body if record.body.endswith("\n") else f"{record.body}\n"
            yield to_json(body)[1:-1]
    yield b'","trace_id":"%b","freeplan_truncated":false}' % trace_id_of(session_id).encode()
