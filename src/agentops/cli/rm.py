"""Deleting sessions."""

import click

from agentops.cli import formats, sessionline, terminal
from agentops.cli.commands import Command, Example
from agentops.cli.finding import SessionWord, find
from agentops.cli.opening import reading


@click.command(
    cls=Command,
    name="rm",
    examples=[
        Example("agentops rm 3f2a91c4", "asks first"),
        Example("agentops rm --yes 3f2a91c4 77ab01ff", "does not ask"),
    ],
)
@click.argument("sessions", type=SessionWord(), nargs=-1, required=True, metavar="ID|last|NAME...")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
def command(*, sessions: tuple[str, ...], yes: bool) -> None:
    """Delete sessions and everything that only they hold."""
    with reading() as store:
        chosen = {found.session_id: found for found in (find(store, word) for word in sessions)}
        if not yes:
            for session in chosen.values():
                started = formats.timestamp(session.start)
                click.echo(
                    f"  {formats.short(session.session_id)}  {sessionline.name_of(session)}  {started}"
                    f"  {sessionline.state_word(session)}  {formats.plural(session.spans, 'span')}",
                    err=True,
                )
            click.confirm(f"Delete {formats.plural(len(chosen), 'session')} for good?", abort=True, err=True)
        deleted = store.delete(list(chosen))
    terminal.remarks().print(f"Deleted {formats.plural(deleted, 'session')}.")
