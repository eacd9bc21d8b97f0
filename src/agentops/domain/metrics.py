"""How recording itself fares, in figures: sessions, what was recorded, what was delivered, what was called."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from msgspec import Struct, field, to_builtins

from agentops.domain.durations import DurationSummary


class Sessions(Struct, frozen=True, kw_only=True):
    """The sessions that this process took part in.

    Attributes:
        started: how many, the active ones included.
        joined: how many of them another process had started.
        active: how many go on.
        peak_active: the most that went on at a time.
        succeeded: how many ended well.
        failed: how many ended badly.
        indeterminate: how many ended without anybody saying how.
        durations: how long the ended ones took.
    """

    started: int = 0
    joined: int = 0
    active: int = 0
    peak_active: int = 0
    succeeded: int = 0
    failed: int = 0
    indeterminate: int = 0
    durations: DurationSummary = field(default_factory=DurationSummary)


class Recording(Struct, frozen=True, kw_only=True):
    """What became of what there was to record.

    Up to a flush interval behind (`export_flush_interval`), as it is counted where it is read for delivery;
    `agentops.flush()` first makes it exact. What was dropped is counted at once.

    Attributes:
        spans_started: spans that began.
        spans_ended: spans that ended.
        events_recorded: events that the program recorded by hand.
        dropped: what could not be kept, by reason; `journal full` is counted in writes, a span has two.
    """

    spans_started: int = 0
    spans_ended: int = 0
    events_recorded: int = 0
    dropped: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def dropped_total(self) -> int:
        """Everything that could not be kept."""
        return sum(self.dropped.values())

    @property
    def success_rate(self) -> float:
        """The share of what was to be recorded that was: 1.0 where nothing was dropped."""
        kept = self.spans_started + self.spans_ended + self.events_recorded
        wanted = kept + self.dropped_total
        return kept / wanted if wanted else 1.0


class Delivery(Struct, frozen=True, kw_only=True):
    """One destination of what was recorded.

    Attributes:
        name: which.
        delivered: records that it has.
        pending_bytes: about how much in the journal it does not have yet.
        pending_segments: over how many files of the journal that spreads.
        failures: attempts that failed.
        failures_in_row: how many of them since the last that did not.
        last_error: what went wrong last; None where nothing ever did.
        lag: seconds since it last had everything; 0.0 where it has.
        given_up: records that it will never get.
    """

    name: str
    delivered: int = 0
    pending_bytes: int = 0
    pending_segments: int = 0
    failures: int = 0
    failures_in_row: int = 0
    last_error: str | None = None
    lag: float = 0.0
    given_up: int = 0


class Calls(Struct, frozen=True, kw_only=True):
    """What was called in all sessions together.

    Attributes:
        llm_calls: ended model calls, embeddings included.
        tool_calls: ended tool calls.
        actions: ended actions.
        errors: failures, each counted once.
        input_tokens: cached ones included.
        output_tokens: reasoning included.
        cost: USD of all calls whose price is known.
        unpriced: answered model calls whose price is not known.
    """

    llm_calls: int = 0
    tool_calls: int = 0
    actions: int = 0
    errors: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: Decimal = Decimal(0)
    unpriced: int = 0


class Metrics(Struct, frozen=True, kw_only=True):
    """A moment of recording, in figures; what `agentops.metrics()` gives.

    Attributes:
        sessions: the sessions of this process.
        recording: what became of what there was to record.
        delivery: every destination.
        calls: what was called.
    """

    sessions: Sessions = field(default_factory=Sessions)
    recording: Recording = field(default_factory=Recording)
    delivery: tuple[Delivery, ...] = ()
    calls: Calls = field(default_factory=Calls)

    def as_dict(self) -> dict[str, Any]:
        """The same as plain values that JSON has; USD as a decimal string, and the success rate as in `recording`."""
        plain: dict[str, Any] = to_builtins(self)
        plain["recording"]["success_rate"] = self.recording.success_rate
        return plain
