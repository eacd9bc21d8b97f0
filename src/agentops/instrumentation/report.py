"""How the targets of a library stand, for `agentops plugins`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from agentops.instrumentation.imports import is_findable
from agentops.instrumentation.versions import distribution_of, installed_version

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agentops.instrumentation.target import Bridge, Instrumentation


class State(StrEnum):
    """How a target stands."""

    BOUND = "bound"
    WAITING = "not imported yet"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class TargetReport:
    """How one target stands, and why where that needs words."""

    path: str
    state: State
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryReport:
    """How one library is observed.

    Attributes:
        library: the top-level module.
        distribution: its name on the package index.
        version: the version installed here; None where there is none.
        versions: the versions that the plugin was made for, as a PEP 440 specifier; empty: any.
        targets: how each target stands.
        captures: what is recorded of it, in a few words.
    """

    library: str
    distribution: str
    version: str | None
    versions: str
    targets: tuple[TargetReport, ...]
    captures: str = ""


def report_library(source: Instrumentation | Bridge, targets: Iterable[TargetReport]) -> LibraryReport:
    """How one library is observed: what is known of its targets, its version and modules looked up, not imported."""
    distribution = distribution_of(source)
    return LibraryReport(
        library=source.library,
        distribution=distribution,
        version=installed_version(distribution),
        versions=source.versions,
        targets=tuple(map(_with_missing_module, targets)),
        captures=source.captures,
    )


def _with_missing_module(report: TargetReport) -> TargetReport:
    module = report.path.partition(":")[0]
    if report.state is not State.WAITING or is_findable(module) or not is_findable(module.partition(".")[0]):
        return report
    return TargetReport(report.path, State.MISSED, f"there is no module {module}")
