"""However small a body is packed, and however little is in it, the server does not grow beyond what it may have."""

import zlib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import repeat
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from bomb_samples import BOMBS, SIZES, Bomb
from hostile_samples import CODINGS, JSON, PROTOBUF, SOAK, check_refusal, connected, memory_of, packed
from process_samples import ServerProcess, server_process
from server_samples import SECONDS, RunningServer

MEMORY = 512 << 20
"""Bytes that the server may have, whatever comes."""

AT_ONCE = 4 if SOAK else 2
WHICH = SIZES if SOAK else SIZES[2:3]

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux says how much a process has")


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server in a process of its own, whose memory can be measured."""
    with server_process("--data", str(tmp_path_factory.mktemp("data")), "--quiet") as server:
        yield server


@pytest.fixture(autouse=True)
def it_stays_small_and_answers(process: ServerProcess) -> Iterator[None]:
    """After each bomb."""
    yield
    assert process.get("/healthz").status_code == 200
    assert process.get("/readyz").status_code == 200
    assert memory_of(process.process.pid) < MEMORY


def send(process: ServerProcess, path: str, kind: str, body: bytes | Iterable[bytes], **options: str) -> httpx.Response:
    """What is answered to a body."""
    headers = {
        "Content-Type": kind,
        "Trace-Id": uuid4().hex,
        **{name.replace("_", "-"): options[name] for name in options},
    }
    method = headers.pop("method", "POST")
    return httpx.request(
        method, process.url + path, content=body, headers=headers, trust_env=False, timeout=4 * SECONDS
    )


@pytest.mark.soak
@pytest.mark.parametrize("size", WHICH)
@pytest.mark.parametrize("bomb", BOMBS.values(), ids=list(BOMBS))
def test_what_is_small_when_packed_is_not_large_when_read(process: ServerProcess, bomb: Bomb, size: int) -> None:
    """Several at once: each is carried out, refused, or told to come again."""
    body = packed("zstd", bomb.make(size))

    def go(_: int) -> httpx.Response:
        return send(process, bomb.path, bomb.kind, body, Content_Encoding="zstd", method=bomb.method)

    with ThreadPoolExecutor(AT_ONCE) as senders:
        for answer in senders.map(go, range(AT_ONCE)):
            if answer.status_code >= 300:
                check_refusal(answer)


@cache
def gigabyte(coding: str) -> bytes:
    """Zeros that unpack to a gigabyte."""
    if coding != "zstd":
        packer = zlib.compressobj(9, zlib.DEFLATED, 31 if coding == "gzip" else 15)
        return b"".join([*(packer.compress(bytes(1 << 20)) for _ in range(1 << 10)), packer.flush()])
    return packed("zstd", bytes(1 << 24)) * 64


@pytest.mark.parametrize("path", ["/v1/traces", "/v2/create_session"])
@pytest.mark.parametrize("coding", CODINGS)
def test_a_gigabyte_is_not_unpacked(process: ServerProcess, coding: str, path: str) -> None:
    """413, as soon as it is clear."""
    answer = send(process, path, JSON, gigabyte(coding), Content_Encoding=coding)
    assert answer.status_code == 413
    check_refusal(answer)


def test_what_was_packed_twice_is_unpacked_once(process: ServerProcess) -> None:
    """And then is no JSON."""
    answer = send(process, "/v1/traces", JSON, packed("gzip", gigabyte("gzip")), Content_Encoding="gzip")
    assert answer.status_code == 400
    assert send(process, "/v1/traces", JSON, b"", Content_Encoding="gzip, gzip").status_code == 415


@pytest.mark.parametrize("path", ["/v1/traces", "/v2/create_session", "/v4/objects/upload/"])
def test_a_gigabyte_that_is_announced_is_not_waited_for(process: ServerProcess, path: str) -> None:
    """The answer comes before the body."""
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {JSON}\r\nContent-Length: {1 << 30}\r\n\r\n"
    with connected(process.url) as connection:
        connection.sendall(head.encode() + b"{")
        assert connection.recv(12) == b"HTTP/1.1 413"


@pytest.mark.parametrize("kind", [JSON, PROTOBUF])
def test_a_gigabyte_in_pieces_is_not_kept(process: ServerProcess, kind: str) -> None:
    """It is refused, and what still comes is thrown away until the connection is closed."""
    try:
        answer = send(process, "/v1/traces", kind, repeat(bytes(1 << 16), 1 << 14))
    except httpx.TransportError:
        return
    assert answer.status_code == 413
    check_refusal(answer)


def test_a_million_empty_events_are_refused(process: ServerProcess) -> None:
    """413, which no client repeats."""
    body = b'{"events":[' + b",".join([b"{}"] * 1_000_000) + b"]}"
    answer = send(process, "/v2/create_events", JSON, body)
    assert answer.status_code == 413
    check_refusal(answer)


def test_many_at_once_are_told_to_come_again(server: RunningServer) -> None:
    """There is room for one request when nothing else is under way, whatever its size, and for no second."""
    load = server.services.load
    large = packed("gzip", b'{"events":[' + b" " * (30 << 20) + b"]}")
    headers = {"Content-Type": JSON, "Content-Encoding": "gzip"}
    load.take(load.limit)
    refused = server.client.post("/v2/create_events", content=large, headers=headers)
    load.give_back(load.limit)
    assert refused.status_code == 503
    assert refused.headers["retry-after"] == "1"
    check_refusal(refused)
    assert server.client.post("/v2/create_events", content=large, headers=headers).status_code == 200
    assert load.bytes == 0
