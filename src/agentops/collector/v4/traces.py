"""A trace with all its spans, as the dashboard of AgentOps 0.4 reads it."""

from collections.abc import Iterator
from typing import Any

from agentops.collector.asked import Asked
from agentops.collector.replies import JSON, Stream, to_json
from agentops.collector.traces import measure_span, measure_trace, span_detail, trace_id_of, trace_in_path


def read_trace(asked: Asked[None, None]) -> Stream:
    """A trace, span by span."""
    session_id = trace_in_path(asked)
    session = asked.store.session(session_id)
    repeats = frozenset(span.span_id for span in asked.store.tree(session_id) if span.repeats)
    head = {
        "project_id": asked.principal.project,
        "trace_id": trace_id_of(session_id),
        "tags": session.tags or [],
        "freeplan_truncated": False,
        "metrics": measure_trace(asked.store.spans(session_id), repeats),
    }
    return Stream(_pieces(asked, session_id, head, session.name), JSON)


def _pieces(asked: Asked[None, None], session_id: str, head: dict[str, Any], name: str | None) -> Iterator[bytes]:
    yield to_json(head)[:-1] + b',"spans":['
    before = b""
    with asked.services.projects.lease(asked.principal.project) as store:
        for record in store.spans(session_id):
            detail, metrics = to_json(span_detail(record, name)), to_json(measure_span(record))
            yield b'%b%b,"metrics":%b}' % (before, detail[:-1], metrics)
            before = b","
    yield b"]}"
