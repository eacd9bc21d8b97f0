"""What a program wrote while it ran."""

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import click
from rich.ansi import AnsiDecoder
from rich.console import Console
from rich.text import Text

from agentops.cli import following, formats, terminal
from agentops.cli.commands import Command, Example, Problem
from agentops.cli.finding import SessionWord, find
from agentops.cli.opening import Adopting, reading
from agentops.cli.tree import Node, grow, walk
from agentops.domain.severities import WORDS, word_of
from agentops.domain.spans import LogRecord, LogSource
from agentops.store.protocol import LogFilter, SessionSummary, Store

_STYLES = {"warning": "unsure", "error": "bad", "critical": "bad"}
_WORDS = {LogSource.STDOUT: "out", LogSource.STDERR: "err"}
_WORD_WIDTH = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """Which lines are wanted, and in what form."""

    span: str | None
    where: LogFilter
    as_json: bool
    raw: bool


@click.command(
    cls=Command,
    name="logs",
    examples=[
        Example("agentops logs", "of the latest session"),
        Example("agentops logs 3f2a91c4 --level warning", "what was logged as a warning or worse"),
        Example("agentops logs last --span 9c1e", "what was written in one span and in those below"),
        Example("agentops logs last --source stdout --raw", "the output once more, as it was"),
        Example("agentops logs -f", "while the program runs"),
        Example("agentops logs last --json | jq -r .body", "for programs: one record a line"),
    ],
)
@click.argument("session", type=SessionWord(), default="last", metavar="[ID|last|NAME]")
@click.option("-f", "--follow", is_flag=True, help="Go on until the session is over. Ctrl-C stops.")
@click.option("--span", metavar="ID", help="Only what was written in this span, or in one below it.")
@click.option(
    "--source", type=click.Choice([source.value for source in LogSource]), help="Only what was written there."
)
@click.option("--level", type=click.Choice(list(WORDS)), help="Only what was logged with this level or a higher one.")
@click.option("--json", "as_json", is_flag=True, help="Print each record as a line of JSON.")
@click.option("--raw", is_flag=True, help="Print what was written, and nothing else.")
def command(  # noqa: PLR0913 - one for each option
    *, session: str, follow: bool, span: str | None, source: str | None, level: str | None, as_json: bool, raw: bool
) -> None:
    """Show what a program wrote to stdout, stderr and `logging` while a session ran."""
    where = LogFilter(source=None if source is None else LogSource(source), severity=WORDS[level] if level else None)
    wish = _Wish(span=span, where=where, as_json=as_json, raw=raw)
    with reading() as store:
        summary = find(store, session)
        try:
            shown = _show(wish, _followed(store, summary, wish) if follow else _written(store, summary, wish))
        except KeyboardInterrupt:
            return
        if not shown and not follow:
            _explain(store, summary)


def _written(store: Store, summary: SessionSummary, wish: _Wish) -> Iterator[LogRecord]:
    spans = _inside(store, summary, wish)
    return (record for record in store.logs(summary.session_id, wish.where) if spans(record))


def _followed(store: Store, summary: SessionSummary, wish: _Wish) -> Iterator[LogRecord]:
    """What has been written, and what is being written until the session is over and nothing comes any more."""
    adopting = Adopting(store)
    for records in following.lines_until_over(store, summary.session_id):
        spans = _inside(store, summary, wish)
        yield from (record for record in records if spans(record) and _is_wanted(record, wish.where))
        if not records:
            adopting.from_time_to_time()


def _is_wanted(record: LogRecord, where: LogFilter) -> bool:
    if where.severity is not None and (record.severity is None or record.severity < where.severity):
        return False
    return where.source is None or record.source is where.source


def _inside(store: Store, summary: SessionSummary, wish: _Wish) -> Callable[[LogRecord], bool]:
    """Whether a record was written in the wanted span or below it."""
    prefix = wish.span
    if prefix is None:
        return lambda _: True
    nodes = [branch.node for branch in walk(grow(store.spans(summary.session_id)))]
    found = [node for node in nodes if node.span.span_id.startswith(prefix.lower())]
    if len(found) != 1:
        many = f"{len(found)} spans of this session begin" if found else "No span of this session begins"
        hint = f"`agentops show {formats.short(summary.session_id)} --ids` shows the ids of its spans."
        raise Problem(f"{many} with {prefix!r}.", hint=hint)
    below = {node.span.span_id for node in _below(found[0])}
    return lambda record: record.span_id in below


def _below(node: Node) -> Iterator[Node]:
    return (branch.node for branch in walk([node]))


def _show(wish: _Wish, records: Iterable[LogRecord]) -> int:
    """Print records as wished; how many there were."""
    count = 0
    console = terminal.output()
    for record in records:
        count += 1
        if wish.as_json:
            terminal.print_json_line(record)
        elif wish.raw:
            sys.stdout.write(record.body + ("\n" if record.source is LogSource.LOGGING else ""))
            sys.stdout.flush()
        else:
            print_record(console, record)
    return count


def print_record(console: Console, record: LogRecord) -> None:
    """What was written, with when and where; in the program's own colours where there is a terminal."""
    prefix = Text.assemble((formats.clock(record.time), "faint"), "  ", _word(record), "  ")
    first = Text.assemble((f"{formats.one_line(record.logger, 60)}  ", "faint")) if record.logger else Text()
    for line in _lines(record):
        console.print(Text.assemble(prefix, first, line), soft_wrap=True)
        prefix, first = Text(" " * prefix.cell_len), Text()


def _word(record: LogRecord) -> Text:
    if record.severity is None:
        word, style = _WORDS.get(record.source, ""), "unsure" if record.source is LogSource.STDERR else "faint"
    else:
        word, style = record.severity_text or word_of(record.severity), _STYLES.get(word_of(record.severity), "faint")
    text = Text(formats.one_line(word.lower(), _WORD_WIDTH), style)
    text.pad_right(max(0, _WORD_WIDTH - text.cell_len))
    return text


def _lines(record: LogRecord) -> Iterator[Text]:
    """The lines as a terminal would show them: colours in force, and of what was overwritten the last."""
    decoder = AnsiDecoder()
    for line in record.body.removesuffix("\n").split("\n"):
        shown = decoder.decode_line(line.rstrip("\r").rpartition("\r")[2])
        yield Text(formats.visible(shown.plain), spans=shown.spans)
    error = record.error
    if error is not None:
        yield Text(formats.one_line(f"{error.type}: {error.message}" if error.message else error.type), "bad")


def _explain(store: Store, summary: SessionSummary) -> None:
    remarks = terminal.remarks()
    if store.count_lines(summary.session_id):
        remarks.print("Nothing of that kind was written in this session.", soft_wrap=True)
    else:
        remarks.print(
            "No output was captured in this session. `agentops run` captures it; elsewhere AGENTOPS_CAPTURE_LOGS=true"
            " does.",
            soft_wrap=True,
        )
