"""The smallest value that a JSON schema takes, for answers that must have a form."""

from agentops.domain.foreign import at, objects, text
from agentops.domain.genai import Json

_SIMPLE: dict[str, Json] = {"string": "text", "integer": 1, "number": 1.0, "boolean": True}
_ENDLESS: Json = object()


def example_of(schema: Json) -> Json:
    """A value of the schema: every property, one item in each list, the first of several ways.

    Where a schema contains itself, the list is empty, the next way is taken, or the property is left out.
    """
    value = _example(schema, schema, frozenset())
    return None if value is _ENDLESS else value


def _example(schema: Json, root: Json, opened: frozenset[str]) -> Json:
    alternatives = objects(schema, "anyOf") or objects(schema, "oneOf") or objects(schema, "allOf")
    reference = text(schema, "$ref")
    if reference is not None:
        if reference in opened:
            return _ENDLESS
        value = _example(at(root, *reference.removeprefix("#/").split("/")), root, opened | {reference})
    elif at(schema, "const") is not None:
        value = at(schema, "const")
    elif objects(schema, "enum"):
        value = objects(schema, "enum")[0]
    elif alternatives:
        values = (_example(alternative, root, opened) for alternative in alternatives)
        value = next((value for value in values if value is not _ENDLESS), _ENDLESS)
    else:
        value = _typed_example(schema, root, opened)
    return value


def _typed_example(schema: Json, root: Json, opened: frozenset[str]) -> Json:
    kind = text(schema, "type") or text(schema, "type", 0)
    if kind == "array":
        item = _example(at(schema, "items"), root, opened)
        return [] if item is _ENDLESS else [item]
    if kind == "object" or at(schema, "properties") is not None:
        properties: dict[str, Json] = at(schema, "properties") or {}
        values = {name: _example(part, root, opened) for name, part in properties.items()}
        return {name: value for name, value in values.items() if value is not _ENDLESS}
    return _SIMPLE.get(kind or "string")
