"""All routes, in the order in which paths are looked for: what comes most often first."""

from typing import Final

from agentops.collector import operations
from agentops.collector.routes import Route

ROUTES: Final[tuple[Route, ...]] = (*operations.ROUTES,)
