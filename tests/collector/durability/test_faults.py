"""What clients are told when the disk or the file is in trouble: never that something was kept which was not."""

import os
import resource
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from durability_samples import Batch, Name, Sender, check_kept, otlp_batch, v2_batch
from process_samples import server_process
from server_samples import SECONDS, RunningServer, StartServer

from agentops.store import LOCAL_STORE

NOBODY = 65_534
BATCHES = pytest.mark.parametrize("make", [otlp_batch, v2_batch], ids=["OTLP", "v2"])
FRAME = 4096 + 24
"""Bytes of a page in the write-ahead log, with its header (https://sqlite.org/fileformat2.html#the_write_ahead_log)."""


def told(client: httpx.Client, batch: Batch) -> str:
    """The words with which a batch is refused for now."""
    answer = client.post(batch.path, content=batch.body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1"), answer.text
    problem: Any = answer.json()
    return problem["message"]


def status_of(client: httpx.Client, batch: Batch) -> int:
    """How a batch is answered."""
    return client.post(batch.path, content=batch.body, headers={"Content-Type": "application/json"}).status_code


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets others set the limits of a process")
def test_a_full_disk_is_said_to_be_full(data_directory: Path) -> None:
    """Nothing is acknowledged until there is room again; reading goes on, and nobody has to start it anew."""
    sender, infinity = Sender(1), resource.RLIM_INFINITY
    with (
        server_process("--quiet") as server,
        httpx.Client(base_url=server.url, trust_env=False, timeout=SECONDS) as client,
    ):
        assert sender.send(client, otlp_batch()) == 200
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (1 << 20, infinity))
        while len(sender.refused) < 4:
            sender.send(client, (otlp_batch, v2_batch)[len(sender.refused) % 2](200))
        assert set(sender.refused) == {503}
        refused = otlp_batch(200)
        assert "disk is full" in told(client, refused)
        assert client.get("/healthz").status_code == 200
        assert client.get("/api/v1/sessions").status_code == 200
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (infinity, infinity))
        assert sender.send(client, refused) == 200
        assert sender.send(client, v2_batch()) == 200
        assert client.get("/readyz").status_code == 200
        assert server.end() == 0
    check_kept(data_directory / LOCAL_STORE, sender.acknowledged, sender.sent)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that anybody may enter, unlike those that pytest makes."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@contextmanager
def read_only(folder: Path) -> Generator[None]:
    """Nothing in a folder may be written while the block lasts."""
    for path in (*folder.iterdir(), folder):
        path.chmod(0o555 if path.is_dir() else 0o444)
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(NOBODY)  # root may do anything
    try:
        yield
    finally:
        if is_root:
            os.seteuid(0)
        for path in (folder, *folder.iterdir()):
            path.chmod(0o755 if path.is_dir() else 0o600)


@BATCHES
def test_a_file_that_may_not_be_written_is_said_to_be(start_server: StartServer, open_folder: Path, make: Any) -> None:
    """The same server goes on once it may be written again."""
    keys = {"team": "key of the team"}
    batches: list[Batch] = [make() for _ in range(3)]
    with start_server(data=open_folder, keys=keys).asking("key of the team") as client:
        assert status_of(client, batches[0]) == 200
    server = start_server(data=open_folder, keys=keys)
    path = server.services.projects.path_of(server.project("team").id)
    with server.asking("key of the team") as client:
        with read_only(path.parent):
            words = [told(client, batch) for batch in batches[1:]]
            assert server.client.get("/healthz").status_code == 200
        assert all("cannot be written" in each for each in words), words
        assert [status_of(client, batch) for batch in batches[1:]] == [200, 200]
    sent = set[Name]().union(*(batch.names for batch in batches))
    check_kept(path, sent, sent)


@BATCHES
def test_a_file_that_another_keeps_locked_is_said_to_be(
    start_server: StartServer, data_directory: Path, make: Any
) -> None:
    """Within the server's patience; what is read does not wait, and what is sent again is taken."""
    server = start_server(patience=0.1)
    first, second = make(), make()
    assert status_of(server.client, first) == 200
    path = data_directory / LOCAL_STORE
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert "locked" in told(server.client, second)
        assert server.client.get("/readyz").status_code == 503
        assert server.client.get("/api/v1/sessions").status_code == 200
        other.execute("ROLLBACK")
    assert status_of(server.client, second) == 200
    check_kept(path, set(first.names | second.names), set(first.names | second.names))


def test_rubbish_behind_the_log_is_passed_over(data_directory: Path) -> None:
    """Blocks that were never written, and half of a commit, as a crash leaves them: nothing acknowledged is lost."""
    sender = Sender(2)
    with server_process("--quiet") as server:
        thread = sender.start(server.url)
        while len(sender.acknowledged) < 50:
            time.sleep(0.01)
        server.end(signal.SIGKILL)
        thread.join(60)
    log = data_directory / f"{LOCAL_STORE}-wal"
    whole = log.read_bytes()
    with log.open("ab") as file:
        file.write(whole[-FRAME:-50] + b"\xff" * 3 * FRAME)
    with (
        server_process("--quiet") as server,
        httpx.Client(base_url=server.url, trust_env=False, timeout=SECONDS) as client,
    ):
        assert sender.send(client, otlp_batch()) == 200
        assert server.end() == 0
    check_kept(data_directory / LOCAL_STORE, sender.acknowledged, sender.sent)


def test_a_file_that_is_no_store_is_not_served(data_directory: Path) -> None:
    """The server says so and ends; the file is as it was."""
    data_directory.mkdir()
    path = data_directory / LOCAL_STORE
    path.write_bytes(b"this is no database" * 1000)
    with server_process("--quiet") as server:
        assert server.wait() == 1
        assert "no agentops store" in server.said
        assert "Traceback" not in server.said
    assert path.read_bytes() == b"this is no database" * 1000


def test_the_trouble_of_one_project_is_not_that_of_another(start_server: StartServer, data_directory: Path) -> None:
    """Whose file is damaged is told so, and the others go on."""
    server: RunningServer = start_server(keys={"first": "key of first", "second": "key of second"})
    project = server.project("first").id
    path = data_directory / "projects" / f"{project}.db"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"this is no database" * 1000)
    with server.asking("key of first") as first, server.asking("key of second") as second:
        assert "no agentops store" in told(first, otlp_batch())
        assert first.get("/api/v1/sessions").status_code == 503
        assert status_of(second, otlp_batch()) == 200
        path.unlink()
        assert status_of(first, otlp_batch()) == 200
