"""What a collector that refuses or hangs does to the end of a program, and whether anything is lost by it."""

import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from laboratory import AWAY, BOTH, SDK, Contestant, Laboratory
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
    return [
        *(_delivered(laboratory, contestant, where) for contestant, where in PLACES.items()),
        *_rows(laboratory, "refuses", laboratory.refusing_url, bar=0.3),
        *_rows(laboratory, "hangs", laboratory.hanging_url, bar=GRACE + 0.3),
    ]


PLACES = {AWAY: "collector", BOTH: "OTLP endpoint"}
"""Where contestants send, beside the local store."""


def _delivered(laboratory: Laboratory, contestant: Contestant, where: str) -> Row:
    answered = [laboratory.measure(contestant, "exiting", calls=SESSION) for _ in range(min(3, laboratory.rounds))]
    return Row(
        what=f"calls that a short program delivered to its {where} by its end",
        measured=100 * min(result["markers"] for result in answered) / SESSION,
        unit="%",
        bar=100,
        at_least=True,
        note=f"exit took {median(result['after'] for result in answered):.2f} s",
    )


def _rows(laboratory: Laboratory, how: str, url: str, *, bar: float) -> list[Row]:
    theirs = laboratory.measure(SDK, "exiting", url=url, calls=SESSION)["after"]
    rows: list[Row] = []
    for contestant, where in PLACES.items():
        ours, recovered = [], []
        for _ in range(min(3, laboratory.rounds)):
            home = Path(tempfile.mkdtemp(dir=laboratory.folder))
            ours.append(laboratory.measure(contestant, "exiting", url=url, home=home, calls=SESSION)["after"])
            recovered.append(laboratory.measure(contestant, "exiting", home=home, calls=0)["markers"])
        note = f"the OpenTelemetry SDK: {theirs:.1f} s"
        rows += [
            Row(what=f"exit while the {where} {how}", measured=median(ours), unit="s", bar=bar, note=note),
            Row(
                what=f"calls that the next program delivered after it {how}",
                measured=100 * min(recovered) / SESSION,
                unit="%",
                bar=100,
                at_least=True,
            ),
        ]
    return rows
