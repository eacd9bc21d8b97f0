"""Lists every public name of the `agentops` that is installed where this runs, with what it takes, as JSON.

    some-environment/bin/python tests/legacy/survey.py > tests/legacy/agentops-0.3.26.json

A name is public if it has no leading underscore and is defined in the module, or is taken from another module of
agentops by a package, which offers it so. It runs in environments that hold nothing else, so it imports the standard
library only.
"""

import ast
import importlib
import importlib.util
import inspect
import json
import re
import sys
from collections.abc import Iterator
from enum import Enum
from importlib import metadata
from pathlib import Path
from typing import Any, TypeVar

KINDS = {
    inspect.Parameter.POSITIONAL_ONLY: "/",
    inspect.Parameter.POSITIONAL_OR_KEYWORD: "",
    inspect.Parameter.VAR_POSITIONAL: "*",
    inspect.Parameter.KEYWORD_ONLY: "k",
    inspect.Parameter.VAR_KEYWORD: "**",
}
"""How a parameter takes its argument."""


INTERNAL = ("agentops.instrumentation", "agentops.llms")
"""Modules of which only the names are listed: hundreds of functions that patch other libraries."""


def modules(root: Path, package: str) -> Iterator[tuple[str, Path]]:
    """The modules of a package that have no private part in their names, with their files."""
    for path in sorted(root.rglob("*.py")):
        parts = [package, *path.relative_to(root).with_suffix("").parts]
        if parts[-1] == "__init__":
            parts.pop()
        if not any(part.startswith("_") for part in parts):
            yield ".".join(parts), path


def statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that run when a module is imported, those of its branches too."""
    for statement in body:
        yield statement
        if isinstance(statement, ast.If) and "TYPE_CHECKING" in ast.dump(statement.test):
            continue
        for part in ("body", "orelse", "finalbody"):
            if isinstance(statement, ast.If | ast.Try | ast.With):
                yield from statements(getattr(statement, part, []))


def defined(tree: ast.Module, package: str, *, offers: bool) -> dict[str, ast.stmt]:
    """The names that a module defines and, where it `offers` them as packages do, those it takes from its like."""
    found: dict[str, ast.stmt] = {}
    for statement in statements(tree.body):
        names: list[str] = []
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names = [statement.name]
        elif isinstance(statement, ast.Assign):
            names = [target.id for target in statement.targets if isinstance(target, ast.Name)]
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            names = [statement.target.id]
        elif isinstance(statement, ast.ImportFrom) and offers:
            source = statement.module or ""
            if statement.level or source.partition(".")[0] == package:
                names = [alias.asname or alias.name for alias in statement.names]
        found.update({name: statement for name in names if not name.startswith("_") and name != "*"})
    return found


def parameters(value: Any) -> list[list[str]] | None:
    """What a callable takes: name, how, and the default if there is one."""
    try:
        signature = inspect.signature(value)
    except (TypeError, ValueError):
        return None
    return [
        [name, KINDS[parameter.kind], *([] if parameter.default is parameter.empty else [shown(parameter.default)])]
        for name, parameter in signature.parameters.items()
    ]


def shown(value: object) -> str:
    """A default in words that are the same in every run."""
    return re.sub(r" at 0x[0-9a-f]+", "", repr(value))


def written(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[list[str]]:
    """What a function takes, as its source says: where its module cannot be imported."""
    arguments = node.args
    plain = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(plain) - len(arguments.defaults)) + [ast.unparse(each) for each in arguments.defaults]
    found = [
        [each.arg, "", *([] if default is None else [default])] for each, default in zip(plain, defaults, strict=True)
    ]
    if arguments.vararg:
        found.append([arguments.vararg.arg, "*"])
    for each, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        found.append([each.arg, "k", *([] if default is None else [ast.unparse(default)])])
    if arguments.kwarg:
        found.append([arguments.kwarg.arg, "**"])
    return found


def members(kind: Any) -> dict[str, Any]:
    """The public members of a class that it or a base of the same package defines."""
    if issubclass(kind, Enum):
        words = {name: value for name, value in vars(kind).items() if name[0] != "_" and isinstance(value, str)}
        words |= {name: str(member.value) for name, member in kind.__members__.items()}
        return {name: {"kind": "value", "value": value} for name, value in words.items()}
    package = kind.__module__.partition(".")[0]
    found: dict[str, Any] = {}
    for base in reversed(inspect.getmro(kind)):
        own: dict[str, Any] = dict(vars(base)) if base.__module__.partition(".")[0] == package else {}
        found.update({name: member(kind, name, value) for name, value in own.items() if not name.startswith("_")})
    return found


def member(kind: Any, name: str, value: Any) -> dict[str, Any]:
    """One member of a class."""
    if isinstance(value, property):
        return {"kind": "property"}
    bound = inspect.getattr_static(kind, name, value)
    if isinstance(bound, staticmethod | classmethod) or inspect.isroutine(value):
        return {"kind": "method", "parameters": parameters(getattr(kind, name))}
    return {"kind": "value", "value": value if isinstance(value, str) else None}


def described(value: Any) -> dict[str, Any]:
    """A name by what is bound to it."""
    if inspect.isclass(value):
        takes = None if issubclass(value, Enum) else parameters(value)
        return {"kind": "class", "parameters": takes, "members": members(value)}
    if inspect.ismodule(value):
        return {"kind": "module"}
    if callable(value):
        return {"kind": "function", "parameters": parameters(value)}
    return {"kind": "value", "value": value if isinstance(value, str) else None}


def guessed(node: ast.stmt) -> dict[str, Any]:
    """A name by the statement that binds it."""
    if isinstance(node, ast.ClassDef):
        methods = [each for each in node.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)]
        start = next((written(each)[1:] for each in methods if each.name == "__init__"), None)
        public = {each.name: each for each in methods if not each.name.startswith("_")}
        listed = {name: {"kind": "method", "parameters": written(each)} for name, each in public.items()}
        return {"kind": "class", "parameters": start, "members": listed}
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return {"kind": "function", "parameters": written(node)}
    return {"kind": "value", "value": None}


def names_of(module: str, path: Path) -> dict[str, Any]:
    """The public names of a module."""
    package = module.partition(".")[0]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    listed = defined(tree, package, offers=path.name == "__init__.py")
    try:
        loaded: Any = importlib.import_module(module)
    except Exception:  # noqa: BLE001 - whatever it is that this module wants and does not find here
        found = {name: guessed(node) for name, node in listed.items()}
        return {name: {"kind": each["kind"]} if module.startswith(INTERNAL) else each for name, each in found.items()}
    if module.startswith(INTERNAL):
        return {name: {"kind": described(getattr(loaded, name))["kind"]} for name in listed if is_own(loaded, name)}
    return {name: described(getattr(loaded, name)) for name in listed if is_own(loaded, name)}


def is_own(module: Any, name: str) -> bool:
    """Whether what a module has under a name is of its package; data, which do not say, are."""
    if not hasattr(module, name):
        return False
    package, value = module.__name__.partition(".")[0], getattr(module, name)
    if isinstance(value, TypeVar):
        return False
    home = value.__name__ if inspect.ismodule(value) else getattr(value, "__module__", None)
    return not isinstance(home, str) or home.partition(".")[0] == package or not callable(value)


def survey(package: str = "agentops") -> dict[str, Any]:
    """Every public name of a package by its modules."""
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        sys.exit(f"{package} is not installed here")
    listed = {module: names_of(module, path) for module, path in modules(Path(found.origin).parent, package)}
    return {"version": metadata.version(package), "modules": listed}


def as_text(listed: dict[str, Any]) -> str:
    """A survey as JSON with a line for each name, so that differences can be read."""
    parts = [
        f"  {json.dumps(module)}: {{\n"
        + ",\n".join(f"   {json.dumps(name)}: {json.dumps(names[name], sort_keys=True)}" for name in sorted(names))
        + "\n  }"
        for module, names in sorted(listed["modules"].items())
        if names
    ]
    return f'{{\n "version": {json.dumps(listed["version"])},\n "modules": {{\n' + ",\n".join(parts) + "\n }\n}\n"


if __name__ == "__main__":
    sys.stdout.write(as_text(survey()))
