"""The one set of questions that the CLI, the collector and the dashboard ask of a store."""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from agentops.domain.metric_points import MetricPoint
from agentops.domain.spans import LogRecord, Record, SessionRecord, SpanRecord
from agentops.store.protocol.aggregates import Aggregate, AggregateFilter, Dimension, Totals
from agentops.store.protocol.annotations import Note, Score
from agentops.store.protocol.contents import ChatMessage, LogFilter, SearchHit, SpanSummary
from agentops.store.protocol.replies import Acknowledgement, StoreHealth, Table
from agentops.store.protocol.sessions import Page, SessionFilter, SessionOrder, SessionSummary


class Store(Protocol):
    """Sessions and spans, durable and idempotent.

    Ingesting is idempotent by (session id, span id), may come in any order, for sessions never announced, and is on
    disk when `ingest` returns. Every method may be called from any thread. What is asked of a session that is not
    there raises UnknownSessionError.
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

    def page(
        self,
        where: SessionFilter | None = None,
        *,
        order: SessionOrder = SessionOrder.START,
        descending: bool = True,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page:
        """Sessions in an order, from the beginning or from where a page's `next` points.

        Sessions that come in meanwhile neither repeat nor hide others. A page may be short, or empty, before the last:
        a filter by a common text looks at so many sessions at a time.

        Raises:
            ValueError: if the cursor is none, or one of another order.
        """
        ...

    def session_changes(self, after: int, *, limit: int = 500) -> tuple[list[SessionSummary], int]:
        """Sessions changed since a cursor (0 is the beginning, -1 is now), each once, and the next cursor."""
        ...

    def find(self, prefix: str) -> SessionSummary:
        """The session whose id begins so, or the latest for `last`; the message of the error says which do."""
        ...

    def session(self, session_id: str) -> SessionRecord:
        """What is known of a session besides spans."""
        ...

    def spans(self, session_id: str, *, after: tuple[int, str] | None = None) -> Iterator[SpanRecord]:
        """The spans of a session by start time and id, whole: all, or those after a start and an id."""
        ...

    def tree(self, session_id: str) -> list[SpanSummary]:
        """All spans of a session by start time, in brief."""
        ...

    def span(self, session_id: str, span_id: str) -> SpanRecord:
        """One span, whole.

        Raises:
            UnknownSpanError: if the session has no such span.
        """
        ...

    def find_span(self, span_id: str) -> SpanRecord:
        """One span of whatever session, whole; of several, one of the session that began last.

        Raises:
            UnknownSpanError: if there is none.
        """
        ...

    def messages(self, session_id: str) -> list[ChatMessage]:
        """The chat of a session: every message where it appeared first, without the history that is sent again."""
        ...

    def changes(self, after: int, *, session_id: str | None = None, limit: int = 500) -> tuple[list[SpanRecord], int]:
        """Spans added or changed since a cursor (0 is the beginning, -1 is now), and the next cursor."""
        ...

    def logs(
        self, session_id: str, where: LogFilter | None = None, *, after: tuple[int, int] | None = None
    ) -> Iterator[LogRecord]:
        """What the program wrote in a session, by time and number: all, or what comes after a time and a number."""
        ...

    def log_times(self, session_id: str) -> Iterator[tuple[int, int]]:
        """The time and the number of every line of a session, by time, without what it says."""
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

    def aggregate(self, by: Sequence[Dimension], where: AggregateFilter | None = None) -> list[Aggregate]:
        """What the ended spans of each group add up to, in the order of the groups' keys."""
        ...

    def query(self, sql: str, parameters: Sequence[Any] = (), *, rows: int = 1000, seconds: float = 2.0) -> Table:
        """What one SELECT over the documented views finds; nothing else can be read, and nothing written.

        Raises:
            QueryError: if it is no such statement, or takes more time or room than it may.
        """
        ...

    def views(self) -> dict[str, list[str]]:
        """What `query` may read: the columns of each view, by its name."""
        ...

    def set_tags(self, session_id: str, tags: Sequence[str]) -> None:
        """Give a session these tags and no others, whatever its program says."""
        ...

    def add_score(self, score: Score) -> None:
        """Keep a score; one of the same id is replaced.

        Raises:
            UnknownSpanError: if the session has no such span.
            ValueError: if its value is infinite or no number.
        """
        ...

    def scores(self, session_id: str) -> list[Score]:
        """The scores of a session and its spans, by time."""
        ...

    def remove_score(self, score_id: str) -> bool:
        """Forget a score; whether there was one."""
        ...

    def add_note(self, note: Note) -> None:
        """Keep a note; one of the same id is replaced.

        Raises:
            UnknownSpanError: if the session has no such span.
        """
        ...

    def notes(self, session_id: str) -> list[Note]:
        """The notes on a session and its spans, by time."""
        ...

    def remove_note(self, note_id: str) -> bool:
        """Forget a note; whether there was one."""
        ...

    def ingest_metrics(self, points: Sequence[MetricPoint]) -> Acknowledgement:
        """Commit points of metrics; one that is sent again counts once."""
        ...

    def metric_points(
        self, name: str | None = None, *, since: int | None = None, until: int | None = None, limit: int = 1000
    ) -> list[MetricPoint]:
        """Points of one metric or of all, the oldest first, from `since` and before `until` (Unix nanoseconds)."""
        ...

    def metric_names(self) -> list[str]:
        """The names of all metrics that there are points of."""
        ...

    def delete(self, session_ids: Sequence[str]) -> int:
        """Forget sessions and everything only they hold; how many there were."""
        ...

    def prune(self, *, before: int) -> int:
        """Delete sessions last heard of before that (Unix nanoseconds), and older points; how many sessions."""
        ...

    def health(self) -> StoreHealth:
        """Sizes, counts and drops."""
        ...

    def prove_writable(self) -> None:
        """Commit something that nobody sees, which shows that recordings can be taken in.

        Raises:
            StoreError: if it cannot be committed; the message says why.
        """
        ...

    def close(self) -> None:
        """Let go of the files."""
        ...
