"""The bare minimum that a durable collector can do: a route, the decoder, one transaction a request.

python benchmarks/probe.py FILE        prints its port, serves until its input closes
"""

import socket
import sqlite3
import sys
import threading
from pathlib import Path

import msgspec
import uvicorn
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

TABLE = "CREATE TABLE spans (session BLOB, span BLOB, body BLOB, PRIMARY KEY (session, span)) WITHOUT ROWID"
INSERT = "INSERT INTO spans VALUES (?, ?, ?) ON CONFLICT DO NOTHING"


def build(path: Path) -> Starlette:
    """The application."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute(TABLE)

    def commit(rows: list[tuple[bytes | str, bytes | str, bytes]]) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(INSERT, rows)
        connection.execute("COMMIT")

    async def take_otlp(request: Request) -> Response:
        message = ExportTraceServiceRequest.FromString(await request.body())
        spans = [span for part in message.resource_spans for scope in part.scope_spans for span in scope.spans]
        commit([(span.trace_id, span.span_id, span.SerializeToString()) for span in spans])
        return Response(b"", media_type="application/x-protobuf")

    async def take_v2(request: Request) -> Response:
        events = msgspec.json.decode(await request.body())["events"]
        commit([(event["session_id"], event["id"], msgspec.json.encode(event)) for event in events])
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
