"""All routes, in the order in which paths are looked for: what comes most often first."""

from typing import Final

from agentops.collector import api, operations, v2
from agentops.collector.otlp.routes import ROUTES as OTLP_ROUTES
from agentops.collector.routes import Route

ROUTES: Final[tuple[Route, ...]] = (*OTLP_ROUTES, *v2.ROUTES, *api.ROUTES, *operations.ROUTES)
