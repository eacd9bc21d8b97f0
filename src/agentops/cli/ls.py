"""Listing sessions."""

import time
from collections.abc import Mapping, Sequence

import click
from rich.table import Table
from rich.text import Text

from agentops.cli import formats, sessionline, terminal
from agentops.cli.ages import Moment
from agentops.cli.commands import Command, Example
from agentops.cli.finding import NOTHING_YET
from agentops.cli.glyphs import Glyphs, glyphs_for
from agentops.cli.opening import reading
from agentops.store.protocol import SessionFilter, SessionSummary

STATES = ("running", "succeeded", "failed", "indeterminate", "interrupted")


@click.command(
    cls=Command,
    name="ls",
    examples=[
        Example("agentops ls", "the latest 20"),
        Example("agentops ls --state failed --since 7d", "what failed this week"),
        Example("agentops ls --tag nightly --limit 100", "one tag, further back"),
        Example("agentops ls --json | jq '.[].cost'", "for programs"),
    ],
)
@click.option("--state", type=click.Choice(STATES, case_sensitive=False), help="Only sessions in this state.")
@click.option("--tag", metavar="TAG", help="Only sessions with this tag.")
@click.option("--name", metavar="NAME", help="Only sessions of this name.")
@click.option("--since", type=Moment(), metavar="WHEN", help="Only sessions started since: 2h, 7d, today, 2026-11-20.")
@click.option("--errors", is_flag=True, help="Only sessions with errors.")
@click.option(
    "-n",
    "--limit",
    metavar="N",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    help="At most this many sessions.",
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array instead of a table.")
def command(  # noqa: PLR0913 - one parameter an option
    *,
    state: str | None,
    tag: str | None,
    name: str | None,
    since: int | None,
    errors: bool,
    limit: int,
    as_json: bool,
) -> None:
    """List the latest sessions, newest first."""
    interrupted = state == "interrupted"
    where = SessionFilter(
        state="INDETERMINATE" if interrupted else state and state.upper(),
        tag=tag,
        name=name,
        since=since,
        has_errors=True if errors else None,
    )
    with reading() as store:
        sessions: list[SessionSummary] = []
        before: int | None = None
        while len(sessions) < limit:
            page = store.sessions(where, limit=limit, before=before)
            sessions += [session for session in page if session.interrupted or not interrupted]
            if len(page) < limit:
                break
            before = page[-1].start
    sessions = sessions[:limit]
    if as_json:
        terminal.print_json(sessions)
    elif sessions:
        print_table(sessions)
    else:
        chosen = any((state, tag, name, since, errors))
        terminal.remarks().print("No session matches." if chosen else NOTHING_YET, soft_wrap=True)


def print_table(sessions: Sequence[SessionSummary]) -> None:
    """Sessions in columns; the less telling ones go first where the terminal is narrow."""
    console = terminal.output()
    glyphs = glyphs_for(console)
    now = time.time_ns()
    rows = [_cells(session, glyphs, now) for session in sessions]
    needed = {column: max(len(column), *(row[column].cell_len for row in rows)) for column in _COLUMNS}
    needed |= {column: min(width, needed[column]) for column, width in _ELASTIC.items()}
    columns = _fitting(needed, console.width)
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="heading")
    for column in columns:
        table.add_column(
            column,
            justify="right" if column in _NUMBERS else "left",
            no_wrap=True,
            overflow="ellipsis",
            min_width=needed[column],
            style="command" if column == "ID" else None,
        )
    for row in rows:
        table.add_row(*(row[column] for column in columns))
    console.print(table)


_GAP = 2
_NUMBERS = {"DURATION", "LLM", "TOOLS", "ERRORS", "TOKENS", "COST"}
_COLUMNS = ("ID", "NAME", "STATE", "STARTED", "DURATION", "LLM", "TOOLS", "ERRORS", "TOKENS", "COST", "TAGS")
_ELASTIC = {"NAME": 12, "TAGS": 8}
"""Columns that may be cut, and to how little."""

_DISPENSABLE = ("TAGS", "TOKENS", "TOOLS", "LLM", "DURATION", "STARTED", "ERRORS")


def _fitting(needed: Mapping[str, int], width: int) -> list[str]:
    columns: list[str] = list(_COLUMNS)
    for column in _DISPENSABLE:
        if sum(needed[name] + _GAP for name in columns) - _GAP <= width:
            break
        columns.remove(column)
    return columns


def _cells(session: SessionSummary, glyphs: Glyphs, now: int) -> dict[str, Text]:
    return {
        "ID": Text(formats.short(session.session_id)),
        "NAME": Text(sessionline.name_of(session)),
        "STATE": sessionline.state(session, glyphs),
        "STARTED": Text(formats.moment(session.start, now=now), "faint"),
        "DURATION": Text(formats.duration(sessionline.seconds(session, now=now))),
        "LLM": _number(session.llm_calls),
        "TOOLS": _number(session.tool_calls),
        "ERRORS": _number(session.errors, "bad"),
        "TOKENS": _number(sessionline.tokens(session)),
        "COST": Text(formats.cost(session.cost), "" if session.cost else "faint"),
        "TAGS": Text(formats.one_line(", ".join(session.tags), 60), "faint"),
    }


def _number(value: int, style: str = "") -> Text:
    return Text(formats.count(value), style) if value else Text("0", "faint")
