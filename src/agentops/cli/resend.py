"""Offering the collector again what it refused."""

from collections import Counter

import click

from agentops.cli import formats, settings, terminal
from agentops.cli.commands import Command, Example, Problem
from agentops.config import Config
from agentops.delivery.api import SessionApiClient
from agentops.delivery.collector import COLLECTOR
from agentops.delivery.deadletters import DeadLetters
from agentops.delivery.destination import DeliveryError
from agentops.delivery.replies import UnauthorizedError
from agentops.delivery.resending import resend


@click.command(
    cls=Command,
    name="resend",
    examples=[
        Example("agentops resend --dry-run", "what was refused, and why"),
        Example("agentops resend", "offer it again, once the cause is mended"),
        Example("agentops resend --discard", "give it up; asks first"),
    ],
)
@click.option("--dry-run", is_flag=True, help="List what was refused and offer none of it.")
@click.option("--discard", is_flag=True, help="Delete it instead of offering it.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask before deleting.")
def command(*, dry_run: bool, discard: bool, yes: bool) -> None:
    """Offer the collector again what it refused.

    What it refuses once more is kept. Exits with 1 where something is.
    """
    config = settings.load()
    letters = DeadLetters(config.directory, COLLECTOR)
    if dry_run:
        _list(letters)
    elif discard:
        _discard(letters, yes=yes)
    else:
        _resend(letters, config)


def _list(letters: DeadLetters) -> None:
    reasons = Counter((letter.kind, letter.reason) for letter in letters)
    console = terminal.output()
    for (kind, reason), number in reasons.most_common():
        console.print(f"{formats.plural(number, kind)} refused: {formats.one_line(reason)}", soft_wrap=True)
    if not reasons:
        terminal.remarks().print("Nothing was refused.")


def _discard(letters: DeadLetters, *, yes: bool) -> None:
    with letters.taken() as taken:
        if taken and not yes:
            click.confirm(f"Delete {formats.plural(len(taken), 'refused record')} for good?", abort=True, err=True)
        number = len(taken)
        taken.clear()
    terminal.remarks().print(f"Deleted {formats.plural(number, 'refused record')}.")


def _resend(letters: DeadLetters, config: Config) -> None:
    if config.endpoint is None:
        raise Problem("no collector is set", hint="Set endpoint (AGENTOPS_API_ENDPOINT).")
    client = SessionApiClient(config.endpoint, config.api_key, parent_key=config.parent_key)
    with letters.taken() as taken:
        try:
            resent = resend(taken, client)
        except UnauthorizedError as error:
            raise Problem(
                f"the collector does not accept the API key: {error}", hint="Set api_key (AGENTOPS_API_KEY)."
            ) from error
        except DeliveryError as error:
            raise Problem(
                f"the collector cannot be reached: {error}", hint="Try again later; nothing is lost."
            ) from error
        finally:
            client.close()
    said = f"The collector took {formats.plural(resent.taken, 'record')}"
    terminal.remarks().print(f"{said}, and refused {resent.refused} again." if resent.refused else f"{said}.")
    click.get_current_context().exit(1 if resent.refused else 0)
