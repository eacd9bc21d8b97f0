"""Deleting what is old."""

import time

import click

from agentops.cli import formats, settings, terminal
from agentops.cli.ages import Age
from agentops.cli.commands import Command, Example
from agentops.cli.ls import print_table
from agentops.cli.opening import reading
from agentops.store.protocol import SessionFilter, SessionSummary, Store

_PAGE = 500
_DAY = 86_400_000_000_000


@click.command(
    cls=Command,
    name="prune",
    examples=[
        Example("agentops prune --older-than 30d --dry-run", "what would go"),
        Example("agentops prune --older-than 30d", "asks first"),
        Example("agentops prune --older-than 12w --yes", "for a cron job"),
    ],
)
@click.option(
    "--older-than", type=Age(), metavar="AGE", help="How old: 30d, 12w, 48h; the setting retention_days if not given."
)
@click.option("--dry-run", is_flag=True, help="List the sessions and delete none.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
def command(*, older_than: int | None, dry_run: bool, yes: bool) -> None:
    """Delete sessions of which nothing was recorded for longer than an age."""
    before = time.time_ns() - (older_than if older_than is not None else _retention())
    with reading() as store:
        old = _older(store, before)
        if not old:
            terminal.remarks().print("No session is that old.")
            return
        if dry_run:
            print_table(old)
            terminal.remarks().print(f"{formats.plural(len(old), 'session')} would be deleted.")
            return
        if not yes:
            click.confirm(f"Delete {formats.plural(len(old), 'session')} for good?", abort=True, err=True)
        deleted = store.prune(before=before)
    terminal.remarks().print(f"Deleted {formats.plural(deleted, 'session')}.")


def _retention() -> int:
    days = settings.load().retention_days
    if days is None:
        raise click.UsageError("Say how old with --older-than, or set retention_days (AGENTOPS_RETENTION_DAYS).")
    return round(days * _DAY)


def _older(store: Store, before: int) -> list[SessionSummary]:
    found: list[SessionSummary] = []
    start: int | None = None
    while True:
        page = store.sessions(SessionFilter(until=before), limit=_PAGE, before=start)
        found += [session for session in page if session.last < before]
        if len(page) < _PAGE:
            return found
        start = page[-1].start
