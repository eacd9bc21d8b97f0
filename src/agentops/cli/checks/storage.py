"""The folder and the store: whether they can be read and written, how large they are, what was dropped."""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from agentops.cli import formats
from agentops.cli.checks.finding import Finding, broken, fine, note, warning
from agentops.config import Config
from agentops.domain.spans import DropRecord
from agentops.store.protocol import Store

LARGE = 2_000_000_000
"""Bytes from which a store is called large."""

SCARCE = 500_000_000
"""Bytes of free disk below which a warning is due."""

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_ADVICE = {
    "journal full": "Raise journal_limit (AGENTOPS_JOURNAL_LIMIT), or see why the store could not keep up.",
    "journal damaged": "Check the disk; what was readable has been kept.",
    "unreadable frame": "Check the disk, and that all programs use the same agentops.",
}


def check_folder(folder: Path) -> Iterator[Finding]:
    """Findings about the folder in which everything is kept."""
    if not folder.exists():
        yield note(f"{folder} does not exist yet; the first recording makes it")
        return
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        yield broken(f"{folder} cannot be written by you", f"Run `sudo chown -R $(id -un) {folder}`.")
    mode = folder.stat().st_mode
    if mode & _OTHERS:
        yield warning(f"{folder} is open to other users ({stat.filemode(mode)})", f"Run `chmod 700 {folder}`.")
    yield from _foreign(folder)
    free = shutil.disk_usage(folder).free
    if free < SCARCE:
        yield warning(f"only {formats.size(free)} are free on the disk of {folder}", "Free some space.")


def _foreign(folder: Path) -> Iterator[Finding]:
    """Files of another user, as `sudo` leaves them behind."""
    if not hasattr(os, "geteuid"):
        return
    mine = os.geteuid()
    foreign = [
        path for path in (folder, *folder.glob("*"), *folder.glob("journals/*")) if _owner(path) not in {mine, None}
    ]
    if foreign and mine:
        yield broken(
            f"{formats.plural(len(foreign), 'file')} in {folder} belong to another user, {foreign[0].name} for one",
            f"Run `sudo chown -R $(id -un) {folder}`.",
        )


def _owner(path: Path) -> int | None:
    try:
        return path.stat().st_uid
    except OSError:
        return None


def check_store(store: Store, config: Config) -> Iterator[Finding]:
    """Findings about what the store holds."""
    health = store.health()
    yield fine(
        f"{formats.plural(health.sessions, 'session')}, {formats.plural(health.spans, 'span')},"
        f" {formats.size(health.size)} in {health.location} (schema {health.schema_version})"
    )
    if health.unindexed:
        yield note(f"{formats.plural(health.unindexed, 'message')} not yet in the search index; this goes on by itself")
    if health.size > LARGE:
        kept = "for ever" if config.retention_days is None else f"for {config.retention_days:g} days"
        yield warning(
            f"the store has grown to {formats.size(health.size)}; sessions are kept {kept}",
            "Run `agentops prune --older-than 30d`, or set retention_days (AGENTOPS_RETENTION_DAYS).",
        )
    yield from map(_dropped, health.drops)


def _dropped(drop: DropRecord) -> Finding:
    last = f", last on {formats.timestamp(drop.time)}" if drop.time else ""
    return warning(
        f"{formats.plural(drop.count, 'span')} dropped: {drop.reason}{last}",
        _ADVICE.get(drop.reason, "What was dropped is gone; the rest is whole."),
    )
