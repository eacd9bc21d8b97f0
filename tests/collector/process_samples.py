"""`agentops serve` in a process of its own, as users run it."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager

import httpx
from server_samples import SECONDS, wait_for


class ServerProcess:
    """A server that was started from the command line.

    Attributes:
        process: it.
        url: where it listens.
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._lines: list[str] = []
        self._reader = threading.Thread(target=self._read, name="stderr of the server")
        self._reader.start()
        wait_for(lambda: process.poll() is not None or " started " in self.said)
        found = re.search(r"started url=(\S+)", self.said)
        self.url = found[1] if found else ""

    @property
    def said(self) -> str:
        """What it has written to standard error so far."""
        return "".join(self._lines)

    def _read(self) -> None:
        assert self.process.stderr
        self._lines.extend(self.process.stderr)

    def get(self, path: str, **headers: str) -> httpx.Response:
        """What it answers."""
        return httpx.get(self.url + path, headers=headers, trust_env=False, timeout=SECONDS)

    def end(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Tell it to end; its exit status."""
        self.process.send_signal(how)
        return self.wait()

    def wait(self) -> int:
        """Its exit status, once it has ended."""
        status = self.process.wait(SECONDS)
        self._reader.join(SECONDS)
        return status


@contextmanager
def server_process(*words: str, **environment: str) -> Generator[ServerProcess]:
    """`agentops serve` with these words, on a free port, while the block lasts."""
    command = [sys.executable, "-m", "agentops.cli", "serve", "--port", "0", *words]
    with subprocess.Popen(
        command, env={**os.environ, **environment}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        server = ServerProcess(process)
        try:
            yield server
        finally:
            process.kill()
            server.wait()
