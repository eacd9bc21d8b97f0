"""What being seen adds to a model call of the largest clients, content captured, over the same call unobserved.

A twin of the process that observes nothing makes every call as well, in turn: a machine whose speed drifts drifts for
both.
"""

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from multiprocessing import Pipe
from statistics import median
from typing import Any, Final

from clients import ANSWER, CHUNKS, CLIENTS
from laboratory import LOCAL, Laboratory
from rows import Row
from workload import markers

from agentops.testing.provider import Provider

CALLS: Final = 300
STREAMS: Final = 100
WARM_UP: Final = 50
BAR: Final = 70
STREAM_BAR: Final = 200

Timed = Callable[[str], int]
"""Makes one call; the nanoseconds of CPU that it took the caller."""


def measure(adapter: Any, url: str, *, client: str, calls: int, stream: bool) -> dict[str, Any]:
    """Microseconds per call: unobserved, and what observing added (caller's CPU, process CPU until it is stored)."""
    adapter.set_env(url)
    with _twin(client, stream=stream) as unobserved, Provider(lambda _: ANSWER) as provider:
        adapter.do_import()
        adapter.init(url)
        observed = _timed(client, provider, stream=stream)
        box: list[dict[str, Any]] = []
        adapter.session(lambda: box.append(_in_turn(observed, unobserved, calls, adapter.flush)))()
    stored = adapter.stored() if hasattr(adapter, "stored") else None
    adapter.shutdown()
    return box[0] | {"stored": stored, "made": calls + WARM_UP}


def _timed(client: str, provider: Provider, *, stream: bool) -> Timed:
    ask = CLIENTS[client](provider)

    def timed(marker: str) -> int:
        began = time.thread_time_ns()
        ask(marker, stream=stream)
        return time.thread_time_ns() - began

    return timed


@contextlib.contextmanager
def _twin(client: str, *, stream: bool) -> Iterator[Timed]:
    """A process like this one as it is now, which makes calls when it is asked to."""
    here, there = Pipe()
    if os.fork() == 0:
        with Provider(lambda _: ANSWER) as provider:
            timed = _timed(client, provider, stream=stream)
            while (marker := there.recv()) is not None:
                there.send(timed(marker))
        os._exit(0)

    def ask(marker: str) -> int:
        here.send(marker)
        return here.recv()

    yield ask
    here.send(None)
    os.wait()


def _in_turn(observed: Timed, unobserved: Timed, calls: int, flush: Callable[[], None]) -> dict[str, Any]:
    for marker in markers(WARM_UP, first=calls):
        observed(marker)
        unobserved(marker)
    flush()
    with_us, without = list[int](), list[int]()
    began = time.process_time_ns()
    for marker in markers(calls):
        with_us.append(observed(marker))
        without.append(unobserved(marker))
    flush()
    whole = (time.process_time_ns() - began) / calls
    alone = median(without)
    added = {"caller": (median(with_us) - alone) / 1e3, "process": (whole - alone) / 1e3}
    return {"added": added, "unobserved": alone / 1e3}


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
    call = median(result["unobserved"] for result in results)
    note = f"on {call:.0f} us; process CPU until stored: {added['process']:.0f} us"
    if any(result["stored"] != result["made"] for result in results):
        note += "; CALLS ARE MISSING IN THE STORE"
    what = f"{client}: {CHUNKS}-chunk stream, caller's CPU" if stream else f"{client}: model call, caller's CPU"
    return Row(what=what, measured=added["caller"], unit="us", bar=STREAM_BAR if stream else BAR, note=note)
