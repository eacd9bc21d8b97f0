"""AgentOps's v4 protocol: what its client 0.4 uploads beside its spans, and what its dashboard asks for."""

from typing import Final

from agentops.collector.access import Scope
from agentops.collector.replies import JSON
from agentops.collector.routes import Answer, Route, Tag
from agentops.collector.v4 import listing, logs, objects, overview, traces


def _upload(path: str, answer: Answer, summary: str, *refusals: int) -> tuple[Route, ...]:
    """A route that takes whatever is sent, with and without a slash at its end."""
    return tuple(
        Route(
            method="POST",
            path=each,
            answer=answer,
            summary=summary,
            tag=Tag.V3,
            scope=Scope.WRITE,
            body=bytes,
            media_types=(JSON,),
            reply=objects.Stored,
            refusals=refusals,
            is_ingest=True,
            is_listed=each == path,
        )
        for each in (path, path.rstrip("/"))
    )


ROUTES: Final = (
    *_upload("/v4/logs/upload/", logs.upload_logs, "Send what a trace's program printed"),
    *_upload("/v4/objects/upload/", objects.upload_object, "Keep an object", 507),
    Route(
        method="GET",
        path="/v4/objects/{name}",
        answer=objects.read_object,
        summary="An object that was kept",
        tag=Tag.V3,
        replies=(objects.MEDIA_TYPE,),
    ),
    Route(
        method="GET",
        path="/v4/logs/{trace_id}",
        answer=logs.read_logs,
        summary="What a trace's program printed and logged",
        tag=Tag.V3,
        replies=(JSON,),
    ),
    Route(
        method="GET",
        path="/v4/traces/list/{project_id}",
        answer=listing.list_traces,
        summary="Traces of a project",
        tag=Tag.V3,
        query=listing.ListQuery,
        reply=listing.TraceList,
    ),
    Route(
        method="GET",
        path="/v4/traces/detail/{trace_id}",
        answer=traces.read_trace,
        summary="A trace with all its spans",
        tag=Tag.V3,
        replies=(JSON,),
    ),
    Route(
        method="GET",
        path="/v4/meterics/project/{project_id}",
        answer=overview.read_overview,
        summary="What the traces of a project add up to",
        tag=Tag.V3,
        query=overview.OverviewQuery,
        reply=overview.Overview,
    ),
)
