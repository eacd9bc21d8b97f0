"""The sets of versions: which libraries are installed beside each other, and which tests run with them."""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PLUGINS = ROOT / "src" / "agentops_plugins"
FRAMEWORKS = ROOT / "tests" / "frameworks"
SHARED = HERE / "shared.toml"

_NAME = re.compile(r"[\s\[<>=!~;@]")
_FAMILY = re.compile(r"from agentops_plugins\.(\w+) import")


@dataclass(frozen=True, kw_only=True)
class VersionSet:
    """One set of versions.

    Attributes:
        file: the file that it stands in, without its ending: mostly the name of the plugin.
        name: which of that file's sets it is: `oldest`, `newest`, ...
        plugins: what is tested: modules of `agentops_plugins`, or `()`.
        requires: what is installed.
        tests: files and folders that pytest runs, or the script that is run instead.
        options: more options of pytest, mostly to bear the warnings of old versions.
        program: the program of `tests/frameworks` that is run among them.
        script: arguments of the script, where `tests` is one.
        heavy: whether it takes long to install.
    """

    file: str
    name: str
    plugins: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    tests: tuple[str, ...]
    options: tuple[str, ...] = ()
    program: str | None = None
    script: tuple[str, ...] | None = None
    heavy: bool = False

    @property
    def title(self) -> str:
        """What it is called on the command line; its environment has the same name with a dash."""
        return self.name if self.file == SHARED.stem else f"{self.file}.{self.name}"

    @property
    def folder(self) -> str:
        """The name of its environment."""
        return self.title.replace(".", "-")

    @property
    def distributions(self) -> list[str]:
        """The names of what is installed."""
        return [_NAME.split(requirement)[0] for requirement in self.requires]

    def row(self, plugin: str) -> str:
        """The name of its results among those of a plugin: a plugin may be tested from several files."""
        return self.name if self.file in {plugin, SHARED.stem} else f"{self.file}-{self.name}"

    def inputs(self) -> str:
        """A digest of what its result depends on: what is installed, the plugins and the tests."""
        digest = hashlib.sha256(json.dumps([self.requires, self.tests, self.options, self.program]).encode())
        for path in sorted(self.sources()):
            digest.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
        return digest.hexdigest()

    def sources(self) -> set[Path]:
        """The files of its plugins, of what they share with others, and of its tests."""
        found = {PLUGINS / f"{plugin}.py" for plugin in self.plugins}
        waiting = list(found)
        while waiting:
            names = _FAMILY.findall(_text_of(waiting.pop()))
            further = {PLUGINS / f"{name}.py" for name in names} - found
            found |= further
            waiting += further
        for test in self.tests:
            path = ROOT / test
            found |= _of_framework(self.program) if path == FRAMEWORKS else set(_files_of(path))
        return {path for path in found if path.is_file()}


def read_sets() -> list[VersionSet]:
    """Every set there is, in the order in which they are run."""
    found = [
        _set(path.stem, name, said | {"plugins": [said["plugin"]]}, own)
        for path in sorted((HERE / "libraries").glob("*.toml"))
        for said in [_read(path)]
        for name, own in said["sets"].items()
    ]
    return [*(_set(SHARED.stem, name, {}, own) for name, own in _read(SHARED).items()), *found]


def choose(sets: Iterable[VersionSet], names: Iterable[str]) -> tuple[list[VersionSet], list[str]]:
    """The sets that are named, each by its title, its plugin or its file; and the names of none."""
    wanted = list(names)
    known = list(sets)
    if not wanted:
        return known, []
    chosen = [each for each in known if not _words(each).isdisjoint(wanted)]
    return chosen, sorted(set(wanted).difference(*map(_words, known)))


def _words(each: VersionSet) -> set[str]:
    named = {each.title, each.folder}
    return named if each.file == SHARED.stem else named | {each.file, *each.plugins}


def _set(file: str, name: str, of_file: dict[str, Any], own: dict[str, Any]) -> VersionSet:
    said = of_file | own
    lists = {key: tuple(said.get(key, ())) for key in ("plugins", "requires", "tests", "options")}
    script = said.get("script")
    return VersionSet(
        file=file,
        name=name,
        **lists,
        program=said.get("program"),
        script=None if script is None else tuple(script),
        heavy=said.get("heavy", False),
    )


def _of_framework(program: str | None) -> set[Path]:
    """What a framework's program is, and what runs it."""
    own = set(FRAMEWORKS.glob(f"*/{program}.py")) | set(FRAMEWORKS.glob(f"*/{program}*.txt"))
    return own | set(FRAMEWORKS.glob("*.py")) | {FRAMEWORKS / "scripts" / "research.py"}


def _files_of(path: Path) -> list[Path]:
    return [path] if path.is_file() else list(path.rglob("*.py"))


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(_text_of(path))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{path.relative_to(ROOT)}: {error}") from error


def _text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""
