"""The addresses at which AgentOps's clients say that a session can be looked at."""

from typing import Final

from msgspec import Struct

from agentops.collector.asked import Asked
from agentops.collector.problems import bad_request, refusing
from agentops.collector.replies import Content
from agentops.collector.routes import Route, Tag
from agentops.collector.traces import session_of_trace


class LinkQuery(Struct, frozen=True):
    """The session, as each generation of clients names it."""

    session_id: str | None = None
    trace_id: str | None = None


async def follow_link(asked: Asked[LinkQuery, None]) -> Content:
    """Lead to a session, whether it has come already or not."""
    named = asked.query.session_id or asked.query.trace_id
    if not named:
        raise bad_request("no session is named: add ?session_id= or ?trace_id=")
    with refusing():
        session_id = session_of_trace(named)
    return Content(b"", status=302, headers={"Location": _place_of(session_id)})


def _place_of(session_id: str) -> str:
    """Where a session is shown."""
    return f"/api/v1/sessions/{session_id}"


ROUTES: Final = tuple(
    Route(
        method="GET",
        path=path,
        answer=follow_link,
        summary="Look at a session",
        tag=Tag.SESSIONS,
        scope=None,
        query=LinkQuery,
        status=302,
        is_listed=False,
    )
    for path in ("/drilldown", "/sessions", "/traces")
)
