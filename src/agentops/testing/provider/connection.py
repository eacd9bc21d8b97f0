"""HTTP of the loopback provider: reading a request, writing an answer piece by piece, going wrong on demand."""

import json
import socket
import struct
from collections.abc import Iterable, Iterator
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qsl, urlsplit

from agentops.domain.genai import Json
from agentops.testing.provider.exchange import Event
from agentops.testing.provider.request import ReceivedRequest
from agentops.testing.provider.turn import Fault, FaultKind

_LAST_CHUNK = b"0\r\n\r\n"
_MALFORMED = b'data: {"id": "loopback", "choices": [{"del\n\n'


class ClientGoneError(ConnectionError):
    """The client left, or the provider is closing, before the answer was whole."""


class Connection(BaseHTTPRequestHandler):
    """One client connection, kept alive between requests."""

    protocol_version = "HTTP/1.1"
    server_version = "loopback"
    sys_version = ""
    disable_nagle_algorithm = True
    connection: socket.socket
    request_at_hand: ReceivedRequest

    def read_request(self, number: int) -> ReceivedRequest:
        """The request whose head was just parsed, with its body."""
        address = urlsplit(self.path)
        raw = b"".join(self._body())
        self.request_at_hand = ReceivedRequest(
            number=number,
            method=self.command,
            path=address.path,
            query=dict(parse_qsl(address.query)),
            headers={name.lower(): value for name, value in self.headers.items()},
            raw=raw,
            body=_parsed(raw),
        )
        return self.request_at_hand

    def write_json(self, status: int, body: Json, headers: dict[str, str], *, fault: Fault | None = None) -> None:
        """A whole answer, or as much of it as the fault lets through."""
        data = json.dumps(body, ensure_ascii=False).encode()
        if fault is not None and fault.kind is FaultKind.GARBLED:
            data = data[: len(data) // 2]
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self._end_headers(headers)
        if fault is not None and fault.kind is FaultKind.TRUNCATED:
            self.wfile.write(data[: len(data) // 2])
            self.close_connection = True
            raise ClientGoneError
        self._write_last(data)

    def write_events(
        self,
        events: Iterable[Event],
        headers: dict[str, str],
        *,
        delay: float = 0.0,
        fault: Fault | None = None,
        error: bytes = b"",
    ) -> None:
        """A stream, each event written and sent on its own; `delay` is seconds between pieces of content.

        `error` is what the stream carries where the fault is an error event.
        """
        self.send_response(200)
        self.send_header("content-type", "text/event-stream; charset=utf-8")
        self.send_header("cache-control", "no-cache")
        self.send_header("transfer-encoding", "chunked")
        self._end_headers(headers)
        said = 0
        for event in events:
            if fault is not None and said == fault.after and (said or event.content):
                break
            if event.content:
                if said:
                    self.pause(delay)
                said += 1
            self._write_chunk(event.data)
        if fault is None:
            self._write_last(_LAST_CHUNK)
        else:
            self._fail(fault, error)

    def pause(self, seconds: float | None) -> None:
        """Wait, but no longer than the client does; None is for ever.

        Raises:
            ClientGoneError: when the client closes the connection, or the provider does.
        """
        if seconds is not None and seconds <= 0:
            return
        self.connection.settimeout(seconds)
        try:
            if not self.connection.recv(1, socket.MSG_PEEK):
                raise ClientGoneError
        except TimeoutError:
            return
        finally:
            self.connection.settimeout(None)

    def stall(self) -> None:
        """Say nothing more until the client gives up.

        Raises:
            ClientGoneError: when it did.
        """
        self.close_connection = True
        self.pause(None)
        raise ClientGoneError

    def reset(self) -> None:
        """Close with a TCP reset instead of a farewell.

        Raises:
            ClientGoneError: always, there is nobody left to talk to.
        """
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.rfile.close()
        self.connection.close()
        self.close_connection = True
        raise ClientGoneError

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that http.server calls
        """Say nothing: what arrived is in `Provider.requests`."""

    def _end_headers(self, headers: dict[str, str]) -> None:
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _write_last(self, data: bytes) -> None:
        """Write the end of an answer; whoever has read it finds the request answered."""
        self.request_at_hand.answered = True
        try:
            self.wfile.write(data)
        except ConnectionError:
            self.request_at_hand.answered = False
            raise

    def _write_chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def _fail(self, fault: Fault, error: bytes) -> None:
        match fault.kind:
            case FaultKind.STALLED:
                self.stall()
            case FaultKind.RESET:
                self.reset()
            case FaultKind.ERRORED:
                self._write_chunk(error)
                self._write_last(_LAST_CHUNK)
            case FaultKind.GARBLED:
                self._write_chunk(_MALFORMED)
                self._write_last(_LAST_CHUNK)
            case _:
                self.close_connection = True
                raise ClientGoneError

    def _body(self) -> Iterator[bytes]:
        if self.headers.get("transfer-encoding", "").lower() == "chunked":
            while size := int(self.rfile.readline().split(b";")[0], 16):
                yield self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            yield self.rfile.read(int(self.headers.get("content-length") or 0))


def _parsed(raw: bytes) -> Json:
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        return None
