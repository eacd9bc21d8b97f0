"""The bare minimum that a durable collector can do: a route, the decoder, one transaction a request.

Of each span it reads out what has a column, its ids, name and times, and its attributes into one JSON; it understands
nothing of them, merges nothing, counts nothing, indexes nothing but the ids.

python benchmarks/probe.py FILE        prints its port, serves until its input closes
"""

import socket
import sqlite3
import sys
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import uvicorn
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

TABLE = """CREATE TABLE spans (
  session BLOB, span BLOB, parent BLOB, name TEXT, started INTEGER, ended INTEGER, body BLOB, UNIQUE (session, span)
)"""
INSERT = "INSERT INTO spans VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"


def value_of(value: AnyValue) -> Any:
    """A value of an attribute; the traffic has texts and whole numbers."""
    kind = value.WhichOneof("value")
    return None if kind is None else getattr(value, kind)


def nanoseconds(timestamp: str) -> int:
    """A time as Unix nanoseconds."""
    return int(datetime.fromisoformat(timestamp).timestamp() * 1e9)


def build(path: Path) -> Starlette:
    """The application."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(TABLE)

    def commit(rows: list[tuple[Any, ...]]) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(INSERT, rows)
        connection.execute("COMMIT")

    async def take_otlp(request: Request) -> Response:
        message = ExportTraceServiceRequest.FromString(await request.body())
        commit(
            [
                (
                    span.trace_id,
                    span.span_id,
                    span.parent_span_id,
                    span.name,
                    span.start_time_unix_nano,
                    span.end_time_unix_nano,
                    msgspec.json.encode({each.key: value_of(each.value) for each in span.attributes}),
                )
                for part in message.resource_spans
                for scope in part.scope_spans
                for span in scope.spans
            ]
        )
        return Response(b"", media_type="application/x-protobuf")

    async def take_v2(request: Request) -> Response:
        events = msgspec.json.decode(await request.body())["events"]
        commit(
            [
                (
                    event["session_id"],
                    event["id"],
                    None,
                    event["event_type"],
                    nanoseconds(event["init_timestamp"]),
                    nanoseconds(event["end_timestamp"]),
                    msgspec.json.encode(event),
                )
                for event in events
            ]
        )
        return Response(b'"Success"', media_type="application/json")

    return Starlette(
        routes=[
            Route("/v1/traces", take_otlp, methods=["POST"]),
            Route("/v2/create_events", take_v2, methods=["POST"]),
        ]
    )


def serve(path: Path) -> None:
    """Serve until standard input closes."""
    server = uvicorn.Server(uvicorn.Config(build(path), log_level="warning", access_log=False))

    def await_end() -> None:
        sys.stdin.read()
        server.should_exit = True

    threading.Thread(target=await_end, daemon=True).start()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        server.run(sockets=[listener])


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
