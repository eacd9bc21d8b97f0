"""A session's spans drawn as a tree, with durations, tokens, cost and time bars in columns."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rich.text import Text

from agentops.cli import spanline
from agentops.cli.glyphs import Glyphs
from agentops.cli.tree import Branch, Node, walk
from agentops.domain.spans import SpanRecord, SpanStatus

_GAP = 2
_NARROWEST_LABEL = 24
_BAR_WIDTH = 24
_DEEPEST = 20

Notes = Callable[[SpanRecord, int], Sequence[Text]]
"""What stands under a span's line, in lines of at most so many cells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a tree is drawn on: `width` in cells, `now` in Unix nanoseconds for spans that still run."""

    width: int
    now: int
    glyphs: Glyphs
    bars: bool = False
    ids: bool = False


@dataclass(slots=True)
class _Row:
    branch: Branch
    label: Text
    numbers: spanline.Numbers

    @property
    def span(self) -> SpanRecord:
        return self.branch.node.span


@dataclass(frozen=True, slots=True)
class _Columns:
    label: int
    duration: int
    tokens: int
    cost: int
    bars: int


def draw(roots: Sequence[Node], page: Page, notes: Notes | None = None) -> Iterator[Text]:
    """The lines of the tree, one after the other."""
    rows = [_row(branch, page) for branch in walk(roots)]
    if not rows:
        return
    columns = _measure(rows, page)
    window = (min(row.span.start for row in rows), max(_end(row.span, page) for row in rows))
    for row in rows:
        yield _line(row, columns, page, window)
        guide = _guide_below(row.branch, page.glyphs)
        below = notes(row.span, page.width - guide.cell_len) if notes is not None else ()
        for note in [*_error(row), *below]:
            yield Text.assemble(guide, note)


def _row(branch: Branch, page: Page) -> _Row:
    span = branch.node.span
    text = Text.assemble((_guide(branch, page.glyphs), "faint"), spanline.label(span, page.glyphs))
    if page.ids:
        text.append(f" {span.span_id}", "faint")
    return _Row(branch, text, spanline.numbers(span, page.glyphs, now=page.now))


def _guide(branch: Branch, glyphs: Glyphs) -> str:
    if not branch.following:
        return ""
    return _lines(branch.following[:-1], glyphs) + (glyphs.fork if branch.following[-1] else glyphs.end)


def _guide_below(branch: Branch, glyphs: Glyphs) -> Text:
    own = glyphs.line if branch.node.children else glyphs.gap
    return Text(_lines(branch.following, glyphs) + own, "faint")


def _lines(following: Sequence[bool], glyphs: Glyphs) -> str:
    hidden = max(0, len(following) - _DEEPEST)
    depth = f"{glyphs.cut}{hidden} " if hidden else ""
    return depth + "".join(glyphs.line if more else glyphs.gap for more in following[hidden:])


def _error(row: _Row) -> list[Text]:
    """The error, where it arose: not again on every span that it passed through."""
    error = row.span.error
    if error is None or any(child.span.error is not None for child in row.branch.node.children):
        return []
    return [Text(spanline.error_line(error), "bad")]


def _end(span: SpanRecord, page: Page) -> int:
    return span.end if span.end is not None else page.now


def _measure(rows: Sequence[_Row], page: Page) -> _Columns:
    duration = max(len(row.numbers.duration) for row in rows)
    tokens = max(len(row.numbers.tokens) for row in rows)
    cost = max(len(row.numbers.cost) for row in rows)
    right = sum(width + _GAP for width in (duration, tokens, cost) if width)
    longest = max(row.label.cell_len for row in rows)
    bars = _BAR_WIDTH if page.bars and longest + right + _GAP + _BAR_WIDTH <= page.width else 0
    label = max(_NARROWEST_LABEL, min(longest, page.width - right - (bars + _GAP if bars else 0)))
    return _Columns(label, duration, tokens, cost, bars)


def _line(row: _Row, columns: _Columns, page: Page, window: tuple[int, int]) -> Text:
    line = row.label
    line.truncate(columns.label, overflow="ellipsis", pad=True)
    for text, width, style in (
        (row.numbers.duration, columns.duration, "live" if row.span.status == SpanStatus.RUNNING else ""),
        (row.numbers.tokens, columns.tokens, "faint"),
        (row.numbers.cost, columns.cost, ""),
    ):
        if width:
            line.append(" " * _GAP + text.rjust(width), style)
    if columns.bars:
        line.append(" " * _GAP)
        line.append_text(_bar(row.span, columns.bars, page, window))
    line.rstrip()
    return line


def _bar(span: SpanRecord, width: int, page: Page, window: tuple[int, int]) -> Text:
    first, last = window
    scale = width / max(1, last - first)
    left = min(width - 1, int((span.start - first) * scale))
    length = max(1, min(width - left, round((_end(span, page) - span.start) * scale)))
    return Text(" " * left + page.glyphs.bar * length, spanline.sign(span, page.glyphs)[1])
