"""What those ask who keep the collector running."""

from typing import Final

from msgspec import Struct

from agentops.collector.asked import Asked
from agentops.collector.routes import Route, Tag


class Health(Struct, frozen=True):
    """That the server answers."""

    status: str = "ok"


async def read_health(asked: Asked[None, None]) -> Health:
    """Say that the process is alive."""
    del asked
    return Health()


def read_readiness(asked: Asked[None, None]) -> Health:
    """Say whether the store of the default project can be read."""
    asked.store.health()
    return Health()


ROUTES: Final = (
    Route(
        method="GET",
        path="/healthz",
        answer=read_health,
        summary="Whether the process is alive",
        tag=Tag.OPERATIONS,
        scope=None,
        reply=Health,
    ),
    Route(
        method="GET",
        path="/readyz",
        answer=read_readiness,
        summary="Whether it can take recordings in and answer",
        tag=Tag.OPERATIONS,
        scope=None,
        reply=Health,
    ),
)
