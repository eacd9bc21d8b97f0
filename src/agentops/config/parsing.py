"""Values as settings are written: in an argument, in an environment variable, in TOML.

Every parser takes what was written and gives the value, or raises UnreadableError with what to write instead.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final, cast

import msgspec

Parser = Callable[[Any], Any]


class UnreadableError(ValueError):
    """What was written cannot be the value; the message says what to write instead."""


_SWITCHES: Final = {
    **dict.fromkeys(("true", "1", "yes", "on"), True),
    **dict.fromkeys(("false", "0", "no", "off"), False),
}
_LEVELS: Final = {"CRITICAL": 50, "ERROR": 40, "WARNING": 30, "INFO": 20, "DEBUG": 10}
_LEVEL_WORDS: Final = {str(number): word for word, number in _LEVELS.items()} | {"WARN": "WARNING", "FATAL": "CRITICAL"}
_UNITS: Final = {"": 1, "k": 10**3, "ki": 2**10, "m": 10**6, "mi": 2**20, "g": 10**9, "gi": 2**30}
_SIZE: Final = r"(\d+(?:\.\d+)?)\s*([kmg]i?)?b?"
_ADDRESS: Final = r"https?://[^\s/?#]+[^\s?#]*"
_NEVER: Final = frozenset({"", "none", "never"})


def parse_text(value: Any) -> str | None:
    """Some text; blank is none."""
    if not isinstance(value, str):
        raise UnreadableError("pass text")
    return value.strip() or None


def parse_key(value: Any) -> str | None:
    """An API key, of any form; a UUID object is one too."""
    return parse_text(str(value) if type(value).__name__ == "UUID" else value)


def parse_address(value: Any) -> str | None:
    """An http or https address, without a slash at its end."""
    address = parse_text(value)
    if address is not None and not re.fullmatch(_ADDRESS, address, re.IGNORECASE):
        raise UnreadableError("pass an address such as http://localhost:8000")
    return address.rstrip("/") if address else None


def parse_switch(value: Any) -> bool:
    """True or false, also as a word or a digit."""
    found = _SWITCHES.get(str(value).strip().lower())
    if found is None:
        raise UnreadableError("pass true or false")
    return found


def parse_words(value: Any) -> tuple[str, ...]:
    """A list of words, or one text with commas; blanks and repetitions fall away."""
    if isinstance(value, str):
        value = value.split(",")
    if not isinstance(value, (list, tuple, set, frozenset)):
        raise UnreadableError("pass a list, or words with commas between them")
    words = cast("Iterable[Any]", value)
    if not all(isinstance(word, str) for word in words):
        raise UnreadableError("pass a list of texts")
    return tuple(dict.fromkeys(word.strip() for word in words if word.strip()))


def parse_directory(value: Any) -> Path:
    """A folder; `~` is the home of the user."""
    if not isinstance(value, (str, Path)) or not str(value).strip():
        raise UnreadableError("pass the path of a folder")
    try:
        return Path(value).expanduser()
    except RuntimeError:
        raise UnreadableError("pass a path without ~: the home folder is not known here") from None


def parse_level(value: Any) -> str:
    """A level of the logging module, by name or number."""
    word = str(value).strip().upper()
    word = _LEVEL_WORDS.get(word, word)
    if word not in _LEVELS or isinstance(value, bool):
        raise UnreadableError(f"pass one of {', '.join(_LEVELS)}")
    return word


def parse_size(value: Any) -> int:
    """A number of bytes, also with a unit (`256 MiB`)."""
    found = re.fullmatch(_SIZE, str(value).strip().lower())
    if found is None or isinstance(value, bool):
        raise UnreadableError("pass a number of bytes, or a size such as 256MiB")
    return int(float(found[1]) * _UNITS[found[2] or ""])


def parse_days(value: Any) -> float | None:
    """A number of days above 0; `none` and `never` are no limit."""
    if isinstance(value, str) and value.strip().lower() in _NEVER:
        return None
    days = _number(value)
    if days is None or days <= 0:
        raise UnreadableError("pass a number of days above 0, or leave it out to keep everything")
    return days


def parse_seconds(value: Any) -> float:
    """A number of seconds from 0 up."""
    seconds = _number(value)
    if seconds is None or seconds < 0:
        raise UnreadableError("pass a number of seconds from 0 up")
    return seconds


def whole_from(least: int) -> Parser:
    """The parser of whole numbers from `least` up."""

    def parse_whole(value: Any) -> int:
        found = _number(value)
        if found is None or not found.is_integer() or found < least:
            raise UnreadableError(f"pass a whole number from {least} up")
        return int(found)

    return parse_whole


def parse_prices(value: Any) -> dict[str, dict[str, float]]:
    """Own prices, `{model: {bucket: USD per million tokens}}`; text is read as JSON."""
    advice = 'pass prices such as {"my-model": {"input": 1.0, "output": 4.0}}, in USD per million tokens'
    if isinstance(value, str):
        try:
            value = msgspec.json.decode(value)
        except msgspec.DecodeError:
            raise UnreadableError(advice) from None
    if not isinstance(value, Mapping):
        raise UnreadableError(advice)
    return {str(model): _rates(rates, advice) for model, rates in cast("Mapping[Any, Any]", value).items()}


_BUCKETS: Final = frozenset({"input", "output", "cache_read", "cache_write", "reasoning"})


def _rates(value: Any, advice: str) -> dict[str, float]:
    if not isinstance(value, Mapping) or not value:
        raise UnreadableError(advice)
    rates = {bucket: _number(price) for bucket, price in cast("Mapping[Any, Any]", value).items()}
    if not rates.keys() <= _BUCKETS:
        raise UnreadableError(f"{advice}; the kinds of tokens are {', '.join(sorted(_BUCKETS))}")
    prices = {bucket: price for bucket, price in rates.items() if price is not None and price >= 0}
    if len(prices) < len(rates):
        raise UnreadableError(f"{advice}; prices are numbers from 0 up")
    return prices


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if abs(found) != float("inf") and found == found else None  # noqa: PLR0124 - NaN differs from itself
