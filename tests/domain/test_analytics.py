"""The counts of a session: by the rule, in any order, from any thread, in the exact formats."""

import os
import threading
import warnings
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops.domain import prices
from agentops.domain.analytics import Analytics, format_cost, format_duration, summary_line
from agentops.domain.genai import Request, Response, Usage
from agentops.domain.prices import Prices
from agentops.domain.spans import SpanKind, SpanRecord, SpanStatus

DOLLAR = Prices({"m": {"input": 1_000_000, "output": 1_000_000}})
ENDED = [status for status in SpanStatus if status is not SpanStatus.RUNNING]


def call(model: str | None = "m", usage: Usage | None = None, cost: str | None = None) -> dict[str, Any]:
    """The request and response of a model call."""
    return {
        "request": Request(operation="chat", provider="p", model=model),
        "response": Response(usage=usage),
        "cost": cost,
    }


records = st.builds(
    SpanRecord,
    session_id=st.just("s"),
    span_id=st.just("1"),
    kind=st.sampled_from(SpanKind),
    status=st.sampled_from(SpanStatus),
    counted_error=st.booleans(),
    event_type=st.sampled_from([None, "errors", "apis", "actions", "custom"]),
    request=st.just(Request(operation="chat", provider="p", model="m")),
    response=st.none()
    | st.builds(Response, usage=st.none() | st.builds(Usage, input=st.integers(0, 9), output=st.just(1))),
)


def counts(analytics: Analytics) -> tuple[object, ...]:
    """Everything that is counted."""
    return (
        analytics.llm_calls,
        analytics.tool_calls,
        analytics.actions,
        analytics.errors,
        analytics.apis,
        analytics.input_tokens,
        analytics.output_tokens,
        analytics.cost,
        analytics.unpriced,
    )


@given(st.lists(records), st.randoms())
def test_the_order_of_records_does_not_matter(found: list[SpanRecord], random: Any) -> None:
    """Records in any order, priced at once or piecemeal, give the same counts."""
    straight, shuffled = Analytics(DOLLAR), Analytics(DOLLAR)
    for record in found:
        straight.add(record)
    random.shuffle(found)
    for record in found:
        shuffled.add(record)
        shuffled.settle()
    assert counts(straight) == counts(shuffled)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (SpanKind.LLM, (1, 0, 0)),
        (SpanKind.EMBEDDING, (1, 0, 0)),
        (SpanKind.TOOL, (0, 1, 0)),
        (SpanKind.ACTION, (0, 0, 1)),
        (SpanKind.AGENT, (0, 0, 0)),
        (SpanKind.TASK, (0, 0, 0)),
        (SpanKind.SESSION, (0, 0, 0)),
    ],
)
@pytest.mark.parametrize("status", ENDED)
def test_an_ended_span_counts_by_its_kind(kind: SpanKind, status: SpanStatus, expected: tuple[int, int, int]) -> None:
    """Model calls, tool calls and actions count however they ended; other kinds do not."""
    analytics = Analytics(DOLLAR)
    analytics.add(SpanRecord(session_id="s", span_id="1", kind=kind, status=status))
    assert (analytics.llm_calls, analytics.tool_calls, analytics.actions) == expected
    assert analytics.errors == 0


def test_a_running_span_counts_nothing() -> None:
    """What has not ended is not counted yet."""
    analytics = Analytics(DOLLAR)
    analytics.add(
        SpanRecord(session_id="s", span_id="1", kind=SpanKind.LLM, status=SpanStatus.RUNNING, counted_error=True)
    )
    assert counts(analytics) == (0, 0, 0, 0, 0, 0, 0, 0, 0)


def test_an_error_counts_once_and_a_recorded_error_is_no_action() -> None:
    """A counted error adds to its span's count; an error event is an error and nothing else."""
    analytics = Analytics(DOLLAR)
    failed = SpanRecord(session_id="s", span_id="1", kind=SpanKind.TOOL, status=SpanStatus.ERROR, counted_error=True)
    passed_on = SpanRecord(session_id="s", span_id="2", kind=SpanKind.AGENT, status=SpanStatus.ERROR)
    event = SpanRecord(
        session_id="s",
        span_id="3",
        kind=SpanKind.ACTION,
        status=SpanStatus.ERROR,
        counted_error=True,
        event_type="errors",
    )
    for record in (failed, passed_on, event):
        analytics.add(record)
    assert (analytics.tool_calls, analytics.actions, analytics.errors) == (1, 0, 2)


def test_tokens_and_costs_add_up_over_calls() -> None:
    """Known costs are summed exactly, unknown ones are counted apart, tokens include cached and reasoning ones."""
    analytics = Analytics(DOLLAR)
    analytics.add_call("p", "m", Usage(1, 2, 3, 4, 5), 0)
    analytics.add_call("p", "unknown", Usage(input=1, output=1), 0)
    analytics.add_call("p", "dated-m", Usage(input=1, output=1), 0, requested="m")
    analytics.add_call("p", "m", None, 0)
    analytics.add_call("p", "unknown", None, 0, "0.1")
    analytics.add_call("p", "unknown", None, 0, Decimal("0.2"))
    analytics.add(SpanRecord(session_id="s", span_id="1", kind=SpanKind.LLM, **call(usage=Usage(input=1, output=0))))
    analytics.add(SpanRecord(session_id="s", span_id="2", kind=SpanKind.LLM, **call(cost="0.3")))
    assert analytics.cost == 15 + 2 + Decimal("0.6") + 1
    assert analytics.unpriced == 2
    assert (analytics.input_tokens, analytics.output_tokens) == (6 + 1 + 1 + 1, 9 + 1 + 1 + 0)
    assert (analytics.llm_calls, analytics.cost) == (2, analytics.cost)


