"""How the redaction of secrets is set: on, off, and with rules of one's own."""

import re
from collections.abc import Iterable
from typing import Any, Final, cast

import msgspec
from msgspec import Struct

from agentops.config.parsing import UnreadableError, parse_switch

_ADVICE: Final = "pass true, false, a regular expression, a function that takes and gives text, or a list of these"


class Redaction(Struct, frozen=True):
    """What is redacted.

    Attributes:
        defaults: whether the default rules apply.
        rules: regular expressions, whose matches go, and functions from text to text; applied after the default ones.
    """

    defaults: bool = True
    rules: tuple[Any, ...] = ()

    def __str__(self) -> str:
        """As it is shown; a rule of one's own may tell of what it hides."""
        return f"{self.defaults}, {len(self.rules)} own" if self.rules else str(self.defaults)


def parse_redaction(value: Any) -> Redaction:
    """The rules; text is a switch, a regular expression or a JSON list of these."""
    if isinstance(value, Redaction):
        return value
    said = [_rule_of(each) for each in _listed(value)]
    rules = tuple(each for each in said if not isinstance(each, bool))
    return Redaction(defaults=False not in said, rules=rules)


def _listed(value: Any) -> Iterable[Any]:
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            found = msgspec.json.decode(value)
        except msgspec.DecodeError:  # a regular expression
            return [value]
        value = found
    return cast("Iterable[Any]", value) if isinstance(value, (list, tuple, set, frozenset)) else [value]


def _rule_of(value: Any) -> Any:
    """True or False for a switch, else a compiled pattern or a function."""
    if isinstance(value, bool) or callable(value):
        return value
    if isinstance(value, re.Pattern) and isinstance(cast("re.Pattern[Any]", value).pattern, str):
        return cast("re.Pattern[str]", value)
    if not isinstance(value, str) or not value:
        raise UnreadableError(_ADVICE)
    try:
        return parse_switch(value)
    except UnreadableError:
        pass
    try:
        return re.compile(value)
    except re.error as error:
        raise UnreadableError(f"{_ADVICE}; this is no regular expression: {error}") from None


def parse_content(value: Any) -> str:
    """How much of contents is recorded."""
    word = str(value).strip().lower()
    if word not in ("full", "redacted", "none"):
        raise UnreadableError("pass full, redacted or none")
    return word
