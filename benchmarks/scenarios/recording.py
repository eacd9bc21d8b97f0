"""What one decorated call costs: the caller's time, and the CPU of the whole process until the call is safe."""

import time
from statistics import median
from typing import Any

from laboratory import COLLECTOR, LOCAL, ORIGINAL, OTLP, SDK, Contestant, Laboratory
from rows import Row
from workload import Blocks, lookup, markers, sessions_of

CALLS = 20_000
WARM_UP = 300
FLUSH_EVERY = 10
"""Sessions between explicit flushes."""

Results = dict[Contestant, list[dict[str, Any]]]


def measure(adapter: Any, url: str, *, calls: int) -> dict[str, Any]:
    """Nanoseconds per call over the bare function: best and median block, and process CPU until the last flush."""
    adapter.set_env(url)
    adapter.do_import()
    adapter.init(url)
    labels = markers(calls)
    bare, bare_processor = Blocks(), time.process_time_ns()
    for session in sessions_of(labels):
        bare.run(lookup, session)
    bare_processor = time.process_time_ns() - bare_processor
    tool, blocks = adapter.tool(lookup), Blocks()
    _run_sessions(adapter, tool, Blocks(), markers(WARM_UP, first=calls))
    began = time.process_time_ns()
    _run_sessions(adapter, tool, blocks, labels)
    processor = time.process_time_ns() - began
    stored = adapter.stored() if hasattr(adapter, "stored") else None
    adapter.shutdown()
    return {
        "best": blocks.best - bare.best,
        "middle": blocks.middle - bare.middle,
        "processor": (processor - bare_processor) / calls,
        "made": calls + WARM_UP,
        "stored": stored,
    }


def _run_sessions(adapter: Any, tool: Any, blocks: Blocks, labels: list[str]) -> None:
    run = adapter.session(lambda session: blocks.run(tool, session))
    for number, session in enumerate(sessions_of(labels), 1):
        run(session)
        if number % FLUSH_EVERY == 0:
            adapter.flush()
    adapter.flush()


def run(laboratory: Laboratory) -> list[Row]:
    """The recording rows of the table."""
    results = laboratory.interleaved(
        (LOCAL, COLLECTOR, ORIGINAL, OTLP, SDK), "recording", calls=laboratory.calls(CALLS)
    )
    return [
        _ratio("decorated call, caller's time (best block)", results, LOCAL, "best", bar=1 / 10),
        _ratio("decorated call, caller's time (median block)", results, LOCAL, "middle", bar=1 / 10),
        _ratio("the same, process CPU until in the local store", results, LOCAL, "processor", bar=1 / 2),
        _ratio("the same, process CPU until delivered to a collector", results, COLLECTOR, "processor", bar=1 / 8),
        _ratio("the same, process CPU until delivered to an original server", results, ORIGINAL, "processor", bar=None),
        _ratio("the same, process CPU until delivered over OTLP", results, OTLP, "processor", bar=None),
        _arrived("calls found in the local store", results[LOCAL], "stored"),
        _arrived("calls found at the collector", results[COLLECTOR], "markers"),
        _arrived("calls found at the original server", results[ORIGINAL], "markers"),
        _arrived("calls found at the OTLP sink", results[OTLP], "markers"),
    ]


def _ratio(what: str, results: Results, contestant: Contestant, figure: str, *, bar: float | None) -> Row:
    pairs = zip(results[contestant], results[SDK], strict=True)
    ratio = median(ours[figure] / theirs[figure] for ours, theirs in pairs)
    ours, theirs = (median(result[figure] for result in results[who]) / 1e3 for who in (contestant, SDK))
    return Row(what=what, measured=ratio, unit="x OTel", bar=bar, note=f"{ours:.2f} us against {theirs:.2f} us")


def _arrived(what: str, results: list[dict[str, Any]], figure: str) -> Row:
    share = min(100 * result[figure] / result["made"] for result in results)
    return Row(what=what, measured=share, unit="%", bar=100, at_least=True)
