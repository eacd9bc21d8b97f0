"""Eight threads that call without a pause: what arrives, what it costs, and whether memory comes back."""

import os
import threading
import time
from pathlib import Path
from statistics import median
from typing import Any

from laboratory import LARGE_QUEUE, LOCAL, OTLP, SDK, Laboratory
from rows import Row
from workload import lookup, markers, sessions_of

THREADS = 8
CALLS = 5_000
"""Calls per thread."""
WAVES = 3
"""Bursts in one process: memory that grows from the second to the third is not coming back."""


def measure(adapter: Any, url: str, *, calls: int) -> dict[str, Any]:
    """CPU and wall seconds of the first burst until its flush returned, resident megabytes after each."""
    adapter.set_env(url)
    adapter.do_import()
    adapter.init(url)
    tool = adapter.tool(lookup)
    adapter.session(lambda: tool(0, "warm-up"))()
    adapter.flush()
    began, processor = time.perf_counter(), time.process_time()
    _wave(adapter, tool, calls, first=0)
    adapter.flush()
    took, processor = time.perf_counter() - began, time.process_time() - processor
    resident = [resident_megabytes()]
    for wave in range(1, WAVES):
        _wave(adapter, tool, calls, first=wave * THREADS * calls)
        adapter.flush()
        resident.append(resident_megabytes())
    stored = adapter.stored() if hasattr(adapter, "stored") else None
    adapter.shutdown()
    made = WAVES * THREADS * calls
    return {"wall": took, "processor": processor, "resident": resident, "made": made, "stored": stored}


def _wave(adapter: Any, tool: Any, calls: int, *, first: int) -> None:
    gate = threading.Barrier(THREADS)

    def work(number: int) -> None:
        labels = markers(calls, first=first + number * calls)
        run = adapter.session(lambda session: [tool(1, label) for label in session])
        gate.wait()
        for session in sessions_of(labels):
            run(session)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def resident_megabytes() -> float:
    """Memory that this process holds, in MB; 0 where the system does not say (no /proc)."""
    statistics = Path("/proc/self/statm")
    if not statistics.exists():
        return 0.0
    return int(statistics.read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def run(laboratory: Laboratory) -> list[Row]:
    """The burst rows."""
    calls = laboratory.calls(CALLS)
    results = laboratory.interleaved((LOCAL, OTLP, SDK, LARGE_QUEUE), "burst", calls=calls)
    local, over_otlp, sdk, large = results[LOCAL], results[OTLP], results[SDK], results[LARGE_QUEUE]
    kept = min(100 * result["stored"] / (result["made"] + 1) for result in local)
    sent = min(100 * result["markers"] / result["made"] for result in over_otlp)
    theirs = median(100 * result["markers"] / result["made"] for result in sdk)
    growth = median(result["resident"][-1] - result["resident"][-2] for result in local)
    what = f"burst of {THREADS} threads x {calls} calls"
    return [
        Row(what=f"{what}: in the local store", measured=kept, unit="%", bar=100, at_least=True),
        Row(
            what=f"{what}: delivered over OTLP",
            measured=sent,
            unit="%",
            bar=100,
            at_least=True,
            note=f"the OpenTelemetry SDK delivered {theirs:.0f} %",
        ),
        _cost(f"{what}: CPU until in the local store", local, sdk, bar=1 / 4, against="the SDK, which drops"),
        _cost(f"{what}: CPU until in the local store", local, large, bar=None, against="the SDK with a large queue"),
        _cost(f"{what}: CPU until delivered over OTLP", over_otlp, large, bar=None, against="the same"),
        Row(
            what="memory gained by one more burst, after its flush",
            measured=growth,
            unit="MB",
            bar=2,
            note=f"resident {median(result['resident'][-1] for result in local):.0f} MB",
        ),
    ]


def _cost(
    what: str, ours: list[dict[str, Any]], theirs: list[dict[str, Any]], *, bar: float | None, against: str
) -> Row:
    ratio = median(mine["processor"] / other["processor"] for mine, other in zip(ours, theirs, strict=True))
    note = f"{median(result['processor'] for result in ours):.2f} s against {against}"
    return Row(what=what, measured=ratio, unit="x OTel", bar=bar, note=note)
