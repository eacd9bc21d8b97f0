"""A session drawn while it runs."""

import time
from collections.abc import Iterable
from decimal import Decimal

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from agentops.cli import formats, spanline, treeview
from agentops.cli.glyphs import glyphs_for
from agentops.cli.tree import grow
from agentops.domain.genai import Usage
from agentops.domain.spans import SpanKind, SpanRecord, SpanStatus

_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_TURNS_PER_SECOND = 10
_SPARE_LINES = 4


class LiveTree:
    """What is known of one session so far, as rich draws it: a line of counts over the tree, its end kept in sight."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._spans: dict[str, SpanRecord] = {}
        self._started = time.time_ns()

    def take(self, spans: Iterable[SpanRecord]) -> None:
        """Take in spans added or changed."""
        self._spans |= {span.span_id: span for span in spans}

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        glyphs = glyphs_for(console)
        now = time.time_ns()
        page = treeview.Page(width=options.max_width, now=now, glyphs=glyphs, bars=True)
        lines = list(treeview.draw(grow(self._spans.values()), page))
        room = max(3, console.height - _SPARE_LINES)
        hidden = len(lines) - room
        yield Text()
        yield self._counts(now, unicode=glyphs.done == "●")
        if hidden > 0:
            yield Text(f"{glyphs.cut} {formats.plural(hidden, 'line')} above", "faint")
        yield from lines[-room:]

    def _counts(self, now: int, *, unicode: bool) -> Text:
        spans = self._spans.values()
        tokens = [usage.total or 0 for span in spans if (usage := _usage(span)) is not None]
        cost = sum((spanline.cost_of(span) or Decimal(0) for span in spans), Decimal(0))
        turn = now * _TURNS_PER_SECOND // 1_000_000_000
        mark = _SPINNER[turn % len(_SPINNER)] if unicode else "|/-\\"[turn % 4]
        counts = [
            formats.duration((now - self._started) / 1e9),
            formats.plural(_ended(spans, *spanline.MODEL_KINDS), "model call"),
            formats.plural(_ended(spans, SpanKind.TOOL), "tool call"),
            f"{formats.count(sum(tokens))} tokens",
            formats.cost(cost),
        ]
        return Text.assemble((f"{mark} ", "live"), (self.name, "bold"), ("   " + "   ".join(counts), "faint"))


def _usage(span: SpanRecord) -> Usage | None:
    return span.response.usage if span.response is not None else None


def _ended(spans: Iterable[SpanRecord], *kinds: SpanKind) -> int:
    return sum(span.kind in kinds and span.status != SpanStatus.RUNNING for span in spans)