def test_a_tool_that_costs_adds_its_cost() -> None:
    """What a tool is said to cost is cost of the session; a tool without a cost is not an unpriced call."""
    analytics = Analytics(DOLLAR)
    analytics.add(SpanRecord(session_id="s", span_id="1", kind=SpanKind.TOOL, cost="0.05"))
    analytics.add(SpanRecord(session_id="s", span_id="2", kind=SpanKind.TOOL))
    assert (analytics.cost, analytics.unpriced, analytics.tool_calls) == (Decimal("0.05"), 0, 2)


def test_calls_are_priced_when_asked_with_the_prices_then_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call that ended before the prices were configured costs what they say."""
    monkeypatch.setattr(prices, "_in_use", prices.in_use())
    analytics = Analytics()
    analytics.add_call("p", "m", Usage(input=1, output=1), 0)
    prices.use(DOLLAR)
    assert analytics.cost == 2


def test_nothing_is_lost_between_threads() -> None:
    """Eight threads that count while a ninth keeps asking end at the exact sums."""
    analytics = Analytics(DOLLAR)
    done = threading.Event()
    seen: list[Decimal] = []

    def work() -> None:
        for _ in range(2_000):
            analytics.count(SpanKind.LLM)
            analytics.errors += 1
            analytics.add_call("p", "m", Usage(input=1, output=0), 0)

    def ask() -> None:
        while not done.is_set():
            seen.append(analytics.cost)

    asker = threading.Thread(target=ask)
    workers = [threading.Thread(target=work) for _ in range(8)]
    for thread in (asker, *workers):
        thread.start()
    for thread in workers:
        thread.join()
    done.set()
    asker.join()
    assert (analytics.llm_calls, analytics.errors, analytics.cost) == (16_000, 16_000, 16_000)
    assert seen == sorted(seen)


def test_a_fork_while_another_thread_prices_leaves_the_child_able_to_ask() -> None:
    """A lock that was held by a thread which the child does not have does not stop it."""
    asked, go = threading.Event(), threading.Event()

    def lookup(_provider: str, _model: str) -> None:
        asked.set()
        go.wait()

    analytics = Analytics(Prices(lookup=lookup))
    analytics.add_call("p", "m", Usage(input=1, output=1), 0)
    thread = threading.Thread(target=analytics.settle)
    thread.start()
    asked.wait()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # forking with threads is what this is about
        child = os.fork()
    if child == 0:
        os._exit(0 if analytics.cost == 0 else 1)
    go.set()
    thread.join()
    assert os.waitpid(child, 0)[1] == 0


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "0.0s"),
        (0.94, "0.9s"),
        (1.25, "1.2s"),
        (59.94, "59.9s"),
        (59.96, "1m 0.0s"),
        (61, "1m 1.0s"),
        (3600, "1h 0.0s"),
        (3723, "1h 2m 3.0s"),
        (90_000, "25h 0.0s"),
        (-1, "0.0s"),
    ],
)
def test_a_duration_reads_as_hours_minutes_and_seconds(seconds: float, expected: str) -> None:
    """Hours and minutes appear where there are any; seconds have one decimal."""
    assert format_duration(seconds) == expected


@pytest.mark.parametrize(
    ("cost", "expected"),
    [
        (None, "0.00"),
        (Decimal(0), "0.00"),
        (Decimal("0.000123"), "0.000123"),
        (Decimal("12.3456785"), "12.345679"),
        (Decimal("0.0000001"), "0.000000"),
        (Decimal("1E+3"), "1000.000000"),
    ],
)
def test_a_cost_reads_with_six_decimals_or_as_nothing(cost: Decimal | None, expected: str) -> None:
    """Zero and unknown are `0.00`, anything else is rounded half up to a millionth of a dollar."""
    assert format_cost(cost) == expected


def test_the_dict_and_the_line_have_the_exact_form() -> None:
    """Keys, order and formats are those that users of AgentOps know."""
    analytics = Analytics(DOLLAR)
    analytics.llm_calls, analytics.tool_calls, analytics.actions, analytics.errors = 2, 2, 3, 2
    analytics.add_call("p", "m", None, 0, "0.000123")
    found = analytics.as_dict(1.32)
    assert list(found.items()) == [
        ("LLM calls", 2),
        ("Tool calls", 2),
        ("Actions", 3),
        ("Errors", 2),
        ("Duration", "1.3s"),
        ("Cost", "0.000123"),
    ]
    assert summary_line(found) == (
        "Session Stats - Duration: 1.3s | Cost: $0.000123 | LLMs: 2 | Tools: 2 | Actions: 3 | Errors: 2"
    )
