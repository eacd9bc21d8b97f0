"""Showing one session."""

import time
from collections.abc import Sequence

import click
import msgspec
from rich.console import Console
from rich.text import Text

from agentops.cli import content, formats, sessionline, spandetail, terminal, treeview
from agentops.cli.commands import Command, Example, Problem
from agentops.cli.finding import SessionWord, find
from agentops.cli.glyphs import glyphs_for
from agentops.cli.opening import reading
from agentops.cli.statsline import print_stats_line
from agentops.cli.tree import grow, where_it_died
from agentops.collector.export import write_document
from agentops.domain.spans import SpanRecord
from agentops.store.protocol import SessionSummary, Store


@click.command(
    cls=Command,
    name="show",
    examples=[
        Example("agentops show", "the latest session"),
        Example("agentops show 3f2a91c4", "a session by the beginning of its id"),
        Example("agentops show last --full", "with every message, input and output"),
        Example("agentops show last --span 9c1e", "everything about one span"),
        Example("agentops show last --json", "for programs"),
    ],
)
@click.argument("session", type=SessionWord(), default="last", metavar="[ID|last|NAME]")
@click.option("--full", is_flag=True, help="Show messages, inputs and outputs under each span.")
@click.option("--span", "span_id", metavar="ID", help="Show one span in all detail; the beginning of its id will do.")
@click.option("--ids", is_flag=True, help="Show the id of each span.")
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print JSON: the session, its analytics, spans, logs, scores and notes.",
)
def command(*, session: str, full: bool, span_id: str | None, ids: bool, as_json: bool) -> None:
    """Show a session as a tree: what ran inside what, how long, with how many tokens, at what cost, and what failed."""
    with reading() as store:
        summary = find(store, session)
        if span_id is not None:
            _show_span(store, summary, span_id, as_json=as_json)
        elif as_json:
            terminal.print_json(msgspec.Raw(b"".join(write_document(store, summary.session_id))))
        else:
            print_tree(terminal.output(), summary, list(store.spans(summary.session_id)), full=full, ids=ids)
            _mention_lines(store, summary)


def print_tree(
    console: Console, summary: SessionSummary, spans: Sequence[SpanRecord], *, full: bool = False, ids: bool = False
) -> None:
    """A session: its header, the tree of its spans, its numbers."""
    glyphs = glyphs_for(console)
    now = time.time_ns()
    for line in sessionline.header(summary, glyphs, now=now):
        console.print(line, soft_wrap=True)
    died = where_it_died(spans)
    console.print()
    page = treeview.Page(width=console.width, now=summary.end or now, glyphs=glyphs, bars=console.is_terminal, ids=ids)
    notes = content.Notes(full=full, died=died.span_id if died is not None else None, limit=terminal.bounded(console))
    for line in treeview.draw(grow(spans), page, notes):
        console.print(line, soft_wrap=True)
    console.print()
    print_stats_line(console, summary)


def _mention_lines(store: Store, summary: SessionSummary) -> None:
    lines = store.count_lines(summary.session_id)
    if lines:
        text = f"{formats.plural(lines, 'line')} of output: agentops logs {formats.short(summary.session_id)}"
        terminal.output().print(Text(text, "faint"), soft_wrap=True)


def _show_span(store: Store, summary: SessionSummary, prefix: str, *, as_json: bool) -> None:
    found = [span for span in store.spans(summary.session_id) if span.span_id.startswith(prefix.lower())]
    if len(found) != 1:
        many = f"{len(found)} spans of this session begin" if found else "No span of this session begins"
        raise Problem(
            f"{many} with {prefix!r}.",
            hint=f"`agentops show {formats.short(summary.session_id)} --ids` shows the ids of its spans.",
        )
    if as_json:
        terminal.print_json(found[0])
    else:
        spandetail.print_span(terminal.output(), found[0])
