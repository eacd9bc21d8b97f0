"""What a plain install brings: packages, and bytes on disk."""

import subprocess
import sys
import tempfile
from pathlib import Path

from laboratory import HERE, Laboratory
from rows import Row

TOOLS = frozenset({"pip", "setuptools", "wheel"})


def run(laboratory: Laboratory) -> list[Row]:
    """The size rows, from a fresh environment with agentops and nothing else."""
    environment = Path(tempfile.mkdtemp(dir=laboratory.folder)) / "environment"
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    pip = [str(environment / "bin" / "python"), "-m", "pip", "--quiet", "--quiet", "--disable-pip-version-check"]
    constraints = ["--constraint", str(HERE.parent / "constraints.txt")]
    done = subprocess.run([*pip, "install", *constraints, str(HERE.parent)], check=False, capture_output=True)
    if done.returncode:
        note = "the install failed: " + done.stderr.decode(errors="replace").strip()[-200:]
        return [Row(what="base install", measured=None, unit="packages", bar=20, note=note)]
    (packages_folder,) = environment.glob("lib/python*/site-packages")
    names = {folder.name.partition("-")[0] for folder in packages_folder.glob("*.dist-info")} - TOOLS
    size = sum(
        file.stat().st_size
        for file in packages_folder.rglob("*")
        if file.is_file() and _counts(file.relative_to(packages_folder))
    )
    return [
        Row(what="base install, packages", measured=len(names), unit="packages", bar=20),
        Row(what="base install, on disk", measured=size / 1e6, unit="MB", bar=30, note="without compiled bytecode"),
    ]


def _counts(path: Path) -> bool:
    return path.suffix != ".pyc" and path.parts[0].partition("-")[0] not in TOOLS
