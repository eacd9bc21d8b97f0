"""The counts of one session, right at any moment: model calls, tool calls, actions, errors, duration and cost."""

import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from threading import RLock
from typing import Any, Final
from weakref import WeakSet

from agentops.domain.genai import Usage
from agentops.domain.prices import Prices, amount_of, in_use
from agentops.domain.spans import MODEL_KINDS, SpanKind, SpanRecord, SpanStatus

_EXACT: Final = Context(prec=60)
_MICRO: Final = Decimal("0.000001")
_NO_CONTEXT: Final[Mapping[str, str]] = {}

_Call = tuple[str | None, tuple[str | None, ...], Usage | None, int, Any, Mapping[str, str]]


class Analytics(Mapping[str, Any]):
    """What a session has seen so far; as a mapping, the six counts as users see them.

    Counting takes no lock, so that it may happen in signal handlers and finalisers too: `+=` on a field is one step
    of CPython's interpreter, between which no other thread runs, and so is `deque.append`. Calls are priced when
    somebody asks.

    Attributes:
        llm_calls: ended spans of kind llm and embedding.
        tool_calls: ended spans of kind tool.
        actions: ended spans of kind action.
        errors: failures, each counted once however many spans it passed through, and recorded error events.
        apis: recorded events of type apis.
        measure: how long the session has lasted, in seconds.
    """

    __slots__ = (
        "__weakref__",
        "_cost",
        "_input_tokens",
        "_lock",
        "_output_tokens",
        "_pending",
        "_prices",
        "_unpriced",
        "actions",
        "apis",
        "errors",
        "llm_calls",
        "measure",
        "tool_calls",
    )

    def __init__(self, prices: Prices | None = None) -> None:
        self.llm_calls = 0
        self.tool_calls = 0
        self.actions = 0
        self.errors = 0
        self.apis = 0
        self.measure: Callable[[], float] = lambda: 0.0
        self._prices = prices
        self._pending: deque[_Call | SpanRecord] = deque()
        self._lock = RLock()
        self._cost = Decimal(0)
        self._unpriced = 0
        self._input_tokens = 0
        self._output_tokens = 0
        _alive.add(self)

    def count(self, kind: SpanKind) -> None:
        """A span of this kind has ended."""
        if kind is SpanKind.LLM or kind is SpanKind.EMBEDDING:
            self.llm_calls += 1
        elif kind is SpanKind.TOOL:
            self.tool_calls += 1
        elif kind is SpanKind.ACTION:
            self.actions += 1

    def add_call(  # noqa: PLR0913 - the hot path builds no value to carry them
        self,
        provider: str | None,
        model: str | None,
        usage: Usage | None,
        at: int,
        cost: object = None,
        *,
        requested: str | None = None,
        context: Mapping[str, str] = _NO_CONTEXT,
    ) -> None:
        """A model call has been answered; its span is counted by `count`.

        Args:
            provider: who answered.
            model: what answered.
            usage: the tokens; None where the provider did not say.
            at: when it was asked, Unix nanoseconds.
            cost: USD, where it is known already.
            requested: the model asked for, by which the call is priced where `model` has no known price.
            context: what else the price depends on, see `prices.context_of`.
        """
        self._pending.append((provider, (model, requested), usage, at, cost, context))

    def add(self, record: SpanRecord) -> None:
        """Count a whole record; one that is still running counts nothing. The order of records does not matter."""
        if record.status is SpanStatus.RUNNING:
            return
        if record.event_type == "errors":
            self.errors += 1
            return
        self.count(record.kind)
        if record.counted_error:
            self.errors += 1
        if record.event_type == "apis":
            self.apis += 1
        if record.kind in MODEL_KINDS or record.cost is not None:
            self._pending.append(record)

    def settle(self) -> None:
        """Price the calls that came since; whoever does this now and then keeps the memory flat."""
        prices = self._prices or in_use()
        with self._lock:
            while True:
                try:
                    call = self._pending.popleft()
                except IndexError:
                    return
                self._take(call, prices)

    def _take(self, call: _Call | SpanRecord, prices: Prices) -> None:
        if isinstance(call, SpanRecord):
            usage = call.response.usage if call.response else None
            cost = prices.cost_of_record(call) if call.kind in MODEL_KINDS else amount_of(call.cost) or Decimal(0)
        else:
            provider, models, usage, at, said, context = call
            cost = amount_of(said)
            moment = datetime.fromtimestamp(at // 1_000_000_000, UTC)
            for model in models if cost is None else ():
                cost = prices.cost_of(provider, model, usage, moment, context) if cost is None else cost
        if usage is not None:
            self._input_tokens += usage.input_total or 0
            self._output_tokens += usage.output_total or 0
        if cost is None:
            self._unpriced += 1
        else:
            self._cost = _EXACT.add(self._cost, cost)

    @property
    def cost(self) -> Decimal:
        """USD of all calls whose price is known."""
        self.settle()
        return self._cost

    @property
    def unpriced(self) -> int:
        """Answered calls whose cost is not known."""
        self.settle()
        return self._unpriced

    @property
    def input_tokens(self) -> int:
        """All tokens that went in, cached ones included."""
        self.settle()
        return self._input_tokens

    @property
    def output_tokens(self) -> int:
        """All tokens that came out, reasoning included."""
        self.settle()
        return self._output_tokens

    def as_dict(self, duration_seconds: float) -> dict[str, Any]:
        """The counts under the keys and in the formats of `Session.get_analytics`."""
        return analytics_dict(
            llm_calls=self.llm_calls,
            tool_calls=self.tool_calls,
            actions=self.actions,
            errors=self.errors,
            duration_seconds=duration_seconds,
            cost=self.cost,
        )

    def __getitem__(self, key: str) -> Any:
        return self.as_dict(self.measure())[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.as_dict(0.0))

    def __len__(self) -> int:
        return len(self.as_dict(0.0))

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        return repr(self.as_dict(self.measure()))


_alive: WeakSet[Analytics] = WeakSet()


def _renew_locks() -> None:
    for analytics in _alive:
        analytics._lock = RLock()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - a thread that held it did not come along


os.register_at_fork(after_in_child=_renew_locks)


def analytics_dict(  # noqa: PLR0913 - the six counts of a session
    *,
    llm_calls: int,
    tool_calls: int,
    actions: int,
    errors: int,
    duration_seconds: float,
    cost: Decimal | None,
) -> dict[str, Any]:
    """Six counts as users see them, wherever they come from; an unknown cost shows as none."""
    return {
        "LLM calls": llm_calls,
        "Tool calls": tool_calls,
        "Actions": actions,
        "Errors": errors,
        "Duration": format_duration(duration_seconds),
        "Cost": format_cost(cost),
    }


def format_duration(seconds: float) -> str:
    """Seconds as `1h 2m 3.0s`; hours and minutes only where there are any."""
    minutes, tenths = divmod(round(max(0.0, seconds) * 10), 600)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{hours}h"] * bool(hours) + [f"{minutes}m"] * bool(minutes)
    return " ".join([*parts, f"{tenths / 10:.1f}s"])


def format_cost(cost: Decimal | None) -> str:
    """USD with six decimals, `0.00` for nothing."""
    if not cost:
        return "0.00"
    with localcontext(_EXACT):
        return f"{cost.quantize(_MICRO, ROUND_HALF_UP):f}"


def summary_line(analytics: Mapping[str, Any]) -> str:
    """The line that is printed when a session ends, from what `as_dict` gives."""
    return (
        f"Session Stats - Duration: {analytics['Duration']} | Cost: ${analytics['Cost']} | "
        f"LLMs: {analytics['LLM calls']} | Tools: {analytics['Tool calls']} | "
        f"Actions: {analytics['Actions']} | Errors: {analytics['Errors']}"
    )
