"""Ages and moments as users type them: `30d`, `2h`, `yesterday`, `2026-11-20`."""

import re
import time
from datetime import datetime, timedelta
from typing import Any

import click

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_AGE = re.compile(r"(?:\s*(\d+(?:\.\d+)?)\s*([smhdw]))+\s*", re.ASCII)
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw])", re.ASCII)
_SECOND = 1_000_000_000


def read_age(text: str) -> int | None:
    """Nanoseconds of an age such as `30d`, `12h` or `1h30m`; None where it is none."""
    word = text.strip().lower()
    if not _AGE.fullmatch(word):
        return None
    return round(sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(word)) * _SECOND)


def read_moment(text: str, *, now: int) -> int | None:
    """Unix nanoseconds of an age before `now`, of `today`, `yesterday`, or of an ISO 8601 date and time (local)."""
    age = read_age(text)
    if age is not None:
        return now - age
    word = text.strip().lower()
    midnight = datetime.fromtimestamp(now / _SECOND).astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    days = {"today": 0, "yesterday": 1}.get(word)
    try:
        then = midnight - timedelta(days=days) if days is not None else datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return round(then.timestamp() * _SECOND)


class Age(click.ParamType):  # pyright: ignore[reportMissingTypeArgument] - generic in newer versions of click only
    """How long ago, in nanoseconds."""

    name = "age"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read what was typed; fails as a usage error."""
        age = value if isinstance(value, int) else read_age(value)
        if age is None:
            self.fail(f"{value!r} is no age; write it like 30d, 12h or 90m.", param, ctx)
        return age


class Moment(click.ParamType):  # pyright: ignore[reportMissingTypeArgument] - generic in newer versions of click only
    """A point in time, in Unix nanoseconds."""

    name = "when"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read what was typed; fails as a usage error."""
        moment = value if isinstance(value, int) else read_moment(value, now=time.time_ns())
        if moment is None:
            self.fail(f"{value!r} is no time; write an age (2h, 7d), today, yesterday or 2026-11-20.", param, ctx)
        return moment
