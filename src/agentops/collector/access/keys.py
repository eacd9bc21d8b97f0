"""Making, finding and revoking keys.

A key is kept as its keyed BLAKE2b hash. Keys are random and long (122 bits, or a text of one's own of 16 characters or
more), so that nobody finds one by trying, and a slow hash for passwords would only slow down every request.
"""

import hashlib
import secrets
import sqlite3
import time
from collections.abc import Iterable
from typing import Final
from uuid import uuid4

from agentops.collector.access.catalog import SQL, Catalog
from agentops.collector.access.names import checked_name
from agentops.collector.access.projects import ensure_project
from agentops.collector.access.records import DEFAULT_SCOPES, Key, Scope
from agentops.errors import ProjectError, UnknownKeyError

SHORTEST: Final = 16
"""Characters of a key of one's own."""

_ID_SIZE: Final = 6
_HINT: Final = 4
_DIGEST_SIZE: Final = 32
_PURPOSE: Final = b"agentops key"


def digest_of(value: str, secret: bytes) -> bytes:
    """What is kept of a key: its hash, keyed with the collector's secret."""
    text = value.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, key=secret, digest_size=_DIGEST_SIZE, person=_PURPOSE).digest()


def create_key(
    catalog: Catalog,
    project: str,
    name: str,
    *,
    scopes: Iterable[Scope] = DEFAULT_SCOPES,
    value: str | None = None,
) -> tuple[Key, str]:
    """Make a key of the project of this name, which is made as well if there is none.

    The second of what is given is the key itself, which can never be read again. It is a UUID, since AgentOps 0.3 sends
    nothing else, unless there is a `value`.

    Raises:
        ProjectError: if nothing can be called so, the project has a key of this name in use, or the value is too short
            or was a key before.
        StoreError: if it cannot be kept.
    """
    called = checked_name(name, "key")
    text = str(uuid4()) if value is None else value.strip()
    if len(text) < SHORTEST:
        raise ProjectError(f"a key has {SHORTEST} characters or more; without one, a good one is made")
    opened = ensure_project(catalog, project)
    key = Key(
        id=secrets.token_hex(_ID_SIZE),
        project=opened.id,
        name=called,
        hint=text[-_HINT:],
        scopes=tuple(sorted(frozenset(scopes))),
        created=time.time_ns(),
    )
    digest = digest_of(text, catalog.secret)
    if not catalog.change(lambda connection: _add(connection, key, digest)):
        if any((other.project, other.name) == (key.project, called) for other in keys_in_use(catalog)):
            raise ProjectError(f"project {opened.name} has a key {called} already: revoke it, or take another name")
        raise ProjectError("this was a key before: take another")
    return key, text


def _add(connection: sqlite3.Connection, key: Key, digest: bytes) -> bool:
    row = (key.id, key.project, key.name, digest, key.hint, " ".join(key.scopes), key.created)
    return connection.execute(SQL["add_key"], row).rowcount > 0


def keys_in_use(catalog: Catalog) -> list[Key]:
    """The keys that hold, oldest first."""
    return [key for key in catalog.contents().keys.values() if key.revoked is None]


def revoke_key(catalog: Catalog, word: str) -> Key:
    """Let a key, named by its id or its name, hold no more, nor any token that was given for it.

    Raises:
        UnknownKeyError: if no key in use is called so, or several are.
        StoreError: if that cannot be kept.
    """
    in_use = keys_in_use(catalog)
    found = [key for key in in_use if key.id == word] or [key for key in in_use if key.name == word]
    if not found:
        raise UnknownKeyError(f"no key in use is called {word}")
    if len(found) > 1:
        raise UnknownKeyError(
            f"several projects have a key {word}: say which by its id ({', '.join(key.id for key in found)})"
        )
    (key,) = found
    catalog.change(lambda connection: connection.execute(SQL["revoke_key"], (time.time_ns(), key.id)))
    return key
