"""The smallest value that a JSON schema takes, for answers that must have a form."""

from agentops.domain.foreign import at, objects, text
from agentops.domain.genai import Json

_SIMPLE: dict[str, Json] = {"string": "text", "integer": 1, "number": 1.0, "boolean": True}
_DEEPEST = 8


def example_of(schema: Json) -> Json:
    """A value of the schema: every property, one item in each list, the first of several ways.

    A schema that contains itself ends in an empty list or None after eight levels.
    """
    return _example(schema, schema, 0)


def _example(schema: Json, root: Json, depth: int) -> Json:
    if depth > _DEEPEST:
        return None
    alternatives = objects(schema, "anyOf") or objects(schema, "oneOf") or objects(schema, "allOf")
    reference = text(schema, "$ref")
    if reference is not None:
        value = _example(at(root, *reference.removeprefix("#/").split("/")), root, depth + 1)
    elif at(schema, "const") is not None:
        value = at(schema, "const")
    elif objects(schema, "enum"):
        value = objects(schema, "enum")[0]
    elif alternatives:
        value = _example(alternatives[0], root, depth + 1)
    else:
        value = _typed_example(schema, root, depth)
    return value


def _typed_example(schema: Json, root: Json, depth: int) -> Json:
    kind = text(schema, "type") or text(schema, "type", 0)
    if kind == "array":
        items = at(schema, "items")
        return [] if items is None or depth >= _DEEPEST else [_example(items, root, depth + 1)]
    if kind == "object" or at(schema, "properties") is not None:
        properties: dict[str, Json] = at(schema, "properties") or {}
        return {name: _example(properties[name], root, depth + 1) for name in properties}
    return _SIMPLE.get(kind or "string")
