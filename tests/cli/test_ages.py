"""How ages and moments are typed."""

from datetime import datetime

import pytest

from agentops.cli.ages import read_age, read_moment

SECOND = 1_000_000_000


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [
        ("30s", 30),
        ("90m", 5400),
        ("12h", 43_200),
        ("1h30m", 5400),
        ("1.5 h", 5400),
        ("30d", 2_592_000),
        ("2W", 1_209_600),
    ],
)
def test_ages_are_numbers_with_units(typed: str, seconds: int) -> None:
    """Seconds, minutes, hours, days and weeks, alone or one after the other."""
    assert read_age(typed) == seconds * SECOND


@pytest.mark.parametrize("typed", ["", "30", "d", "-1d", "1y", "1d ago", "x1d", "१d"])
def test_anything_else_is_no_age(typed: str) -> None:
    """A number without a unit is refused rather than guessed."""
    assert read_age(typed) is None


def test_moments_are_ages_days_and_dates() -> None:
    """`2h`, `today`, `yesterday` and ISO dates, in the reader's own time zone."""
    then = datetime(2025, 11, 20, 15, 30).astimezone()
    now = round(then.timestamp()) * SECOND

    def read(typed: str) -> datetime | None:
        moment = read_moment(typed, now=now)
        return None if moment is None else datetime.fromtimestamp(moment / SECOND).astimezone()

    assert read("2h") == datetime(2025, 11, 20, 13, 30).astimezone()
    assert read("today") == datetime(2025, 11, 20).astimezone()
    assert read("Yesterday") == datetime(2025, 11, 19).astimezone()
    assert read("2025-11-01") == datetime(2025, 11, 1).astimezone()
    assert read("2025-11-01T10:00") == datetime(2025, 11, 1, 10).astimezone()
    assert read("2025-11-01T10:00Z") == datetime.fromisoformat("2025-11-01T10:00:00+00:00")
    assert read("whenever") is None
