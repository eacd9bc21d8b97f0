"""Forgetting what is older than the user wants kept, once a day."""

import os
import time
from pathlib import Path
from typing import Final

from agentops.store.protocol import Store

DAY: Final = 86_400
"""Seconds."""

STAMP: Final = "retention.stamp"
"""The file in the data directory whose time says when sessions were last pruned."""


def apply_retention(store: Store, directory: Path, days: float | None, *, now: float | None = None) -> int:
    """Delete sessions of which nothing was recorded for so many days; how many there were.

    Does nothing where everything is kept (`days` None), or when it was done within the last day.

    Raises:
        StoreError: if the store cannot be written.
    """
    if days is None:
        return 0
    moment = time.time() if now is None else now
    stamp = directory / STAMP
    if not _is_due(stamp, moment):
        return 0
    return store.prune(before=int((moment - days * DAY) * 1e9))


def _is_due(stamp: Path, moment: float) -> bool:
    """Whether it was last done more than a day ago; if so, it is noted as done now."""
    try:
        last = stamp.stat().st_mtime
    except FileNotFoundError:
        stamp.touch(mode=0o600)
    except OSError:
        return False
    else:
        if 0 <= moment - last < DAY:
            return False
    os.utime(stamp, (moment, moment))
    return True
