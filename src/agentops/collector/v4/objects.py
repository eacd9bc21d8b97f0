"""Objects that clients upload, each a file of its project, named by its content."""

import hashlib
import os
import re
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import msgspec
from msgspec import Struct

from agentops.collector.asked import Asked
from agentops.collector.problems import RequestError, not_found
from agentops.collector.replies import Content

MEDIA_TYPE: Final = "application/octet-stream"

MOST_OBJECTS: Final = 10_000
MOST_BYTES: Final = 1 << 30
"""Of one project."""

_NAME: Final = re.compile(r"[0-9a-f]{64}")


class Wrapped(Struct):
    """Something to be kept, in JSON."""

    body: str


class Stored(Struct, frozen=True):
    """Where something can be read that was uploaded, and its size in bytes."""

    url: str
    size: int


def upload_object(asked: Asked[None, bytes]) -> Stored:
    """Keep an object; it is on disk when this returns.

    Raises:
        RequestError: 507, if the project has as many as it may.
    """
    data = content_of(asked.body)
    name = hashlib.sha256(data).hexdigest()
    path = _folder(asked) / name
    if not path.is_file():
        _check_room(path.parent, len(data))
        _write(path, data)
    return Stored(f"{asked.base_url}/v4/objects/{name}", len(data))


def read_object(asked: Asked[None, None]) -> Content:
    """An object of the project of whoever asks."""
    name = asked.path["name"]
    path = _folder(asked) / name
    if _NAME.fullmatch(name) is None or not path.is_file():
        raise not_found("there is no such object")
    return Content(path.read_bytes(), MEDIA_TYPE)


def content_of(body: bytes) -> bytes:
    """What was uploaded: AgentOps 0.4 wraps it as `{"body": "..."}`."""
    try:
        return msgspec.json.decode(body, type=Wrapped).body.encode("utf-8", "replace")
    except (ValueError, RecursionError):
        return body


def _folder(asked: Asked[Any, Any]) -> Path:
    return asked.services.projects.objects_of(asked.principal.project)


def _check_room(folder: Path, size: int) -> None:
    sizes = [entry.stat().st_size for entry in os.scandir(folder)] if folder.is_dir() else []
    if len(sizes) >= MOST_OBJECTS or sum(sizes) + size > MOST_BYTES:
        raise RequestError(507, "full", f"a project may keep {MOST_OBJECTS} objects of {MOST_BYTES >> 20} MB in all")


def _write(path: Path, data: bytes) -> None:
    """Write a file for its owner only: whole and on disk, or not at all.

    Raises:
        RequestError: 503, if it cannot be written.
    """
    draft = path.with_name(f".{uuid4().hex}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        _sync(path.parent)
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        reason = error.strerror or type(error).__name__
        raise RequestError(503, "store_unavailable", f"the object cannot be kept: {reason}") from error


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
