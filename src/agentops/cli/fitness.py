"""How well what the plugins observe fits the libraries that are installed here."""

import re
from collections.abc import Callable
from importlib import import_module
from itertools import zip_longest
from typing import Any

from agentops.instrumentation.patch import install
from agentops.instrumentation.report import LibraryReport, State, TargetReport, report_library
from agentops.instrumentation.target import Bridge, Instrumentation
from agentops.plugins.manager import Plugins

_CLAUSE = re.compile(r"\s*(>=|<=|==|!=|~=|>|<)\s*([0-9]+(?:\.[0-9]+)*)(\.\*)?\s*")
_RELEASE = re.compile(r"v?(?:\d+!)?(\d+(?:\.\d+)*)")


def reports(plugins: Plugins, *, importing: bool) -> list[tuple[str, LibraryReport]]:
    """Every observed library by plugin, looked up without importing it, or imported to see whether its targets bind.

    With `importing`, libraries are imported into this process and patched for the moment of looking.
    """
    found = [
        (plugin, _report_imported(source) if importing else _report(source))
        for plugin, source in plugins.instrumentations()
    ]
    return sorted(found, key=lambda entry: (entry[1].version is None, entry[1].library))


def _report(source: Instrumentation | Bridge) -> LibraryReport:
    if isinstance(source, Bridge):
        return report_library(source, [TargetReport(source.module or source.library, State.WAITING)])
    return report_library(source, [TargetReport(target.path, State.WAITING) for target in source.targets])


def _report_imported(source: Instrumentation | Bridge) -> LibraryReport:
    modules = (
        {target.path.partition(":")[0] for target in source.targets}
        if isinstance(source, Instrumentation)
        else {source.module or source.library}
    )
    failures = {module: failure for module in modules if (failure := _try_to_import(module)) is not None}
    if isinstance(source, Bridge):
        state = State.MISSED if failures else State.WAITING
        module = source.module or source.library
        return report_library(source, [TargetReport(module, state, failures.get(module, ""))])
    installed = install(source, lambda _: _pass_through)
    try:
        report = installed.describe()
    finally:
        installed.undo()
    targets = (
        TargetReport(target.path, State.MISSED, failures[module])
        if target.state is State.WAITING and (module := target.path.partition(":")[0]) in failures
        else target
        for target in report.targets
    )
    return LibraryReport(
        library=report.library,
        distribution=report.distribution,
        version=report.version,
        versions=report.versions,
        targets=tuple(targets),
    )


def _try_to_import(module: str) -> str | None:
    """Why a module cannot be imported; None if it can, or if its library is not installed at all."""
    try:
        import_module(module)
    except ImportError as error:
        return None if error.name == module.partition(".")[0] else str(error)
    return None


def _pass_through(call: Callable[..., Any], _: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return call(*args, **kwargs)


def fits(version: str, specifier: str) -> bool:
    """Whether a version lies in what a plugin was made for; clauses and versions that cannot be read say nothing.

    Only release numbers are compared: a pre-release counts as its release. See
    https://packaging.python.org/en/latest/specifications/version-specifiers/ for the clauses.
    """
    release = _RELEASE.match(version)
    if release is None:
        return True
    return all(_holds(release[1], clause) for clause in specifier.split(","))


def _holds(version: str, clause: str) -> bool:
    match = _CLAUSE.fullmatch(clause)
    if match is None:
        return True
    operator, wanted, wildcard = match.groups()
    have, want = _numbers(version), _numbers(wanted)
    if wildcard:
        same = have[: len(want)] == want
        return same if operator == "==" else not same
    order = _compare(have, want)
    if operator == "~=":
        return order >= 0 and have[: len(want) - 1] == want[:-1]
    return {">=": order >= 0, "<=": order <= 0, ">": order > 0, "<": order < 0, "==": not order, "!=": order != 0}[
        operator
    ]


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def _compare(one: list[int], other: list[int]) -> int:
    for left, right in zip_longest(one, other, fillvalue=0):
        if left != right:
            return 1 if left > right else -1
    return 0
