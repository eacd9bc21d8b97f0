"""Durations, counts, money, sizes and moments as people read them."""

from datetime import datetime
from decimal import Decimal

ABSENT = "-"
_SECOND = 1_000_000_000
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_THOUSAND = 1000
_DOLLAR, _TENTH_OF_A_MILL = Decimal(1), Decimal("0.0001")


def duration(seconds: float | None) -> str:
    """Seconds as `340ms`, `1.2s`, `2m 05s`, `1h 02m` or `3d 4h`."""
    if seconds is None:
        return ABSENT
    if seconds < 0.9995:  # noqa: PLR2004 - from here on milliseconds round up to a whole second
        return f"{seconds * 1000:.0f}ms" if seconds >= 0.0005 or not seconds else "<1ms"  # noqa: PLR2004 - half a millisecond
    if seconds < _MINUTE - 0.05:
        return f"{seconds:.1f}s"
    whole = round(seconds)
    if whole < _HOUR:
        return f"{whole // _MINUTE}m {whole % _MINUTE:02d}s"
    if whole < _DAY:
        return f"{whole // _HOUR}h {whole % _HOUR // _MINUTE:02d}m"
    return f"{whole // _DAY}d {whole % _DAY // _HOUR}h"


def count(number: int | None) -> str:
    """A number as `950`, `1.2k` or `3.4M`."""
    if number is None:
        return ABSENT
    return _scaled(number, ("", "k", "M", "G"), _THOUSAND)


def size(number: int) -> str:
    """Bytes as `950 B`, `1.2 kB` or `3.4 MB`."""
    return _scaled(number, (" B", " kB", " MB", " GB", " TB"), _THOUSAND)


def _scaled(number: float, units: tuple[str, ...], step: int) -> str:
    index = 0
    while number >= (step - 0.05 if index else step) and index < len(units) - 1:
        number /= step
        index += 1
    return f"{number:.0f}{units[index]}" if not index else f"{number:.1f}{units[index]}"


def cost(dollars: Decimal | None) -> str:
    """USD as `$1.23`, `$0.0012` or, below a hundredth of a cent, to two significant digits; `-` when unknown."""
    if dollars is None:
        return ABSENT
    if not dollars:
        return "$0.00"
    if dollars >= _DOLLAR:
        return f"${dollars:,.2f}"
    if dollars >= _TENTH_OF_A_MILL:
        return f"${dollars:.4f}"
    return f"${dollars:.{1 - dollars.adjusted()}f}"


def moment(time: int, *, now: int) -> str:
    """Unix nanoseconds as a reader at `now` would say it: `12s ago`, `5m ago`, `3h ago`, `Nov 18 09:12`."""
    ago = (now - time) // _SECOND
    if ago < 1:
        return "just now"
    if ago < _MINUTE:
        return f"{ago}s ago"
    if ago < _HOUR:
        return f"{ago // _MINUTE}m ago"
    if ago < _DAY:
        return f"{ago // _HOUR}h ago"
    then, today = _local(time), _local(now)
    return f"{then:%b} {then.day:>2} {then:%H:%M}" if then.year == today.year else f"{then:%Y-%m-%d}"


def clock(time: int) -> str:
    """Unix nanoseconds as local time of day."""
    return f"{_local(time):%H:%M:%S}"


def timestamp(time: int) -> str:
    """Unix nanoseconds as local date and time."""
    return f"{_local(time):%Y-%m-%d %H:%M:%S}"


def _local(time: int) -> datetime:
    return datetime.fromtimestamp(time / _SECOND).astimezone()


def short(session_id: str) -> str:
    """The first digits of a session id, enough to name it to any command."""
    return session_id[:8]


def plural(number: int, noun: str) -> str:
    """`1 span`, `2 spans`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def visible(text: str) -> str:
    """Recorded text with control characters made visible, so that it cannot steer the reader's terminal."""
    return text.translate(_CONTROLS)


_CONTROLS = {
    **{code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in "\n\t"},
    0x7F: "␡",
    **dict.fromkeys(range(0x80, 0xA0), "�"),
}


def one_line(text: str, limit: int = 200) -> str:
    """Recorded text on one line of at most `limit` characters, controls made visible."""
    line = " ".join(visible(text[: limit * 4]).split())
    return line if len(line) <= limit and len(text) <= limit * 4 else line[: limit - 1] + "…"
