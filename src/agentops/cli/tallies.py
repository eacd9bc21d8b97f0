"""Where a session's tokens, money and time went: sums over its spans."""

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from statistics import median

from msgspec import Struct, field

from agentops.cli.spanline import MODEL_KINDS, cost_of, model_of
from agentops.domain.failures import failures_of, passed_on
from agentops.domain.genai import Usage
from agentops.domain.spans import SpanKind, SpanRecord, SpanStatus


class ModelTally(Struct, kw_only=True):
    """All calls of one model; tokens in disjoint buckets, `cost` in USD of the calls whose price is known."""

    model: str
    provider: str | None = None
    calls: int = 0
    errors: int = 0
    input: int = 0
    cache_read: int = 0
    cache_write: int = 0
    output: int = 0
    reasoning: int = 0
    cost: Decimal | None = None
    unpriced: int = 0
    seconds: float = 0.0
    first_token_seconds: float | None = None
    """The median time to the first content of its streams."""


class ToolTally(Struct, kw_only=True):
    """All calls of one tool."""

    tool: str
    calls: int = 0
    errors: int = 0
    seconds: float = 0.0
    cost: Decimal | None = None


class Slow(Struct, kw_only=True):
    """A span that took long."""

    span_id: str
    kind: str
    name: str
    seconds: float


class Tallies(Struct, kw_only=True):
    """Everything `agentops stats` knows beyond the counts."""

    models: list[ModelTally] = field(default_factory=list[ModelTally])
    tools: list[ToolTally] = field(default_factory=list[ToolTally])
    errors: dict[str, int] = field(default_factory=dict[str, int])
    slowest: list[Slow] = field(default_factory=list[Slow])


def tally(spans: Sequence[SpanRecord], *, slowest: int = 5) -> Tallies:
    """The sums over a session's spans: models by cost, tools by time, errors by type, the slowest calls."""
    return Tallies(
        models=_models(spans),
        tools=_tools(spans),
        errors=_errors(spans),
        slowest=_slowest(spans, slowest),
    )


def _errors(spans: Sequence[SpanRecord]) -> dict[str, int]:
    passed = passed_on(failures_of(spans))
    counted = (span for span in spans if span.counted_error and span.span_id not in passed)
    return dict(Counter(span.error.type for span in counted if span.error is not None).most_common())


def _models(spans: Iterable[SpanRecord]) -> list[ModelTally]:
    tallies: dict[str, ModelTally] = {}
    waits: dict[str, list[float]] = {}
    for span in spans:
        if span.kind not in MODEL_KINDS or span.status == SpanStatus.RUNNING:
            continue
        model = model_of(span) or "unknown"
        entry = tallies.setdefault(model, ModelTally(model=model))
        _add_call(entry, span)
        if span.first_token is not None:
            waits.setdefault(model, []).append(max(0, span.first_token - span.start) / 1e9)
    for model, seconds in waits.items():
        tallies[model].first_token_seconds = median(seconds)
    return sorted(tallies.values(), key=lambda entry: (-(entry.cost or 0), -entry.calls, entry.model))


def _add_call(entry: ModelTally, span: SpanRecord) -> None:
    entry.calls += 1
    entry.errors += span.status == SpanStatus.ERROR
    entry.seconds += span.duration or 0.0
    if span.request is not None:
        entry.provider = span.request.provider
    usage = (span.response.usage if span.response is not None else None) or Usage()
    entry.input += usage.input or 0
    entry.cache_read += usage.cache_read or 0
    entry.cache_write += usage.cache_write or 0
    entry.output += usage.output or 0
    entry.reasoning += usage.reasoning or 0
    cost = cost_of(span)
    if cost is None:
        entry.unpriced += 1
    else:
        entry.cost = (entry.cost or Decimal(0)) + cost


def _tools(spans: Iterable[SpanRecord]) -> list[ToolTally]:
    tallies: dict[str, ToolTally] = {}
    for span in spans:
        if span.kind != SpanKind.TOOL or span.status == SpanStatus.RUNNING:
            continue
        entry = tallies.setdefault(span.name, ToolTally(tool=span.name))
        entry.calls += 1
        entry.errors += span.status == SpanStatus.ERROR
        entry.seconds += span.duration or 0.0
        cost = cost_of(span)
        if cost is not None:
            entry.cost = (entry.cost or Decimal(0)) + cost
    return sorted(tallies.values(), key=lambda entry: (-entry.seconds, entry.tool))


def _slowest(spans: Iterable[SpanRecord], limit: int) -> list[Slow]:
    """The slowest spans in which something was done rather than waited for: model calls and tools."""
    done = [span for span in spans if span.kind in MODEL_KINDS | {SpanKind.TOOL, SpanKind.RETRIEVAL}]
    ranked = sorted(done, key=lambda span: -(span.duration or 0.0))[:limit]
    return [
        Slow(span_id=span.span_id, kind=span.kind.value, name=span.name, seconds=span.duration)
        for span in ranked
        if span.duration is not None
    ]
