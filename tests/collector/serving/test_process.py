"""`agentops serve` as a process: what it says, how it starts, and how it ends."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from process_samples import server_process
from server_samples import SECONDS, wait_for

from agentops.store import LOCAL_STORE
from agentops.store.sqlite import SqliteStore
from agentops.store.sqlite.schema import migrate, read_migrations

SPANS = {
    "resourceSpans": [
        {
            "scopeSpans": [
                {
                    "spans": [
                        {
                            "traceId": "3f2a91c47b1e4c559a105d3e0c2b7a01",
                            "spanId": "000000000000000a",
                            "name": "ask",
                            "startTimeUnixNano": "1763629923000000000",
                            "endTimeUnixNano": "1763629924000000000",
                        }
                    ]
                }
            ]
        }
    ]
}


def test_it_says_where_everything_is_and_ends_when_told(data_directory: Path) -> None:
    """The banner goes to standard error, nothing to standard output, and SIGTERM is an orderly end."""
    with server_process() as server:
        assert server.get("/healthz").json() == {"status": "ok"}
        for wanted in (
            f"{server.url}/api/v1",
            f"{server.url}/docs",
            f"AGENTOPS_EXPORTER_ENDPOINT={server.url}/v1/traces",
            f"OTEL_EXPORTER_OTLP_ENDPOINT={server.url}",
            str(data_directory / LOCAL_STORE),
            "none needed on this machine",
        ):
            assert wanted in server.said
        assert server.end() == 0
        assert server.process.stdout
        assert server.process.stdout.read() == ""
        assert " ended requests=1" in server.said


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_what_is_under_way_is_finished(data_directory: Path, how: signal.Signals) -> None:
    """A request that is half sent when the server is told to end is answered, and what it brought is kept."""
    body = json.dumps(SPANS).encode()
    with server_process() as server:
        address = httpx.URL(server.url)
        with socket.create_connection((address.host, address.port or 0), timeout=SECONDS) as connection:
            head = f"POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
            connection.sendall(head.encode() + b"Content-Type: application/json\r\n\r\n" + body[:10])
            server.get("/healthz")  # by now the first half has been read
            server.process.send_signal(how)
            connection.sendall(body[10:])
            assert connection.recv(12) == b"HTTP/1.1 200"
        assert server.wait() == 0
    with SqliteStore(data_directory / LOCAL_STORE) as store:
        assert [session.name for session in store.sessions()] == ["ask"]


def test_streams_end_with_the_server() -> None:
    """Whoever watches does not keep it from ending."""
    with (
        server_process() as server,
        httpx.stream("GET", f"{server.url}/api/v1/live", trust_env=False, timeout=SECONDS) as stream,
    ):
        assert stream.status_code == 200
        assert server.end() == 0


def test_a_second_signal_ends_it_at_once() -> None:
    """A client that does not finish its request is not waited for."""
    with server_process() as server:
        address = httpx.URL(server.url)
        with socket.create_connection((address.host, address.port or 0), timeout=SECONDS) as connection:
            connection.sendall(b"POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n")
            connection.sendall(b"Content-Type: application/json\r\n\r\n{")
            server.get("/healthz")
            server.process.send_signal(signal.SIGTERM)
            wait_for(lambda: refuses_connections(address))
            assert server.end() == 128 + signal.SIGTERM


def refuses_connections(address: httpx.URL) -> bool:
    """Whether nobody listens there any more."""
    try:
        socket.create_connection((address.host, address.port or 0), timeout=SECONDS).close()
    except ConnectionRefusedError:
        return True
    return False


def test_the_environment_says_what_options_say() -> None:
    """Keys need not stand where everybody on the machine can read them."""
    with server_process(AGENTOPS_SERVE_KEY="team=a-key-of-the-team", AGENTOPS_SERVE_LOG_FORMAT="text") as server:
        assert server.get("/metrics").status_code == 401
        assert server.get("/metrics", **{"X-Agentops-Api-Key": "a-key-of-the-team"}).status_code == 200
        assert "a-key-of-the-team" not in server.said


def test_quiet_is_quiet() -> None:
    """Only the log is left."""
    with server_process("--quiet") as server:
        assert server.said.count("\n") == 1


def run(*words: str) -> subprocess.CompletedProcess[str]:
    """`agentops serve` where it cannot."""
    command = [sys.executable, "-m", "agentops.cli", "serve", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)


def test_a_port_that_is_taken_is_said_in_a_line() -> None:
    """With what to do about it."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("--port", str(port))
    assert (done.returncode, done.stdout) == (1, "")
    reason = "Address already in use; choose another with --port"
    assert done.stderr == f"Error: cannot listen at 127.0.0.1:{port}: {reason}\n"


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["--host", "nowhere.invalid", "--key", "team=a-long-enough-key"], 1, "cannot listen at nowhere.invalid:4318"),
        (["--host", "0.0.0.0"], 1, "without a key would let everybody in"),
        (["--port", "70000"], 2, "70000 is not in the range"),
        (["--key", "team"], 2, "write NAME=VALUE"),
        (["--key", "team=", "--port", "0"], 2, "write NAME=VALUE"),
        (["--key", "team=a-long-enough-key-1", "--key", "team=a-long-enough-key-2"], 2, "has two"),
        (["--retention", "0"], 2, "0"),
        (["--data", "/proc/nothing"], 1, "cannot be made"),
        (["--data", __file__], 2, "is a file"),
    ],
)
def test_what_cannot_be_is_said_in_a_line(words: list[str], status: int, said: str) -> None:
    """No traceback, and the exit status tells a wrong word from a wrong world."""
    done = run(*words)
    assert done.returncode == status
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_newer_file_is_left_alone(data_directory: Path) -> None:
    """An older server says so and changes nothing."""
    path = data_directory / LOCAL_STORE
    SqliteStore(path).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE schema_version SET version = 999")
    done = run("--port", "0")
    assert done.returncode == 1
    assert "newer agentops" in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_older_file_is_copied_and_brought_up_to_date(data_directory: Path) -> None:
    """What was in it is served, and the log says where the copy is."""
    path = data_directory / LOCAL_STORE
    data_directory.mkdir()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        migrate(connection, path, read_migrations()[:2])
    with server_process("--quiet") as server:
        assert server.get("/api/v1/sessions").json() == {"items": [], "next": None}
        (copy,) = data_directory.glob("*.backup")
        assert f"file of an older version brought up to date file={path} copy={copy}" in server.said


def test_a_server_without_its_libraries_says_what_to_install(tmp_path: Path) -> None:
    """A plain installation of agentops can record, and says what else serving takes."""
    hidden = tmp_path / "starlette"
    hidden.mkdir()
    (hidden / "__init__.py").write_text("raise ModuleNotFoundError(\"No module named 'starlette'\", name='starlette')")
    command = [sys.executable, "-m", "agentops.cli", "serve"]
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 2
    assert "starlette is not installed; the server needs: pip install 'agentops[serve]'" in done.stderr


def test_what_dead_programs_left_is_served(data_directory: Path) -> None:
    """A program that was killed while it recorded shows among the sessions, as interrupted."""
    program = "import agentops, os; agentops.init(trace_name='killed'); agentops.tool(os.kill)(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", program], timeout=SECONDS, check=False, capture_output=True)
    with server_process() as server:
        # it is there as soon as its first records are, and interrupted once its last one is
        wait_for(lambda: [each for each in server.get("/api/v1/sessions").json()["items"] if each["interrupted"]])
        (session,) = server.get("/api/v1/sessions").json()["items"]
    assert session["name"] == "killed"
