"""Runs tests against other libraries than those of `make test`, each set of them in an environment of its own.

    python tests/plugins/versions.py                  the oldest and the newest clients that the plugins are made for,
                                                      DSPy, and the former versions of agentops
    python tests/plugins/versions.py last-on-httpx    one set by name
    python tests/plugins/versions.py oldest -- -k raw what follows `--` goes to pytest

The environments are kept in `.venv-versions/` and made anew when what they hold changes.
"""

import argparse
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).parents[2]
ENVIRONMENTS = ROOT / ".venv-versions"

SETS = {
    "oldest": [
        "openai==2.0.0",
        "anthropic==0.60.0",
        "groq==0.30.0",
        "together==2.0.0",
        "fireworks-ai==1.2.0",
    ],
    "last-on-httpx": ["openai==2.54.0", "anthropic==0.125.0", "groq==0.37.1", "together==2.42.0"],
    "newest": ["openai", "anthropic", "groq", "together", "fireworks-ai", "httpx", "httpx2"],
    "dspy": ["dspy", "anthropic"],
}
"""Libraries by name of the set; openai 3 and anthropic 1 went from httpx to httpx2."""

TESTS = {"dspy": "tests/legacy/test_dspy.py"}
"""What is run with a set, where that is not the tests of the plugins."""

FORMER = "former"
"""The set of AgentOps 0.3.26 and 0.4.21, whose names are compared with the lists of them in `tests/legacy`."""

DEFAULT = ("oldest", "newest", "dspy", FORMER)


def tools() -> list[str]:
    """What the tests need beside the client libraries."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
    return [requirement for requirement in groups["test"] if isinstance(requirement, str)]


def prepare(name: str) -> Path:
    """The interpreter of a set's environment, made where it is missing or holds something else."""
    directory = ENVIRONMENTS / name
    python, stamp = directory / "bin" / "python", directory / "holds"
    wanted = "\n".join([*SETS[name], *tools(), (ROOT / "pyproject.toml").read_text(encoding="utf-8")])
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != wanted:
        print(f"Installing {', '.join(SETS[name])}", flush=True)  # noqa: T201 - a script that says what it does
        venv.create(directory, clear=True, with_pip=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--quiet", "--disable-pip-version-check", "--no-input"]
        subprocess.run([*pip, *SETS[name], *tools(), "--editable", str(ROOT)], check=True)
        stamp.write_text(wanted, encoding="utf-8")
    return python


def run(name: str, arguments: list[str]) -> bool:
    """Whether the tests pass with a set."""
    if name == FORMER:
        return (
            subprocess.run(
                [sys.executable, "tests/legacy/compatibility.py", "survey"], cwd=ROOT, check=False
            ).returncode
            == 0
        )
    python = prepare(name)
    tests = TESTS.get(name, "tests/plugins")
    print(f"{tests} with the set {name!r}", flush=True)  # noqa: T201 - as above
    command = [str(python), "-m", "pytest", tests, "-q", "-p", "no:cacheprovider", *arguments]
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def main() -> int:
    """Run the sets that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="set", help=f"one of {', '.join((*SETS, FORMER))}")
    end = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
    names = parser.parse_args(sys.argv[1:end]).names or DEFAULT
    unknown = sorted(set(names) - {*SETS, FORMER})
    if unknown:
        parser.error(f"no set is called {', '.join(unknown)}; there are {', '.join((*SETS, FORMER))}")
    failed = [name for name in names if not run(name, sys.argv[end + 1 :])]
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
