# ruff: noqa: INP001 - a script, not a package
"""Write `docs/reference/rest-api.md` from the collector's table of routes.

Usage: python scripts/describe_rest_api.py > docs/reference/rest-api.md
"""

import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from agentops.collector.openapi import PROBLEMS, describe
from agentops.collector.table import ROUTES

Json = Mapping[str, Any]

INTRODUCTION = """# The REST API

<!-- Written by scripts/describe_rest_api.py: change the routes, or the script, and run it. -->

A collector (`agentops serve`) answers about everything that it holds. The same as below is at `/docs` of every
collector, and as OpenAPI 3.1 at `/openapi.json`.

## A first question

A program is recorded:

<!-- file: hello.py -->
```python
import agentops

agentops.init(default_tags=["greeting"])


@agentops.tool
def greet(name: str) -> str:
    return f"Hello {name}"


greet("Ada")
agentops.end_session("Success")
```

```console
$ python hello.py
```

A collector on the same machine serves what was recorded there. While no key exists it lets in whoever is on this
machine, and nobody else:

```console
$ agentops serve --port 4329 > collector.log 2>&1 & echo $! > collector.pid
$ curl --silent --retry 30 --retry-connrefused --retry-delay 1 http://127.0.0.1:4329/healthz
{"status":"ok"}
$ curl --silent 'http://127.0.0.1:4329/api/v1/sessions?tag=greeting&limit=1' | grep -o '"tool_calls":[0-9]*'
"tool_calls":1
$ curl --silent 'http://127.0.0.1:4329/api/v1/aggregates?by=tool' | grep -o '"calls":[0-9]*'
"calls":1
```

## Keys

Show a key as `X-Agentops-Api-Key: KEY` or `Authorization: Bearer KEY`; [how to give keys out](../howto/self-host.md).
Every key belongs to a project, and everything happens in that project: what is in another looks like what is nowhere. A
key with the scope `read` may ask, one with `write` may send recordings, tags, scores and notes, and one with `admin`
may delete and change the project.

## Values

- **Times** are Unix nanoseconds; durations are seconds. Where a moment is asked for, ISO 8601 will do as well.
- **Money** is USD as a decimal text, such as `"0.0125"`.
- **What is not known** is null or absent, never 0.
- **Sessions** are named by their UUID, or by the 32 hexadecimal digits of their trace, which are the same.
- **Lists** come in pages: `next` is the `cursor` of the page after, and null behind the last. What comes in meanwhile
  neither repeats what was read nor hides what was not. A page may be short, or empty, before the last.
- Nothing is compressed, and nothing is kept by caches on the way.

## Errors

The status says what kind of thing is wrong, and a JSON object says more: `error` is a word for programs, `message` a
sentence for people.

"""

LIVE = """
The answers are [server-sent events](https://html.spec.whatwg.org/multipage/server-sent-events.html), which browsers
read with `EventSource`. The data of each is JSON:

| event | data |
|---|---|
| `sessions` | a list of `SessionSummary`: sessions that are new or changed |
| `spans` | a list of `SpanRecord`: spans of the session that are new or changed, whole |
| `logs` | a list of `LogRecord`: what was written in the session |
| `session` | the `SessionSummary` of the session, at first and whenever it changed |
| `ready` | nothing; everything up to now was told |
| `deleted` | the id of the session, which is gone; the stream ends |

A stream begins now, or with `after=0` at the beginning; to show a list and then what changes, wait for `ready` and ask
for the list then. Each event has an id. A client that comes back with the last one it got, as browsers do, misses
nothing and is told nothing twice. A comment comes every 15 seconds when nothing else does. The stream ends when the
server does, or when the key is revoked.

```console
$ curl --silent --max-time 2 'http://127.0.0.1:4329/api/v1/live?after=0' | grep event
event: sessions
event: ready
```
"""

EXPORT = """
Exports are written while they are sent, however large they are. `json` and `jsonl` are taken in again by
`agentops import`, which makes the same sessions of them, with their scores and notes. `jsonl` is one record a line:
`SessionRecord`, `SpanRecord`, `LogRecord`, `Score` and `Note`, told apart by `record`. `otlp` has one
`ExportTraceServiceRequest` or `ExportLogsServiceRequest` a line, as OpenTelemetry's file exporter writes them. `csv`
and `parquet` have a row for each span; in `csv`, a text that a spreadsheet would calculate begins with an apostrophe.

```console
$ curl --silent 'http://127.0.0.1:4329/api/v1/export?format=csv&tag=greeting' | cut -d, -f7,8
kind,name
tool,greet
```
"""

