"""Clients that are slow, endless or silent, at the level of bytes."""

import socket
from collections.abc import Generator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from server_samples import SECONDS, RunningServer, StartServer, wait_for

from agentops.collector.bodies import BodyLimits
from agentops.collector.connections import ConnectionLimits
from agentops.domain.spans import SpanKind, SpanRecord

GET = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
POST = b"POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
SESSION, SPAN = "3f2a91c4-7b1e-4c55-9a10-5d3e0c2b7a01", "000000000000000a"
SHORT = ConnectionLimits(head_seconds=0.2, idle_seconds=1, late_seconds=0.2, stalled_seconds=0.2)


@contextmanager
def connected(server: RunningServer) -> Generator[socket.socket]:
    """A bare connection."""
    address = urlsplit(server.url)
    assert address.hostname
    assert address.port
    with socket.create_connection((address.hostname, address.port), timeout=SECONDS) as connection:
        yield connection


def rest_of(connection: socket.socket) -> bytes:
    """All that comes until the server closes the connection, orderly or not."""
    received = b""
    try:
        while piece := connection.recv(65536):
            received += piece
    except ConnectionResetError:
        pass
    return received


@pytest.fixture
def impatient(start_server: StartServer) -> RunningServer:
    """A server that waits for nobody."""
    return start_server(connections=SHORT)


@pytest.mark.parametrize(
    "sent",
    [b"", b"GET /hea", GET, GET + b"X-Slow: a", b"\r\n\r\n"],
    ids=["silence", "part of a line", "no end of headers", "part of a header", "blank lines"],
)
def test_a_head_that_does_not_come_is_not_waited_for(impatient: RunningServer, sent: bytes) -> None:
    """The connection is closed."""
    with connected(impatient) as connection:
        connection.sendall(sent)
        assert rest_of(connection) == b""


def test_a_head_that_comes_by_the_byte_is_not_waited_for(impatient: RunningServer) -> None:
    """Each byte buys no more time."""
    with connected(impatient) as connection:
        connection.settimeout(0.02)
        assert is_closed_while(connection, b"X")


def is_closed_while(connection: socket.socket, byte: bytes) -> bool:
    """Whether the other side hangs up while a byte is sent again and again."""
    for _ in range(int(SECONDS / 0.02)):
        try:
            connection.sendall(byte)
            if not connection.recv(1):
                return True
        except TimeoutError:
            continue
        except ConnectionError:
            return True
    return False


