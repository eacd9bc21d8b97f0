"""JSON Schemas for people: in a few words, and as tables."""

from collections.abc import Mapping
from typing import Any, Final

from agentops.collector.pages.markup import Content, Html, markup, prose, tag, words

_NAME: Final = "#/components/schemas/"
_WORDS: Final = {"integer": "integer", "number": "number", "string": "text", "boolean": "true or false", "null": "null"}
_BOUNDS: Final = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}

Schema = Mapping[str, Any]


def type_of(schema: Schema) -> Html:
    """What a value is, in a few words; types with names are links to where they are described."""
    if "$ref" in schema:
        name = str(schema["$ref"]).removeprefix(_NAME)
        return tag("a", name, href=f"#type-{name}")
    if "anyOf" in schema:
        return markup(_joined([type_of(choice) for choice in schema["anyOf"]], " or "))
    if "enum" in schema or "const" in schema:
        return markup(_joined([tag("code", str(value)) for value in schema.get("enum", [schema.get("const")])], " "))
    kind = schema.get("type")
    kind = schema.get("type")
    return (
        _compound(schema, kind) if kind in ("array", "object") else markup(_plain(schema, kind) if kind else "anything")
    )


def _compound(schema: Schema, kind: str) -> Html:
    if "prefixItems" in schema:
        return markup(["list of ", *_joined([type_of(item) for item in schema["prefixItems"]], ", ")])
    if kind == "array":
        return markup(["list of ", type_of(schema.get("items", {}))])
    values: Any = schema.get("additionalProperties")
    return markup("object" if values in (None, True, False, {}) else ["object of ", type_of(values)])


def _plain(schema: Schema, kind: str) -> str:
    limits = [f"{sign} {schema[name]}" for name, sign in _BOUNDS.items() if name in schema]
    said = "decimal text" if schema.get("format") == "decimal" else _WORDS.get(kind, kind)
    return f"{said} {', '.join(limits)}".strip()


def _joined(items: list[Html], between: str) -> list[Content]:
    return [part for item in items for part in (between, item)][1:]


def default_of(schema: Schema) -> str | None:
    """What a value is where it is left out, as it is shown; None where that is nothing."""
    value = schema.get("default")
    if value is None or value in ("", [], {}):
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def table(names: tuple[str, ...], rows: list[tuple[Content, ...]]) -> Html:
    """A table with a line of names."""
    head = tag("thead", tag("tr", [tag("th", name, scope="col") for name in names]))
    body = tag("tbody", [tag("tr", [tag("td", cell) for cell in row]) for row in rows])
    return tag("div", tag("table", head, body), class_="table")


def describe_type(name: str, schema: Schema) -> Html:
    """A type with its fields, to be unfolded."""
    required = set(schema.get("required", ()))
    rows: list[tuple[Content, ...]] = [
        (
            [tag("code", field), " ", tag("small", "always there") if field in required else ""],
            [type_of(said), _default(said)],
            words(said.get("description", "")),
        )
        for field, said in schema.get("properties", {}).items()
    ]
    fields = table(("field", "type", "meaning"), rows) if rows else tag("p", type_of(schema))
    about = prose(schema.get("description", ""))
    return tag("details", tag("summary", tag("b", name)), about, fields, id=f"type-{name}")


def _default(schema: Schema) -> Content:
    default = default_of(schema)
    return "" if default is None else [" = ", tag("code", default)]
