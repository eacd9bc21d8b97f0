"""Versions of libraries: which one is installed, and whether a plugin was made for it."""

from __future__ import annotations

import logging
import re
import sys
from contextlib import suppress
from itertools import zip_longest
from typing import TYPE_CHECKING

from agentops.recording.guard import logger

if TYPE_CHECKING:
    from agentops.instrumentation.target import Bridge, Instrumentation

_PYTHON = "python"
_CLAUSE = re.compile(r"\s*(>=|<=|==|!=|~=|>|<)\s*([0-9]+(?:\.[0-9]+)*)(\.\*)?\s*")
_RELEASE = re.compile(r"v?(?:\d+!)?(\d+(?:\.\d+)*)")


def distribution_of(source: Instrumentation | Bridge) -> str:
    """The library's name on the package index; `python` for what comes with it."""
    if source.distribution is None and source.library.partition(".")[0] in sys.stdlib_module_names:
        return _PYTHON
    return source.distribution or source.library.replace("_", "-")


def installed_version(distribution: str) -> str | None:
    """The version that is installed here; None where there is none."""
    if distribution == _PYTHON:
        return ".".join(map(str, sys.version_info[:3]))
    import importlib_metadata  # noqa: PLC0415 - asked rarely, the import is not cheap

    with suppress(importlib_metadata.PackageNotFoundError):
        return importlib_metadata.version(distribution)
    return None


def remark_on_version(source: Instrumentation | Bridge) -> None:
    """Say so in one line, to those who look closely, where a plugin was not made for the version that is installed."""
    if not logger.isEnabledFor(logging.DEBUG):
        return
    version = installed_version(distribution_of(source))
    if version is not None and not fits(version, source.versions):
        logger.debug("%s %s is observed by a plugin that was made for %s", source.library, version, source.versions)


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
