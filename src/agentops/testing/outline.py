"""Spans as an indented outline, so that a test shows the tree it expects."""

from collections import defaultdict
from collections.abc import Callable, Iterable

from agentops.domain.spans import SpanRecord, SpanStatus


def outline(spans: Iterable[SpanRecord]) -> str:
    """One line for each span, below the span it happened in: its kind, its name, and how it ended if not well.

    Spans are in the order of their beginnings; those whose parent is not among them stand at the left.
    """
    return drawn(spans, line_of)


def drawn(spans: Iterable[SpanRecord], line: Callable[[SpanRecord], str]) -> str:
    """The same, with each span's line in words of one's own."""
    ordered = sorted(spans, key=lambda span: span.start)
    known = {span.span_id for span in ordered}
    children: defaultdict[str | None, list[SpanRecord]] = defaultdict(list)
    for span in ordered:
        children[span.parent_id if span.parent_id in known else None].append(span)
    lines: list[str] = []
    waiting = [(span, 0) for span in reversed(children[None])]
    while waiting:
        span, depth = waiting.pop()
        lines.append("  " * depth + line(span))
        waiting.extend((child, depth + 1) for child in reversed(children[span.span_id]))
    return "\n".join(lines)


def line_of(span: SpanRecord) -> str:
    """A span in one line."""
    words = [span.kind, span.name]
    if span.status is not SpanStatus.OK:
        words.append(f"[{span.status}]")
    if span.error is not None:
        words.append(f"{span.error.type}: {span.error.message}" if span.error.message else span.error.type)
    return " ".join(words)
