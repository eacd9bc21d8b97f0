"""One writer at a time: what several threads want written is committed together."""

import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

from agentops.catching import Catching
from agentops.errors import StoreBusyError
from agentops.store.sqlite.connection import PATIENCE, WAL_LIMIT, begin, connect, explain, explained
from agentops.store.sqlite.files import size_of
from agentops.store.sqlite.schema import migrate
from agentops.store.sqlite.transaction import Memory, Transaction

Result = TypeVar("Result")

FORK_PATIENCE: Final = 0.25
"""Seconds that a fork waits for a commit under way."""

_GROUP_LIMIT: Final = 64
_PAGES_AT_ONCE: Final = 2000
_abandoned: list[sqlite3.Connection] = []
"""Connections of a parent process: closing them here would touch the parent's locks."""


class Job(Generic[Result]):
    """Something to be written, what came of it, and the gate at which its thread waits for that."""

    __slots__ = ("_gate", "done", "error", "result", "work")

    def __init__(self, work: Callable[[Transaction], Result]) -> None:
        self.work = work
        self.result: Result | None = None
        self.error: Exception | None = None
        self.done = False
        self._gate = threading.Lock()
        self._gate.acquire()

    def wait(self) -> None:
        """Wait until it is done, or its thread is to see to it."""
        self._gate.acquire()

    def wake(self) -> None:
        """Let its thread go on; once is enough."""
        with suppress(RuntimeError):
            self._gate.release()

    def settle(self, error: Exception | None = None) -> None:
        """It is written, or failed for good."""
        self.error, self.done = error, True
        self.wake()


class Writer:
    """The only way into the file from this process.

    Whoever finds the writer free commits everything that waits, its own and other threads' work, in one transaction;
    the others come back when that is on disk. There is no thread that has to be alive for it.
    """

    def __init__(self, path: Path, patience: float = PATIENCE) -> None:
        self._path = path
        self._patience = patience
        self._turn = threading.Lock()
        self._is_held = False
        self._waiting: deque[Job[Any]] = deque()
        self._connection: sqlite3.Connection | None = None
        self._memory: Memory | None = None
        self._wal = path.with_name(f"{path.name}-wal")

    def write(self, work: Callable[[Transaction], Result]) -> Result:
        """Do the work in a transaction; what it gave, once that is on disk.

        Raises:
            StoreError: if it is not on disk; nothing of it is.
        """
        job = Job(work)
        self._waiting.append(job)
        while not job.done:
            if not self._turn.acquire(blocking=False):
                job.wait()
                continue
            try:
                if not job.done:
                    self._commit_waiting(job)
            finally:
                self._pass_on()
        if job.error is not None:
            raise job.error
        return job.result  # pyright: ignore[reportReturnType] - a job that is done without error has its result

    @contextmanager
    def _taking_turn(self) -> Generator[None]:
        self._turn.acquire()
        try:
            yield
        finally:
            self._pass_on()

    def _pass_on(self) -> None:
        """Free the writer, and tell one of those who wait."""
        self._turn.release()
        with suppress(IndexError):
            self._waiting[0].wake()

    def _commit_waiting(self, own: Job[Any]) -> None:
        group = [own]
        while self._waiting and len(group) < _GROUP_LIMIT:
            job = self._waiting.popleft()
            if job is not own:
                group.append(job)
        with suppress(ValueError):
            self._waiting.remove(own)
        try:
            if not self._try_to_commit(group):
                for job in group:
                    self._try_to_commit([job])
        finally:
            self._waiting.extendleft(job for job in reversed(group) if not job.done and job is not own)
        if size_of(self._wal) > WAL_LIMIT:
            self._checkpoint()

    def _try_to_commit(self, group: list[Job[Any]]) -> bool:
        """Commit a group; whether that is settled, if only by an error, or its parts are to be tried one by one."""
        with Catching() as caught:  # it is raised where the work came from, which may be another thread
            self._commit(group)
        error = caught.error
        if error is not None:
            told = explain(error, self._path) if isinstance(error, sqlite3.Error) else error
            return self._failed(group, told, error)
        for job in group:
            job.settle()
        return True

    @staticmethod
    def _failed(group: list[Job[Any]], told: Exception, cause: Exception) -> bool:
        """Take a failure for that of all, unless it may be due to one of them."""
        if len(group) > 1 and not isinstance(told, StoreBusyError):
            return False
        told.__cause__ = None if told is cause else cause
        for job in group:
            job.settle(told)
        return True

    def _commit(self, group: list[Job[Any]]) -> None:
        connection = self._open()
        try:
            begin(connection, self._patience)
            transaction = Transaction(connection, self._memory)
            self._memory = None
            for job in group:
                job.result = job.work(transaction)
            transaction.finish()
            connection.execute("COMMIT")
            self._memory = transaction.memory
        except BaseException:
            self._memory = None
            self._connection = None
            with suppress(sqlite3.Error):
                connection.rollback()
            connection.close()
            raise

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = connect(self._path, query_only=False, patience=self._patience)
        return self._connection

    def checkpoint(self) -> None:
        """Move what is in the write-ahead log into the file, as far as no reader is in the way."""
        with self._taking_turn():
            self._checkpoint()

    def _checkpoint(self) -> None:
        if self._connection is not None:
            with suppress(sqlite3.Error):  # everything is safe in the log; the next checkpoint tries again
                self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def shrink(self) -> None:
        """Give pages that deletions left free back to the disk.

        Raises:
            StoreError: if the file cannot be written.
        """
        free = self._shrink_a_little()
        while free:
            left = self._shrink_a_little()
            if left >= free:  # the file was not made by us, or others delete as well
                return
            free = left

    def _shrink_a_little(self) -> int:
        with self._taking_turn(), explained(self._path):
            connection = self._open()
            # a script, because that alone runs the statement to its end: it gives a row a page
            connection.executescript(f"PRAGMA incremental_vacuum({_PAGES_AT_ONCE})")
            self._checkpoint()
            return int(connection.execute("PRAGMA freelist_count").fetchone()[0])

    def migrate(self) -> int:
        """Make sure that the file has the newest schema; its version.

        Raises:
            NewerStoreError: if a newer agentops wrote the file.
            StoreError: if it cannot be opened.
        """
        with self._taking_turn(), explained(self._path):
            connection = connect(self._path, query_only=False, patience=self._patience)
            try:
                return migrate(connection, self._path, patience=self._patience)
            finally:
                connection.close()

    def close(self) -> None:
        """Let go of the file."""
        with self._taking_turn():
            connection, self._connection, self._memory = self._connection, None, None
            if connection is not None:
                connection.close()

    def before_fork(self) -> None:
        """Let what is being written be finished first.

        SQLite's own locks, if they were held at that moment, would stay locked in the child for good, where the
        program itself may use SQLite.
        """
        self._is_held = self._turn.acquire(timeout=FORK_PATIENCE)

    def after_fork_in_parent(self) -> None:
        """Go on."""
        if self._is_held:
            self._is_held = False
            self._pass_on()

    def after_fork_in_child(self) -> None:
        """What the parent holds open is its own."""
        if self._connection is not None:
            _abandoned.append(self._connection)
        self._connection, self._memory = None, None
        self._turn = threading.Lock()
        self._waiting = deque()
