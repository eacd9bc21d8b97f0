"""Who may do what at a collector: projects, keys, scopes, and whoever asks."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from msgspec import Struct

from agentops.errors import ForbiddenError

DEFAULT_PROJECT: Final = "default"
"""The name of the project whose sessions are in the machine's own store."""


class Scope(StrEnum):
    """What a key allows: looking at sessions, sending recordings, or everything."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


ALL_SCOPES: Final = frozenset(Scope)
DEFAULT_SCOPES: Final = frozenset({Scope.READ, Scope.WRITE})
"""What a key allows for which nobody says."""


def allowed_by(scopes: Iterable[Scope]) -> frozenset[Scope]:
    """All that these scopes allow: `admin` includes the others."""
    found = frozenset(scopes)
    return ALL_SCOPES if Scope.ADMIN in found else found


class Project(Struct, frozen=True):
    """Sessions that belong together and that no key of another project reaches.

    Attributes:
        id: never used again once the project is deleted.
        name: how people call it; no two have the same.
        created: Unix nanoseconds.
        retention_days: how long its sessions are kept; None is as the server says for all.
    """

    id: str
    name: str
    created: int
    retention_days: float | None = None


class Key(Struct, frozen=True):
    """A key, without the key itself, which is nowhere.

    Attributes:
        id: how it is named where its name is not enough; it is no secret.
        project: the id of the project that it opens.
        name: how people call it.
        hint: its last characters.
        scopes: what it was made for, see `allowed_by`.
        created: Unix nanoseconds, like the other times.
        last_used: to the minute; None while nobody used it.
        revoked: since when it holds no more.
    """

    id: str
    project: str
    name: str
    hint: str
    scopes: tuple[Scope, ...]
    created: int
    last_used: int | None = None
    revoked: int | None = None


class Principal(Struct, frozen=True):
    """Whoever asks: the project in which everything happens, and what may be done there.

    Attributes:
        project: the id of the project.
        scopes: all that is allowed, spelt out.
        key_id: of the key that was shown, or with which the token was asked for; None where none is needed.
        session_id: of the session for which the token was given; None without such a token.
    """

    project: str
    scopes: frozenset[Scope]
    key_id: str | None = None
    session_id: str | None = None

    def check(self, scope: Scope) -> None:
        """Make sure that this much is allowed.

        Raises:
            ForbiddenError: if it is not.
        """
        if scope not in self.scopes:
            allowed = ", ".join(sorted(self.scopes)) or "nothing"
            raise ForbiddenError(f"this takes a key with the scope {scope}; yours has {allowed}")
