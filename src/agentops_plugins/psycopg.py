"""Observes `psycopg` 3: the statements of its cursors, sync, async and on the server; connections use cursors."""

from typing import Any, Final

from agentops.domain.foreign import at, count, objects, text
from agentops.domain.genai import ToolRequest, ToolResponse
from agentops.domain.spans import ErrorInfo
from agentops.instrumentation.target import Arguments, Instrumentation, Reader, Target
from agentops.plugins import hookimpl
from agentops_plugins._database import rows, server, statement


def _text_of(query: Any, cursor: Any) -> str:
    """A query as text: it may be bytes, and may be composed of parts that are quoted for the connection."""
    if isinstance(query, bytes):
        return query.decode(errors="replace")
    as_string = getattr(query, "as_string", None)
    return str(query if as_string is None else as_string(cursor))


def _request(arguments: Arguments, parameters: Any, batch: int | None) -> ToolRequest:
    cursor = arguments.instance
    info = at(cursor, "connection", "info")
    return statement(
        "postgresql",
        _text_of(arguments.get("query", 0), cursor),
        parameters,
        **{"db.namespace": text(info, "dbname"), "db.operation.batch.size": batch, **server(info)},
    )


def _read_error(error: BaseException) -> ErrorInfo | None:
    """What the server said, with its code: https://www.postgresql.org/docs/current/errcodes-appendix.html."""
    code, kind = text(error, "sqlstate"), type(error)
    return None if code is None else ErrorInfo(type=f"{kind.__module__}.{kind.__qualname__}", code=code)


def _execute(arguments: Arguments) -> Reader:
    cursor = arguments.instance
    return Reader(
        read_request=lambda _: _request(arguments, arguments.get("params", 1), None),
        read_response=lambda _: rows(at(cursor, "rowcount"), returned=at(cursor, "description") is not None),
        read_whole=True,
        read_error=_read_error,
    )


def _execute_many(arguments: Arguments) -> Reader:
    cursor, batch = arguments.instance, arguments.get("params_seq", 1)
    known = objects(batch) or None  # an iterator is the library's to read
    return Reader(
        read_request=lambda _: _request(arguments, known, len(known) if known else None),
        read_response=lambda _: rows(at(cursor, "rowcount"), returned=False),
        read_error=_read_error,
    )


def _read_stream(number: Any) -> ToolResponse:
    return rows(number or 0, returned=True)


_STREAM: Final = Reader(
    read_request=lambda arguments: _request(arguments, arguments.get("params", 1), None),
    read_response=_read_stream,
    fold=lambda number, _row: (count(number) or 0) + 1,
    read_error=_read_error,
)

INSTRUMENTATION: Final = Instrumentation(
    library="psycopg",
    versions=">=3.1,<4",
    captures="statements, batches, streamed rows",
    targets=[
        Target(path=f"psycopg.{path}", reader=reader, opaque=True, outgoing=True)
        for path, reader in (
            ("cursor:Cursor.execute", _execute),
            ("cursor:Cursor.executemany", _execute_many),
            ("cursor:Cursor.stream", _STREAM),
            ("cursor_async:AsyncCursor.execute", _execute),
            ("cursor_async:AsyncCursor.executemany", _execute_many),
            ("cursor_async:AsyncCursor.stream", _STREAM),
            ("_server_cursor:ServerCursor.execute", _execute),
            ("_server_cursor_async:AsyncServerCursor.execute", _execute),
            ("server_cursor:ServerCursor.execute", _execute),  # until 3.2
            ("server_cursor:AsyncServerCursor.execute", _execute),
        )
    ],
)


@hookimpl
def agentops_instrumentation() -> Instrumentation:
    """The statements of `psycopg`."""
    return INSTRUMENTATION
