"""Finding spans by what was said in them."""

import click
from rich.text import Text

from agentops.cli import formats, terminal
from agentops.cli.commands import Command, Example
from agentops.cli.opening import reading
from agentops.store.protocol import SearchHit

_AROUND = 160


@click.command(
    cls=Command,
    name="search",
    examples=[
        Example('agentops search "refund policy"', "anywhere: messages, inputs, outputs, names"),
        Example("agentops search timeout --limit 5 --json", "for programs"),
    ],
)
@click.argument("phrase", nargs=-1, required=True)
@click.option(
    "-n",
    "--limit",
    metavar="N",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    help="At most this many spans.",
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array instead of text.")
def command(*, phrase: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Find spans whose messages, inputs, outputs or names hold a phrase, newest first.

    Exits with 1 where there are none, as grep does.
    """
    words = " ".join(phrase)
    with reading() as store:
        hits = store.search(words, limit=limit)
        unindexed = store.health().unindexed if not hits else 0
    if as_json:
        terminal.print_json(hits)
    elif hits:
        console = terminal.output()
        for hit in hits:
            console.print(_headline(hit), soft_wrap=True)
            console.print(_snippet(hit, words, terminal.bounded(console) - 4), soft_wrap=True)
    else:
        terminal.remarks().print(f"Nothing holds {words!r}.", soft_wrap=True)
        if unindexed:
            terminal.remarks().print(f"{formats.plural(unindexed, 'message')} not searched yet: try again in a moment.")
    if not hits:
        click.get_current_context().exit(1)


def _headline(hit: SearchHit) -> Text:
    return Text.assemble(
        (formats.short(hit.session_id), "command"),
        "  ",
        (formats.timestamp(hit.start), "faint"),
        "  ",
        (formats.one_line(hit.span_name, 80), "bold"),
        "  ",
        (hit.span_id, "faint"),
    )


def _snippet(hit: SearchHit, phrase: str, width: int) -> Text:
    line = formats.one_line(hit.snippet, min(_AROUND, max(40, width)))
    text = Text(f"    {line}", "faint")
    start = 0
    while (found := text.plain.lower().find(phrase.lower(), start)) >= 0:
        text.stylize("not dim bold yellow", found, found + len(phrase))
        start = found + len(phrase)
    return text
