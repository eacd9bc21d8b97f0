"""What a store says of what it took in, of itself, and to questions in SQL."""

from typing import Any

from msgspec import Struct

from agentops.domain.spans import DropRecord


class Acknowledgement(Struct, frozen=True):
    """What an ingest did: committed to disk when this is returned.

    `new` counts records not seen before, `known` those merged into ones already there.
    """

    new: int
    known: int


class StoreHealth(Struct, kw_only=True, frozen=True):
    """How the store is doing; sizes in bytes."""

    location: str
    size: int
    sessions: int
    spans: int
    schema_version: int
    drops: list[DropRecord]
    unindexed: int
    """Messages, spans and lines that the background search index has not taken in yet."""


class Table(Struct, kw_only=True, frozen=True):
    """What a query found: numbers, texts, bytes and None in rows; `truncated` where a limit cut off the rest."""

    columns: list[str]
    rows: list[list[Any]]
    truncated: bool = False
