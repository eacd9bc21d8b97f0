"""The speed table: every figure against a raw OpenTelemetry SDK span, a bare program or a bare server of the same run.

    make bench                                all of it, a few minutes
    make bench ARGS="--only recording"        one scenario
    make bench ARGS="--json"                  the rows as JSON
    make bench-smoke                          briefly, to see that it runs: its figures mean nothing

Every measurement is a process of its own; contestants take turns, and ratios are medians of the rounds' own ratios, so
that a machine whose speed drifts is the same machine for both.
"""

import argparse
import dataclasses
import json
import os
import platform
import sys
import time

import scenarios.answering
import scenarios.burst
import scenarios.collecting
import scenarios.exiting
import scenarios.installation
import scenarios.model_call
import scenarios.recording
import scenarios.startup
from laboratory import MeasurementError, open_laboratory
from rows import Row, table

SCENARIOS = {
    "recording": scenarios.recording,
    "startup": scenarios.startup,
    "model_call": scenarios.model_call,
    "burst": scenarios.burst,
    "exiting": scenarios.exiting,
    "installation": scenarios.installation,
    "collecting": scenarios.collecting,
    "answering": scenarios.answering,
}


def main() -> None:
    """Measure and print."""
    arguments = parse()
    rows: list[Row] = []
    with open_laboratory(
        rounds=1 if arguments.smoke else arguments.rounds, scale=0.02 if arguments.smoke else 1.0
    ) as laboratory:
        for name in arguments.only or SCENARIOS:
            began = time.monotonic()
            try:
                rows.extend(SCENARIOS[name].run(laboratory))
            except MeasurementError as error:
                sys.exit(f"a measurement failed: {error}")
            print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr)
    if arguments.smoke:
        rows = [dataclasses.replace(row, bar=None) for row in rows]
    if arguments.json:
        print(json.dumps([dataclasses.asdict(row) | {"verdict": row.verdict} for row in rows], indent=2))
        return
    print(table(rows))
    print(f"\nPython {platform.python_version()}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}")
    if arguments.smoke:
        print("A smoke run: everything ran, the figures mean nothing.")


def parse() -> argparse.Namespace:
    """What to run and how to show it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=SCENARIOS, help="these scenarios")
    parser.add_argument("--rounds", type=int, default=5, help="how often each contestant is measured (default 5)")
    parser.add_argument("--smoke", action="store_true", help="few calls, one round: does it run?")
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    return parser.parse_args()


if __name__ == "__main__":
    main()
