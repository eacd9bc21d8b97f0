"""Reading flat span attributes: JSON in strings, lists in numbered names, amounts and counts of any spelling."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final, cast

from agentops.domain.foreign import count, loaded, number, plain, text

Attributes = Mapping[str, Any]

_INDEX_DIGITS: Final = 9
_DEPTH: Final = 24


def section_of(name: str) -> str:
    """The first two words of a name."""
    return ".".join(name.split(".", 2)[:2])


def first_text(attributes: Attributes, names: Iterable[str]) -> str | None:
    """The first of these attributes that is a text with something in it."""
    for name in names:
        value = attributes.get(name)
        if value is not None and (found := text(value)):
            return found
    return None


def first_count(attributes: Attributes, names: Iterable[str]) -> int | None:
    """The first of these attributes that is a number of tokens; digits in a string count too."""
    for name in names:
        value = attributes.get(name)
        if value is None:
            continue
        found = count(value)
        if found is None and isinstance(value, str) and value.isdecimal() and value.isascii():
            found = count(int(value)) if len(value) <= 2 * _INDEX_DIGITS else None
        if found is not None:
            return found
    return None


def first_amount(attributes: Attributes, names: Iterable[str]) -> str | None:
    """The first of these attributes that is an amount of money from 0 up, as a decimal string."""
    for name in names:
        value = attributes.get(name)
        if value is None:
            continue
        found = number(value) if not isinstance(value, str) else _number_in(value)
        if found is not None and found >= 0:
            return f"{Decimal(str(found)):f}"
    return None


def _number_in(value: str) -> float | None:
    try:
        return number(float(value))
    except ValueError:
        return None


def words(value: Any) -> list[str]:
    """A list of texts: an array, JSON of one, or words with commas between them."""
    if value is None:
        return []
    found = loaded(value)
    if isinstance(found, str):
        found = found.split(",")
    if not isinstance(found, list):
        return []
    texts = (word.strip() for word in cast("list[Any]", found) if isinstance(word, str))
    return list(dict.fromkeys(word for word in texts if word))


def nested(attributes: Attributes, prefix: str) -> Any:
    """What the attributes below a prefix spell: dicts by name, lists by number; None where there are none.

    `p.0.role` and `p.0.content` under the prefix `p` are `[{"role": ..., "content": ...}]`.
    """
    tree: dict[str, Any] = {}
    lead = f"{prefix}."
    for name, value in attributes.items():
        if name.startswith(lead):
            _plant(tree, name[len(lead) :].split(".", _DEPTH), value)
    return _grown(tree) if tree else None


_OWN: Final = ""
"""Under which a node keeps a value that it has besides its children."""


def _plant(tree: dict[str, Any], path: list[str], value: Any) -> None:
    for step in path:
        tree = tree.setdefault(step or "?", {})
    tree[_OWN] = value


def _grown(tree: dict[str, Any]) -> Any:
    if tree.keys() == {_OWN}:
        return tree[_OWN]
    branches = {name: branch for name, branch in tree.items() if name != _OWN}
    if all(name.isdecimal() and name.isascii() and len(name) <= _INDEX_DIGITS for name in branches):
        return [_grown(branches[name]) for name in sorted(branches, key=int)]
    return {name: _grown(branch) for name, branch in branches.items()}


def others(attributes: Attributes, prefix: str, known: tuple[str, ...]) -> dict[str, Any]:
    """The attributes below a prefix, by the rest of their names, without those that begin with a known name."""
    lead = f"{prefix}."
    return {
        name[len(lead) :]: plain(value)
        for name, value in attributes.items()
        if name.startswith(lead) and not name.startswith(known)
    }
