"""The numbers of one session."""

import time
from collections.abc import Callable, Sequence

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from agentops.cli import formats, sessionline, terminal
from agentops.cli.commands import Command, Example
from agentops.cli.finding import SessionWord, find
from agentops.cli.glyphs import glyphs_for
from agentops.cli.opening import reading
from agentops.cli.statsline import analytics, print_stats_line
from agentops.cli.tallies import ModelTally, Tallies, ToolTally, tally


@click.command(
    cls=Command,
    name="stats",
    examples=[
        Example("agentops stats", "the latest session"),
        Example("agentops stats 3f2a91c4 --json", "for programs"),
    ],
)
@click.argument("session", type=SessionWord(), default="last", metavar="[ID|last|NAME]")
@click.option(
    "--slowest",
    metavar="N",
    type=click.IntRange(min=0),
    default=5,
    show_default=True,
    help="How many slow spans to show.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
def command(*, session: str, slowest: int, as_json: bool) -> None:
    """Show where a session's tokens, money and time went."""
    with reading() as store:
        summary = find(store, session)
        tallies = tally(list(store.spans(summary.session_id)), slowest=slowest)
    if as_json:
        terminal.print_json({"session": summary, "analytics": analytics(summary), **_fields(tallies)})
        return
    console = terminal.output()
    for line in sessionline.header(summary, glyphs_for(console), now=time.time_ns()):
        console.print(line, soft_wrap=True)
    console.print()
    print_stats_line(console, summary)
    print_tallies(console, tallies)
    if summary.unpriced:
        console.print()
        calls = formats.plural(summary.unpriced, "call")
        console.print(Text(f"{calls} without a known price; the cost above is that of the others.", "unsure"))


def _fields(tallies: Tallies) -> dict[str, object]:
    return {name: getattr(tallies, name) for name in tallies.__struct_fields__}


def print_tallies(console: Console, tallies: Tallies) -> None:
    """The tables of models, tools, errors and slow spans, those that have rows."""
    if tallies.models:
        _print_models(console, tallies.models)
    if tallies.tools:
        _print_tools(console, tallies.tools)
    if tallies.errors:
        table = _table("ERROR", "COUNT")
        for name, number in tallies.errors.items():
            table.add_row(Text(formats.one_line(name), "bad"), str(number))
        _print(console, table)
    if tallies.slowest:
        table = _table("SLOWEST", "TIME", "SPAN")
        for slow in tallies.slowest:
            name = Text.assemble((slow.kind, slow.kind), f" {formats.one_line(slow.name, 60)}")
            table.add_row(name, formats.duration(slow.seconds), Text(slow.span_id, "faint"))
        _print(console, table)


_MODEL_COLUMNS: dict[str, tuple[Callable[[ModelTally], object], Callable[[ModelTally], str | Text]]] = {
    "CALLS": (lambda _: True, lambda model: str(model.calls)),
    "ERRORS": (lambda model: model.errors, lambda model: _errors(model.errors)),
    "INPUT": (lambda _: True, lambda model: formats.count(model.input)),
    "CACHE READ": (lambda model: model.cache_read, lambda model: formats.count(model.cache_read)),
    "CACHE WRITE": (lambda model: model.cache_write, lambda model: formats.count(model.cache_write)),
    "OUTPUT": (lambda _: True, lambda model: formats.count(model.output)),
    "REASONING": (lambda model: model.reasoning, lambda model: formats.count(model.reasoning)),
    "TIME": (lambda _: True, lambda model: formats.duration(model.seconds)),
    "FIRST TOKEN": (
        lambda model: model.first_token_seconds is not None,
        lambda model: formats.duration(model.first_token_seconds),
    ),
    "COST": (lambda _: True, lambda model: formats.cost(model.cost)),
}
"""Each column of the table of models: whether a model makes it worth showing, and what stands in it."""


def _print_models(console: Console, models: Sequence[ModelTally]) -> None:
    columns = [name for name, (matters, _) in _MODEL_COLUMNS.items() if any(map(matters, models))]
    table = _table("MODEL", *columns)
    for model in models:
        cells = (_MODEL_COLUMNS[name][1](model) for name in columns)
        table.add_row(Text(formats.one_line(model.model, 60), "llm"), *cells)
    _print(console, table)


def _print_tools(console: Console, tools: Sequence[ToolTally]) -> None:
    paid = any(tool.cost is not None for tool in tools)
    table = _table("TOOL", "CALLS", "ERRORS", "TIME", "MEAN", *(["COST"] if paid else []))
    for tool in tools:
        table.add_row(
            Text(formats.one_line(tool.tool, 60), "tool"),
            str(tool.calls),
            _errors(tool.errors),
            formats.duration(tool.seconds),
            formats.duration(tool.seconds / tool.calls),
            *([formats.cost(tool.cost)] if paid else []),
        )
    _print(console, table)


def _errors(number: int) -> Text:
    return Text(str(number), "bad" if number else "faint")


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="heading")
    table.add_column(first, overflow="ellipsis", no_wrap=True, min_width=20)
    for name in others:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _print(console: Console, table: Table) -> None:
    console.print()
    console.print(table)
