"""Which of several spans that tell of one model call counts."""

from agentops.domain.genai import Response, Usage
from agentops.domain.spans import SpanKind, SpanRecord
from agentops.domain.tellings import Call, Telling, count, judge, nearest, tellings_of

SESSION = "0a000000-0000-4000-8000-000000000001"


def call(span_id: str, parent_id: str | None = None, *, tokens: int | None = 1, kind: str = "llm") -> SpanRecord:
    """A span of a second, with so many tokens."""
    return SpanRecord(
        session_id=SESSION,
        span_id=span_id,
        parent_id=parent_id,
        kind=SpanKind(kind),
        start=1,
        end=10**9,
        response=Response(usage=None if tokens is None else Usage(input=tokens)),
    )


def test_of_calls_in_one_another_the_outermost_with_usage_counts() -> None:
    """One further out that knows of none repeats it."""
    spans = [call("a", tokens=None), call("b", "a", tokens=5), call("c", "b", tokens=7)]
    assert tellings_of(spans) == {"a": Telling.REPEAT, "c": Telling.REPEAT}
    analytics = count(spans)
    assert (analytics.llm_calls, analytics.input_tokens) == (1, 5)


def test_calls_side_by_side_are_two() -> None:
    """Nothing says that they are one."""
    assert tellings_of([call("a", "x"), call("b", "x"), call("x", kind="agent")]) == {}


def test_calls_in_a_circle_lie_in_none() -> None:
    """Broken ids; each is counted."""
    assert tellings_of([call("a", "b"), call("b", "a"), call("c", "c")]) == {}


def test_long_chains_take_no_longer_than_their_length() -> None:
    """Ten thousand calls in one another are one, and ten thousand tasks are passed through."""
    count_of = 10_000
    chain = {
        str(n): Call(str(n), str(n - 1), None, has_usage=True, failed=False, start=n, end=n) for n in range(count_of)
    }
    assert len(judge(chain)) == count_of - 1
    tasks: dict[str, str | None] = {str(n): str(n - 1) for n in range(count_of)}
    found: dict[str, str | None] = {}
    assert {nearest(str(n), tasks, found) for n in range(count_of)} == {"-1"}


def test_tasks_in_a_circle_lie_in_nothing() -> None:
    """And neither does what lies in them."""
    tasks: dict[str, str | None] = {"a": "b", "b": "a", "c": "a"}
    found: dict[str, str | None] = {}
    assert [nearest(task, tasks, found) for task in ("c", "a", "b")] == [None, None, None]
