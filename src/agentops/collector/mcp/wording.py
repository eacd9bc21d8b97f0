"""Recordings as text for a reader who pays for every word."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final, cast

from agentops.domain import wire
from agentops.domain.spans import SpanRecord
from agentops.store.protocol import SearchHit, SessionSummary, SpanSummary, Table

LIMIT: Final = 40_000
"""Characters of one answer."""

_LONGEST: Final = 8_000
_SHORTEST: Final = 200
_ITEMS: Final = 200


def tell_session(session: SessionSummary) -> str:
    """A session in a line: its id, name, state and counts."""
    parts = [
        f"{session.session_id} {clipped(session.name or '-', 100)}",
        session.state + (f" ({session.end_state_reason})" if session.end_state_reason else ""),
        f"started {moment(session.start)}",
        f"took {session.duration:.2f}s",
        f"{session.llm_calls} LLM calls",
        f"{session.tool_calls} tool calls",
        f"{session.errors} errors",
        f"{session.input_tokens} tokens in, {session.output_tokens} out",
        "cost unknown" if session.cost is None else f"${session.cost:f}",
    ]
    parts += [f"user {clipped(session.user, 100)}"] if session.user else []
    parts += [f"tags {clipped(', '.join(session.tags), 200)}"] if session.tags else []
    return " | ".join(parts)


def tell_tree(spans: Sequence[SpanSummary], first: int, most: int) -> str:
    """Spans as an indented tree, from the `first` line on, of `most` lines at most."""
    lines = [f"{'  ' * depth}{_tell_span(span)}" for depth, span in _walk(spans)]
    shown = lines[first : first + most]
    left = len(lines) - first - len(shown)
    return "\n".join(shown) + (f"\n({left} more spans: ask with first_span={first + len(shown)})" if left > 0 else "")


def _walk(spans: Sequence[SpanSummary]) -> Iterator[tuple[int, SpanSummary]]:
    """Every span once, below the one that it happened in, with its depth."""
    known = {span.span_id for span in spans}
    below = defaultdict[str | None, list[SpanSummary]](list)
    for span in spans:
        below[span.parent_id if span.parent_id in known else None].append(span)
    seen = set[str]()
    waiting = [(0, span) for span in reversed(below[None])]
    while waiting:
        depth, span = waiting.pop()
        if span.span_id not in seen:
            seen.add(span.span_id)
            yield depth, span
            waiting += [(depth + 1, child) for child in reversed(below[span.span_id])]
    yield from ((0, span) for span in spans if span.span_id not in seen)  # those that go round in a circle


def _tell_span(span: SpanSummary) -> str:
    took = "running" if span.end is None else f"{(span.end - span.start) / 1e9:.3f}s"
    told = f"{span.kind} {clipped(span.name, 100)} [{span.span_id}] {took}"
    if span.model:
        told += f" {span.model} {_number(span.input_tokens)}->{_number(span.output_tokens)} tokens"
    if span.cost is not None:
        told += f" ${span.cost:f}"
    return (
        told + (" ERROR" if span.error or span.status == "error" else "") + (" (a repetition)" if span.repeats else "")
    )


def tell_whole_span(span: SpanRecord) -> str:
    """A span as JSON; long texts and lists are cut until it fits."""
    plain = wire.to_plain(span)
    longest = _LONGEST
    told = _json(_cut(plain, longest))
    while len(told) > LIMIT and longest > _SHORTEST:
        longest //= 2
        told = _json(_cut(plain, longest))
    return clipped(told, LIMIT)


def tell_hits(hits: Sequence[SearchHit]) -> str:
    """Where a phrase was found, a line each."""
    return "\n".join(
        f"{hit.session_id} [{hit.span_id or '-'}] {clipped(hit.span_name, 100)} at {moment(hit.start)}: "
        f"{' '.join(clipped(hit.snippet, 300).split())}"
        for hit in hits
    )


def tell_table(table: Table) -> str:
    """What a query found, as JSON arrays, one a line, the first with the columns."""
    lines = [_json(table.columns)]
    size = len(lines[0])
    for row in table.rows:
        line = _json(_cut([value.hex() if isinstance(value, bytes) else value for value in row], _SHORTEST * 10))
        size += len(line) + 1
        if size > LIMIT:
            return "\n".join([*lines, f"({len(table.rows) - len(lines) + 1} more rows did not fit)"])
        lines.append(line)
    return "\n".join([*lines, "(there are more rows)"] if table.truncated else lines)


def clipped(text: str, most: int) -> str:
    """Text of so many characters at most, and how many more there are."""
    return text if len(text) <= most else f"{text[:most]}... ({len(text) - most} more characters)"


def moment(time: int) -> str:
    """Unix nanoseconds as date and time, UTC."""
    return datetime.fromtimestamp(time // 1_000_000_000, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def _cut(value: Any, longest: int) -> Any:
    match value:
        case str():
            return clipped(value, longest)
        case list():
            items = cast("list[Any]", value)
            rest = [f"... ({len(items) - _ITEMS} more)"] if len(items) > _ITEMS else []
            return [_cut(item, longest) for item in items[:_ITEMS]] + rest
        case dict():
            return {key: _cut(item, longest) for key, item in cast("dict[str, Any]", value).items()}
        case _:
            return value


def _json(value: Any) -> str:
    return wire.to_legible_json(value).decode()


def _number(count: int | None) -> str:
    return "?" if count is None else str(count)
