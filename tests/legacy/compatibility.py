"""Compares what AgentOps 0.3.26 and 0.4.21 offer with what is here, as the table of `docs/reference/compatibility.md`.

python tests/legacy/compatibility.py          writes the table anew
python tests/legacy/compatibility.py survey   installs both versions and looks whether the lists of their names,
                                              `agentops-*.json` beside this file, are still what they offer
"""

import argparse
import importlib
import json
import re
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PAGE = ROOT / "docs" / "reference" / "compatibility.md"
ENVIRONMENTS = ROOT / ".venv-versions"
sys.path.insert(0, str(HERE))

import survey  # noqa: E402 - beside this file
from compatibility_notes import INTERNAL, NOTES  # noqa: E402 - as above

VERSIONS = {
    "0.3.26": ["agentops==0.3.26", "langchain-core"],
    "0.4.21": ["agentops==0.4.21", "opentelemetry-exporter-otlp-proto-http<=1.44.0", "langchain-core"],
}
"""What is installed to survey a version: 0.4.21 does not work with later exporters of OpenTelemetry."""

SHOWN = 6
"""How many differences of one name are shown."""

OPTIONAL = ("agentops.integration.callbacks.dspy",)
"""Modules that only programs with a library of their own can import; `test_dspy.py` says what they offer."""

TABLE = re.compile(r"(?<=<!-- names begin -->\n).*?(?=<!-- names end -->)", re.DOTALL)


class Row(NamedTuple):
    """One public name: in which versions it is, whether it is here, and what differs."""

    name: str
    versions: list[str]
    is_here: bool
    differences: list[str]


def committed() -> dict[str, Any]:
    """The lists of names, by version."""
    return {version: json.loads((HERE / f"agentops-{version}.json").read_text("utf-8")) for version in VERSIONS}


def reason_for(module: str) -> str | None:
    """Why a module is not provided, if it is not."""
    found = [reason for start, reason in INTERNAL.items() if f"{module}.".startswith(f"{start}.")]
    return found[0] if found else None


def rows() -> Iterator[Row]:
    """Every public name of both versions but those of internal modules, in order."""
    listed: dict[str, dict[str, Any]] = {}
    for version, found in committed().items():
        for module, names in found["modules"].items():
            if reason_for(module) is None:
                for name, entry in names.items():
                    listed.setdefault(f"{module}.{name}", {})[version] = entry
    for name in sorted(listed, key=lambda name: (name.rpartition(".")[0], name)):
        yield compare(name, listed[name])


def compare(name: str, entries: dict[str, Any]) -> Row:
    """A name of theirs against what is here."""
    module, _, last = name.rpartition(".")
    if module.startswith(OPTIONAL):
        return Row(name, list(entries), is_here=last.endswith("Handler"), differences=[])
    try:
        value = getattr(importlib.import_module(module), last)
    except (ImportError, AttributeError):
        return Row(name, list(entries), is_here=False, differences=[])
    ours = survey.described(value)
    found = [each for entry in entries.values() for each in differences(entry, ours)]
    found = list(dict.fromkeys(found))
    left = [f"and {len(found) - SHOWN} more"] if len(found) > SHOWN else []
    return Row(name, list(entries), is_here=True, differences=[*found[:SHOWN], *left])


def differences(theirs: dict[str, Any], ours: dict[str, Any]) -> Iterator[str]:
    """In what an entry of theirs is more than, or other than, ours."""
    yield from untaken(theirs.get("parameters"), ours.get("parameters"))
    if theirs.get("value") != ours.get("value") and theirs["kind"] == "value" == ours["kind"]:
        yield f"is {ours.get('value')!r}"
    members = ours.get("members", {})
    missing = [f"`{name}`" for name in theirs.get("members", {}) if name not in members]
    if missing and ours["kind"] == "class":
        yield f"without {', '.join(missing)}"
    for name, member in theirs.get("members", {}).items():
        if name in members:
            for each in untaken(member.get("parameters"), members[name].get("parameters")):
                yield f"`{name}` {each}"
            if member["kind"] == "value" == members[name]["kind"] and member.get("value") != members[name].get("value"):
                yield f"`{name}` is `{members[name].get('value')}`"


