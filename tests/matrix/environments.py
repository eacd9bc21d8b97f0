"""An environment for each set of versions, kept in `.venv-versions` and made anew when it is to hold something else."""

import json
import shutil
import subprocess
import tomllib
import venv
from pathlib import Path
from typing import Any

from sets import ROOT, VersionSet

ENVIRONMENTS = ROOT / ".venv-versions"
HOLDS, ANNOUNCES, PASSED = "holds", "announces", "passed"
"""Files in an environment: what was installed, agentops' entry points then, and of which inputs the tests passed."""

_VERSIONS = """
import json, sys
from importlib.metadata import PackageNotFoundError, version
found = {} if sys.argv[1:] else {"python": sys.version.partition(" ")[0]}
for name in sys.argv[1:]:
    try:
        found[name] = version(name)
    except PackageNotFoundError:
        pass
print(json.dumps(found))
"""


class CannotInstall(Exception):  # noqa: N818 - what is the matter
    """What a set requires could not be installed."""


def directory_of(chosen: VersionSet) -> Path:
    """Where a set's environment is."""
    return ENVIRONMENTS / chosen.folder


def prepare(chosen: VersionSet, *, renew: bool = False) -> Path:
    """The interpreter of a set's environment; `renew` looks for later versions of what is not pinned.

    Raises:
        CannotInstall: if something cannot be installed.
    """
    directory = directory_of(chosen)
    python = directory / "bin" / "python"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [*chosen.requires, *project["dependency-groups"]["harness"]]
    holds = "\n".join([*wanted, *project["project"]["dependencies"]])
    announces = json.dumps(project["project"]["entry-points"], sort_keys=True)
    known = _read(directory / HOLDS)
    if not python.exists() or (known is not None and known != holds):
        shutil.rmtree(directory, ignore_errors=True)
        venv.create(directory, with_pip=True)
        known = None
    if known is None or renew:
        _install(python, [*(["--upgrade"] if renew else []), *wanted, "--editable", str(ROOT)])
    elif _read(directory / ANNOUNCES) != announces:
        _install(python, ["--no-deps", "--editable", str(ROOT)])
    (directory / HOLDS).write_text(holds, encoding="utf-8")
    (directory / ANNOUNCES).write_text(announces, encoding="utf-8")
    return python


def versions(python: Path, chosen: VersionSet) -> dict[str, str]:
    """The versions of what a set requires, as installed; that of Python where it requires nothing."""
    command = [str(python), "-c", _VERSIONS, *chosen.distributions]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def has_passed(chosen: VersionSet) -> bool:
    """Whether a set's tests passed, and nothing that they depend on has changed since."""
    return _read(directory_of(chosen) / PASSED) == chosen.inputs()


def note_passed(chosen: VersionSet, inputs: str | None) -> None:
    """Keep for which inputs a set's tests passed; None: they did not."""
    note = directory_of(chosen) / PASSED
    note.parent.mkdir(parents=True, exist_ok=True)
    if inputs is None:
        note.unlink(missing_ok=True)
    else:
        note.write_text(inputs, encoding="utf-8")


def _install(python: Path, what: list[str]) -> None:
    uv = shutil.which("uv")
    if uv is not None:
        command = [uv, "pip", "install", "--quiet", "--python", str(python), *what]
    else:
        quiet = ["--quiet", "--quiet", "--disable-pip-version-check", "--no-input"]
        command = [str(python), "-m", "pip", "install", *quiet, *what]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CannotInstall((done.stderr or done.stdout).strip())


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None
