"""When a destination that failed is tried again."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from agentops.delivery.backoff import LONGEST, LONGEST_ASKED, delay_after


@given(st.integers(1, 10_000), st.integers())
def test_waits_grow_to_a_bound_and_are_spread(failures: int, seed: int) -> None:
    """Between half and one and a half times of half a second, doubled each time, at most a minute."""
    middle = min(LONGEST, 0.5 * 2 ** min(failures - 1, 16))
    assert 0.5 * middle <= delay_after(failures, Random(seed)) <= 1.5 * middle


@given(st.integers(1, 100), st.floats(0, 1e9))
def test_what_a_destination_asks_for_is_given_within_reason(failures: int, asked: float) -> None:
    """Never less than asked for up to ten minutes."""
    assert min(asked, LONGEST_ASKED) <= delay_after(failures, Random(1), asked) <= max(asked, 1.5 * LONGEST)
