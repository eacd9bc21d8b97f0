"""Letting go of what a project, or the collector, wants kept no longer."""

import logging
import time
from collections.abc import Callable
from typing import Final

from agentops.collector.access import Project, Projects
from agentops.collector.access.projects import list_projects
from agentops.collector.logs import say
from agentops.store.protocol import SessionOrder, Store

_DAY: Final = 86_400_000_000_000
_STEP: Final = 20
"""Sessions that are deleted before anybody looks whether the collector ends."""


def apply_retention(projects: Projects, days: float | None, is_ending: Callable[[], bool]) -> None:
    """Delete sessions of which nothing was recorded for longer than their project keeps them.

    Args:
        projects: whose sessions.
        days: for projects that say nothing themselves; None keeps theirs.
        is_ending: whether to stop early; the next round goes on.

    Raises:
        StoreError: if a store cannot be written.
    """
    for project in list_projects(projects.catalog):
        kept = days if project.retention_days is None else project.retention_days
        if kept is not None and not is_ending():
            with projects.lease(project.id) as store:
                _prune(project, store, time.time_ns() - round(kept * _DAY), is_ending)


def _prune(project: Project, store: Store, before: int, is_ending: Callable[[], bool]) -> None:
    started = time.monotonic()
    deleted = 0
    while not is_ending() and (step := _end_of_step(store, before)) is not None:
        deleted += store.prune(before=step)
    if deleted:
        seconds = round(time.monotonic() - started, 3)
        say(logging.INFO, "old sessions deleted", project=project.name, sessions=deleted, seconds=seconds)


def _end_of_step(store: Store, before: int) -> int | None:
    """Up to where to delete next, so that only some sessions go at once; None if no session is that old."""
    oldest = store.page(order=SessionOrder.LAST, descending=False, limit=_STEP).items
    if not oldest or oldest[0].last >= before:
        return None
    return min(before, oldest[-1].last + 1)
