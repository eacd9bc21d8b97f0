"""`agentops plugins new`: a package with a plugin in it, which works before its author has written a line."""

import keyword
import re
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from string import Template

import click

from agentops.cli.commands import Command, Example, Problem

_MODULE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")


def contents(library: str) -> dict[str, str]:
    """The files of the package for a library, by their paths in it."""
    name = library.replace(".", "_")
    words = {
        "library": library,
        "module": f"agentops_{name}",
        "project": f"agentops-{name.replace('_', '-')}",
        "agentops": version("agentops"),
    }
    places = {
        "pyproject.toml": "pyproject.toml",
        "README.md": "README.md",
        "plugin.py": f"agentops_{name}.py",
        "stand_in.py": f"tests/stand_in/{library.replace('.', '/')}.py",
        "test_conformance.py": "tests/test_conformance.py",
        "test_recorded.py": "tests/test_recorded.py",
        "ask.yaml": "tests/cassettes/ask.yaml",
    }
    templates = files("agentops.cli") / "template"
    return {
        place: Template((templates / f"{source}.txt").read_text(encoding="utf-8")).substitute(words)
        for source, place in places.items()
    }


@click.command(
    cls=Command,
    name="new",
    examples=[
        Example("agentops plugins new parley", "for what programs import as parley"),
        Example("agentops plugins new acme.client --into ~/code", "elsewhere than here"),
    ],
)
@click.argument("library")
@click.option(
    "--into",
    "folder",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="Where to put the package; here if not given.",
)
def command(library: str, folder: Path) -> None:
    """Begin a plugin: write a package that observes LIBRARY, with tests that pass.

    LIBRARY is the module that programs import. What is written observes a small stand-in for it; its README says what
    to replace, in which order. Nothing that is there already is overwritten.
    """
    if not _MODULE.fullmatch(library) or any(map(keyword.iskeyword, library.split("."))):
        likely = re.sub(r"\W+", "_", library).strip("_")
        raise Problem(f"{library!r} is not the name of a module.", hint=f"Name what programs import, such as {likely}.")
    place = folder.expanduser() / f"agentops-{library.replace('.', '-').replace('_', '-')}"
    if place.exists():
        raise Problem(f"{place} is there already.", hint="Choose another folder with --into, or move it away.")
    for name, text in contents(library).items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    click.echo(f"""\
Wrote {place}: a plugin for {library}, with tests that pass as they stand.

  cd {place}
  pip install --editable '.[test]'
  python -m pytest

Then replace what is marked REPLACE, as README.md says, until it observes the real {library}.""")
