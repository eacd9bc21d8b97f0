"""Following sessions while they run."""

import time

import click
from rich.console import Console
from rich.text import Text

from agentops.cli import following, formats, sessionline, spanline, terminal
from agentops.cli.commands import Command, Example
from agentops.cli.finding import SessionWord, find
from agentops.cli.glyphs import Glyphs, glyphs_for
from agentops.cli.opening import Adopting, reading
from agentops.cli.statsline import print_stats_line
from agentops.domain.spans import SpanRecord, SpanStatus
from agentops.store.protocol import Store

_LABEL_WIDTH = 52
_INDENT, _NAMED_INDENT = 12, 22


@click.command(
    cls=Command,
    name="tail",
    examples=[
        Example("agentops tail", "everything that happens from now on, in any program"),
        Example("agentops tail last", "the latest session from its beginning to its end"),
        Example("agentops tail --json | jq .name", "for programs: one span a line"),
    ],
)
@click.argument("session", type=SessionWord(), required=False, metavar="[ID|last|NAME]")
@click.option("--json", "as_json", is_flag=True, help="Print each span as a line of JSON.")
def command(*, session: str | None, as_json: bool) -> None:
    """Follow sessions while they run: all of them, or one from its beginning until it ends. Ctrl-C stops."""
    with reading() as store:
        try:
            if session is None:
                _follow_all(store, as_json=as_json)
            else:
                _follow_one(store, find(store, session).session_id, as_json=as_json)
        except KeyboardInterrupt:
            return


def _follow_all(store: Store, *, as_json: bool) -> None:
    adopting, teller = Adopting(store), _Teller(as_json=as_json, one=False)
    if not as_json:
        terminal.remarks().print("Waiting for spans. Ctrl-C stops.", style="faint")
    for spans in following.changes(store, following.NOW):
        for span in spans:
            teller.tell(span)
        if not spans:
            adopting.from_time_to_time()


def _follow_one(store: Store, session_id: str, *, as_json: bool) -> None:
    adopting, teller = Adopting(store), _Teller(as_json=as_json, one=True)
    console = teller.console
    if not as_json:
        name = sessionline.name_of(store.find(session_id))
        console.print(Text.assemble((name, "bold"), "  ", (session_id, "faint")), soft_wrap=True)
    for spans in following.until_over(store, session_id):
        for span in spans:
            teller.tell(span)
        if not spans:
            adopting.from_time_to_time()
    if not as_json:
        summary = store.find(session_id)
        console.print(sessionline.state(summary, glyphs_for(console)))
        print_stats_line(console, summary)


class _Teller:
    """Prints each span once."""

    def __init__(self, *, as_json: bool, one: bool) -> None:
        self.console = terminal.output()
        self._glyphs = glyphs_for(self.console)
        self._as_json = as_json
        self._one = one
        self._telling = following.Telling()

    def tell(self, span: SpanRecord) -> None:
        if self._as_json:
            if span.status != SpanStatus.RUNNING and self._telling.is_news(span):
                terminal.print_json_line(span)
        elif self._telling.is_news(span):
            print_span(self.console, span, self._glyphs, named=not self._one)


def print_span(console: Console, span: SpanRecord, glyphs: Glyphs, *, named: bool) -> None:
    """One span on one line, with the time of its end (or beginning) and, if `named`, the session it belongs to."""
    running = span.status == SpanStatus.RUNNING
    line = Text.assemble((formats.clock(following.moment(span)), "faint"), "  ")
    if named:
        line.append(f"{formats.short(span.session_id)}  ", "command")
    label = spanline.label(span, glyphs)
    label.truncate(_LABEL_WIDTH, overflow="ellipsis", pad=True)
    line.append_text(label)
    if not running:
        numbers = spanline.numbers(span, glyphs, now=time.time_ns())
        line.append(f"  {numbers.duration:>7}")
        line.append(f"  {numbers.tokens:>14}", "faint")
        line.append(f"  {numbers.cost:>8}")
    line.rstrip()
    console.print(line, soft_wrap=True)
    if span.error is not None and span.counted_error:
        indent = " " * (_NAMED_INDENT if named else _INDENT)
        console.print(Text(indent + spanline.error_line(span.error), "bad"), soft_wrap=True)
