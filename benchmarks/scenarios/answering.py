"""How fast a collector that holds a million events answers, alone and while more come in."""

import contextlib
import shutil
import threading
import time
from collections.abc import Iterator
from statistics import median
from typing import Final
from urllib.parse import quote

import many
from caller import Caller
from laboratory import Laboratory
from rows import Row
from scenarios.collecting import PROTOBUF, await_answer, free_port, started
from traffic import SPANS, otlp_requests

EVENTS: Final = 1_000_000
REPEATS: Final = 25
PER_SECOND: Final = 1_000
"""Events that come in while it answers."""

QUESTIONS: Final = {
    "session list": ("/api/v1/sessions?limit=50", 20),
    "session list, filtered": ("/api/v1/sessions?limit=50&tag=prod&has_errors=true&order=cost", 20),
    "stats of a session": (f"/v2/sessions/{many.session_id_of(17)}/stats", 5),
    "aggregates by day and model": ("/api/v1/aggregates?by=day&by=model", 20),
    "search, a phrase": (f"/api/v1/search?text={quote('delivery time support')}", 100),
    "search, a word in most messages": (f"/api/v1/search?text={quote('customer')}", 100),
    "search, Chinese": (f"/api/v1/search?text={quote('公园散步')}", 100),
    "search, Arabic": (f"/api/v1/search?text={quote('جميل اليوم')}", 100),
    "search, what nobody said": (f"/api/v1/search?text={quote('zebra crossing')}", 100),
    "tree of 10,000 spans": (f"/api/v1/sessions/{many.LARGE_SESSION}/tree", 60),
}
"""What is asked, and within how many milliseconds it should be answered."""


def run(laboratory: Laboratory) -> list[Row]:
    """The rows on answering."""
    events = laboratory.calls(EVENTS, step=1000)
    with filled(laboratory, events) as url:
        alone = answers(url)
        with sending(url):
            busy = answers(url)
    note = f"{events:,} events stored"
    return [
        Row(what=f"{what}{suffix}", measured=found[what], unit="ms", bar=bar, note=note)
        for suffix, found in (("", alone), (f", {PER_SECOND:,} events/s coming in", busy))
        for what, (_, bar) in QUESTIONS.items()
        if what in found
    ]


def answers(url: str) -> dict[str, float]:
    """Milliseconds to each answer, the median of several."""
    caller = Caller(url)
    found = dict[str, float]()
    for what, (path, _) in QUESTIONS.items():
        times = list[float]()
        for _ in range(REPEATS):
            began = time.perf_counter()
            status, _ = caller.exchange(caller.made("GET", path))
            times.append(time.perf_counter() - began)
            if status != 200:  # noqa: PLR2004 - the status: a small store has no large session
                break
        else:
            found[what] = median(times) * 1e3
    caller.close()
    return found


@contextlib.contextmanager
def filled(laboratory: Laboratory, events: int) -> Iterator[str]:
    """A collector that holds so many events, and its address."""
    folder = laboratory.folder / "answering"
    folder.mkdir()
    shutil.move(many.make(folder, events), folder / "agentops.db")
    port = free_port()
    process = started(folder, port)
    try:
        await_answer(port)
        time.sleep(1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(60)


@contextlib.contextmanager
def sending(url: str) -> Iterator[None]:
    """Somebody who sends events all the while."""
    done = threading.Event()
    every = SPANS / PER_SECOND

    def send() -> None:
        caller = Caller(url)
        due = time.perf_counter()
        for _, body in otlp_requests(10_000, seed=99):
            due += every
            if done.wait(max(0.0, due - time.perf_counter())):
                break
            caller.exchange(caller.made("POST", "/v1/traces", body, {"Content-Type": PROTOBUF}))
        caller.close()

    sender = threading.Thread(target=send)
    sender.start()
    try:
        yield
    finally:
        done.set()
        sender.join()
