"""Observed callables put in place of a library's own, once it is imported, and taken out again without a trace."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Any

from agentops.instrumentation.closures import Closure
from agentops.instrumentation.imports import when_imported
from agentops.instrumentation.report import LibraryReport, State, TargetReport, report_library
from agentops.instrumentation.versions import remark_on_version
from agentops.recording.guard import FAILURES, guarded, logger, report

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from agentops.instrumentation.target import Bridge, Emitter, Instrumentation, Target

    Wrapper = Callable[[Any, Any, tuple[Any, ...], dict[str, Any]], Any]
    """What stands in for a callable, as wrapt calls it: with the callable, its instance, the arguments."""


@dataclass(frozen=True, slots=True)
class Patch:
    """One attribute of a module or class, replaced.

    Attributes:
        owner: the module or class that was written to.
        name: the attribute.
        original: what stood there, as it is kept in the owner (a classmethod object, not its binding).
        inherited: whether a parent class had it and the owner did not.
        replacement: what stands there now.
    """

    owner: Any
    name: str
    original: Any
    inherited: bool
    replacement: Any

    def undo(self) -> None:
        """Put back what was there; leave it where somebody has put something else over ours."""
        if self.owner.__dict__.get(self.name) is not self.replacement:
            return
        if self.inherited:
            delattr(self.owner, self.name)
        else:
            setattr(self.owner, self.name, self.original)


def replace(owner: Any, name: str, replacement_of: Callable[[Any], Any]) -> Patch:
    """Put what `replacement_of` makes of an attribute of a module or class in its place.

    Raises:
        LookupError: if there is no such attribute.
        TypeError: if the owner cannot be written to.
    """
    original = _attribute(owner, name)
    patch = Patch(owner, name, original, name not in vars(owner), replacement_of(original))
    setattr(owner, name, patch.replacement)
    return patch


class Installed:
    """One library's targets: bound as its modules are imported, until undone."""

    def __init__(
        self,
        instrumentation: Instrumentation,
        wrap: Callable[[Target], Wrapper],
        report: Callable[[TargetReport], None] | None = None,
    ) -> None:
        self.instrumentation = instrumentation
        self.patches: list[Patch] = []
        self._wrap = wrap
        self._report = report
        self._reports = {target.path: TargetReport(target.path, State.WAITING) for target in instrumentation.targets}
        self._switch = [True]
        self._is_met = False
        self._cancel: list[Callable[[], None]] = []
        for module, targets in _by_module(instrumentation.targets).items():
            self._cancel.append(when_imported(module, partial(self._bind_all, targets)))

    def undo(self) -> None:
        """Restore every original that only our wrapper covers; where another covers ours, ours calls through."""
        self._switch.clear()
        for cancel in self._cancel:
            cancel()
        while self.patches:
            self._release(self.patches.pop())

    def describe(self) -> LibraryReport:
        """How the library is observed now."""
        return report_library(self.instrumentation, self._reports.values())

    def _bind_all(self, targets: Sequence[Target], module: ModuleType) -> None:
        if not self._is_met and self._switch:
            self._is_met = True
            remark_on_version(self.instrumentation)
        for target in targets:
            if self._switch:
                with guarded(f"binding {target.path}"):
                    self._tell(self._bind(target, module))

    def _bind(self, target: Target, module: ModuleType) -> TargetReport:
        from agentops.instrumentation.wrapper import Observed, is_observed  # noqa: PLC0415 - imports wrapt, when needed

        try:
            owner, name = _owner(module, target.path.partition(":")[2])
            attribute = _attribute(owner, name)
        except LookupError as error:
            return TargetReport(target.path, State.MISSED, str(error))
        if not callable(attribute) and not isinstance(attribute, (classmethod, staticmethod)):
            return TargetReport(target.path, State.MISSED, f"{name} is not callable")
        claim = object()
        if is_observed(attribute) or _claims.setdefault((id(owner), name), claim) is not claim:
            return TargetReport(target.path, State.BOUND, "observed already under another name")
        try:
            patch = replace(owner, name, lambda original: Observed(original, self._wrap(target), self._switch))
        except TypeError as error:
            del _claims[id(owner), name]
            return TargetReport(target.path, State.MISSED, str(error))
        self.patches.append(patch)
        if not self._switch:
            self._release(patch)
        return TargetReport(target.path, State.BOUND)

    def _release(self, patch: Patch) -> None:
        with guarded(f"restoring {patch.name}"):
            patch.undo()
        _claims.pop((id(patch.owner), patch.name), None)

    def _tell(self, report: TargetReport) -> None:
        known = self._reports[report.path]
        if known.state is State.BOUND:
            return
        self._reports[report.path] = report
        if report.state is State.MISSED:
            logger.debug("%s is not observed: %s", report.path, report.reason)
        if self._report is not None:
            self._report(report)


