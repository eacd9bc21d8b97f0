"""What spans and traces add up to, in the words of AgentOps 0.4; amounts are USD with seven decimals."""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from msgspec import Struct

from agentops.collector.traces.spans import status_code
from agentops.domain.genai import Usage
from agentops.domain.prices import amount_of, context_of, in_use
from agentops.domain.spans import MODEL_KINDS, SpanRecord

_NOTHING: Final = Usage()


class SpanMetrics(Struct, frozen=True, kw_only=True):
    """What a span took; `prompt_cost` and `completion_cost` are None where only the whole is known."""

    total_tokens: int
    prompt_tokens: int
    completion_tokens: int
    cache_read_input_tokens: int
    reasoning_tokens: int
    success_tokens: int
    fail_tokens: int
    indeterminate_tokens: int
    prompt_cost: str | None
    completion_cost: str | None
    total_cost: str


class TraceMetrics(Struct, frozen=True, kw_only=True):
    """What the spans of a trace took, and how many ended how; the costs are as those of a span."""

    span_count: int
    trace_count: int
    success_count: int
    fail_count: int
    indeterminate_count: int
    prompt_tokens: int
    completion_tokens: int
    cache_read_input_tokens: int
    reasoning_tokens: int
    total_tokens: int
    prompt_cost: str | None
    completion_cost: str | None
    average_cost_per_trace: str
    total_cost: str


class Shares(Struct, frozen=True):
    """What went in and what came out of a model call cost, and both together; None is unknown."""

    prompt: Decimal | None = Decimal(0)
    completion: Decimal | None = Decimal(0)
    total: Decimal = Decimal(0)


def measure_span(record: SpanRecord) -> SpanMetrics:
    """What a span took."""
    usage, shares = _usage_of(record), _shares_of(record)
    tokens = usage.total or 0
    code = status_code(record.status)
    return SpanMetrics(
        total_tokens=tokens,
        prompt_tokens=usage.input_total or 0,
        completion_tokens=usage.output_total or 0,
        cache_read_input_tokens=usage.cache_read or 0,
        reasoning_tokens=usage.reasoning or 0,
        success_tokens=tokens if code == "OK" else 0,
        fail_tokens=tokens if code == "ERROR" else 0,
        indeterminate_tokens=tokens if code == "UNSET" else 0,
        prompt_cost=_shown(shares.prompt),
        completion_cost=_shown(shares.completion),
        total_cost=f"{shares.total:.7f}",
    )


def measure_trace(records: Iterable[SpanRecord], repeats: frozenset[str] = frozenset()) -> TraceMetrics:
    """What the spans of one trace took.

    Args:
        records: the spans.
        repeats: the ids of those that tell of a call that another tells of too: their tokens and costs do not count.
    """
    codes: list[str] = []
    usages: list[Usage] = []
    prompt: Decimal | None = Decimal(0)
    completion: Decimal | None = Decimal(0)
    total = Decimal(0)
    for record in records:
        codes.append(status_code(record.status))
        if record.span_id not in repeats:
            usages.append(_usage_of(record))
            shares = _shares_of(record)
            prompt = None if prompt is None or shares.prompt is None else prompt + shares.prompt
            completion = None if completion is None or shares.completion is None else completion + shares.completion
            total += shares.total
    return TraceMetrics(
        span_count=len(codes),
        trace_count=1,
        success_count=codes.count("OK"),
        fail_count=codes.count("ERROR"),
        indeterminate_count=codes.count("UNSET"),
        prompt_tokens=sum(usage.input_total or 0 for usage in usages),
        completion_tokens=sum(usage.output_total or 0 for usage in usages),
        cache_read_input_tokens=sum(usage.cache_read or 0 for usage in usages),
        reasoning_tokens=sum(usage.reasoning or 0 for usage in usages),
        total_tokens=sum(usage.total or 0 for usage in usages),
        prompt_cost=_shown(prompt),
        completion_cost=_shown(completion),
        average_cost_per_trace=f"{total:.7f}",
        total_cost=f"{total:.7f}",
    )


def _usage_of(record: SpanRecord) -> Usage:
    usage = record.response.usage if record.response and record.kind in MODEL_KINDS else None
    return usage or _NOTHING


def _shares_of(record: SpanRecord) -> Shares:
    """What a span cost; the parts are told only where the table gives the same whole."""
    total = amount_of(record.cost)
    if total is None or record.kind not in MODEL_KINDS:
        return Shares(total=total or Decimal(0))
    request, response = record.request, record.response
    usage = response.usage if response else None
    if request is None or response is None or usage is None:
        return Shares(None, None, total)
    at = datetime.fromtimestamp(record.start // 1_000_000_000, UTC)
    asked = Usage(input=usage.input, cache_read=usage.cache_read, cache_write=usage.cache_write, output=0)
    answered = Usage(input=0, output=usage.output, reasoning=usage.reasoning)
    for model in dict.fromkeys((response.model, request.model)):
        prompt, completion = (
            in_use().cost_of(request.provider, model, part, at, context_of(request, response))
            for part in (asked, answered)
        )
        if prompt is not None and completion is not None and prompt + completion == total:
            return Shares(prompt, completion, total)
    return Shares(None, None, total)


def _shown(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.7f}"
