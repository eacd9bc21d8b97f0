"""JSON values without their secrets."""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, Final, cast

from agentops.domain.redaction.names import PASSWORDS, is_harmless, secret_of
from agentops.domain.redaction.texts import clean_text, masked

Rule = Callable[[str], str]
"""A text without what should not be kept of it."""

REMOVED: Final = "[REDACTED]"
"""What stands in place of what a user's regular expression found."""

FAILED: Final = masked("a rule failed")
"""What stands in place of a text that a rule could not take."""

_SCHEMA_TYPES: Final = frozenset({"string", "integer", "number", "boolean", "object", "array", "null"})
_SCHEMA_KEYS: Final = frozenset({"$ref", "anyOf", "oneOf", "allOf", "enum", "const"})
_NAME_KEYS: Final = ("name", "key", "header", "Name", "Key")
_VALUE_KEYS: Final = ("value", "Value")
_HEADERS: Final = re.compile(
    r"(?i)(?:proxy-)?authorization|(?:set-)?cookie|x-[\w-]*(?:key|token|secret|auth)[\w-]*|api-key"
)
_OPTION: Final = re.compile(r"--?[\w.-]+")
_PAIR: Final = 2


def own_rules(given: Iterable[re.Pattern[str] | Rule]) -> list[Rule]:
    """A user's rules as functions: what a regular expression matches is replaced."""
    return [partial(each.sub, REMOVED) if isinstance(each, re.Pattern) else each for each in given]


class Redactor:
    """Takes secrets out of JSON values.

    Attributes:
        rules: the user's own, applied after the default ones.
        has_defaults: whether the default rules apply.
    """

    def __init__(self, rules: Sequence[Rule] = (), *, has_defaults: bool = True) -> None:
        self.rules = tuple(rules)
        self.has_defaults = has_defaults

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.rules or self.has_defaults)

    def has_secret(self, names: Sequence[str]) -> bool:
        """Whether a secret stands under one of these names."""
        return any(self._secret_of(name) is not None for name in names)

    def text(self, text: str) -> str:
        """A text without secrets."""
        if self.has_defaults:
            text = clean_text(text)
        for rule in self.rules:
            text = rule(text)
        return text

    def arguments(self, call: Any, parameters: Sequence[str]) -> Any:
        """The arguments of a call, `[args, kwargs]`, some of which are secret by the names of their parameters."""
        positional, named = call
        clean = [
            self.value(item, self._secret_of(parameters[place]) if place < len(parameters) else None)
            for place, item in enumerate(positional)
        ]
        return [clean, self.value(named)]

    def value(self, value: Any, secret: str | None = None) -> Any:
        """A JSON value without secrets; `secret` says of what kind it is itself, by the name it stands under."""
        kind = cast("Any", type(value))
        if kind is str:
            if secret is not None and not is_harmless(value, secret):
                found = self.text(value)
                return found if found != value and found.startswith("[REDACTED:") else masked(secret)
            return self.text(value)
        if kind is dict:
            return self._mapping(value, secret)
        if kind is list:
            return self._items(value, secret)
        if secret in PASSWORDS and (kind is int or kind is float):
            return masked("password")
        return value

    def _mapping(self, value: dict[str, Any], secret: str | None) -> dict[str, Any]:
        if secret is not None and _is_schema(value):
            secret = None
        told = self._told(value)
        is_choice = "logprob" in value
        clean: dict[str, Any] = {}
        for key, item in value.items():
            under = None if is_choice else self._secret_of(key)
            if told is not None and key in _VALUE_KEYS:
                under = told
            clean[self.text(key)] = self.value(item, under or secret)
        return clean

    def _told(self, value: dict[str, Any]) -> str | None:
        """What kind of secret is the value in `{"name": ..., "value": ...}`."""
        if not any(key in value for key in _VALUE_KEYS):
            return None
        name = next((value[key] for key in _NAME_KEYS if type(value.get(key)) is str), None)
        return None if name is None else self._secret_of(name)

    def _items(self, value: list[Any], secret: str | None) -> list[Any]:
        clean: list[Any] = []
        before: str | None = None
        for item in value:
            under = None if before is None or type(item) is not str else self._after(before, len(value))
            clean.append(self.value(item, under or secret))
            before = item if type(item) is str else None
        return clean

    def _after(self, before: str, count: int) -> str | None:
        """What kind of secret follows a text in a list: an option of a command, or the name of a header."""
        if _OPTION.fullmatch(before) or (count == _PAIR and _HEADERS.fullmatch(before)):
            return self._secret_of(before)
        return None

    def _secret_of(self, name: str) -> str | None:
        return secret_of(name) if self.has_defaults else None


def _is_schema(value: dict[str, Any]) -> bool:
    """Whether this describes a value (JSON Schema) and is none."""
    kind = value.get("type")
    return (type(kind) is str and kind in _SCHEMA_TYPES) or type(kind) is list or not _SCHEMA_KEYS.isdisjoint(value)