@pytest.mark.parametrize("piece", [b"X-Many: 0123456789\r\n", b"a" * 1000], ids=["many headers", "one long header"])
def test_an_endless_head_is_refused(server: RunningServer, piece: bytes) -> None:
    """Beyond 64 kB there is an answer, and the end."""
    with connected(server) as connection:
        connection.sendall(GET)
        try:
            for _ in range(2 * 65536 // len(piece)):
                connection.sendall(piece)
        except ConnectionError:
            pass
        assert rest_of(connection)[:12] in {b"HTTP/1.1 431", b""}


def test_a_large_head_in_one_piece_is_refused(server: RunningServer) -> None:
    """Also when it is complete."""
    with connected(server) as connection:
        connection.sendall(GET + b"X-Large: " + b"a" * 70_000 + b"\r\n\r\n")
        assert rest_of(connection)[:12] in {b"HTTP/1.1 431", b""}


def test_an_endless_trailer_is_refused(server: RunningServer) -> None:
    """What stands behind a body in chunks is part of the head."""
    with connected(server) as connection:
        connection.sendall(POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n")
        try:
            for _ in range(200):
                connection.sendall(b"X-Trailer: " + b"a" * 1000)
        except ConnectionError:
            pass
        assert rest_of(connection)[:12] in {b"HTTP/1.1 431", b""}


def test_a_large_body_is_no_large_head(server: RunningServer) -> None:
    """Neither whole nor in many chunks."""
    body = b'{"resourceSpans": [' + b" " * 300_000 + b"]}"
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(body[at : at + 7]), body[at : at + 7]) for at in range(0, len(body), 7))
    with connected(server) as connection:
        connection.sendall(POST + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        assert connection.recv(12) == b"HTTP/1.1 200"
    with connected(server) as connection:
        connection.sendall(POST + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n")
        assert connection.recv(12) == b"HTTP/1.1 200"


def test_an_idle_connection_is_closed(impatient: RunningServer) -> None:
    """After its answer it is kept for a while, not for ever."""
    with connected(impatient) as connection:
        connection.sendall(GET + b"\r\n")
        assert rest_of(connection).startswith(b"HTTP/1.1 200")


def test_a_connection_is_good_for_several_requests(server: RunningServer) -> None:
    """Also when they are sent before their answers, and the head of the next is slow."""
    with connected(server) as connection:
        connection.sendall((GET + b"\r\n") * 3 + GET)
        received = b""
        while received.count(b"HTTP/1.1 200") < 3:
            received += connection.recv(65536)
        connection.sendall(b"Connection: close\r\n\r\n")
        assert rest_of(connection).count(b"HTTP/1.1 200") + received.count(b"HTTP/1.1 200") == 4


def test_what_comes_after_its_answer_is_not_waited_for(start_server: StartServer) -> None:
    """A body that is refused may go on for a while, so that the answer is seen, and then the connection is closed."""
    server = start_server(connections=SHORT, limits=BodyLimits(wire=1000))
    with connected(server) as connection:
        connection.sendall(POST + b"Content-Length: 1000000\r\n\r\n" + b"a" * 2000)
        assert rest_of(connection).startswith(b"HTTP/1.1 413")


def test_a_reader_that_does_not_read_is_sent_away(impatient: RunningServer) -> None:
    """An answer that is larger than what the system keeps for a connection is not held for ever."""
    size = 16 << 20
    with impatient.store() as store:
        store.ingest(
            [
                SpanRecord(
                    session_id=SESSION,
                    span_id=SPAN,
                    kind=SpanKind.TOOL,
                    name="large",
                    start=1,
                    end=2,
                    output="a" * size,
                )
            ]
        )
    with connected(impatient) as connection:
        connection.sendall(GET.replace(b"/healthz", f"/api/v1/sessions/{SESSION}/spans/{SPAN}".encode()) + b"\r\n")
        assert connection.recv(12) == b"HTTP/1.1 200"
        wait_for(lambda: not impatient.server.server_state.connections)
        assert len(rest_of(connection)) < size


def test_there_is_an_end_to_connections(start_server: StartServer) -> None:
    """One too many is told so at once, and finds room when another has gone."""
    server = start_server(connections=ConnectionLimits(connections=2))
    with connected(server) as first, connected(server) as second:
        for connection in (first, second):
            connection.sendall(GET + b"\r\n")
            assert connection.recv(12) == b"HTTP/1.1 200"
        with connected(server) as third:
            assert rest_of(third).startswith(b"HTTP/1.1 503")
        first.sendall(GET + b"Connection: close\r\n\r\n")
        rest_of(first)
    with connected(server) as connection:
        connection.sendall(GET + b"\r\n")
        assert connection.recv(12) == b"HTTP/1.1 200"


@pytest.mark.parametrize(
    "sent",
    [b"\x16\x03\x01\x02\x00", b"GET / HTTP/9.9\r\n\r\n", b"GET /\x00 HTTP/1.1\r\nHost: localhost\r\n\r\n"],
    ids=["TLS", "another version", "a control character"],
)
def test_what_is_no_http_is_told_so(server: RunningServer, sent: bytes) -> None:
    """400, and the end."""
    with connected(server) as connection:
        connection.sendall(sent)
        assert rest_of(connection).startswith(b"HTTP/1.1 400")
