"""What a store can do: the one set of questions that the CLI, the collector and the dashboard ask."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Protocol

from msgspec import Struct, field

from agentops.domain.spans import AgentRecord, DropRecord, LogRecord, LogSource, Record, SessionRecord, SpanRecord


class Acknowledgement(Struct, frozen=True):
    """What an ingest did: committed to disk when this is returned.

    `new` counts records not seen before, `known` those merged into ones already there.
    """

    new: int
    known: int


class SessionSummary(Struct, kw_only=True):
    """A session with its rollup, as lists show it; `cost` is USD, None when no call's price is known."""

    session_id: str
    name: str | None
    state: str
    start: int
    end: int | None
    last: int
    """Unix nanoseconds of the last thing recorded."""
    end_state: str | None = None
    end_state_reason: str | None = None
    tags: list[str] = field(default_factory=list[str])
    agents: list[AgentRecord] = field(default_factory=list[AgentRecord])
    spans: int = 0
    llm_calls: int = 0
    tool_calls: int = 0
    actions: int = 0
    errors: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: Decimal | None = None
    unpriced: int = 0
    """LLM calls whose cost is unknown."""
    interrupted: bool = False
    """Whether its process died while it was running."""


class SessionFilter(Struct, kw_only=True, frozen=True):
    """Which sessions to list; every given field must hold. Times are Unix nanoseconds."""

    state: str | None = None
    tag: str | None = None
    name: str | None = None
    since: int | None = None
    until: int | None = None
    has_errors: bool | None = None


class LogFilter(Struct, kw_only=True, frozen=True):
    """Which lines to give; every given field must hold. With a severity, only what has that one or a higher."""

    span_id: str | None = None
    source: LogSource | None = None
    severity: int | None = None


class SearchHit(Struct, kw_only=True, frozen=True):
    """A span whose content, or what was written in it, holds the phrase; `snippet` is the text around it.

    The span id is empty where it was written outside of any span.
    """

    session_id: str
    span_id: str
    span_name: str
    start: int
    snippet: str


class Totals(Struct, kw_only=True, frozen=True):
    """What the ended spans of one day, kind, name and model add up to; `day` counts from 1970-01-01 UTC, by start.

    Durations are in seconds, from a histogram, so up to five percent off; `cost` is USD, None when none is known.
    """

    day: int
    kind: str
    name: str
    model: str | None
    calls: int
    errors: int
    input_tokens: int
    output_tokens: int
    cost: Decimal | None
    median: float
    p95: float


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


class Store(Protocol):
    """Sessions and spans, durable and idempotent.

    Ingesting is idempotent by (session id, span id), may come in any order, for sessions never announced, and is on
    disk when `ingest` returns. Every method may be called from any thread.
    """

    def ingest(self, records: Sequence[Record], *, journal: str | None = None) -> Acknowledgement:
        """Commit records; `journal` names the process they come from, for `interrupt`."""
        ...

    def interrupt(self, journal: str, *, at: int) -> int:
        """The process behind `journal` is gone: end what it left running as interrupted; how many spans that were.

        A session it had started and not ended becomes INDETERMINATE, with a reason naming the innermost span.
        """
        ...

    def sessions(
        self, where: SessionFilter | None = None, *, limit: int = 50, before: int | None = None
    ) -> list[SessionSummary]:
        """The latest sessions first, by start; `before` continues after a page (the last one's start)."""
        ...

    def find(self, prefix: str) -> SessionSummary:
        """The session whose id begins so, or the latest for `last`.

        Raises:
            UnknownSessionError: none or several do; the message says which.
        """
        ...

    def session(self, session_id: str) -> SessionRecord:
        """What is known of a session besides spans.

        Raises:
            UnknownSessionError: if there is none.
        """
        ...

    def spans(self, session_id: str) -> Iterator[SpanRecord]:
        """All spans of a session by start time, whole."""
        ...

    def changes(self, after: int, *, session_id: str | None = None, limit: int = 500) -> tuple[list[SpanRecord], int]:
        """Spans added or changed since a cursor (0 is the beginning, -1 is now), and the next cursor."""
        ...

    def logs(self, session_id: str, where: LogFilter | None = None) -> Iterator[LogRecord]:
        """What the program wrote in a session, by time.

        Raises:
            UnknownSessionError: if there is no such session.
        """
        ...

    def log_changes(
        self, after: int, *, session_id: str | None = None, limit: int = 500
    ) -> tuple[list[LogRecord], int]:
        """What was written since a cursor (0 is the beginning, -1 is now), and the next cursor."""
        ...

    def count_lines(self, session_id: str) -> int:
        """How many lines the program wrote in a session."""
        ...

    def search(self, phrase: str, *, limit: int = 50) -> list[SearchHit]:
        """Spans that hold the phrase, in any language, newest first.

        It is looked for in messages, inputs, outputs and names, and in what the program wrote.
        """
        ...

    def totals(self, *, since: int | None = None, until: int | None = None) -> list[Totals]:
        """Counts, costs and durations by day, kind, name and model, for the days between two Unix nanoseconds."""
        ...

    def delete(self, session_ids: Sequence[str]) -> int:
        """Forget sessions and everything only they hold; how many there were."""
        ...

    def prune(self, *, before: int) -> int:
        """Delete sessions whose last record is older (Unix nanoseconds); how many there were."""
        ...

    def health(self) -> StoreHealth:
        """Sizes, counts and drops."""
        ...

    def close(self) -> None:
        """Let go of the files."""
        ...
