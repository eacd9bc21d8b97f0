"""All routes, in the order in which paths are looked for: what comes most often first."""

from typing import Final

from agentops.collector import api, links, operations, pages, public, v2, v3, v4
from agentops.collector.otlp.routes import ROUTES as OTLP_ROUTES
from agentops.collector.routes import Route

_ANSWERING: Final[tuple[Route, ...]] = (
    *OTLP_ROUTES,
    *v2.ROUTES,
    *v3.ROUTES,
    *v4.ROUTES,
    *api.ROUTES,
    *public.ROUTES,
    *links.ROUTES,
    *operations.ROUTES,
)

ROUTES: Final[tuple[Route, ...]] = (*_ANSWERING, *pages.routes_about(_ANSWERING))