def untaken(theirs: list[list[str]] | None, ours: list[list[str]] | None) -> Iterator[str]:
    """What their callers may pass and ours does not take in the same way."""
    if theirs is None or ours is None:
        return
    places = [name for name, how, *_ in ours if how in {"", "/"}]
    named = {name for name, how, *_ in ours if how in {"", "k"}}
    takes_more, takes_named = any(how == "*" for _, how, *_ in ours), any(how == "**" for _, how, *_ in ours)
    for place, (name, how, *_) in enumerate(theirs):
        if how in {"*", "**"} or name == "self":
            continue
        is_placed = places[place : place + 1] == [name] or (place >= len(places) and takes_more)
        if name not in named and not takes_named:
            yield f"does not take `{name}`" if not is_placed else f"takes `{name}` by its place only"
        elif how != "k" and not is_placed:
            yield f"takes `{name}` by name only"
    known = {name for name, *_ in theirs}
    needed = [name for name, how, *default in ours if how in {"", "k"} and not default and name not in known]
    if needed and not any(how in {"*", "**"} for _, how, *_ in theirs):
        yield f"needs {', '.join(f'`{name}`' for name in needed)}"


def table() -> str:
    """The table of names, and what of the two packages is not provided."""
    lines = ["| name | 0.3.26 | 0.4.21 | here | note |", "|---|---|---|---|---|"]
    for row in rows():
        marks = " | ".join("yes" if version in row.versions else "" for version in VERSIONS)
        here = "no" if not row.is_here else "differs" if row.differences else "yes"
        note = "; ".join([*row.differences, *([NOTES[row.name]] if row.name in NOTES else [])])
        lines.append(f"| `{row.name}` | {marks} | {here} | {note} |")
    lines += ["", "Not provided:", "", "| module | 0.3.26 | 0.4.21 | names | why |", "|---|---|---|---|---|"]
    found = committed()
    modules = sorted({module for each in found.values() for module in each["modules"] if reason_for(module)})
    for module in modules:
        marks = " | ".join("yes" if module in found[version]["modules"] else "" for version in VERSIONS)
        names = sorted({name for each in found.values() for name in each["modules"].get(module, {})})
        lines.append(f"| `{module}` | {marks} | {', '.join(f'`{name}`' for name in names)} | {reason_for(module)} |")
    return "\n".join(lines) + "\n"


def write() -> int:
    """Put the table into its page."""
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(TABLE.sub(lambda _: table(), page), encoding="utf-8")
    return 0


def survey_anew() -> int:
    """Survey both versions in environments of their own; 1 if the lists differ, which are then written anew."""
    changed: list[str] = []
    for version, wanted in VERSIONS.items():
        directory = ENVIRONMENTS / f"agentops-{version}"
        python = directory / "bin" / "python"
        if not python.is_file():
            print(f"Installing {', '.join(wanted)}", flush=True)  # noqa: T201 - a script that says what it does
            venv.create(directory, clear=True, with_pip=True)
            pip = [str(python), "-m", "pip", "install", "--quiet", "--quiet", "--disable-pip-version-check"]
            subprocess.run([*pip, "--no-input", *wanted], check=True)
        print(f"Surveying agentops {version}", flush=True)  # noqa: T201 - as above
        listed = subprocess.run([python, HERE / "survey.py"], check=True, capture_output=True, text=True).stdout
        kept = HERE / f"agentops-{version}.json"
        if not kept.is_file() or kept.read_text(encoding="utf-8") != listed:
            kept.write_text(listed, encoding="utf-8")
            changed.append(kept.name)
    if changed:
        print(f"What they offer is not what was listed; written anew: {', '.join(changed)}")  # noqa: T201 - as above
    return 1 if changed else 0


def main() -> int:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="?", choices=["table", "survey"], default="table")
    return survey_anew() if parser.parse_args().what == "survey" else write()


if __name__ == "__main__":
    sys.exit(main())
