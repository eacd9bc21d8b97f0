"""The table of routes as an OpenAPI 3.1 document (https://spec.openapis.org/oas/v3.1.1.html)."""

import inspect
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version
from typing import Any, Final

import msgspec

from agentops.collector.problems import OWN_WORDING, Problem, Wording
from agentops.collector.replies import JSON
from agentops.collector.routes import Route, Tag

Json = dict[str, Any]

_REF: Final = "#/components/schemas/{name}"
_PATH_NAME: Final = re.compile(r"\{(\w+)\}")
_ATTRIBUTE: Final = re.compile(r"^    (\w+): (.+)$")
SESSION_ID: Final = "^([0-9a-fA-F]{32}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$"
"""What names a session: the UUID that is its id, or the trace id of the same bits."""
_SESSION: Final = {"type": "string", "pattern": SESSION_ID}
_PATH_NAMES: Final = {
    "session_id": (_SESSION, "The session: its UUID, or the 32 hexadecimal digits of its trace."),
    "trace_id": (_SESSION, "The trace, which is a session: its 32 hexadecimal digits, or its UUID."),
    "span_id": ({"type": "string"}, "The span."),
}
PROBLEMS: Final = {
    400: ("BadRequest", "What was sent makes no sense."),
    401: ("Unauthorized", "No key or token says who asks."),
    403: ("Forbidden", "The key does not allow it."),
    404: ("NotFound", "There is no such thing in this project."),
    408: ("Timeout", "The body did not come in time."),
    413: ("TooLarge", "The body is larger than is taken."),
    415: ("UnsupportedMediaType", "The body is of a type, or packed in a way, that is not read here."),
    421: ("WrongHost", "The server is not known by this name."),
    503: ("Unavailable", "The store cannot be used, or more is going on than can be kept up with: try again."),
    507: ("Full", "The project has as many objects as it may have."),
}
"""What may be wrong, by status: a name, and what it means."""
_ABOUT: Final = """What programs send to the collector, and what it answers about their sessions.

Times are Unix nanoseconds, durations are seconds, and amounts of money are USD as decimal texts. What is not known is
null or absent, never 0. Everything happens in the project of the key."""
_SECURITY: Final[Json] = {
    "key": {"type": "apiKey", "in": "header", "name": "X-Agentops-Api-Key", "description": "A key of the project."},
    "bearer": {"type": "http", "scheme": "bearer", "description": "A key of the project, or a token made with one."},
}


def describe(routes: Iterable[Route], *, needs_key: bool = True) -> Json:
    """The document; `needs_key` says whether the collector lets nobody in without a key."""
    listed = [route for route in routes if route.is_listed]
    schemas = Schemas(listed)
    names = Counter(_name(route) for route in listed)
    paths: dict[str, Json] = {}
    for route in listed:
        name = _name(route) if names[_name(route)] == 1 else _long_name(route)
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, name, schemas, needs_key=needs_key)
    used = {route.tag for route in listed}
    return {
        "openapi": "3.1.0",
        "info": {"title": "agentops collector", "version": version("agentops"), "description": _ABOUT},
        "tags": [{"name": tag.value} for tag in Tag if tag in used],
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "responses": {
                name: answer
                for wording in dict.fromkeys([OWN_WORDING, *(route.problems for route in listed)])
                for name, answer in _worded(wording, schemas).items()
            },
            "securitySchemes": _SECURITY,
        },
    }


class Schemas:
    """The JSON Schemas of all types that routes take and give.

    Attributes:
        components: those with names.
    """

    def __init__(self, routes: Sequence[Route]) -> None:
        kinds = list(dict.fromkeys([Problem, *(kind for route in routes for kind in _kinds(route))]))
        found, self.components = msgspec.json.schema_components(kinds, ref_template=_REF)
        self._by_kind = dict(zip(kinds, found, strict=True))
        for component in self.components.values():
            _tidy(component)

    def of(self, kind: Any) -> Json:
        """The schema of a type."""
        return self._by_kind[kind]


def _kinds(route: Route) -> Iterator[Any]:
    if route.reply is not None:
        yield route.reply
    yield route.problems.kind
    if route.body not in (None, bytes):
        yield route.body
    if route.query is not None:
        yield from (field.type for field in msgspec.structs.fields(route.query))


