"""AgentOps's public API: what its validation of traces and its MCP server read (https://docs.agentops.ai/v2/usage/public-api)."""

from typing import Any, Final

from msgspec import Struct

from agentops.collector.access.projects import find_project
from agentops.collector.asked import Asked
from agentops.collector.routes import Answer, Route, Tag
from agentops.collector.traces import (
    BriefSpan,
    SpanDetail,
    SpanMetrics,
    TraceMetrics,
    brief_span,
    measure_span,
    measure_trace,
    span_detail,
    trace_id_of,
    trace_in_path,
)
from agentops.collector.v3 import KeyBody, owner_of
from agentops.domain.spans import SpanRecord
from agentops.errors import UnknownSessionError

_UNKNOWN: Final = 400
"""What AgentOps answers to whoever shows no token that holds."""


class Granted(Struct, frozen=True):
    """The token with which to ask."""

    bearer: str


class ProjectShown(Struct, frozen=True):
    """The project of the token."""

    id: str
    name: str
    environment: str = "production"


class TraceShown(Struct, frozen=True):
    """A trace with its spans in brief."""

    trace_id: str
    project_id: str
    tags: list[str]
    spans: list[BriefSpan]


def grant_bearer(asked: Asked[None, KeyBody]) -> Granted:
    """Give the token of a key."""
    return Granted(asked.services.access.token_for(owner_of(asked, asked.body.api_key)))


def read_project(asked: Asked[None, None]) -> ProjectShown:
    """The project of whoever asks."""
    project = find_project(asked.services.projects.catalog, asked.principal.project)
    return ProjectShown(project.id, project.name)


def read_trace(asked: Asked[None, None]) -> TraceShown:
    """A trace with its spans in brief, by start."""
    session_id = trace_in_path(asked)
    session = asked.store.session(session_id)
    spans = [brief_span(record, session.name) for record in asked.store.spans(session_id)]
    return TraceShown(trace_id_of(session_id), asked.principal.project, session.tags or [], spans)


def read_trace_metrics(asked: Asked[None, None]) -> TraceMetrics:
    """What the spans of a trace took."""
    session_id = trace_in_path(asked)
    repeats = frozenset(span.span_id for span in asked.store.tree(session_id) if span.repeats)
    return measure_trace(asked.store.spans(session_id), repeats)


def read_span(asked: Asked[None, None]) -> SpanDetail:
    """A span with all that is known of it."""
    record = _span_in_path(asked)
    try:
        name = asked.store.session(record.session_id).name
    except UnknownSessionError:  # it was deleted since
        name = None
    return span_detail(record, name)


def read_span_metrics(asked: Asked[None, None]) -> SpanMetrics:
    """What a span took."""
    return measure_span(_span_in_path(asked))


def _span_in_path(asked: Asked[None, None]) -> SpanRecord:
    return asked.store.find_span(asked.path["span_id"].lower())


def _read(path: str, answer: Answer, summary: str, reply: Any) -> Route:
    return Route(
        method="GET",
        path=f"/public/v1/{path}",
        answer=answer,
        summary=summary,
        tag=Tag.PUBLIC,
        unauthorized=_UNKNOWN,
        reply=reply,
    )


ROUTES: Final = (
    Route(
        method="POST",
        path="/public/v1/auth/access_token",
        answer=grant_bearer,
        summary="Get a token for an API key",
        tag=Tag.PUBLIC,
        scope=None,
        body=KeyBody,
        reply=Granted,
    ),
    _read("project", read_project, "The project of the token", ProjectShown),
    _read("traces/{trace_id}", read_trace, "A trace with its spans in brief", TraceShown),
    _read("traces/{trace_id}/metrics", read_trace_metrics, "What the spans of a trace took", TraceMetrics),
    _read("spans/{span_id}", read_span, "A span with all that is known of it", SpanDetail),
    _read("spans/{span_id}/metrics", read_span_metrics, "What a span took", SpanMetrics),
)
