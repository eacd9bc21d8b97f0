"""The embedded store: one SQLite file."""

from agentops.store.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
