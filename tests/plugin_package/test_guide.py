"""The guide for plugin authors, followed to the letter: its files make a package that is found and records calls."""

import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "writing-a-plugin.md"
FILE = re.compile(r"^<!-- file: (?P<name>\S+) -->\n```\w+\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL)
CONSOLE = re.compile(r"^```console\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL)
PYTHON = re.compile(r"(?P<mark><!--.*?-->\n)?^```python\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the guide's files."""
    folder = tmp_path_factory.mktemp("guide")
    for match in FILE.finditer(GUIDE.read_text(encoding="utf-8")):
        path = folder / match["name"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(match["text"], encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def environment(package: Path) -> dict[str, str]:
    """A fresh virtual environment with our own wheel in it; what both need is borrowed from this one."""
    run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(package / "dist"), str(ROOT)])
    venv = package / "venv"
    run([sys.executable, "-m", "venv", "--without-pip", str(venv)])
    site = next((venv / "lib").glob("python*")) / "site-packages"
    for file in borrowed():
        (site / file.name).symlink_to(file)
    site.joinpath("library.pth").write_text(str(package / "library"))
    scripts = venv / "bin"
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("AGENTOPS_", "PYTHON"))}
    variables |= {
        "PATH": f"{scripts}{os.pathsep}{variables['PATH']}",
        "VIRTUAL_ENV": str(venv),
        "AGENTOPS_DIR": str(package / "recordings"),
        "NO_COLOR": "1",
        "COLUMNS": "200",
    }
    (wheel,) = (package / "dist").glob("agentops-*.whl")
    run([str(scripts / "python"), "-m", "pip", "install", *OFFLINE, str(wheel)], package, variables)
    return variables


OFFLINE = ("--quiet", "--no-index", "--no-deps", "--disable-pip-version-check")


def borrowed() -> list[Path]:
    """What is installed here, but for agentops itself."""
    here = Path(sysconfig.get_path("purelib"))
    return [file for file in here.iterdir() if "agentops" not in file.name.lower() and file.name != "__pycache__"]


def run(command: list[str], folder: Path | None = None, variables: dict[str, str] | None = None) -> str:
    """Run a command, and give what it printed; it must succeed."""
    done = subprocess.run(
        command,
        cwd=folder,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}"
    return done.stdout


@pytest.mark.timeout(300)
def test_the_guide_leads_to_a_plugin_that_works(package: Path, environment: dict[str, str]) -> None:
    """Built as a wheel and installed, it is found, records what an unchanged program does, and proves itself."""
    printed: dict[str, str] = {}
    for block in CONSOLE.finditer(GUIDE.read_text(encoding="utf-8")):
        for part in re.split(r"^\$ ", block["text"], flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            printed[command] = run(["sh", "-c", command], package, environment)
            lines = printed[command].splitlines()
            assert [line for line in shown.splitlines() if line not in lines] == [], printed[command]
    tree = printed["agentops show last"]
    for words in ("parrot-1", "parrot-2", "nothing was said"):
        assert words in tree
    program = (
        "from agentops.plugins.manager import Plugins; plugins = Plugins(); plugins.load();"
        "(report,) = [each for each in plugins.reports if each.name == 'parley'];"
        "print(report.distribution, report.version, report.error)"
    )
    assert run(["python", "-c", program], package, environment) == "agentops-parley 1.0.0 None\n"
    assert run(["python", "program.py"], package, environment).splitlines()[0] == "hello again"


def test_every_other_snippet_is_python() -> None:
    """What the guide only shows is at least Python."""
    others = [match["text"] for match in PYTHON.finditer(GUIDE.read_text(encoding="utf-8")) if not match["mark"]]
    assert others
    for text in others:
        compile(text, str(GUIDE), "exec")


def test_the_guide_names_what_is_there() -> None:
    """Modules and names that the guide mentions can be imported."""
    text = GUIDE.read_text(encoding="utf-8")
    for module, names in re.findall(r"^from (agentops[\w.]*) import ([\w, ]+)", text, re.MULTILINE):
        imported = __import__(module, fromlist=["any"])
        assert [name for name in names.split(", ") if not hasattr(imported, name)] == [], module
