"""The client libraries that Speakeasy generates (mistralai, Google's interactions) say models of JSON by their fields.

A field that was not on the wire holds its default: None, `UNSET`, or a number that nobody sent.
"""

from typing import Any, Final, cast

from agentops.domain.foreign import at, count, loaded, text
from agentops.domain.spans import ErrorInfo
from agentops_plugins._content import fields
from agentops_plugins._errors import failure

_CONSTANTS: Final = frozenset({"type", "role", "object"})
"""Fields whose default is part of what is sent."""


def wired(value: Any) -> Any:
    """A value as it was on the wire; the lists and models in it as well."""
    if isinstance(value, (list, tuple)):
        return [wired(item) for item in cast("list[Any]", value)]
    if isinstance(value, dict):
        return {key: wired(held) for key, held in cast("dict[str, Any]", value).items() if not _is_unset(held)}
    given: Any = getattr(value, "__pydantic_fields_set__", None)
    if given is None:
        return value
    extra: Any = getattr(value, "__pydantic_extra__", None) or ()
    found: dict[str, Any] = {}
    for key, held in fields(value).items():
        name = key.lower() if key.isupper() else key
        if held is not None and (key in given or key in extra or name in _CONSTANTS) and not _is_unset(held):
            found[name] = wired(held)
    return found


def _is_unset(value: Any) -> bool:
    return type(value).__name__ == "Unset"


def read_error(error: BaseException) -> ErrorInfo | None:
    """What an error of the family says: the status, and of the body the words and their type."""
    status, body = count(error, "status_code"), loaded(at(error, "body"))
    if status is None or body is None:
        return None
    said = at(body, "error") or body
    return failure(
        error,
        text(said, "message"),
        status=status,
        code=text(said, "status") or text(said, "type") or text(said, "code"),
    )
