"""The project of whoever asks: how much it holds, and how long it keeps it."""

from typing import Annotated, Any, Final

from msgspec import Meta, Struct

from agentops.collector.access import Project, Scope
from agentops.collector.access.projects import find_project, set_retention
from agentops.collector.api.naming import PREFIX
from agentops.collector.asked import Asked
from agentops.collector.routes import Route, Tag
from agentops.domain.spans import DropRecord


class ProjectDetail(Struct, kw_only=True, frozen=True):
    """A project.

    Attributes:
        created: Unix nanoseconds.
        retention_days: how long its sessions are kept, as was said for this project; null is as the server says.
        server_retention_days: how long the server keeps sessions of projects that do not say; null keeps them.
        size: bytes on disk.
        drops: what could not be recorded, and why.
        unindexed: what the search has not taken in yet.
    """

    id: str
    name: str
    created: int
    retention_days: float | None
    server_retention_days: float | None
    sessions: int
    spans: int
    size: int
    drops: list[DropRecord]
    unindexed: int


class ProjectChange(Struct, kw_only=True, frozen=True):
    """How long to keep the sessions of the project, in days; null is as the server says."""

    retention_days: Annotated[float, Meta(gt=0, le=1_000_000)] | None


def read_project(asked: Asked[None, None]) -> ProjectDetail:
    """The project."""
    return _detail(asked, find_project(asked.services.projects.catalog, asked.principal.project))


def change_project(asked: Asked[None, ProjectChange]) -> ProjectDetail:
    """Say how long the project keeps its sessions."""
    catalog = asked.services.projects.catalog
    return _detail(asked, set_retention(catalog, asked.principal.project, asked.body.retention_days))


def _detail(asked: Asked[Any, Any], project: Project) -> ProjectDetail:
    health = asked.store.health()
    return ProjectDetail(
        id=project.id,
        name=project.name,
        created=project.created,
        retention_days=project.retention_days,
        server_retention_days=asked.services.options.retention_days,
        sessions=health.sessions,
        spans=health.spans,
        size=health.size,
        drops=health.drops,
        unindexed=health.unindexed,
    )


ROUTES: Final = (
    Route(
        method="GET",
        path=f"{PREFIX}/project",
        answer=read_project,
        summary="The project that the key opens",
        tag=Tag.PROJECT,
        reply=ProjectDetail,
    ),
    Route(
        method="PATCH",
        path=f"{PREFIX}/project",
        answer=change_project,
        summary="Say how long the project keeps its sessions",
        tag=Tag.PROJECT,
        scope=Scope.ADMIN,
        body=ProjectChange,
        reply=ProjectDetail,
    ),
)
