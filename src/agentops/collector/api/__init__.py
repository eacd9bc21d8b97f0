"""The collector's own API: what is asked under `/api/v1`."""

from typing import Final

from agentops.collector.api import (
    agents,
    aggregates,
    annotations,
    contents,
    exporting,
    metrics,
    project,
    sessions,
    spans,
    sql,
    watching,
)
from agentops.collector.routes import Route

ROUTES: Final[tuple[Route, ...]] = (
    *sessions.ROUTES,
    *spans.ROUTES,
    *contents.ROUTES,
    *agents.ROUTES,
    *aggregates.ROUTES,
    *metrics.ROUTES,
    *annotations.ROUTES,
    *watching.ROUTES,
    *exporting.ROUTES,
    *sql.ROUTES,
    *project.ROUTES,
)
