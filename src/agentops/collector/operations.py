"""What those ask who keep the collector running."""

from typing import Final

from msgspec import Struct

from agentops.collector.access import Scope
from agentops.collector.asked import Asked
from agentops.collector.replies import Content
from agentops.collector.routes import Route, Tag


class Health(Struct, frozen=True):
    """That the server answers."""

    status: str = "ok"


async def read_health(asked: Asked[None, None]) -> Health:
    """Say that the process is alive."""
    del asked
    return Health()


def read_readiness(asked: Asked[None, None]) -> Health:
    """Say that recordings can be taken in: something was just committed to the default project's store.

    Raises:
        StoreError: if it could not be.
    """
    asked.store.prove_writable()
    return Health()


def read_metrics(asked: Asked[None, None]) -> Content:
    """What the server counts of itself, in Prometheus' text format."""
    from agentops.collector.exposition import MEDIA_TYPE, expose  # noqa: PLC0415 - many are never asked

    services = asked.services
    with services.projects.lease(services.projects.catalog.default_project) as store:
        return Content(expose(services, store.health()), media_type=MEDIA_TYPE)


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
        summary="Whether it can take recordings in: 503 while its store cannot be written",
        tag=Tag.OPERATIONS,
        scope=None,
        reply=Health,
    ),
    Route(
        method="GET",
        path="/metrics",
        answer=read_metrics,
        summary="What the server counts of itself, for Prometheus",
        tag=Tag.OPERATIONS,
        scope=Scope.READ,
        replies=("text/plain",),
    ),
)
