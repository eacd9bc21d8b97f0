"""The projects of a collector, and the store of each."""

import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final
from uuid import uuid4

from agentops.collector.access.catalog import SQL, Catalog
from agentops.collector.access.leases import Leases
from agentops.collector.access.names import checked_name
from agentops.collector.access.records import Project
from agentops.errors import ProjectError, StoreError, UnknownProjectError
from agentops.store import LOCAL_STORE
from agentops.store.protocol import Store
from agentops.store.sqlite import SqliteStore

FOLDER: Final = "projects"
"""The folder, beside the machine's own store, with the stores of the other projects."""

OBJECTS: Final = "objects"
"""The folder, likewise, with a folder of uploaded objects for each project."""

OPEN_LIMIT: Final = 16
"""Stores that stay open although nobody uses them; each holds about five file descriptors."""


def list_projects(catalog: Catalog) -> list[Project]:
    """All projects, by name."""
    return list(catalog.contents().projects.values())


def find_project(catalog: Catalog, word: str) -> Project:
    """The project of this id or name.

    Raises:
        UnknownProjectError: if there is none.
        StoreError: if the catalog cannot be read.
    """
    projects = catalog.contents().projects
    found = projects.get(word) or next((project for project in projects.values() if project.name == word), None)
    if found is None:
        raise UnknownProjectError(f"there is no project {word}")
    return found


def ensure_project(catalog: Catalog, name: str) -> Project:
    """The project of this name, made if there is none.

    Raises:
        ProjectError: if it cannot be called so.
        StoreError: if it cannot be made.
    """
    called = checked_name(name, "project")
    for project in list_projects(catalog):
        if project.name == called:
            return project
    catalog.change(lambda connection: connection.execute(SQL["add_project"], (str(uuid4()), called, time.time_ns())))
    return next(project for project in list_projects(catalog) if project.name == called)


def set_retention(catalog: Catalog, project_id: str, days: float | None) -> Project:
    """Say how long the sessions of a project are kept; None is as the server says for all.

    Raises:
        ProjectError: if that is no time.
        UnknownProjectError: if there is no such project.
        StoreError: if that cannot be kept.
    """
    if days is not None and not 0 < days < float("inf"):
        raise ProjectError("sessions are kept for a number of days above 0")
    catalog.change(lambda connection: connection.execute(SQL["set_retention"], (days, project_id)))
    return find_project(catalog, project_id)


def open_embedded(path: Path) -> SqliteStore:
    """The store in a file, searched while recordings come in all the time."""
    return SqliteStore(path, keeps_up=True)


class Projects:
    """The stores of a collector's projects, one file each, opened when first needed.

    The default project is the machine's own store, in which programs without a collector record too.
    """

    def __init__(
        self,
        catalog: Catalog,
        folder: Path,
        *,
        open_limit: int = OPEN_LIMIT,
        open_store: Callable[[Path], SqliteStore] = open_embedded,
    ) -> None:
        self.catalog = catalog
        self._folder = folder.absolute()
        self._open_store = open_store
        self._stores = Leases(self._open, open_limit)

    def lease(self, project_id: str) -> AbstractContextManager[Store]:
        """The store of a project, open as long as the block lasts; from any thread, and as many at once as one likes.

        Raises:
            UnknownProjectError: if there is no such project.
            StoreError: if its store cannot be opened.
        """
        return self._stores.hold(find_project(self.catalog, project_id).id)

    def path_of(self, project_id: str) -> Path:
        """Where the store of a project is."""
        if project_id == self.catalog.default_project:
            return self._folder / LOCAL_STORE
        return self._folder / FOLDER / f"{project_id}.db"

    def objects_of(self, project_id: str) -> Path:
        """The folder of a project's uploaded objects, which is made with the first of them."""
        return self._folder / OBJECTS / project_id

    def delete(self, project_id: str) -> None:
        """Forget a project: its sessions, its file, its objects, and its keys, which hold no more.

        Nobody is waited for: who uses its store at this moment may get a StoreError.

        Raises:
            ProjectError: if it is the default project.
            UnknownProjectError: if there is no such project.
            StoreError: if it cannot be forgotten.
        """
        project = find_project(self.catalog, project_id)
        if project.id == self.catalog.default_project:
            raise ProjectError("the default project is the store of this machine and stays: delete its sessions")
        self.catalog.change(lambda connection: _forget(connection, project.id))
        self._stores.drop(project.id)
        path = self.path_of(project.id)
        try:
            for file in path.parent.glob(f"{path.name}*"):  # with the log, and copies made before migrations
                file.unlink(missing_ok=True)
            if self.objects_of(project.id).is_dir():
                shutil.rmtree(self.objects_of(project.id))
        except OSError as error:
            raise StoreError(f"the store {path} cannot be deleted: {error.strerror or error}") from error

    def close(self) -> None:
        """Let go of every store, of those in use when they are given back."""
        self._stores.close()

    def _open(self, project_id: str) -> SqliteStore:
        return self._open_store(self.path_of(project_id))


def _forget(connection: sqlite3.Connection, project_id: str) -> None:
    connection.execute(SQL["revoke_keys_of_project"], (time.time_ns(), project_id))
    connection.execute(SQL["delete_project"], (project_id,))
