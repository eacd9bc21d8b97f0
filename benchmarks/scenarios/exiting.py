"""What a collector that refuses or hangs does to the end of a program, and whether anything is lost by it."""

import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from laboratory import BOTH, SDK, Laboratory
from rows import Row
from workload import SESSION, lookup, markers

GRACE = 2.0
"""Seconds that agentops may take at the end of a program, by default."""


def measure(adapter: Any, url: str, *, calls: int) -> dict[str, Any]:
    """Make the calls and fall off the end of the program, without a flush; with no calls, only adopt and flush."""
    adapter.set_env(url)
    adapter.do_import()
    adapter.init(url)
    tool = adapter.tool(lookup)
    if calls:
        adapter.session(lambda: [tool(1, label) for label in markers(calls)])()
    else:
        adapter.flush()
    return {"made": calls}


def run(laboratory: Laboratory) -> list[Row]:
    """The exit rows: how long, and what the next program on this machine finds to deliver."""
    answered = [laboratory.measure(BOTH, "exiting", calls=SESSION) for _ in range(min(3, laboratory.rounds))]
    return [
        Row(
            what="calls that a short program delivered by its end",
            measured=100 * min(result["markers"] for result in answered) / SESSION,
            unit="%",
            bar=100,
            at_least=True,
            note=f"exit took {median(result['after'] for result in answered):.2f} s",
        ),
        *_rows(laboratory, "refuses", laboratory.refusing_url, bar=0.3),
        *_rows(laboratory, "hangs", laboratory.hanging_url, bar=GRACE + 0.3),
    ]


def _rows(laboratory: Laboratory, how: str, url: str, *, bar: float) -> list[Row]:
    ours, recovered = [], []
    for _ in range(min(3, laboratory.rounds)):
        home = Path(tempfile.mkdtemp(dir=laboratory.folder))
        ours.append(laboratory.measure(BOTH, "exiting", url=url, home=home, calls=SESSION)["after"])
        recovered.append(laboratory.measure(BOTH, "exiting", home=home, calls=0)["markers"])
    theirs = laboratory.measure(SDK, "exiting", url=url, calls=SESSION)["after"]
    note = f"the OpenTelemetry SDK: {theirs:.1f} s"
    return [
        Row(what=f"exit while the collector {how}", measured=median(ours), unit="s", bar=bar, note=note),
        Row(
            what=f"calls that the next program delivered after a collector that {how}",
            measured=100 * min(recovered) / SESSION,
            unit="%",
            bar=100,
            at_least=True,
        ),
    ]