def _tidy(component: Json) -> None:
    """Tell of each property what the class says of it under `Attributes:`."""
    text = inspect.cleandoc(component.get("description", ""))
    about, _, attributes = text.partition("\n\nAttributes:\n")
    if about:
        component["description"] = about
    for name, said in _attributes(attributes):
        if name in component.get("properties", {}):
            component["properties"][name]["description"] = said


def _attributes(text: str) -> Iterator[tuple[str, str]]:
    for entry in re.split(r"\n(?=    \w)", text):
        found = _ATTRIBUTE.match(" ".join(entry.split("\n" + " " * 8)))
        if found:
            yield found[1], found[2]


def _name(route: Route) -> str:
    return getattr(route.answer, "__name__", "answer").strip("_")


def _long_name(route: Route) -> str:
    return "_".join([route.method.lower(), *re.findall(r"\w+", route.path)])


def _operation(route: Route, name: str, schemas: Schemas, *, needs_key: bool) -> Json:
    operation: Json = {"operationId": name, "summary": route.summary, "tags": [route.tag.value]}
    parameters = [*_path_parameters(route), *_query_parameters(route, schemas)]
    if parameters:
        operation["parameters"] = parameters
    if route.body is not None:
        operation["requestBody"] = {"required": True, "content": _sent(route, schemas)}
    operation["responses"] = {str(route.status): _answered(route, schemas)} | {
        str(status): {"$ref": f"#/components/responses/{_word(route.problems, status)}"} for status in _problems(route)
    }
    if route.scope is None:
        operation["security"] = []
    else:
        operation["description"] = f"Takes a key with the scope `{route.scope}`."
        operation["security"] = [*([] if needs_key else [{}]), {"key": []}, {"bearer": []}]
    return operation


def _word(wording: Wording, status: int) -> str:
    """The name of the answer that tells of a problem, in the words of a protocol."""
    word, _ = PROBLEMS[status]
    return word if wording is OWN_WORDING else f"{wording.kind.__name__}{word}"


def _worded(wording: Wording, schemas: Schemas) -> dict[str, Json]:
    """The answers that tell of problems in the words of a protocol."""
    content = {kind: {"schema": schemas.of(wording.kind) if kind == JSON else {}} for kind in wording.media_types}
    return {
        _word(wording, status): {"description": about, "content": content} for status, (_, about) in PROBLEMS.items()
    }


def _path_parameters(route: Route) -> Iterator[Json]:
    for name in _PATH_NAME.findall(route.path):
        schema, about = _PATH_NAMES.get(name, ({"type": "string"}, ""))
        yield {"name": name, "in": "path", "required": True, "schema": schema} | (
            {"description": about} if about else {}
        )


def _query_parameters(route: Route, schemas: Schemas) -> Iterator[Json]:
    for field in () if route.query is None else msgspec.structs.fields(route.query):
        schema = _without_null(schemas.of(field.type))
        parameter: Json = {"name": field.encode_name, "in": "query", "schema": schema}
        about = schema.pop("description", None)
        if about:
            parameter["description"] = about
        if field.required:
            parameter["required"] = True
        elif isinstance(field.default, str | int | float | bool):
            schema["default"] = field.default
        yield parameter


def _without_null(schema: Json) -> Json:
    """A schema without null: what stands behind a question mark is there or is not."""
    choices = [choice for choice in schema.get("anyOf", []) if choice != {"type": "null"}]
    rest = {name: value for name, value in schema.items() if name != "anyOf"}
    if len(choices) == 1:
        return {**choices[0], **rest}
    return {**rest, "anyOf": choices} if choices else rest


def _sent(route: Route, schemas: Schemas) -> Json:
    if route.body is bytes:
        return {kind: {"schema": {}} for kind in route.media_types or ("application/octet-stream",)}
    return {JSON: {"schema": schemas.of(route.body)}}


def _answered(route: Route, schemas: Schemas) -> Json:
    content: Json = {} if route.reply is None else {JSON: {"schema": schemas.of(route.reply)}}
    content |= {kind: {"schema": {"type": "string"} if kind.startswith("text/") else {}} for kind in route.replies}
    return {"description": "The answer."} | ({"content": content} if content else {})


def _problems(route: Route) -> list[int]:
    found = {421, 503, *route.refusals}
    if route.query is not None or route.body is not None or "{" in route.path:
        found.add(400)
    if "{" in route.path:
        found.add(404)
    if route.scope is not None:
        found |= {route.unauthorized, 403}
    if route.method != "GET":
        found |= {403, 415}
    if route.body is not None:
        found |= {408, 413, 415}
    return sorted(found)
