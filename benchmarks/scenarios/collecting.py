"""How fast a collector takes in what programs send: durable when it is acknowledged, visible at once."""

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Final

from caller import Caller
from laboratory import HERE, Laboratory, MeasurementError, clean_environment
from rows import Row
from traffic import SPANS, otlp_requests, v2_requests

REQUESTS: Final = 1_000
WARM_UP: Final = 60
BAR: Final = 20_000
RATIO: Final = 2.5
PROTOBUF: Final = "application/x-protobuf"

WAYS: Final = {
    "OTLP": ("/v1/traces", PROTOBUF, otlp_requests),
    "v2": ("/v2/create_events", "application/json", v2_requests),
}


def run(laboratory: Laboratory) -> list[Row]:
    """The rows on taking in, and on starting."""
    rows = list[Row]()
    for name, (path, kind, made) in WAYS.items():
        ours, probes = list[float](), list[float]()
        for round_ in range(laboratory.rounds):
            requests = list(made(laboratory.calls(REQUESTS, step=20) + WARM_UP, seed=round_))
            starts = [(probing, probes), (collecting, ours)]
            for start, rates in starts if round_ % 2 else reversed(starts):
                with start(laboratory.folder / f"{name}-{round_}") as url:
                    rates.append(rate(url, path, kind, requests, is_ours=start is collecting))
        ratio = median(probe / rate for rate, probe in zip(ours, probes, strict=True))
        note = f"{SPANS} spans a request, one connection"
        rows += [
            Row(what=f"{name} taken in", measured=median(ours), unit="spans/s", bar=BAR, at_least=True, note=note),
            Row(what=f"{name}: the bare minimum", measured=median(probes), unit="spans/s", note="the probe"),
            Row(what=f"{name}: times that of the bare minimum", measured=ratio, unit="x probe", bar=RATIO),
        ]
    return rows + standing(laboratory)


def rate(url: str, path: str, kind: str, requests: Sequence[tuple[str, bytes]], *, is_ours: bool) -> float:
    """Spans a second that one client gets acknowledged, one request after the other; the last one is looked for."""
    caller = Caller(url)
    wires = [caller.made("POST", path, body, {"Content-Type": kind}) for _, body in requests]
    for wire in wires[:WARM_UP]:
        _expect(caller.exchange(wire))
    began = time.perf_counter()
    for wire in wires[WARM_UP:]:
        _expect(caller.exchange(wire))
    took = time.perf_counter() - began
    if is_ours:
        for session, _ in (requests[0], requests[-1]):
            found = caller.ask(f"/api/v1/sessions/{session}/tree")
            if len(found["spans"]) != SPANS:
                raise MeasurementError(f"{len(found['spans'])} of {SPANS} spans of {session} are visible")
    caller.close()
    return (len(wires) - WARM_UP) * SPANS / took


def _expect(answer: tuple[int, bytes]) -> None:
    status, body = answer
    if status != 200:  # noqa: PLR2004 - the status
        raise MeasurementError(f"{status}: {body[:300]!r}")


@contextlib.contextmanager
def collecting(folder: Path) -> Iterator[str]:
    """A collector of its own, and its address."""
    folder = folder / "ours"
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    process = started(folder, port)
    try:
        await_answer(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def started(folder: Path, port: int) -> "subprocess.Popen[bytes]":
    """`agentops serve`, just started."""
    command = [sys.executable, "-m", "agentops.cli", "serve", "--port", str(port), "--data", str(folder)]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(command, env=clean_environment(folder), stdout=log, stderr=log)


@contextlib.contextmanager
def probing(folder: Path) -> Iterator[str]:
    """The probe, and its address."""
    folder.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, str(HERE / "probe.py"), str(folder / "probe.db")],
        env=clean_environment(folder),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin
    assert process.stdout
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.stdin.close()
        process.wait(30)


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def await_answer(port: int, *, seconds: float = 30) -> float:
    """Wait for the first answer; how long that took."""
    began = time.perf_counter()
    while time.perf_counter() - began < seconds:
        with contextlib.suppress(OSError):
            caller = Caller(f"http://127.0.0.1:{port}")
            caller.ask("/healthz")
            caller.close()
            return time.perf_counter() - began
        time.sleep(0.005)
    raise MeasurementError("the collector does not answer")


def standing(laboratory: Laboratory) -> list[Row]:
    """How long a collector takes to answer first, and how much memory it takes when nobody asks."""
    times, sizes = list[float](), list[float]()
    for number in range(max(1, laboratory.rounds)):
        folder = laboratory.folder / f"standing-{number}"
        folder.mkdir()
        port = free_port()
        process = started(folder, port)
        try:
            times.append(await_answer(port))
            time.sleep(1)
            sizes.append(resident(process.pid))
        finally:
            process.terminate()
            process.wait(30)
    return [
        Row(what="collector: start to first answer", measured=min(times), unit="s", bar=0.5),
        Row(what="collector: memory when idle", measured=median(sizes), unit="MB", bar=60, note="resident"),
    ]


def resident(process_id: int) -> float:
    """Megabytes of memory that a process has."""
    for line in Path(f"/proc/{process_id}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return float("nan")
