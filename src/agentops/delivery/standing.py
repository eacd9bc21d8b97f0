"""How a program stands with its collector, for whoever asks from another process."""

import os
import time
from pathlib import Path
from typing import Final, Literal

import msgspec
from msgspec import Struct

from agentops.delivery.transport import shown
from agentops.recording.guard import logger

FILE: Final = "collector.json"
"""In the data directory; there is none where all is well."""

Trouble = Literal["key", "refused", "away"]


class Standing(Struct, kw_only=True):
    """What keeps recordings from their collector.

    Attributes:
        endpoint: the collector.
        trouble: `key`: it does not accept the API key; `refused`: it refuses to hear of any session; `away`: it does
            not answer, or asks to come later.
        message: its words, or what went wrong.
        since: when that was first so, Unix nanoseconds.
    """

    endpoint: str
    trouble: Trouble
    message: str
    since: int


_ADVICE: Final = {
    "key": "does not accept the API key ({0}); set api_key (AGENTOPS_API_KEY)",
    "refused": "refuses sessions ({0}); see whether endpoint (AGENTOPS_API_ENDPOINT) and api_key are right",
    "away": "cannot be reached ({0})",
}


class Standings:
    """Writes down how it stands, and logs each trouble once until it is over."""

    def __init__(self, directory: Path, endpoint: str) -> None:
        self._path = directory / FILE
        self._endpoint = shown(endpoint)
        self._trouble: Trouble | None = None
        self._is_known = False

    def note(self, trouble: Trouble, message: str) -> None:
        """It does not go well."""
        if self._trouble == trouble:
            return
        self._trouble, self._is_known = trouble, True
        logger.warning(
            "the collector %s %s; what is recorded waits in the journal",
            self._endpoint,
            _ADVICE[trouble].format(message),
        )
        known = read(self._path.parent)
        since = known.since if known is not None and known.trouble == trouble else time.time_ns()
        standing = Standing(endpoint=self._endpoint, trouble=trouble, message=message, since=since)
        _write(self._path, msgspec.json.encode(standing))

    def clear(self) -> None:
        """It goes well."""
        if self._trouble is None and self._is_known:
            return
        if self._trouble is not None:
            logger.info("the collector %s takes recordings again", self._endpoint)
        self._trouble, self._is_known = None, True
        try:
            self._path.unlink(missing_ok=True)
        except OSError:
            return


def read(directory: Path) -> Standing | None:
    """How it stood last; None where all was well."""
    try:
        return msgspec.json.decode((directory / FILE).read_bytes(), type=Standing)
    except (OSError, msgspec.DecodeError):
        return None


def _write(path: Path, data: bytes) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            os.write(descriptor, data)
        finally:
            os.close(descriptor)
    except OSError:
        return
