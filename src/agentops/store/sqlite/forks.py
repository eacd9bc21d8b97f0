"""Telling everything that holds SQLite connections when the process forks."""

import os
from typing import Protocol
from weakref import WeakSet


class Forking(Protocol):
    """Something that has to know."""

    def before_fork(self) -> None:
        """The process is about to fork."""
        ...

    def after_fork_in_parent(self) -> None:
        """It has."""
        ...

    def after_fork_in_child(self) -> None:
        """This is the child."""
        ...


_following: WeakSet[Forking] = WeakSet()


def follow_forks(each: Forking) -> None:
    """Tell it of every fork, as long as it is in use."""
    _following.add(each)


def _before() -> None:
    for each in list(_following):
        each.before_fork()


def _in_parent() -> None:
    for each in list(_following):
        each.after_fork_in_parent()


def _in_child() -> None:
    for each in list(_following):
        each.after_fork_in_child()


os.register_at_fork(before=_before, after_in_parent=_in_parent, after_in_child=_in_child)
