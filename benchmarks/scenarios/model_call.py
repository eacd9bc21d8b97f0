"""What being seen adds to a model call of the largest clients, content captured, over the same call unobserved."""

import time
from collections.abc import Callable
from statistics import median
from typing import Any, Final

from clients import ANSWER, CHUNKS, CLIENTS, Ask
from laboratory import LOCAL, Laboratory
from rows import Row
from workload import markers

from agentops.testing.provider import Provider

CALLS: Final = 300
STREAMS: Final = 100
WARM_UP: Final = 50
BAR: Final = 70
STREAM_BAR: Final = 200


def measure(adapter: Any, url: str, *, client: str, calls: int, stream: bool) -> dict[str, Any]:
    """Microseconds per call: unobserved, and what observing added (median, fastest, caller's CPU, process CPU)."""
    adapter.set_env(url)
    with Provider(lambda _: ANSWER) as provider:
        unobserved = _series(CLIENTS[client](provider), calls, stream=stream)
        adapter.do_import()
        adapter.init(url)
        ask = CLIENTS[client](provider)
        box: list[dict[str, float]] = []

        def session() -> None:
            box.append(_series(ask, calls, adapter.flush, stream=stream))

        adapter.session(session)()
    stored = adapter.stored() if hasattr(adapter, "stored") else None
    adapter.shutdown()
    added = {name: box[0][name] - unobserved[name] for name in unobserved}
    return {"added": added, "unobserved": unobserved, "stored": stored, "made": calls + WARM_UP}


def _series(ask: Ask, calls: int, flush: Callable[[], None] = lambda: None, *, stream: bool) -> dict[str, float]:
    for marker in markers(WARM_UP, first=calls):
        ask(marker, stream=stream)
    flush()
    walls: list[int] = []
    processors: list[int] = []
    began = time.process_time_ns()
    for marker in markers(calls):
        wall, processor = time.perf_counter_ns(), time.thread_time_ns()
        ask(marker, stream=stream)
        processors.append(time.thread_time_ns() - processor)
        walls.append(time.perf_counter_ns() - wall)
    flush()
    return {
        "median": median(walls) / 1e3,
        "best": min(walls) / 1e3,
        "caller": median(processors) / 1e3,
        "process": (time.process_time_ns() - began) / calls / 1e3,
    }


def run(laboratory: Laboratory) -> list[Row]:
    """The rows of model calls: the caller's CPU, which no other program blurs."""
    return [
        row
        for client in CLIENTS
        for row in (
            _row(laboratory, client, stream=False, calls=CALLS),
            _row(laboratory, client, stream=True, calls=STREAMS),
        )
    ]


def _row(laboratory: Laboratory, client: str, *, stream: bool, calls: int) -> Row:
    count = laboratory.calls(calls, step=10)
    results = laboratory.interleaved((LOCAL,), "model_call", client=client, calls=count, stream=stream)[LOCAL]
    added = {name: median(result["added"][name] for result in results) for name in results[0]["added"]}
    call = {name: median(result["unobserved"][name] for result in results) for name in added}
    note = f"on {call['caller']:.0f} us; process CPU until stored: {added['process']:.0f} us"
    if any(result["stored"] != result["made"] for result in results):
        note += "; CALLS ARE MISSING IN THE STORE"
    what = f"{client}: {CHUNKS}-chunk stream, caller's CPU" if stream else f"{client}: model call, caller's CPU"
    return Row(what=what, measured=added["caller"], unit="us", bar=STREAM_BAR if stream else BAR, note=note)
