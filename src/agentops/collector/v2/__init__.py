"""AgentOps's v2 protocol, as its clients 0.2 and 0.3 speak it, and ours, which send more by it."""

from typing import Any, Final

from agentops.collector.access import Scope
from agentops.collector.asked import Asked
from agentops.collector.remarks import note_report
from agentops.collector.replies import JSON, Content
from agentops.collector.routes import Answer, Route, Tag
from agentops.collector.v2 import events, export, replay, sessions, statistics
from agentops.domain.journal import CONTENT_TYPE

_SAID: Final = 1000
"""Bytes of a client's own troubles that are logged."""


async def note_trouble(asked: Asked[None, bytes]) -> Content:
    """Log what went wrong in a client."""
    note_report(asked.body[:_SAID].decode("utf-8", "replace"))
    return Content(b"", status=204)


async def point_to_document(asked: Asked[None, None]) -> Content:
    """Say where the description of everything that can be asked is."""
    return Content(b"", status=307, headers={"Location": f"{asked.base_url}/openapi.json"})


def _told(path: str, answer: Answer, summary: str, reply: Any, *former: str, method: Any = "POST") -> list[Route]:
    """A route that takes JSON in, and the paths under which it was asked before."""
    return [
        Route(
            method=method,
            path=each,
            answer=answer,
            summary=summary,
            tag=Tag.V2,
            scope=Scope.WRITE,
            body=dict[str, Any],
            reply=reply,
            is_ingest=True,
            is_listed=each == path,
        )
        for each in (path, *former)
    ]


def _sent(path: str, answer: Answer, summary: str, reply: Any, *former: str, kind: str = JSON) -> list[Route]:
    """A route that takes in what is too much to be read before its turn comes."""
    return [
        Route(
            method="POST",
            path=each,
            answer=answer,
            summary=summary,
            tag=Tag.V2,
            scope=Scope.WRITE,
            body=bytes,
            media_types=(kind,),
            reply=reply,
            is_ingest=True,
            is_listed=each == path,
        )
        for each in (path, *former)
    ]


def _trouble(path: str) -> Route:
    return Route(
        method="POST",
        path=path,
        answer=note_trouble,
        summary="Report what went wrong in a client",
        tag=Tag.V2,
        scope=Scope.WRITE,
        body=bytes,
        media_types=(JSON,),
        status=204,
        is_listed=path.startswith("/v2"),
    )


ROUTES: Final = (
    *_sent("/v2/create_events", events.create_events, "Send events", events.Taken, "/v2/events", "/v1/events"),
    *_sent("/v2/frames", events.take_frames, "Send a journal's frames", events.Told, kind=CONTENT_TYPE),
    *_told(
        "/v2/create_session",
        sessions.create_session,
        "Announce a session",
        sessions.Opened,
        "/v2/sessions",
        "/v1/sessions",
    ),
    *_told("/v2/update_session", sessions.update_session, "Change a session, or end it", sessions.Updated),
    *_sent("/v2/update_events", events.update_events, "Add to events what they lack", events.Taken),
    *_told("/v2/create_agent", sessions.create_agent, "Make an agent known", sessions.Done, "/v1/agents"),
    *_told("/v2/create_thread", sessions.create_thread, "Keep an agent's thread", sessions.Done, "/v1/threads"),
    *_told("/v2/update_logs", sessions.update_logs, "Add to what a session wrote", sessions.Done, method="PUT"),
    *_told("/v2/reauthorize_jwt", sessions.renew_token, "Get another token for a session", sessions.Renewed),
    Route(
        method="GET",
        path="/v2/sessions/{session_id}/stats",
        answer=statistics.read_statistics,
        summary="What a session adds up to",
        tag=Tag.V2,
        reply=statistics.Statistics,
    ),
    Route(
        method="GET",
        path="/v2/sessions/{session_id}/export",
        answer=export.export_session,
        summary="A whole session: itself, its statistics, its agents and its events",
        tag=Tag.V2,
        replies=(JSON,),
    ),
    Route(
        method="GET",
        path="/v2/ttd/{session_id}",
        answer=replay.replay_session,
        summary="What models answered in a session, for `agentops timetravel`",
        tag=Tag.V2,
        replies=(JSON,),
    ),
    _trouble("/v2/developer_errors"),
    _trouble("/v1/developer_errors"),
    Route(
        method="GET",
        path="/v2/openapi.yaml",
        answer=point_to_document,
        summary="Where the description of all routes is",
        tag=Tag.V2,
        scope=None,
        status=307,
        is_listed=False,
    ),
)
