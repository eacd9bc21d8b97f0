"""Requests that mean harm, and what every answer to them has to be."""

import gzip
import os
import re
import socket
import zlib
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import zstandard
from server_samples import SECONDS, RunningServer

from agentops.collector.openapi import PROBLEMS
from agentops.collector.routes import Route
from agentops.collector.table import ROUTES

SOAK = bool(os.environ.get("AGENTOPS_SOAK"))
"""Whether the full counts are wanted."""

SESSION = "3f2a91c4-7b1e-4c55-9a10-5d3e0c2b7a01"
SPAN = "000000000000000a"
JSON, PROTOBUF, FRAMES = "application/json", "application/x-protobuf", "application/vnd.agentops.frames"

OUTSPOKEN = frozenset({*PROBLEMS, 404, 405, 429, 507})
"""With which a request may be refused; 500 is not among them."""

_NAME = re.compile(r"\{(\w+)\}")


def packed(coding: str, data: bytes) -> bytes:
    """Data as a body of this encoding."""
    return CODINGS[coding](data)


CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda data: gzip.compress(data, 1),
    "deflate": lambda data: zlib.compress(data, 1),
    "zstd": lambda data: zstandard.ZstdCompressor(level=1).compress(data),
}


def path_of(route: Route, **names: str) -> str:
    """A path of a route; what is not named is something that is there nowhere."""
    return _NAME.sub(lambda found: names.get(found[1], SESSION), route.path)


def names_in(route: Route) -> list[str]:
    """The names of what varies in the path of a route."""
    return _NAME.findall(route.path)


def routes_with(*, scope: bool | None = None, names: bool | None = None) -> list[Route]:
    """The routes that need a key or do not, and whose paths vary or do not."""
    return [
        route for route in ROUTES if scope in (None, route.scope is not None) and names in (None, bool(names_in(route)))
    ]


def body_for(route: Route) -> dict[str, Any]:
    """What to send to a route so that it is read: an empty body of the right type."""
    if route.body is None:
        return {}
    kind = route.media_types[0] if route.media_types else JSON
    return {"content": b"" if kind == PROTOBUF else b"{}", "headers": {"Content-Type": kind}}


def check_refusal(answer: httpx.Response) -> None:
    """An answer that refuses says why, in words for programs and for people, and is nothing that a browser runs."""
    assert answer.status_code in OUTSPOKEN, (answer.status_code, answer.text[:300])
    check_headers(answer)
    if answer.headers["content-type"] == PROTOBUF:
        return
    problem = answer.json()
    assert problem["message"]
    assert set(problem) in ({"error", "message", "path"}, {"code", "message"})


def check_headers(answer: httpx.Response) -> None:
    """Nobody is to guess at it, keep it, or show it in a frame."""
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


def check_outcome(answer: httpx.Response) -> None:
    """A request was carried out, or refused as it should be."""
    if answer.status_code >= 400:
        check_refusal(answer)
    else:
        check_headers(answer)


def check_alive(server: RunningServer) -> None:
    """It answers others, and can take recordings in."""
    for path in ("/healthz", "/readyz"):
        assert server.client.get(path).status_code == 200


@contextmanager
def connected(url: str) -> Generator[socket.socket]:
    """A bare connection to a server."""
    address = httpx.URL(url)
    with socket.create_connection((address.host, address.port or 0), timeout=SECONDS) as connection:
        yield connection


def rest_of(connection: socket.socket) -> bytes:
    """All that comes until the server closes the connection, orderly or not."""
    received = b""
    with suppress(ConnectionError):
        while piece := connection.recv(65536):
            received += piece
    return received


def memory_of(process: int) -> int:
    """The most memory that a process has had, in bytes."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found
    return int(found[1]) << 10


def field(number: int, content: bytes) -> bytes:
    """A field of protobuf that holds bytes."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def varint(value: int) -> bytes:
    """A number as protobuf writes it."""
    found = b""
    while value > 0x7F:
        found += bytes([value & 0x7F | 0x80])
        value >>= 7
    return found + bytes([value])


def nested(content: bytes, *numbers: int) -> bytes:
    """Bytes in fields in fields; the innermost is named last."""
    for number in reversed(numbers):
        content = field(number, content)
    return content