class Bridged:
    """One library's callbacks: registered once it is imported, until undone."""

    def __init__(self, bridge: Bridge, emitter: Emitter, report: Callable[[TargetReport], None] | None = None) -> None:
        self.bridge = bridge
        self._emitter = emitter
        self._report = report
        self._uninstall: Callable[[], None] | None = None
        self._module = bridge.module or bridge.library
        self._state = TargetReport(self._module, State.WAITING)
        self._cancel = when_imported(self._module, self._install)

    def undo(self) -> None:
        """Take the callbacks out."""
        self._cancel()
        uninstall, self._uninstall = self._uninstall, None
        if uninstall is not None:
            with guarded(f"taking out the callbacks of {self._module}"):
                uninstall()

    def describe(self) -> LibraryReport:
        """How the library is observed now."""
        return report_library(self.bridge, [self._state])

    def _install(self, _module: ModuleType) -> None:
        if self._uninstall is not None:
            return
        remark_on_version(self.bridge)
        try:
            self._uninstall = self.bridge.install(self._emitter)
            self._state = TargetReport(self._module, State.BOUND)
        except FAILURES as error:
            self._state = TargetReport(self._module, State.MISSED, f"{type(error).__name__}: {error}")
            report(f"registering callbacks with {self._module}", error, logging.DEBUG)
        if self._report is not None:
            self._report(self._state)


def install(
    instrumentation: Instrumentation,
    wrap: Callable[[Target], Wrapper],
    report: Callable[[TargetReport], None] | None = None,
) -> Installed:
    """Observe a library from now on, or from when its modules are imported; nothing is imported here.

    Args:
        instrumentation: what to observe.
        wrap: gives a target's wrapper, asked once when the target is bound.
        report: told of each target once it is bound or missed.
    """
    return Installed(instrumentation, wrap, report)


def install_bridge(bridge: Bridge, emitter: Emitter, report: Callable[[TargetReport], None] | None = None) -> Bridged:
    """Register a library's callbacks now, or when it is imported; nothing is imported here."""
    return Bridged(bridge, emitter, report)


_claims: dict[tuple[int, str], object] = {}
"""Which attributes (id of the owner, name) are replaced, whatever other wrappers hide ours: none is replaced twice."""


def _by_module(targets: Sequence[Target]) -> dict[str, list[Target]]:
    modules: dict[str, list[Target]] = {}
    for target in targets:
        modules.setdefault(target.path.partition(":")[0], []).append(target)
    return modules


def _owner(module: ModuleType, path: str) -> tuple[Any, str]:
    *outer, name = path.split(".")
    owner: Any = module
    for part in outer:
        owner = _attribute(owner, part)
        if getattr(owner, "__closure__", None) is not None:
            owner = Closure(owner)
        elif not isinstance(owner, (type, ModuleType)):
            raise LookupError(f"{part} is neither a class nor a module")
    return owner, name


def _attribute(owner: Any, name: str) -> Any:
    """An attribute as it is kept in a module, class or closure, found without running any code of theirs."""
    for place in owner.__mro__ if isinstance(owner, type) else (owner,):
        with suppress(KeyError):
            return vars(place)[name]
    raise LookupError(f"{owner.__name__} does not define {name}")
