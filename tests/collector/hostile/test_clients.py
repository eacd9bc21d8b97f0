"""Clients that send what is hardly HTTP, or send it as slowly as they can, hold up nobody else."""

import socket
from contextlib import ExitStack

import pytest
from hostile_samples import JSON, check_alive, connected, rest_of
from server_samples import RunningServer, StartServer

from agentops.collector.bodies import BodyLimits
from agentops.collector.connections import ConnectionLimits

HEAD = b"POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
GET = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
REFUSED = (b"", b"HTTP/1.1 400", b"HTTP/1.1 431")
"""What begins an answer to what is no request; some are not answered at all."""


def exchange(server: RunningServer, sent: bytes) -> bytes:
    """All that is answered to bytes, after which nothing more comes."""
    with connected(server.url) as connection:
        try:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        return rest_of(connection)


@pytest.mark.parametrize(
    "head",
    [
        GET + b"X-Long: " + b"a" * (1 << 20) + b"\r\n\r\n",
        b"GET /" + b"a" * (1 << 20) + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /healthz?" + b"a=1&" * (1 << 18) + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        GET + b"".join(b"X-%d: 1\r\n" % number for number in range(20_000)) + b"\r\n",
        GET + b"Cookie: " + b"a=b; " * 20_000 + b"\r\n\r\n",
    ],
    ids=["a long header", "a long path", "a long query", "many headers", "a long cookie"],
)
def test_a_large_head_is_refused(server: RunningServer, head: bytes) -> None:
    """Of a megabyte, or of 20,000 headers."""
    assert exchange(server, head)[:12] in REFUSED
    check_alive(server)


CONFUSING = {
    "length and chunks": b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + GET + b"\r\n",
    "chunks and length": b"Transfer-Encoding: chunked\r\nContent-Length: 40\r\n\r\n0\r\n\r\n" + GET + b"\r\n",
    "two lengths": b"Content-Length: 2\r\nContent-Length: 40\r\n\r\n{}" + GET + b"\r\n",
    "a length of several": b"Content-Length: 2, 40\r\n\r\n{}" + GET + b"\r\n",
    "a negative length": b"Content-Length: -1\r\n\r\n{}",
    "a length with a sign": b"Content-Length: +2\r\n\r\n{}",
    "a length in hexadecimal": b"Content-Length: 0x2\r\n\r\n{}",
    "a huge length": b"Content-Length: 99999999999999999999999999\r\n\r\n{}",
    "chunks that are none": b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    "a huge chunk": b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n{}\r\n0\r\n\r\n",
    "a coding in disguise": b"Transfer-Encoding: xchunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "a coding after chunks": b"Transfer-Encoding: chunked, identity\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "a space before the colon": b"Content-Length : 2\r\n\r\n{}",
    "a folded header": b"X-A: 1\r\n folded\r\nContent-Length: 2\r\n\r\n{}",
    "a bare line end": b"Content-Length: 2\n\n{}",
    "a zero in a header": b"X-A: a\x00b\r\nContent-Length: 2\r\n\r\n{}",
    "a line end in a header": b"X-A: a\rX-B: b\r\nContent-Length: 2\r\n\r\n{}",
}


@pytest.mark.parametrize("rest", CONFUSING.values(), ids=list(CONFUSING))
def test_confusion_about_where_a_request_ends_hides_none(server: RunningServer, rest: bytes) -> None:
    """What is ambiguous is refused, and no request comes out of the body of another."""
    answer = exchange(server, HEAD + rest)
    assert not answer.startswith(b"HTTP/1.1 5"), answer
    if b"GET /healthz" in rest:
        assert answer[:12] in REFUSED, answer
        assert b'"ok"' not in answer
    check_alive(server)


def test_half_open_connections_delay_nobody(server: RunningServer) -> None:
    """400 of them, each with half a head; those that ask are answered, and can be taken in."""
    with ExitStack() as opened:
        for number in range(400):
            connection = opened.enter_context(connected(server.url))
            connection.sendall((GET, HEAD + b"Content-Length: 100\r\n\r\n{")[number % 2])
        for _ in range(20):
            check_alive(server)
        sent = server.client.post("/v1/traces", content=b"{}", headers={"Content-Type": JSON})
        assert sent.status_code == 200


def test_a_body_that_comes_by_the_byte_is_given_up(start_server: StartServer) -> None:
    """408 after a while, however steadily it comes, and others are answered meanwhile."""
    server = start_server(limits=BodyLimits(seconds=0.5), connections=ConnectionLimits(late_seconds=0.2))
    with connected(server.url) as connection:
        connection.sendall(HEAD + b"Content-Length: 1000\r\n\r\n")
        connection.settimeout(0.05)
        received = b""
        for _ in range(400):
            try:
                connection.sendall(b"{")
                received += connection.recv(1000)
            except TimeoutError:
                check_alive(server)
                continue
            except ConnectionError:
                break
            if received:
                break
        assert received.startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize("method", [b"TRACE", b"CONNECT", b"PROPFIND", b"BREW", b"get", b"OPTIONS"])
def test_other_methods_do_nothing(server: RunningServer, method: bytes) -> None:
    """They are refused, and nothing of the request is sent back."""
    answer = exchange(server, method + b" /v1/traces HTTP/1.1\r\nHost: localhost\r\nX-Secret: told\r\n\r\n")
    assert answer[:12] in (*REFUSED, b"HTTP/1.1 405", b"HTTP/1.1 404", b"HTTP/1.1 426", b"HTTP/1.1 501"), answer
    assert b"told" not in answer


@pytest.mark.parametrize("version", [b"HTTP/0.9", b"HTTP/1.0", b"HTTP/2.0", b"HTTP/1.1 ", b""])
def test_other_versions_are_no_fault_of_the_server(server: RunningServer, version: bytes) -> None:
    """Answered or refused; an upgrade to another protocol is not made."""
    upgrade = b"Host: localhost\r\nConnection: Upgrade\r\nUpgrade: h2c, websocket\r\nSec-WebSocket-Version: 13\r\n\r\n"
    answer = exchange(server, b"GET /healthz " + version + b"\r\n" + upgrade)
    assert not answer.startswith((b"HTTP/1.1 5", b"HTTP/1.1 101"))
    check_alive(server)
