"""A histogram of durations: small, and right to an eighth."""

from hypothesis import given
from hypothesis import strategies as st

from agentops.domain.durations import Durations, DurationSummary

SECONDS = st.floats(min_value=0.0, max_value=100_000.0)


def durations_of(seconds: list[float]) -> Durations:
    """Many durations."""
    durations = Durations()
    for one in seconds:
        durations.add(one)
    return durations


def test_nothing_has_no_quantiles() -> None:
    """Where there were none, nothing is made up."""
    assert Durations().summary() == DurationSummary()


def test_one_duration_is_every_quantile() -> None:
    """Exactly that one."""
    assert durations_of([0.25]).summary() == DurationSummary(
        count=1, total=0.25, p50=0.25, p95=0.25, p99=0.25, longest=0.25
    )


@given(st.lists(SECONDS, min_size=1, max_size=200), st.sampled_from([0.5, 0.95, 0.99, 1.0]))
def test_a_quantile_is_near_the_true_one(seconds: list[float], share: float) -> None:
    """Within an eighth, or a millisecond where it is less than that; never outside of what there was."""
    found = durations_of(seconds).quantile(share)
    exact = sorted(seconds)[max(0, -int(-share * len(seconds) // 1) - 1)]
    assert found is not None
    assert min(seconds) <= found <= max(seconds)
    assert abs(found - exact) <= max(exact / 8, 0.001)


@given(st.lists(SECONDS, max_size=100))
def test_the_sum_is_that_of_all(seconds: list[float]) -> None:
    """Count, sum and longest are exact."""
    summary = durations_of(seconds).summary()
    assert (summary.count, summary.total) == (len(seconds), sum(seconds))
    assert summary.longest == (max(seconds) if seconds else None)
