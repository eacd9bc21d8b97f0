"""Accepting connections on the loopback interface, and letting go of every one of them."""

import contextlib
import socket
import socketserver
from threading import Lock, Thread
from typing import Any

_PATIENCE = 2.0
"""Seconds that closing waits for a thread."""


class Listener(socketserver.TCPServer):
    """A threaded server whose closing ends its connections, whatever they are doing."""

    allow_reuse_address = True
    request_queue_size = 256

    def __init__(self, port: int, handler: type[socketserver.BaseRequestHandler]) -> None:
        super().__init__(("127.0.0.1", port), handler)
        self._lock = Lock()
        self._open: dict[socket.socket, Thread] = {}
        self._acceptor = Thread(target=self.serve_forever, args=(0.02,), name="loopback-provider", daemon=True)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.socket.getsockname()[1])

    def start(self) -> None:
        """Begin to accept."""
        self._acceptor.start()

    def close(self) -> None:
        """Stop accepting, hang up on everybody, and wait until their threads have noticed."""
        if self._acceptor.is_alive():
            self.shutdown()
            self._acceptor.join(_PATIENCE)
        self.server_close()
        with self._lock:
            connections = dict(self._open)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in connections.values():
            thread.join(_PATIENCE)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection in a thread of its own."""
        thread = Thread(target=self._serve, args=(request, client_address), name="loopback-connection", daemon=True)
        with self._lock:
            self._open[request] = thread
        thread.start()

    def _serve(self, request: socket.socket, client_address: Any) -> None:
        try:
            with contextlib.suppress(ConnectionError):
                self.finish_request(request, client_address)
        finally:
            with self._lock:
                self._open.pop(request, None)
            self.shutdown_request(request)
