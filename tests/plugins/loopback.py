"""An HTTP server on this machine that answers each path with the JSON that a test gives for it."""

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


class _Exchange(BaseHTTPRequestHandler):
    """One request: a path that is not known is refused."""

    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        answers: Mapping[str, Any] = getattr(self.server, "answers")  # noqa: B009 - of the server that is made below
        found = answers.get(self.path.partition("?")[0])
        body = json.dumps({"detail": {"error": "refused"}} if found is None else found).encode()
        self.send_response(400 if found is None else 200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815 - the server's names for methods

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the server's name
        """Nothing is logged."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    answers: Mapping[str, Any]


@contextmanager
def answering(answers: Mapping[str, Any]) -> Generator[str]:
    """The server; gives its address. The answers may be changed while it runs."""
    with _Server(("127.0.0.1", 0), _Exchange) as server:
        server.answers = answers
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
