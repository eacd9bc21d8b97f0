"""The journals: what programs have recorded and the store has not taken in yet."""

from collections.abc import Iterator
from pathlib import Path

from agentops.cli import formats
from agentops.cli.checks.finding import Finding, broken, fine, note
from agentops.delivery.adoption import AWAITED_DAYS, DAMAGED, JOURNALS
from agentops.delivery.local import LOCAL
from agentops.recording.orphans import orphans


def check_journals(folder: Path) -> Iterator[Finding]:
    """Findings about journals of running programs, of dead ones that could not be taken in, and damaged ones."""
    root = folder / JOURNALS
    yield from _check_damaged(folder / DAMAGED)
    if not root.is_dir():
        yield fine("no journal is waiting")
        return
    try:
        waiting = [path.name for path in root.iterdir() if path.is_dir() and not path.name.startswith(".")]
        left: list[str] = []
        awaited = 0
        for orphan in orphans(root):
            with orphan:
                if set(orphan.cursors()) > {LOCAL}:
                    awaited += 1
                else:
                    left.append(orphan.name)
    except PermissionError as error:
        yield broken(f"{error.filename} cannot be read", f"Run `sudo chown -R $(id -un) {root}`.")
        return
    live = len(waiting) - len(left) - awaited
    yield fine(f"{formats.plural(live, 'program')} recording now" if live else "no program is recording now")
    if awaited:
        yield note(
            f"{formats.plural(awaited, 'journal')} to be brought to a collector that could not be reached",
            f"The next program brings what is in them; they are kept for {AWAITED_DAYS} days.",
        )
    if left:
        yield broken(
            f"{formats.plural(len(left), 'journal')} of dead programs could not be taken in, {left[0]} for one",
            f"Run `agentops ls` to try again; if it stays, report it with the folder {root / left[0]}.",
        )


def _check_damaged(aside: Path) -> Iterator[Finding]:
    kept = sorted(path.name for path in aside.iterdir()) if aside.is_dir() else []
    if kept:
        yield note(
            f"{formats.plural(len(kept), 'damaged journal')} kept in {aside}; what was readable is in the store",
            f"Check the disk; then delete what you do not need: `rm -r {aside}`.",
        )
