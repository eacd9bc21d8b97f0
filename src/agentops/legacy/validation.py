"""Did it arrive? What AgentOps 0.4 has for tests of programs that it observes."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Any, Final, cast

from agentops import client
from agentops.domain import dialects
from agentops.domain.foreign import at, text
from agentops.domain.ids import session_id_of
from agentops.domain.spans import SpanKind
from agentops.legacy.evidence import Evidence, UnansweredError, from_collector, from_store
from agentops.recording.context import current_span
from agentops.recording.guard import logger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from agentops.config import Config

_FLUSH_SECONDS: Final = 5.0
_NO_ANSWER: Final = "neither a local store nor a collector with an API key can be asked"


class ValidationError(Exception):
    """What was recorded of a trace is not what was expected."""


def validate_trace_spans(  # noqa: PLR0913, PLR0917 - AgentOps's signature
    trace_id: str | None = None,
    trace_context: Any = None,
    max_retries: int = 10,
    retry_delay: float = 1.0,
    check_llm: bool = True,  # noqa: FBT001, FBT002 - AgentOps's signature
    min_spans: int = 1,
    api_key: str | None = None,
) -> dict[str, Any]:
    """Look whether the spans of a trace arrived; what was recorded so far is delivered first.

    The local store is asked where there is one, else the configured collector.

    Args:
        trace_id: of the trace: a session's id in any form; None takes that of `trace_context`, or the current one.
        trace_context: what `start_trace` gave, a session or a span.
        max_retries: how often to look.
        retry_delay: seconds between two looks.
        check_llm: whether there has to be a model call.
        min_spans: how many spans there have to be.
        api_key: towards the collector; the configured one if None.

    Returns:
        `trace_id`, `span_count`, `spans`, `has_llm_spans`, `llm_span_names` and `metrics`; where nobody can be asked,
        also `validation_skipped` and the `reason`.

    Raises:
        ValidationError: if too few spans are there, or no model call.
        ValueError: if no trace is named and none is current, or the id is none.
    """
    wanted = session_id_of(_trace_of(trace_id, trace_context)).replace("-", "")
    client.flush(_FLUSH_SECONDS)
    ask = _witness(wanted, api_key)
    if ask is None:
        logger.warning("the spans of %s cannot be validated: %s", wanted, _NO_ANSWER)
        return {**_result(wanted, Evidence([], None)), "validation_skipped": True, "reason": _NO_ANSWER}
    found, doubt = Evidence([], None), ""
    for attempt in range(max(1, max_retries)):
        if attempt:
            time.sleep(retry_delay)
        try:
            found = ask()
        except UnansweredError as error:
            doubt = f"; {error}"
        if len(found.spans) >= min_spans:
            break
    result = _result(wanted, found)
    if result["span_count"] < min_spans:
        raise ValidationError(f"trace {wanted} has {result['span_count']} spans, not {min_spans} or more{doubt}")
    if check_llm and not result["has_llm_spans"]:
        names = ", ".join(str(text(span, "span_name")) for span in found.spans)
        raise ValidationError(f"trace {wanted} has no model call among its spans: {names}")
    return result


def _trace_of(trace_id: str | None, trace_context: Any) -> object:
    """The id of the trace that is meant.

    Raises:
        ValueError: if there is none.
    """
    if trace_id is not None:
        return trace_id
    if trace_context is None:
        trace_context = current_span() or client.current_session()
    span = getattr(trace_context, "span", None) or trace_context
    for holder in (trace_context, getattr(trace_context, "session", None)):
        session_id = getattr(holder, "session_id", None)
        if session_id is not None:
            return session_id
    if hasattr(span, "get_span_context"):
        return f"{span.get_span_context().trace_id:032x}"
    raise ValueError("no trace is current: pass trace_id or trace_context")


def _witness(trace_id: str, api_key: str | None) -> Callable[[], Evidence] | None:
    """Who can be asked about a trace; None if nobody."""
    assembly = client.get_assembly()
    config: Config = client.state.read_settings({}) if assembly is None else assembly.config
    if config.local_store:
        return lambda: from_store(config, trace_id)
    key = api_key or config.api_key
    if config.endpoint and key:
        endpoint = config.endpoint.rstrip("/")
        return lambda: from_collector(endpoint, key, trace_id)
    return None


def _result(trace_id: str, found: Evidence) -> dict[str, Any]:
    is_there, names = check_llm_spans(found.spans)
    tokens = at(found.metrics, "total_tokens")
    return {
        "trace_id": trace_id,
        "span_count": len(found.spans),
        "spans": found.spans,
        "has_llm_spans": is_there or (isinstance(tokens, int) and tokens > 0),
        "llm_span_names": names,
        "metrics": found.metrics,
    }


def check_llm_spans(spans: Iterable[Mapping[str, Any]]) -> tuple[bool, list[str]]:
    """Whether there are model calls among spans, and their names."""
    names = [str(text(span, "span_name") or "unnamed_span") for span in spans if _is_model_call(span)]
    return bool(names), names


def _is_model_call(span: Mapping[str, Any]) -> bool:
    """Whether it is one by its kind, or by what it carries."""
    if (text(span, "span_kind") or "").lower() == SpanKind.LLM:
        return True
    reading = dialects.read("", _flat(at(span, "span_attributes") or {}))
    return reading is not None and reading.kind is SpanKind.LLM


def _flat(carried: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    """Attributes by their whole names, where a collector of AgentOps nests them at the dots."""
    found: dict[str, Any] = {}
    for name, value in carried.items():
        if isinstance(value, dict):
            found |= _flat(cast("dict[str, Any]", value), f"{before}{name}.")
        else:
            found[f"{before}{name}"] = value
    return found


def print_validation_summary(result: Mapping[str, Any]) -> None:
    """Write the result of `validate_trace_spans` to standard output, for a person."""
    sys.stdout.write("\n".join(_summary(result)) + "\n")


def _summary(result: Mapping[str, Any]) -> list[str]:
    lines = ["AgentOps: what was recorded", ""]
    if result.get("validation_skipped"):
        return [*lines, f"  not validated: {result.get('reason', 'nobody could be asked')}"]
    names = ", ".join(result.get("llm_span_names") or ()) or "in the tokens that were counted"
    lines.append(f"  spans        {result.get('span_count', 0)}")
    lines.append(f"  model calls  {names if result.get('has_llm_spans') else 'none'}")
    metrics = result.get("metrics")
    if metrics:
        tokens = ", ".join(f"{metrics.get(f'{name}_tokens', 0)} {name}" for name in ("prompt", "completion", "total"))
        lines.append(f"  tokens       {tokens}")
        lines.append(f"  cost         ${metrics.get('total_cost', '0.0000000')}")
    return lines
