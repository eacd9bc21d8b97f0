"""How recording fares, as instruments of an OpenTelemetry meter.

Names and buckets of `gen_ai.*` are those of the GenAI semantic conventions
(https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/gen-ai-metrics.md); what they have
no name for stands under `agentops.`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from opentelemetry.metrics import Observation

from agentops.domain import semconv
from agentops.domain.spans import SpanKind, SpanRecord, SpanStatus
from agentops.domain.states import SessionState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from opentelemetry.metrics import CallbackOptions, Meter

    from agentops.domain.metrics import Delivery, Metrics
    from agentops.domain.spans import Record

    Values = list[tuple[float, dict[str, str]]]

TOKEN_BUCKETS: Final = tuple(float(4**power) for power in range(14))
SECOND_BUCKETS: Final = tuple(0.01 * 2**power for power in range(14))
CHUNK_BUCKETS: Final = (0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)

VALUES: Final = 100
"""Different values that one attribute may have: names of models and tools come from outside."""
OTHER: Final = "other"

_DURATIONS: Final = {
    SpanKind.LLM: semconv.OPERATION_DURATION,
    SpanKind.EMBEDDING: semconv.OPERATION_DURATION,
    SpanKind.TOOL: semconv.TOOL_DURATION,
    SpanKind.AGENT: semconv.AGENT_DURATION,
}
_FAILED: Final = frozenset({SpanStatus.ERROR, SpanStatus.INTERRUPTED})


class Observed(NamedTuple):
    """One instrument that is asked when metrics are collected.

    Attributes:
        form: how the meter makes it: `counter`, `up_down_counter` or `gauge`.
        unit: in UCUM.
        about: what it says.
        figure: its values, each with attributes.
    """

    form: str
    unit: str
    about: str
    figure: Callable[[Metrics], Values]


def _one(figure: Callable[[Metrics], float]) -> Callable[[Metrics], Values]:
    return lambda metrics: [(figure(metrics), {})]


def _each(figure: Callable[[Delivery], float]) -> Callable[[Metrics], Values]:
    """A figure of each destination."""
    return lambda metrics: [(figure(one), {semconv.DESTINATION: one.name}) for one in metrics.delivery]


def _ended(metrics: Metrics) -> Values:
    sessions = metrics.sessions
    return [
        (sessions.succeeded, {semconv.SESSION_STATE: SessionState.SUCCEEDED.value}),
        (sessions.failed, {semconv.SESSION_STATE: SessionState.FAILED.value}),
        (sessions.indeterminate, {semconv.SESSION_STATE: SessionState.INDETERMINATE.value}),
    ]


def _dropped(metrics: Metrics) -> Values:
    return [(count, {semconv.DROP_REASON: reason}) for reason, count in metrics.recording.dropped.items()]


OBSERVED: Final[Mapping[str, Observed]] = {
    semconv.SESSIONS_STARTED: Observed("counter", "{session}", "Sessions.", _one(lambda all_: all_.sessions.started)),
    semconv.SESSIONS_ACTIVE: Observed(
        "up_down_counter", "{session}", "Sessions that go on.", _one(lambda all_: all_.sessions.active)
    ),
    semconv.SESSIONS_ENDED: Observed("counter", "{session}", "Sessions that have ended.", _ended),
    semconv.SPANS_ENDED: Observed(
        "counter", "{span}", "Recorded spans.", _one(lambda all_: all_.recording.spans_ended)
    ),
    semconv.SPANS_DROPPED: Observed("counter", "{span}", "What could not be recorded or delivered.", _dropped),
    semconv.EVENTS_RECORDED: Observed(
        "counter", "{event}", "Events recorded by hand.", _one(lambda all_: all_.recording.events_recorded)
    ),
    semconv.DELIVERED: Observed(
        "counter", "{record}", "Records that a destination has.", _each(lambda one: one.delivered)
    ),
    semconv.DELIVERY_FAILURES: Observed(
        "counter", "{attempt}", "Deliveries that failed.", _each(lambda one: one.failures)
    ),
    semconv.DELIVERY_PENDING: Observed(
        "gauge", "By", "What a destination does not have yet.", _each(lambda one: one.pending_bytes)
    ),
    semconv.DELIVERY_LAG: Observed(
        "gauge", "s", "Since when a destination does not have everything.", _each(lambda one: one.lag)
    ),
    semconv.ERRORS: Observed(
        "counter", "{error}", "Failures, each counted once.", _one(lambda all_: all_.calls.errors)
    ),
    semconv.COST_TOTAL: Observed(
        "counter", "{USD}", "What model calls and tools cost.", _one(lambda all_: float(all_.calls.cost))
    ),
}


class Bounded:
    """The values of one attribute: so many different ones at most, and one for all others."""

    def __init__(self, limit: int = VALUES) -> None:
        self._limit = limit
        self._known: set[str] = set()

    def of(self, value: str) -> str:
        """The value, or `other` where there have been enough different ones."""
        if value not in self._known:
            if len(self._known) >= self._limit:
                return OTHER
            self._known.add(value)
        return value


class Instruments:
    """The instruments of one meter.

    Attributes:
        read: gives the figures; None while there are none to tell.
    """

    def __init__(self, meter: Meter, read: Callable[[], Metrics] | None) -> None:
        """Make them; what a meter has once it keeps."""
        self.read = read
        self._values: dict[str, Bounded] = {}
        for name, one in OBSERVED.items():
            make: Any = getattr(meter, f"create_observable_{one.form}")
            make(name, callbacks=[self._asking(one.figure)], unit=one.unit, description=one.about)
        self._tokens = meter.create_histogram(
            semconv.TOKEN_USAGE,
            unit="{token}",
            description="Number of input and output tokens used.",
            explicit_bucket_boundaries_advisory=TOKEN_BUCKETS,
        )
        self._first_chunk = meter.create_histogram(
            semconv.OPERATION_FIRST_CHUNK,
            unit="s",
            description="Time until the first chunk of a stream.",
            explicit_bucket_boundaries_advisory=CHUNK_BUCKETS,
        )
        self._durations = {
            name: meter.create_histogram(
                name, unit="s", description=about, explicit_bucket_boundaries_advisory=SECOND_BUCKETS
            )
            for name, about in (
                (semconv.OPERATION_DURATION, "Duration of a model call."),
                (semconv.TOOL_DURATION, "Duration of a tool call."),
                (semconv.AGENT_DURATION, "Duration of an agent's work."),
            )
        }

    def _asking(self, figure: Callable[[Metrics], Values]) -> Callable[[CallbackOptions], Iterable[Observation]]:
        def ask(_options: CallbackOptions) -> Iterable[Observation]:
            read = self.read
            return [] if read is None else [Observation(value, about) for value, about in figure(read())]

        return ask

    def watch(self, records: Sequence[Record]) -> None:
        """Measure the spans among the records that have ended."""
        for record in records:
            if isinstance(record, SpanRecord) and record.duration is not None:
                name = _DURATIONS.get(record.kind)
                if name is not None:
                    attributes = self._attributes(record)
                    self._durations[name].record(record.duration, attributes)
                    if record.response is not None:
                        self._measure_answer(record, attributes)

    def _measure_answer(self, record: SpanRecord, attributes: dict[str, str]) -> None:
        if record.first_token is not None:
            self._first_chunk.record(max(0, record.first_token - record.start) / 1e9, attributes)
        usage = None if record.response is None else record.response.usage
        if usage is not None:
            kept = {name: value for name, value in attributes.items() if name != semconv.ERROR_TYPE}
            for kind, tokens in (("input", usage.input_total), ("output", usage.output_total)):
                if tokens is not None:
                    self._tokens.record(tokens, {**kept, semconv.TOKEN_TYPE: kind})

    def _attributes(self, record: SpanRecord) -> dict[str, str]:
        """What tells one series from another, by the names of the conventions; what is not known is absent."""
        request, response = record.request, record.response
        known: dict[str, str | None] = {
            semconv.ERROR_TYPE: record.error.type if record.error and record.status in _FAILED else None
        }
        if record.kind is SpanKind.TOOL:
            known |= {semconv.OPERATION: semconv.EXECUTE_TOOL, semconv.TOOL_NAME: record.name}
        elif record.kind is SpanKind.AGENT:
            known |= {semconv.OPERATION: semconv.INVOKE_AGENT, semconv.AGENT_NAME: record.name}
        elif request is not None:
            known |= {
                semconv.OPERATION: str(request.operation),
                semconv.PROVIDER: request.provider,
                semconv.REQUEST_MODEL: request.model,
                semconv.RESPONSE_MODEL: None if response is None else response.model,
                semconv.SERVER_ADDRESS: request.server_address,
            }
        return {name: self._values.setdefault(name, Bounded()).of(value) for name, value in known.items() if value}