SQL = """
What may be asked is described in [the views of SQL](sql.md).

```console
$ curl --silent http://127.0.0.1:4329/api/v1/sql --json '{"sql": "SELECT tool_calls FROM sessions"}'
{"columns":["tool_calls"],"rows":[[1]],"truncated":false}
```
"""

PARTS = {"Live": LIVE, "Export": EXPORT, "SQL": SQL}

END = """
## The end

```console
$ kill $(cat collector.pid)
```
"""


def write() -> str:
    """The page."""
    document = describe(ROUTES)
    parts = [*table(("status", "meaning"), ((str(code), about) for code, (_, about) in PROBLEMS.items()))]
    for group in document["tags"]:
        parts += [f"\n## {group['name']}\n", PARTS.get(group["name"], "")]
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                if group["name"] in operation["tags"]:
                    parts += describe_operation(method, path, operation)
    parts.append("\n## Types\n")
    for name, schema in sorted(document["components"]["schemas"].items()):
        parts += describe_schema(name, schema)
    return INTRODUCTION + re.sub(r"\n{3,}", "\n\n", "".join([*parts, END]))


def table(names: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> list[str]:
    """A table, if it has any rows."""
    lines = [f"| {' | '.join(cell.replace('|', '/') for cell in row)} |\n" for row in rows]
    head = [f"| {' | '.join(names)} |\n", f"|{'---|' * len(names)}\n"]
    return [*head, *lines] if lines else []


def describe_operation(method: str, path: str, operation: Json) -> Iterator[str]:
    """What can be asked, with what, and what is answered."""
    yield (
        f"\n### {method.upper()} {path}\n\n{operation['summary']}. {operation.get('description', '')}".rstrip() + "\n\n"
    )
    rows = (
        (f"`{each['name']}`", kind(each["schema"]), each.get("description", ""))
        for each in operation.get("parameters", ())
    )
    yield from table(("parameter", "type", "meaning"), rows)
    sent = operation.get("requestBody", {}).get("content")
    if sent:
        yield f"\nBody: {media(sent)}.\n"
    for status, answer in operation["responses"].items():
        if "$ref" not in answer:
            content = answer.get("content")
            yield f"\nAnswer: {status}" + (f", {media(content)}.\n" if content else ".\n")


def media(content: Json) -> str:
    """Media types, and what is in them."""
    said = [
        f"`{kind_of}`" + (f" {kind(each['schema'])}" if each["schema"] else "") for kind_of, each in content.items()
    ]
    return ", ".join(said)


def describe_schema(name: str, schema: Json) -> Iterator[str]:
    """A type and its fields."""
    about = re.sub(r"\s+", " ", schema.get("description", "")).strip()
    yield f"\n### {name}\n\n{about or kind(schema)}\n\n"
    fields = schema.get("properties", {}).items()
    yield from table(
        ("field", "type", "meaning"), ((f"`{field}`", kind(s), s.get("description", "")) for field, s in fields)
    )
    if "enum" in schema and about:
        yield f"One of {kind(schema)}.\n"


def kind(schema: Json) -> str:
    """What a value is, in a few words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(kind(each) for each in schema["anyOf"])
    if "enum" in schema:
        return ", ".join(f"`{each}`" for each in schema["enum"])
    if schema.get("type") in ("array", "object"):
        return compound(schema)
    if schema.get("format") == "decimal":
        return "decimal text"
    name = str(schema.get("type", "anything"))
    bounds = f", {schema['minimum']} to {schema['maximum']}" if {"minimum", "maximum"} <= set(schema) else ""
    return {"string": "text", "boolean": "true or false"}.get(name, name) + bounds


def compound(schema: Json) -> str:
    """What a list or an object is, in a few words."""
    if "prefixItems" in schema:
        return f"list of {', '.join(map(kind, schema['prefixItems']))}"
    if schema["type"] == "array":
        return f"list of {kind(schema.get('items') or {})}"
    values: Any = schema.get("additionalProperties")
    return f"object of {kind(values)}" if values not in (None, True, False, {}) else "object"


if __name__ == "__main__":
    sys.stdout.write(write())
