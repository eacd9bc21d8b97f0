"""What databases have in common: statements as tool calls, looking up vectors and documents as retrieval.

Attribute names are those of https://opentelemetry.io/docs/specs/semconv/database/database-spans/. The text of a
statement is an attribute without the values in it; with them, and with its parameters, it is content.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from agentops.domain.foreign import at, count, plain, text
from agentops.domain.genai import ToolRequest, ToolResponse
from agentops.domain.spans import SpanKind
from agentops.instrumentation.target import Arguments, Reader
from agentops_plugins._calls import brief, named

_TEXT_LIMIT: Final = 16_384
_FIRST_WORD: Final = re.compile(r"(?:\s|\(|--[^\n]*\n|/\*.*?\*/)*(\w+)", re.DOTALL)
_OBJECT: Final = re.compile(
    r"\b(?:FROM|INTO|UPDATE|TABLE|JOIN)\s+(?:ONLY\s+|IF\s+(?:NOT\s+)?EXISTS\s+)?([\w.$\"`\[\]]+)", re.IGNORECASE
)
_VALUE: Final = re.compile(r"'(?:[^']|'')*'|\$(\w*)\$.*?\$\1\$|(?<![\w$:%@.?])\d+(?:\.\d+)?\b", re.DOTALL)


def statement(system: str, sql: str, parameters: Any = None, **attributes: Any) -> ToolRequest:
    """A statement that is sent to a database of this system (a value of `db.system.name`)."""
    head = sql[:_TEXT_LIMIT]
    first, target = _FIRST_WORD.match(head), _OBJECT.search(head)
    operation = first.group(1).upper() if first else None
    collection = target.group(1).strip('"`[]') if target else None
    summary = " ".join(filter(None, (operation, collection)))
    known = {
        "db.system.name": system,
        "db.operation.name": operation,
        "db.collection.name": collection,
        "db.query.summary": summary or None,
        "db.query.text": _VALUE.sub("?", head),
        **attributes,
    }
    arguments = {"statement": sql} if parameters is None else {"statement": sql, "parameters": plain(parameters)}
    return ToolRequest(name=summary or system, arguments=arguments, attributes=given(known))


def rows(number: Any, *, returned: bool) -> ToolResponse:
    """How many rows a statement gave back, or else changed; a count that the driver does not know is left out."""
    known = count(number)
    if known is None:
        return ToolResponse()
    name = "db.response.returned_rows" if returned else "agentops.db.affected_rows"
    return ToolResponse(result={"rows": known}, attributes={name: known})


def collection(  # noqa: PLR0913 - what is different between the stores
    system: str,
    operation: str,
    *names: str,
    where: Callable[[Arguments], Mapping[str, Any]],
    looks_up: bool = False,
    found: tuple[str | int, ...] = (),
    read_result: Callable[[Any], Any] = brief,
) -> Reader:
    """How a method of a store of vectors or documents is read.

    Args:
        system: a value of `db.system.name`.
        operation: what is done, as the library calls it.
        names: those of the method's parameters that may be passed by position, in their order.
        where: in what it is done: attributes, `db.collection.name` among them.
        looks_up: whether it is retrieval, and not a change.
        found: the path in the result to the list of what was found.
        read_result: what to keep of the result.
    """

    def read_request(arguments: Arguments) -> ToolRequest:
        place = given(where(arguments))
        name = place.get("db.collection.name")
        return ToolRequest(
            name=f"{operation} {name}" if name else operation,
            arguments=brief(named(arguments, names)),
            attributes={"db.system.name": system, "db.operation.name": operation, **place},
        )

    def read_response(result: Any) -> ToolResponse:
        listed = at(result, *found) if found else result
        number = len(listed) if looks_up and isinstance(listed, (list, tuple)) else None  # pyright: ignore[reportUnknownArgumentType] - only its length
        return ToolResponse(result=read_result(result), attributes=given({"db.response.returned_rows": number}))

    kind = SpanKind.RETRIEVAL if looks_up else SpanKind.TOOL
    return Reader(read_request=read_request, read_response=read_response, kind=kind)


def server(value: Any, host: str = "host", port: str = "port") -> dict[str, Any]:
    """The attributes for the server that an object names."""
    return {"server.address": text(value, host), "server.port": count(value, port)}


def given(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in attributes.items() if value is not None}
