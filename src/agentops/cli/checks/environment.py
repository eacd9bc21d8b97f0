"""The Python that would record, and which agentops it has."""

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import importlib_metadata

import agentops
from agentops.cli.checks.finding import Finding, fine, note, warning


def check_environment() -> Iterator[Finding]:
    """Findings about the interpreter, the installation and the command."""
    home = Path(agentops.__file__).parent
    yield fine(f"agentops {version('agentops')} in {home}")
    yield fine(f"Python {platform.python_version()} at {sys.executable}")
    yield from _several_installed()
    yield from _shadowed(home)
    yield from _another_command()


def _several_installed() -> Iterator[Finding]:
    found = {
        str(distribution.locate_file("")): distribution.version
        for distribution in importlib_metadata.distributions(name="agentops")  # pyright: ignore[reportUnknownMemberType] - untyped there
    }
    if len(found) > 1:
        places = ", ".join(f"{number} in {place}" for place, number in found.items())
        yield warning(
            f"several agentops are installed: {places}",
            "Run `pip uninstall agentops` until none is left, then install it once.",
        )


def _shadowed(home: Path) -> Iterator[Finding]:
    for name in ("agentops.py", "agentops"):
        local = Path(name)
        if not local.exists() or (local.is_dir() and not (local / "__init__.py").exists()):
            continue
        if local.resolve() not in {home.resolve(), *home.resolve().parents}:
            yield warning(
                f"{local.resolve()} hides agentops from programs started in this folder",
                "Rename it, or start programs from another folder.",
            )


def _another_command() -> Iterator[Finding]:
    command = shutil.which("agentops")
    here = Path(sys.executable).parent
    if command is None:
        yield note(f"`agentops` is not on the PATH; it is in {here}", f"Add {here} to PATH.")
    elif not os.path.samefile(Path(command).parent, here):  # noqa: PTH121 - one call for two paths
        yield note(
            f"the `agentops` on the PATH is {command}, of another Python than this one",
            "Programs are recorded by the Python that `agentops run` itself uses: call the one you mean.",
        )
