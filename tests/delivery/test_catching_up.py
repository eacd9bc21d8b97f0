"""What a collector could not be told is told later: by the same program, or by the next one on this machine."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

PROGRAM = """
import sys
import agentops

agentops.init(auto_start_session=False)

@agentops.tool
def look(marker):
    return marker

@agentops.session
def main():
    for number in range(int(sys.argv[1])):
        look(f"marker-{number:03}")

if int(sys.argv[1]):
    main()
"""


class Collector:
    """An OTLP endpoint that keeps the bodies it was sent."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                collector.bodies.append(self.rfile.read(int(self.headers["content-length"])))
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's word
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def markers(self) -> int:
        """How many different calls arrived."""
        return sum(any(f'"marker-{number:03}"'.encode() in body for body in self.bodies) for number in range(200))

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A collector on loopback."""
    collector = Collector()
    yield collector
    collector.close()


def run(directory: Path, endpoint: str, calls: int) -> subprocess.CompletedProcess[str]:
    """A program that makes so many calls and ends, sending spans to this endpoint."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("AGENTOPS_", "OTEL_"))}
    environment |= {"AGENTOPS_DIR": str(directory), "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint}
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, str(calls)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )


def journals(directory: Path) -> list[Path]:
    """The journals that are left."""
    return sorted((directory / "journals").iterdir())


def test_a_program_that_ends_at_once_has_told_its_collector_everything(tmp_path: Path, collector: Collector) -> None:
    """Exporters work while the interpreter is ending, and nothing stays behind."""
    done = run(tmp_path, collector.url, 50)
    assert collector.markers() == 50
    assert journals(tmp_path) == []
    assert "failed" not in done.stderr


def test_what_a_refusing_collector_missed_comes_with_the_next_program(tmp_path: Path, collector: Collector) -> None:
    """The journal outlives the process for its collector's sake, also where the next program records nothing."""
    run(tmp_path, "http://127.0.0.1:9", 50)
    assert len(journals(tmp_path)) == 1
    run(tmp_path, collector.url, 0)
    assert collector.markers() == 50
    assert journals(tmp_path) == []


def test_a_journal_that_waits_for_a_collector_is_not_stored_twice(tmp_path: Path, collector: Collector) -> None:
    """The local store has it all after the first program, and the same after the second."""
    from agentops.store.sqlite import SqliteStore  # noqa: PLC0415 - opened between the programs

    counts: list[int] = []
    for endpoint in ("http://127.0.0.1:9", collector.url):
        run(tmp_path, endpoint, 20 if not counts else 0)
        with SqliteStore(tmp_path / "agentops.db") as store:
            counts.append(sum(session.tool_calls for session in store.sessions()))
    assert counts == [20, 20]
