"""A server on this machine that speaks as much of RESP as the tests say: https://redis.io/docs/latest/develop/reference/protocol-spec/."""

import socketserver
from collections.abc import Generator
from contextlib import contextmanager
from threading import Thread
from typing import Any

_WRONG_TYPE = b"-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"
_KNOWN = b"*6\r\n$3\r\n%b\r\n:-2\r\n*0\r\n:1\r\n:1\r\n:1\r\n"
"""A command of three letters whose first argument is its key."""


class _Conversation(socketserver.StreamRequestHandler):
    """One client's commands, answered in turn; those of a transaction when it is executed."""

    def handle(self) -> None:
        queued: list[bytes] | None = None
        while words := self._read():
            name = words[0].upper()
            if name == b"MULTI":
                queued, answer = [], b"+OK\r\n"
            elif name == b"EXEC":
                done, queued = queued or [], None
                answer = b"*%d\r\n" % len(done) + b"".join(done)
            elif queued is not None:
                queued.append(self._answer(name, words[1:]))
                answer = b"+QUEUED\r\n"
            else:
                answer = self._answer(name, words[1:])
            self.wfile.write(answer)

    def _read(self) -> list[bytes]:
        head = self.rfile.readline()
        if not head:
            return []
        words: list[bytes] = []
        for _ in range(int(head[1:])):
            size = int(self.rfile.readline()[1:])
            words.append(self.rfile.read(size + 2)[:size])
        return words

    def _answer(self, name: bytes, words: list[bytes]) -> bytes:
        values: dict[bytes, bytes] = getattr(self.server, "values")  # noqa: B009 - of the server that is made below
        match name, words:
            case b"HELLO", _:
                return b"%2\r\n$5\r\nproto\r\n:3\r\n$7\r\nversion\r\n$5\r\n7.0.0\r\n"
            case b"SET", [key, value]:
                values[key] = value
                return b"+OK\r\n"
            case b"GET", [key]:
                value = values.get(key)
                return b"$-1\r\n" if value is None else b"$%d\r\n%b\r\n" % (len(value), value)
            case b"CLUSTER", [b"SLOTS", *_]:  # all of them are here
                port = self.request.getsockname()[1]
                return b"*1\r\n*3\r\n:0\r\n:16383\r\n*3\r\n$9\r\n127.0.0.1\r\n:%d\r\n$2\r\nid\r\n" % port
            case b"COMMAND", []:
                return b"*2\r\n" + _KNOWN % b"set" + _KNOWN % b"get"
            case _:
                return _WRONG_TYPE if name == b"LPUSH" else b"+OK\r\n"


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    values: dict[bytes, bytes]


@contextmanager
def serve() -> Generator[Any]:
    """A server with nothing in it; gives its port."""
    with _Server(("127.0.0.1", 0), _Conversation) as server:
        server.values = {}
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
