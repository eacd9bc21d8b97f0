"""Runs the tests of plugins with other versions of libraries, each set of them in an environment of its own.

    python tests/matrix/run.py                    every set whose plugin or tests have changed since it passed
    python tests/matrix/run.py mistralai          the sets of one plugin
    python tests/matrix/run.py mistralai.oldest   one set
    python tests/matrix/run.py --again --light    all but the heavy ones, with the newest versions there are now
    python tests/matrix/run.py oldest -- -k raw   what follows `--` goes to pytest, and nothing is written down

The sets stand in `tests/matrix/libraries/<plugin>.toml` and `tests/matrix/shared.toml`, what came of them in
`tests/matrix/results.toml`.
"""

import argparse
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from environments import CannotInstall, directory_of, has_passed, note_passed, prepare, versions
from results import Case, Counts, count, of_plugin, read_cases, write_down
from sets import ROOT, SHARED, VersionSet, choose, read_sets

SECONDS = 1_800
SHOWN = 40
"""How many lines of a failure are shown; all of them are in `log` in the environment."""

NOTHING_RAN = "no test ran"


def run(chosen: VersionSet, options: list[str], *, again: bool) -> bool:
    """Run one set, unless it has passed as it is, and say what came of it; whether that is well."""
    partial = bool(options)
    if not again and not partial and has_passed(chosen):
        say(chosen, "passed before")
        return True
    inputs = chosen.inputs()
    note_passed(chosen, None)
    try:
        if chosen.script is not None:
            is_well, output = _run_script(chosen)
            say(chosen, "passed" if is_well else "failed")
        else:
            python = prepare(chosen, renew=again)
            cases, output, code = _run_tests(chosen, python, options)
            counts = count(cases)
            is_well = code == 0 and counts.passed > 0
            installed = versions(python, chosen)
            if not partial:
                _write_down(chosen, cases, installed, failed=code != 0 or not counts.passed)
            told = ", ".join(f"{name} {version}" for name, version in installed.items())
            say(chosen, f"{counts if cases else NOTHING_RAN}  ({told})")
    except (CannotInstall, subprocess.TimeoutExpired) as error:
        is_well, output = False, str(error)
        say(chosen, f"not run: {output.splitlines()[-1] if output else 'no reason given'}")
    _keep(chosen, output)
    if not is_well:
        say_all("\n".join(output.splitlines()[-SHOWN:]))
    elif not partial:
        note_passed(chosen, inputs)
    return is_well


def _run_script(chosen: VersionSet) -> tuple[bool, str]:
    command = [sys.executable, *chosen.tests, *(chosen.script or ())]
    done = subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=SECONDS, check=False
    )
    return done.returncode == 0, done.stdout


def _run_tests(chosen: VersionSet, python: Path, options: list[str]) -> tuple[list[Case], str, int]:
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [str(python), "-m", "pytest", *chosen.tests, "-q", "-p", "no:cacheprovider", f"--junitxml={report}"]
        done = subprocess.run(
            [*command, *chosen.options, *options],
            cwd=ROOT,
            env=os.environ | {"MATRIX_SET": chosen.name, "MATRIX_PROGRAM": chosen.program or ""},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        return read_cases(report), done.stdout, done.returncode


def _write_down(chosen: VersionSet, cases: list[Case], installed: dict[str, str], *, failed: bool) -> None:
    for plugin in chosen.plugins:
        own = of_plugin(cases, plugin) if chosen.file == SHARED.stem else cases
        counts = count(own)
        if failed and not counts.failed:
            counts = Counts(counts.passed, counts.skipped, 1)
        result = {"date": datetime.now(UTC).date().isoformat(), "versions": installed, **vars(counts)}
        write_down(plugin, chosen.row(plugin), result)


def _keep(chosen: VersionSet, output: str) -> None:
    directory = directory_of(chosen)
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "log").write_text(output, encoding="utf-8")


def say(chosen: VersionSet, what: str) -> None:
    """A line about a set."""
    say_all(f"{chosen.title:<32} {what}")


def say_all(what: str) -> None:
    """What the person at the terminal is to read."""
    print(what, flush=True)  # noqa: T201 - a script that says what it does


def main() -> int:
    """Run the sets that the command line names; all of them, whatever comes of the others."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="plugin or set", help="plugin, plugin.set, or a shared set")
    parser.add_argument("--again", action="store_true", help="also what has passed, with the newest versions")
    parser.add_argument("--light", action="store_true", help="not what takes long to install")
    end = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    asked = parser.parse_args(sys.argv[1:end])
    chosen, unknown = choose(read_sets(), asked.names)
    if unknown:
        parser.error(f"there is no plugin and no set called {', '.join(unknown)}")
    chosen = [each for each in chosen if not (asked.light and each.heavy)]
    well = [run(each, sys.argv[end + 1 :], again=asked.again) for each in chosen]
    say_all(f"{sum(well)} of {len(well)} sets passed")
    return 0 if all(well) else 1


if __name__ == "__main__":
    sys.exit(main())
