"""The smallest HTTP client: what it costs is not what is measured."""

import json
import socket
from typing import Any
from urllib.parse import urlsplit


class Caller:
    """One connection that is kept."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self._host = f"{address.hostname}:{address.port}"
        self._socket = socket.create_connection((address.hostname, address.port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def made(self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> bytes:
        """A request as it goes over the wire."""
        fields = {"Host": self._host, "Content-Length": str(len(body)), **(headers or {})}
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        return f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body

    def exchange(self, request: bytes) -> tuple[int, bytes]:
        """Send a request; the status and the body of the answer."""
        self._socket.sendall(request)
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._received()
        head, _, body = data.partition(b"\r\n\r\n")
        lowered = head.lower()
        size = int(lowered.split(b"content-length:")[1].split(b"\r\n")[0])
        parts = [body]
        left = size - len(body)
        while left > 0:
            parts.append(self._received())
            left -= len(parts[-1])
        return int(head[9:12]), b"".join(parts)

    def ask(self, path: str) -> Any:
        """What a GET answers, as JSON.

        Raises:
            RuntimeError: if it is not 200.
        """
        status, body = self.exchange(self.made("GET", path))
        if status != 200:  # noqa: PLR2004 - the status
            raise RuntimeError(f"GET {path} answered {status}: {body[:300]!r}")
        return json.loads(body)

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def _received(self) -> bytes:
        data = self._socket.recv(1 << 20)
        if not data:
            raise ConnectionError("the server hung up")
        return data
