"""The page that tells what can be asked, made from the OpenAPI document."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from agentops.collector.openapi import PROBLEMS
from agentops.collector.pages.markup import Content, Html, markup, prose, tag, words
from agentops.collector.pages.schemas import Schema, default_of, describe_type, table, type_of

Json = Mapping[str, Any]


def reference(document: Json, base_url: str) -> Html:
    """The contents of the page: a list of what there is, then each thing, to be unfolded."""
    groups = {name["name"]: list(_operations(document, name["name"])) for name in document["tags"]}
    types = document["components"]["schemas"]
    navigation = tag(
        "nav",
        tag("a", "agentops", href="/", class_="brand"),
        [tag("a", name, href=f"#{_anchor(name)}") for name in groups],
        tag("a", "Types", href="#types"),
        tag("a", "openapi.json", href="/openapi.json"),
        aria_label="Contents",
    )
    main = tag(
        "main",
        tag("h1", "What can be asked of this collector"),
        prose(document["info"]["description"]),
        _access(),
        [_group(name, operations, base_url) for name, operations in groups.items()],
        tag("section", tag("h2", "Types"), [describe_type(name, types[name]) for name in sorted(types)], id="types"),
    )
    return markup([navigation, main])


def _operations(document: Json, group: str) -> Iterator[tuple[str, str, Json]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if group in operation["tags"]:
                yield method.upper(), path, operation


def _anchor(name: str) -> str:
    return name.lower().replace(" ", "-").replace(",", "")


def _access() -> Html:
    said = [
        "Show a key as ",
        tag("code", "X-Agentops-Api-Key: KEY"),
        " or ",
        tag("code", "Authorization: Bearer KEY"),
        ". While no key exists, a collector on your own machine asks for none.",
    ]
    statuses: list[tuple[Content, ...]] = [(str(status), about) for status, (_, about) in PROBLEMS.items()]
    return tag(
        "section",
        tag("h2", "Keys and errors"),
        tag("p", said),
        prose(_ERRORS),
        table(("status", "meaning"), statuses),
        id="access",
    )


_ERRORS: Final = (
    "What goes wrong is told by the status and by a JSON object: `error` is a word for programs, `message` a sentence"
    " for people. Where the answer is 503, wait as long as `Retry-After` says and try again."
)


def _group(name: str, operations: list[tuple[str, str, Json]], base_url: str) -> Html:
    shown = [_operation(method, path, operation, base_url) for method, path, operation in operations]
    return tag("section", tag("h2", name), shown, id=_anchor(name))


def _operation(method: str, path: str, operation: Json, base_url: str) -> Html:
    head = tag(
        "summary",
        tag("span", method, class_=f"method {method.lower()}"),
        tag("code", path, class_="path"),
        tag("span", operation["summary"], class_="about"),
    )
    return tag(
        "details",
        head,
        words(operation.get("description", "")),
        _parameters(operation.get("parameters", [])),
        _sent(operation),
        _answers(operation),
        tag("pre", _example(method, path, operation, base_url)),
        id=operation["operationId"],
    )


def _parameters(parameters: list[Json]) -> Content:
    if not parameters:
        return ""
    rows: list[tuple[Content, ...]] = [_parameter(parameter, parameter["schema"]) for parameter in parameters]
    return [tag("h3", "Parameters"), table(("name", "type", "meaning"), rows)]


def _parameter(parameter: Json, schema: Schema) -> tuple[Content, ...]:
    place = "in the path" if parameter["in"] == "path" else "required" if parameter.get("required") else ""
    default = default_of(schema)
    kind = [type_of(schema), "" if default is None else [" = ", tag("code", default)]]
    return [tag("code", parameter["name"]), " ", tag("small", place)], kind, words(parameter.get("description", ""))


def _sent(operation: Json) -> Content:
    content = operation.get("requestBody", {}).get("content", {})
    return [tag("h3", "Body"), _media(content)] if content else ""


def _answers(operation: Json) -> Content:
    items = [
        tag("li", tag("b", status), " ", _media(answer.get("content", {})))
        for status, answer in operation["responses"].items()
        if "$ref" not in answer
    ]
    return [tag("h3", "Answer"), tag("ul", items)]


def _media(content: Json) -> Html:
    shown: list[Content] = [
        [tag("code", kind), " ", type_of(said["schema"]) if said["schema"] else ""] for kind, said in content.items()
    ]
    return tag("span", [part for item in shown for part in (", ", item)][1:])


def _example(method: str, path: str, operation: Json, base_url: str) -> str:
    asked = f"curl '{base_url}{path}'" if method == "GET" else f"curl -X {method} '{base_url}{path}'"
    lines = [asked]
    if operation["security"]:
        lines.append("-H 'X-Agentops-Api-Key: KEY'")
    for kind in list(operation.get("requestBody", {}).get("content", {}))[:1]:
        lines += [f"-H 'Content-Type: {kind}'", "-d '{…}'" if kind.endswith("json") else "--data-binary @FILE"]
    return " \\\n  ".join(lines)
