"""Questions in SQL, which may only read, and only the documented views."""

from typing import Annotated, Final

from msgspec import Meta, Struct

from agentops.collector.api.naming import PREFIX
from agentops.collector.asked import Asked
from agentops.collector.routes import Route, Tag
from agentops.store.protocol import Table

Parameter = str | int | float | bool | None


class Query(Struct, kw_only=True, frozen=True):
    """A SELECT, what its question marks stand for, and how much may come back in how many seconds."""

    sql: Annotated[str, Meta(min_length=1, max_length=100_000)]
    parameters: Annotated[list[Parameter], Meta(max_length=1000)] = []
    rows: Annotated[int, Meta(ge=1, le=10_000)] = 1000
    seconds: Annotated[float, Meta(gt=0, le=10)] = 2.0


class View(Struct, frozen=True):
    """A view and its columns. It stays as it is: what is to be different gets another name."""

    name: str
    columns: list[str]


class Views(Struct, frozen=True):
    """What may be asked; each view is there under its name without `_v1` too."""

    items: list[View]


def list_views(asked: Asked[None, None]) -> Views:
    """The documented views."""
    return Views([View(name, columns) for name, columns in asked.store.views().items()])


def run_query(asked: Asked[None, Query]) -> Table:
    """What a SELECT finds."""
    query = asked.body
    return asked.store.query(query.sql, query.parameters, rows=query.rows, seconds=query.seconds)


ROUTES: Final = (
    Route(
        method="POST",
        path=f"{PREFIX}/sql",
        answer=run_query,
        summary="Ask the documented views with one SELECT",
        tag=Tag.SQL,
        body=Query,
        reply=Table,
    ),
    Route(
        method="GET",
        path=f"{PREFIX}/sql/views",
        answer=list_views,
        summary="The views that SQL may ask, and their columns",
        tag=Tag.SQL,
        reply=Views,
    ),
)
