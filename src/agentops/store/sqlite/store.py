"""The embedded store: one SQLite file that many processes write and read at once."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Self

from agentops.domain.metric_points import MetricPoint
from agentops.domain.spans import Record
from agentops.errors import StoreError
from agentops.store.protocol import Acknowledgement, Note, Score, StoreHealth
from agentops.store.sqlite import annotations, metric_points, removal
from agentops.store.sqlite.answers import Answers
from agentops.store.sqlite.connection import PATIENCE, check_features
from agentops.store.sqlite.copying import copy_file
from agentops.store.sqlite.files import make_private
from agentops.store.sqlite.forks import follow_forks
from agentops.store.sqlite.ingest import ingest
from agentops.store.sqlite.interruption import interrupt
from agentops.store.sqlite.texts import legible
from agentops.store.sqlite.transaction import PROOFS, Transaction
from agentops.store.sqlite.upkeep import Upkeep
from agentops.store.sqlite.writer import Writer


class SqliteStore(Answers):
    """Sessions and spans in one file; see `agentops.store.protocol.Store` for what each method promises.

    Safe to use from any thread, from many processes, and in children of a fork.
    """

    def __init__(
        self, path: Path, *, closing_budget: float = 0.05, patience: float = PATIENCE, keeps_up: bool = False
    ) -> None:
        """Open the file at `path`, making it and its folder where they are missing.

        Args:
            path: the file; it must lie on a local disk.
            closing_budget: seconds that `close` may spend on the search index.
            patience: seconds that a commit waits for other processes before it fails with `StoreBusyError`.
            keeps_up: whether to fill the search index while others write, as a server does that is never quiet.

        Raises:
            NewerStoreError: if a newer agentops wrote the file.
            StoreError: if it cannot be opened, or this Python's SQLite is too old.
        """
        check_features()
        super().__init__(path.absolute())
        self._closing_budget = closing_budget
        self._writer = Writer(self.path, patience)
        self._upkeep = Upkeep(self._writer, keeps_up=keeps_up)
        self._written = False
        make_private(self.path)
        follow_forks(self)
        self._version = self._writer.migrate()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ingest(self, records: Sequence[Record], *, journal: str | None = None) -> Acknowledgement:
        """Commit records; on disk when this returns."""
        if not records:
            return Acknowledgement(new=0, known=0)
        done = self._writer.write(partial(ingest, records=records, journal=journal))
        self._written = True
        self._upkeep.note_write(len(records))
        return done

    def ingest_metrics(self, points: Sequence[MetricPoint]) -> Acknowledgement:
        """Commit points of metrics; on disk when this returns."""
        if not points:
            return Acknowledgement(new=0, known=0)
        return self._writer.write(partial(metric_points.add_points, points=points))

    def interrupt(self, journal: str, *, at: int) -> int:
        """End what the process behind `journal` left running."""
        return self._writer.write(partial(interrupt, journal=journal, at=at))

    def set_tags(self, session_id: str, tags: Sequence[str]) -> None:
        """Give a session these tags and no others."""
        self._annotate(partial(annotations.set_tags, session_id=session_id, tags=tags))

    def add_score(self, score: Score) -> None:
        """Keep a score, in place of one of the same id."""
        annotations.check_score(score)
        self._annotate(partial(annotations.add_score, score=score))

    def remove_score(self, score_id: str) -> bool:
        """Forget a score; whether there was one."""
        return self._writer.write(partial(annotations.remove, statement="remove_score", annotation_id=score_id))

    def add_note(self, note: Note) -> None:
        """Keep a note, in place of one of the same id."""
        self._annotate(partial(annotations.add_note, note=note))

    def remove_note(self, note_id: str) -> bool:
        """Forget a note; whether there was one."""
        return self._writer.write(partial(annotations.remove, statement="remove_note", annotation_id=note_id))

    def prove_writable(self) -> None:
        """Commit a number that only counts how often this was asked."""
        self._writer.write(lambda transaction: transaction.next_number(PROOFS))

    def _annotate(self, work: Callable[[Transaction], annotations.Missing]) -> None:
        missing = self._writer.write(work)
        if missing is not None:
            raise missing

    def delete(self, session_ids: Sequence[str]) -> int:
        """Forget sessions and everything only they hold; a slice at a time, so that writers never wait long."""
        left, deleted = [legible(session_id) for session_id in session_ids], 0
        while left:
            count, done = self._writer.write(partial(removal.remove_slice, session_ids=left))
            deleted += count
            left = left[done:]
        if deleted:
            self._writer.shrink()
        return deleted

    def prune(self, *, before: int) -> int:
        """Delete sessions whose last record is older, and older points of metrics."""
        while self._writer.write(partial(metric_points.remove_some_points, before=before)):
            pass
        with self._readers.reading() as reading:
            old = [session_id for (session_id,) in reading.rows("sessions_last_before", (before,))]
        return self.delete(old)

    def health(self) -> StoreHealth:
        """Sizes, counts and drops."""
        return self._health(self._version)

    def index(self, budget: float = float("inf")) -> bool:
        """Bring the search index up to date, for about so many seconds; whether it is."""
        return self._upkeep.index(budget)

    def backup(self, target: Path) -> int:
        """Copy the file as it is at one moment, for its owner only, while others write on; its size in bytes.

        Raises:
            StoreError: if the target is there already, or cannot be written; no copy is left then.
        """
        return copy_file(self.path, target)

    def close(self) -> None:
        """Let go of the file, indexing within the closing budget first."""
        if self._written and self._closing_budget > 0:
            with suppress(StoreError):
                self._upkeep.index(self._closing_budget)
        self._upkeep.stop()
        self._readers.close()
        self._writer.close()

    def before_fork(self) -> None:
        """This process is about to fork."""
        self._writer.before_fork()

    def after_fork_in_parent(self) -> None:
        """It has."""
        self._writer.after_fork_in_parent()

    def after_fork_in_child(self) -> None:
        """This is the child: nothing of the parent's is used or closed."""
        self._writer.after_fork_in_child()
        self._readers.after_fork_in_child()
        self._upkeep.after_fork_in_child()
