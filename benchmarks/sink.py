"""A loopback collector that keeps what it is sent and counts the calls in it, in a process of its own.

Every measured call carries a unique marker in an argument; the markers found in the bodies are the calls that arrived,
whatever the format. A second port accepts and never answers. Prints both ports, serves until its input closes.
"""

import asyncio
import gzip
import json
import re
import sys

OURS = b'{"status":"success","jwt":"token","accepts":["frames","gzip"]}'
PLAIN = b'{"status":"success","jwt":"token"}'
"""What a collector answers to every request of the v2 protocol; under `/original`, one that knows nothing of ours."""

MARKER = re.compile(rb"mk\d{8}x")


class Received:
    """What came in since the last reset."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []

    def counts(self) -> dict[str, int]:
        """Requests, bytes on the wire, and distinct markers in them."""
        markers = {marker for body in self.bodies for marker in MARKER.findall(_plain(body))}
        return {"requests": len(self.bodies), "bytes": sum(map(len, self.bodies)), "markers": len(markers)}


def _plain(body: bytes) -> bytes:
    return gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body


async def _read_request(reader: asyncio.StreamReader) -> tuple[str, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    request_line, *fields = head.split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
    if headers.get("transfer-encoding") == "chunked":
        return request_line, await _read_chunks(reader)
    return request_line, await reader.readexactly(int(headers.get("content-length", "0")))


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    body = b""
    while size := int(await reader.readline(), 16):
        body += await reader.readexactly(size)
        await reader.readline()
    await reader.readline()
    return body


async def _answer(received: Received, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            line, body = await _read_request(reader)
            payload, kind = b"", "application/x-protobuf"
            if line.startswith("GET /counts"):
                payload, kind = json.dumps(received.counts()).encode(), "application/json"
            elif line.startswith("POST /reset"):
                received.bodies.clear()
            else:
                received.bodies.append(body)
                if "/v2/" in line:
                    payload, kind = PLAIN if "/original/" in line else OURS, "application/json"
            writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(payload)}\r\n\r\n".encode())
            writer.write(payload)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def _hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while await reader.read(65536):
            pass
    except ConnectionError:
        pass
    writer.close()


async def serve() -> None:
    """Serve on two free ports until standard input closes."""
    received = Received()
    answering = await asyncio.start_server(
        lambda reader, writer: _answer(received, reader, writer), "127.0.0.1", 0, limit=2**26
    )
    hanging = await asyncio.start_server(_hang, "127.0.0.1", 0)
    ports = [server.sockets[0].getsockname()[1] for server in (answering, hanging)]
    print(json.dumps(ports), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve())
