"""What is known of a trace that was recorded: from the local store, or from the collector that a program sends to.

Spans and metrics have the names under which AgentOps 0.4 reads them from `/public/v1/traces`
(https://docs.agentops.ai/v2/usage/public-api).
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from agentops.domain import semconv
from agentops.domain.ids import session_id_of
from agentops.domain.spans import MODEL_KINDS, SpanKind, SpanRecord, SpanStatus
from agentops.errors import StoreError, UnknownSessionError
from agentops.recording.context import suppressed
from agentops.store import LOCAL_STORE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agentops.config import Config

_TIMEOUT: Final = 10
"""Seconds that a collector has for an answer."""
_STATUS: Final = {SpanStatus.OK: "OK", SpanStatus.ERROR: "ERROR"}


class Evidence(NamedTuple):
    """The spans of a trace, and what they add up to; None where that is not known."""

    spans: list[dict[str, Any]]
    metrics: dict[str, Any] | None


class UnansweredError(Exception):
    """A collector could not be asked, or did not say."""


def from_store(config: Config, trace_id: str) -> Evidence:
    """What the local store has of a trace; nothing, where it has never heard of it."""
    from agentops.store.sqlite import SqliteStore  # noqa: PLC0415 - with sqlite3, only programs that ask need it

    path = config.directory / LOCAL_STORE
    if not path.is_file():
        return Evidence([], None)
    try:
        with SqliteStore(path) as store:
            spans = list(store.spans(session_id_of(trace_id)))
    except (UnknownSessionError, StoreError, ValueError):
        return Evidence([], None)
    return Evidence([_shown(span) for span in spans], _metrics(spans)) if spans else Evidence([], None)


def from_collector(endpoint: str, api_key: str, trace_id: str) -> Evidence:
    """What a collector has of a trace.

    Raises:
        UnansweredError: if it does not say.
    """
    import requests  # noqa: PLC0415 - 50 ms, and only programs that ask a collector need it

    try:
        with suppressed(), requests.Session() as web:
            granted = web.post(f"{endpoint}/public/v1/auth/access_token", json={"api_key": api_key}, timeout=_TIMEOUT)
            granted.raise_for_status()
            web.headers["Authorization"] = f"Bearer {granted.json()['bearer']}"
            told = web.get(f"{endpoint}/public/v1/traces/{trace_id}", timeout=_TIMEOUT)
            told.raise_for_status()
            spans = told.json()["spans"]
            counted = web.get(f"{endpoint}/public/v1/traces/{trace_id}/metrics", timeout=_TIMEOUT)
            return Evidence(spans, counted.json() if counted.ok else None)
    except (requests.RequestException, LookupError, TypeError, ValueError) as error:
        raise UnansweredError(f"{endpoint} did not answer: {type(error).__name__}") from error


def _shown(span: SpanRecord) -> dict[str, Any]:
    return {
        "span_id": span.span_id,
        "parent_span_id": span.parent_id,
        "span_name": span.name,
        "span_kind": str(span.kind),
        "start_time": _time(span.start),
        "end_time": None if span.end is None else _time(span.end),
        "duration": None if span.end is None else span.end - span.start,
        "status_code": _STATUS.get(span.status, "UNSET"),
        "status_message": "" if span.error is None else span.error.message,
        "span_attributes": {semconv.SPAN_KIND: str(span.kind), **msgspec.to_builtins(span.attributes)},
    }


def _time(nanoseconds: int) -> str:
    return datetime.fromtimestamp(nanoseconds / 1e9, tz=UTC).isoformat()


def _metrics(spans: Sequence[SpanRecord]) -> dict[str, Any]:
    """What the spans of one trace add up to; tokens and cost are those of its model calls."""
    calls = [span for span in spans if span.kind in MODEL_KINDS and span.response is not None]
    usages = [span.response.usage for span in calls if span.response is not None and span.response.usage is not None]
    costs = [Decimal(span.cost) for span in spans if span.cost is not None]
    roots = [span for span in spans if span.kind is SpanKind.SESSION]
    prompt = sum(usage.input_total or 0 for usage in usages)
    completion = sum(usage.output_total or 0 for usage in usages)
    cost = f"{sum(costs, Decimal(0)):.7f}"
    return {
        "span_count": len(spans),
        "trace_count": 1,
        "success_count": sum(root.status is SpanStatus.OK for root in roots),
        "fail_count": sum(root.status is SpanStatus.ERROR for root in roots),
        "indeterminate_count": sum(root.status not in _STATUS for root in roots),
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "cache_read_input_tokens": sum(usage.cache_read or 0 for usage in usages),
        "reasoning_tokens": sum(usage.reasoning or 0 for usage in usages),
        "total_tokens": prompt + completion,
        "average_cost_per_trace": cost,
        "total_cost": cost,
    }
