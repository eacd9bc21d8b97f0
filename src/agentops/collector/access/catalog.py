"""The file of projects and keys, `collector.db`, read and changed by several processes at once."""

import hmac
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing, suppress
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, TypeVar
from uuid import uuid4

from msgspec import Struct

from agentops.collector.access.records import DEFAULT_PROJECT, Key, Project, Scope
from agentops.store.sqlite.connection import connect, explained
from agentops.store.sqlite.files import make_private
from agentops.store.sqlite.schema import migrate
from agentops.store.sqlite.statements import read_scripts, read_statements

CATALOG_FILE: Final = "collector.db"

SQL: Final = read_statements((files("agentops.collector.access") / "queries.sql").read_text(encoding="utf-8"))

Result = TypeVar("Result")

_INDEXED: Final = 8
_SECRET_SIZE: Final = 32
_NOTED_EVERY: Final = 60_000_000_000
_CHECKPOINT_PAGES: Final = 100


class Contents(Struct, frozen=True):
    """All that the file holds at one moment.

    Attributes:
        projects: by id.
        keys: every key there has been, oldest first, by id; the revoked ones too.
        in_use: the keys that hold, each with its digest, by the beginning of that.
    """

    projects: Mapping[str, Project]
    keys: Mapping[str, Key]
    in_use: Mapping[bytes, tuple[bytes, Key]]

    def key_of(self, digest: bytes) -> Key | None:
        """The key that holds and has this digest; how long that takes tells nothing about the digests of others."""
        known, key = self.in_use.get(digest[:_INDEXED], (b"", None))
        return key if hmac.compare_digest(known, digest) else None


class Catalog:
    """The projects and keys of a collector; what another process changes is known at the next question.

    Attributes:
        path: the file.
        secret: 32 random bytes, made with the file, that only this collector knows.
        default_project: the id of the project whose sessions are in the machine's own store.
    """

    def __init__(self, path: Path) -> None:
        """Open the file, making it for its owner only where it is missing.

        Raises:
            NewerStoreError: if a newer agentops wrote it.
            StoreError: if it cannot be opened.
        """
        self.path = path.absolute()
        make_private(self.path)
        self._reading, self._changing, self._noting = threading.Lock(), threading.Lock(), threading.Lock()
        self._contents: Contents | None = None
        self._version = -1
        self._noted: dict[str, int] = {}
        with explained(self.path), ExitStack() as opened:
            self._writer = opened.enter_context(closing(_connect_for_writing(self.path)))
            migrate(self._writer, self.path, read_scripts("agentops.collector.access", "migrations"))
            self._notes = opened.enter_context(closing(_connect_for_notes(self.path)))
            self._reader = opened.enter_context(closing(connect(self.path, query_only=True)))
            self.secret, self.default_project = self.change(_begin)
            self._connections = opened.pop_all()

    def contents(self) -> Contents:
        """What the file holds now; read again only after somebody changed it.

        Raises:
            StoreError: if it cannot be read.
        """
        with self._reading, explained(self.path):
            (version,) = self._reader.execute("PRAGMA data_version").fetchone()
            if self._contents is None or version != self._version:
                self._version, self._contents = version, _read_contents(self._reader)
            return self._contents

    def change(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """Do the work in one transaction; what it gave, once that is on disk.

        Raises:
            StoreError: if the file cannot be written; it is then as it was.
        """
        with self._changing, explained(self.path):
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                found = work(self._writer)
                self._writer.execute("COMMIT")
            finally:
                self._writer.rollback()  # where it was not committed
            return found

    def note_use(self, key_id: str) -> None:
        """Write down that a key was used just now, at most once a minute, and only where nothing is in the way."""
        now = time.time_ns()
        if now - self._noted.get(key_id, 0) < _NOTED_EVERY or not self._noting.acquire(blocking=False):
            return
        try:
            self._noted[key_id] = now
            with suppress(sqlite3.Error):
                self._notes.execute(SQL["note_use"], (now, key_id))
        finally:
            self._noting.release()

    def close(self) -> None:
        """Let go of the file."""
        with self._reading, self._changing, self._noting:
            self._connections.close()


def _connect_for_writing(path: Path) -> sqlite3.Connection:
    connection = connect(path, query_only=False)
    connection.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
    return connection


def _connect_for_notes(path: Path) -> sqlite3.Connection:
    """A connection that waits neither for others nor for the disk: what it writes may be lost."""
    connection = _connect_for_writing(path)
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA busy_timeout = 0")
    return connection


def _begin(connection: sqlite3.Connection) -> tuple[bytes, str]:
    """What a new file starts with; of several processes that start at once, one decides."""
    connection.execute(SQL["add_server"], (secrets.token_bytes(_SECRET_SIZE), str(uuid4())))
    connection.execute(SQL["add_default_project"], (DEFAULT_PROJECT, time.time_ns()))
    secret, default_project = connection.execute(SQL["read_server"]).fetchone()
    return secret, default_project


def _read_contents(connection: sqlite3.Connection) -> Contents:
    connection.execute("BEGIN")
    try:
        projects = [Project(*row) for row in connection.execute(SQL["read_projects"])]
        rows = connection.execute(SQL["read_keys"]).fetchall()
    finally:
        connection.rollback()
    keys = [_read_key(*row[1:]) for row in rows]
    return Contents(
        projects={project.id: project for project in projects},
        keys={key.id: key for key in keys},
        in_use={row[0][:_INDEXED]: (row[0], key) for row, key in zip(rows, keys, strict=True) if key.revoked is None},
    )


def _read_key(*row: Any) -> Key:
    key_id, project, name, hint, scopes, created, last_used, revoked = row
    return Key(key_id, project, name, hint, tuple(map(Scope, scopes.split())), created, last_used, revoked)
