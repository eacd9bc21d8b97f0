"""Values as JSON, as programs of AgentOps write them."""

import json
from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from agentops.domain.foreign import plain


class AgentOpsJSONEncoder(json.JSONEncoder):
    """Writes what JSON has no form for as `agentops.domain.foreign.plain` describes it."""

    def default(self, o: Any) -> Any:
        """A JSON form of a value that has none of its own."""
        return plain(o)


def is_jsonable(x: Any) -> bool:
    """Whether a value can be written as JSON."""
    try:
        json.dumps(x)
    except (TypeError, ValueError, RecursionError):
        return False
    return True


def filter_unjsonable(d: Any) -> Any:
    """A copy without what JSON has no form for: UUIDs as text, anything else as an empty text."""
    if isinstance(d, Mapping):
        return {key: filter_unjsonable(value) for key, value in cast("Mapping[Any, Any]", d).items()}
    if isinstance(d, list):
        return [filter_unjsonable(value) for value in cast("list[Any]", d)]
    if isinstance(d, UUID):
        return str(d)
    return d if is_jsonable(d) else ""


def serialize_uuid(obj: UUID) -> str:
    """A UUID as text."""
    return str(obj)


def safe_serialize(obj: Any) -> str:
    """A value as JSON text; a text stays what it is."""
    return obj if isinstance(obj, str) else json.dumps(plain(obj))
