"""Where measurements are made: every one in a fresh process, contestants in turn, against the same loopback sink."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
TIMEOUT = 300
"""Seconds that one measurement may take."""


class MeasurementError(RuntimeError):
    """A measured process failed; the message ends with what it wrote to stderr."""


@dataclass(frozen=True, slots=True, eq=False)
class Contestant:
    """Who is measured: the adapter module `a_<adapter>.py` and the environment that sets it up."""

    name: str
    adapter: str
    environment: Mapping[str, str]


LOCAL = Contestant("agentops, local store", "ours", {"BENCH_DESTINATION": "local"})
OTLP = Contestant("agentops, over OTLP", "ours", {"BENCH_DESTINATION": "otlp"})
COLLECTOR = Contestant("agentops, to a collector", "ours", {"BENCH_DESTINATION": "collector"})
ORIGINAL = Contestant("agentops, to an original server", "ours", {"BENCH_DESTINATION": "original"})
AWAY = Contestant("agentops, local store and collector", "ours", {"BENCH_DESTINATION": "away"})
BOTH = Contestant("agentops, local store and OTLP", "ours", {"BENCH_DESTINATION": "both"})
SDK = Contestant("OpenTelemetry SDK", "otel", {})
LARGE_QUEUE = Contestant("OpenTelemetry SDK, large queue", "otel", {"OTEL_BSP_MAX_QUEUE_SIZE": "200000"})


@dataclass(frozen=True, slots=True)
class Laboratory:
    """The sink, a scratch folder, and how much to measure.

    Attributes:
        scale: factor on the number of calls; small in a smoke run.
        rounds: how often every contestant is measured.
    """

    folder: Path
    url: str
    hanging_url: str
    refusing_url: str
    rounds: int
    scale: float

    def calls(self, count: int, *, step: int = 100) -> int:
        """So many calls at this scale, in whole steps."""
        return max(step, int(count * self.scale) // step * step)

    def interleaved(
        self, contestants: Sequence[Contestant], scenario: str, **options: Any
    ) -> dict[Contestant, list[dict[str, Any]]]:
        """Results of every contestant round by round, in an order that rotates."""
        results: dict[Contestant, list[dict[str, Any]]] = {contestant: [] for contestant in contestants}
        for round_ in range(self.rounds):
            turn = round_ % len(contestants)
            for contestant in (*contestants[turn:], *contestants[:turn]):
                results[contestant].append(self.measure(contestant, scenario, **options))
        return results

    def measure(
        self, contestant: Contestant, scenario: str, *, url: str | None = None, home: Path | None = None, **options: Any
    ) -> dict[str, Any]:
        """What the scenario's `measure` printed in a fresh process, with what reached the sink.

        Adds `markers` (distinct calls at the sink) and `after` (seconds from the end of the program's main function
        to the end of the process).

        Raises:
            MeasurementError: if the process failed.
        """
        self._ask("/reset", method="POST")
        folder = home or Path(tempfile.mkdtemp(dir=self.folder))
        command = [sys.executable, str(HERE / "measurement.py"), contestant.adapter, scenario, url or self.url]
        done = subprocess.run(
            [*command, json.dumps(options)],
            cwd=folder,
            env=clean_environment(folder) | contestant.environment,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
        finished = time.monotonic()
        if done.returncode:
            raise MeasurementError(f"{contestant.name}, {scenario}: exit {done.returncode}\n{done.stderr[-2000:]}")
        result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return result | {"after": finished - result["ended"], "markers": self._ask("/counts")["markers"]}

    def _ask(self, path: str, *, method: str = "GET") -> dict[str, int]:
        request = urllib.request.Request(self.url + path, method=method)
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            return json.loads(answer.read() or b"{}")


def clean_environment(folder: Path) -> dict[str, str]:
    """An environment with nothing in it but a home, so that no setting of this machine is measured."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "AGENTOPS_DIR": str(folder / "agentops"),
    }


@contextlib.contextmanager
def open_laboratory(*, rounds: int, scale: float) -> Iterator[Laboratory]:
    """A laboratory with its sink running; both are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="agentops-bench-", ignore_cleanup_errors=True) as folder:
        sink = subprocess.Popen(
            [sys.executable, str(HERE / "sink.py")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert sink.stdin
        assert sink.stdout
        try:
            answering, hanging = json.loads(sink.stdout.readline())
            with socket.socket() as taken:  # bound, never listening: connections are refused
                taken.bind(("127.0.0.1", 0))
                yield Laboratory(
                    folder=Path(folder),
                    url=f"http://127.0.0.1:{answering}",
                    hanging_url=f"http://127.0.0.1:{hanging}",
                    refusing_url=f"http://127.0.0.1:{taken.getsockname()[1]}",
                    rounds=rounds,
                    scale=scale,
                )
        finally:
            sink.stdin.close()
            sink.wait(10)
