"""Asking the store with SQL."""

import csv
import sys
from typing import Any

import click
from rich.table import Table as Grid
from rich.text import Text

from agentops.cli import formats, terminal
from agentops.cli.commands import Command, Example
from agentops.cli.opening import reading
from agentops.store.protocol import Store, Table
from agentops.store.sqlite.sql import read_views

_WIDEST = 80
_ABSENT = "-"


@click.command(
    cls=Command,
    name="sql",
    examples=[
        Example("agentops sql --views", "what can be asked"),
        Example("agentops sql 'SELECT kind, count(*) FROM spans GROUP BY 1'", "how many spans of each kind"),
        Example("agentops sql --csv 'SELECT * FROM sessions' | head", "for a spreadsheet"),
        Example("cat question.sql | agentops sql -", "a longer one"),
    ],
)
@click.argument("statement", required=False, metavar="SELECT|-")
@click.option("--views", is_flag=True, help="List the views and their columns.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array of objects.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV, with a line of names first.")
@click.option(
    "-n", "--limit", metavar="N", type=click.IntRange(1, 100_000), default=1000, show_default=True, help="Rows at most."
)
@click.option(
    "--seconds", metavar="S", type=click.FloatRange(0.1, 60), default=10.0, show_default=True, help="Time at most."
)
def command(  # noqa: PLR0913 - one parameter an option
    *, statement: str | None, views: bool, as_json: bool, as_csv: bool, limit: int, seconds: float
) -> None:
    """Ask what is recorded with one SELECT.

    It reads the documented views and nothing else, and changes nothing.
    """
    if as_json and as_csv:
        raise click.UsageError("Choose one of --json and --csv.")
    if views == (statement is not None):
        raise click.UsageError("Write one SELECT, or --views.")
    with reading() as store:
        if views:
            found = _list_views(store)
        else:
            asked = sys.stdin.read() if statement == "-" else statement or ""
            found = store.query(asked, rows=limit, seconds=seconds)
    _print(found, as_json=as_json, as_csv=as_csv)
    if found.truncated:
        terminal.remarks().print(f"Only the first {formats.plural(len(found.rows), 'row')}; --limit shows more.")


def _list_views(store: Store) -> Table:
    rows = [[name, ", ".join(store.query(f"SELECT * FROM {name} LIMIT 0").columns)] for name in read_views()]  # noqa: S608 - our own names
    return Table(columns=["view", "columns"], rows=rows)


def _print(found: Table, *, as_json: bool, as_csv: bool) -> None:
    if as_json:
        terminal.print_json([dict(zip(found.columns, map(_plain, row), strict=True)) for row in found.rows])
    elif as_csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(found.columns)
        writer.writerows([map(_plain, row) for row in found.rows])
    else:
        _print_table(found)


def _print_table(found: Table) -> None:
    console = terminal.output()
    widest = _WIDEST if console.is_terminal else None
    table = Grid(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="heading")
    for number, name in enumerate(found.columns):
        are_numbers = all(isinstance(row[number], int | float | None) for row in found.rows)
        table.add_column(
            Text(formats.one_line(name)), justify="right" if are_numbers else "left", overflow="fold", max_width=widest
        )
    for row in found.rows:
        table.add_row(*(Text(_shown(value)) for value in row))
    console.print(table)


def _shown(value: Any) -> str:
    if value is None:
        return _ABSENT
    return f"{value:.6g}" if isinstance(value, float) else formats.one_line(str(_plain(value)), 2000)


def _plain(value: Any) -> Any:
    """A value as JSON and CSV have it; bytes are written as hexadecimal digits."""
    return value.hex() if isinstance(value, bytes) else value
