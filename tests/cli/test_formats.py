"""How durations, counts, money, sizes and moments are written."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops.cli import formats

SECOND = 1_000_000_000
NOW = 1_763_629_923 * SECOND


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (None, "-"),
        (0, "0ms"),
        (0.0001, "<1ms"),
        (0.34, "340ms"),
        (0.9994, "999ms"),
        (0.9996, "1.0s"),
        (1.24, "1.2s"),
        (59.94, "59.9s"),
        (59.96, "1m 00s"),
        (125, "2m 05s"),
        (3599.6, "1h 00m"),
        (3720, "1h 02m"),
        (90_000, "1d 1h"),
    ],
)
def test_durations_keep_two_units_at_most(seconds: float | None, written: str) -> None:
    """The unit follows the size, and nothing is ever written as sixty of a smaller one."""
    assert formats.duration(seconds) == written


@pytest.mark.parametrize(
    ("number", "written"),
    [(None, "-"), (0, "0"), (999, "999"), (1000, "1.0k"), (1240, "1.2k"), (999_960, "1.0M"), (3_400_000, "3.4M")],
)
def test_counts_are_short(number: int | None, written: str) -> None:
    """Thousands and millions by their letters."""
    assert formats.count(number) == written


@pytest.mark.parametrize(
    ("dollars", "written"),
    [
        (None, "-"),
        ("0", "$0.00"),
        ("0.0000012", "$0.0000012"),
        ("0.000412", "$0.0004"),
        ("0.0312", "$0.0312"),
        ("1.234", "$1.23"),
        ("12345.678", "$12,345.68"),
    ],
)
def test_costs_never_round_to_nothing(dollars: str | None, written: str) -> None:
    """A cost that is there shows at least two digits; one that is unknown shows none."""
    assert formats.cost(None if dollars is None else Decimal(dollars)) == written


@given(st.decimals(min_value="0.000000000001", max_value="99999", allow_nan=False, places=12))
def test_what_costs_something_is_never_shown_as_free(dollars: Decimal) -> None:
    """Some digit other than zero is in sight."""
    assert any(digit in "123456789" for digit in formats.cost(dollars))


@pytest.mark.parametrize(
    ("number", "written"), [(0, "0 B"), (950, "950 B"), (1_234, "1.2 kB"), (3_400_000_000, "3.4 GB")]
)
def test_sizes_have_their_unit(number: int, written: str) -> None:
    """Powers of a thousand, as disks are sold."""
    assert formats.size(number) == written


@pytest.mark.parametrize(
    ("ago", "written"), [(0, "just now"), (-5, "just now"), (12, "12s ago"), (300, "5m ago"), (7200, "2h ago")]
)
def test_recent_moments_are_told_from_now(ago: int, written: str) -> None:
    """Within a day it is the distance that matters."""
    assert formats.moment(NOW - ago * SECOND, now=NOW) == written


def test_older_moments_are_dates() -> None:
    """Before that it is the day, and the year where it is another."""
    assert formats.moment(NOW - 5 * 86_400 * SECOND, now=NOW).startswith("Nov 15 ")
    assert formats.moment(NOW - 400 * 86_400 * SECOND, now=NOW) == "2024-10-16"


@given(st.text())
def test_recorded_text_cannot_steer_the_terminal(text: str) -> None:
    """No control character but tabs and line breaks passes, and nothing else is changed."""
    shown = formats.visible(text)
    assert len(shown) == len(text)
    assert all(character in "\n\t" or not _is_control(character) for character in shown)
    assert all(old == new for old, new in zip(text, shown, strict=True) if not _is_control(old))


@given(st.text(), st.integers(min_value=2, max_value=50))
def test_one_line_is_one_line(text: str, limit: int) -> None:
    """Whatever was recorded fits, and a cut shows."""
    line = formats.one_line(text, limit)
    assert len(line) <= limit
    assert "\n" not in line
    assert line.endswith("…") or len(" ".join(formats.visible(text).split())) <= limit


def _is_control(character: str) -> bool:
    return ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0
