"""JSON in strings."""

from typing import Any, Final

import msgspec

from agentops.domain.foreign.snapshot import NODE_LIMIT, is_plain, plain

_OPENINGS: Final = ("{", "[", '"')


def loaded(value: Any) -> Any:
    """A value as it was meant: JSON written into a string is read, other strings stay, anything else becomes plain."""
    if not isinstance(value, str):
        return plain(value)
    if value[:1] not in _OPENINGS and not value.lstrip().startswith(_OPENINGS):
        return plain(value)
    try:
        found = msgspec.json.decode(value)
        return found if len(value) <= NODE_LIMIT and is_plain(found) else plain(found)
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        return plain(value)
