"""Instrumentations that others have written for OpenTelemetry, switched on by name.

They are entry points of the group `opentelemetry_instrumentor`, as OpenTelemetry's own `opentelemetry-instrument` loads
them: https://opentelemetry.io/docs/zero-code/python/. Their spans reach us as those of any other library do.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

from agentops.instrumentation.imports import when_imported
from agentops.recording.guard import FAILURES, logger, text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from types import ModuleType

    from importlib_metadata import Distribution, EntryPoint

GROUP: Final = "opentelemetry_instrumentor"
"""The entry-point group of OpenTelemetry's instrumentations."""

_OURS: Final = "agentops"
_INSTRUMENTS: Final = re.compile(r"\s*([A-Za-z0-9][\w.-]*).*;.*\bextra\s*==\s*['\"]instruments['\"]")
"""A requirement of the extra in which instrumentations name what they are for."""


class Borrowed:
    """The instrumentations of others that are switched on, and off again together.

    Args:
        observed: the modules that plugins of ours are for: what they observe is not observed twice.
    """

    def __init__(self, observed: Collection[str]) -> None:
        self._observed = {plain_name(module) for module in observed}
        self._switched_on: list[tuple[str, Any]] = []
        self._waiting: list[Callable[[], None]] = []

    def switch_on(self, names: Sequence[str]) -> None:
        """Switch these on: each when the library is imported that it is for, or now where it is for none."""
        if not names:
            return
        installed = find_instrumentors()
        for name in names:
            found = installed.get(name)
            if found is None:
                logger.warning(
                    "no OpenTelemetry instrumentation is named %r here: `pip install opentelemetry-instrumentation-%s`",
                    name,
                    name,
                )
                continue
            modules = modules_of(found)
            if self._observed & {plain_name(module) for module in (name, *modules)}:
                logger.info("%s is observed by agentops itself; OpenTelemetry's instrumentation of it stays off", name)
                continue
            start = partial(self._start, found)
            self._waiting += [when_imported(module, start) for module in modules]
            if not modules:
                start()

    def switch_off(self) -> None:
        """Everything is as it was: nothing is switched on any more that waited, and what we switched on is off."""
        while self._waiting:
            self._waiting.pop()()
        while self._switched_on:
            name, instrumentor = self._switched_on.pop()
            try:
                instrumentor.uninstrument()
            except FAILURES as error:
                logger.warning("OpenTelemetry's instrumentation %s does not come out: %s", name, text_of(error))

    def _start(self, entry_point: EntryPoint, _module: ModuleType | None = None) -> None:
        if any(entry_point.name == name for name, _ in self._switched_on):
            return
        try:
            instrumentor: Any = entry_point.load()()
            if getattr(instrumentor, "is_instrumented_by_opentelemetry", False):
                return  # the program has switched it on itself
            instrumentor.instrument()
        except FAILURES as error:
            logger.warning("OpenTelemetry's instrumentation %s cannot be used: %s", entry_point.name, text_of(error))
            return
        if getattr(instrumentor, "is_instrumented_by_opentelemetry", True):  # else it has logged what it misses
            self._switched_on.append((entry_point.name, instrumentor))


def find_instrumentors() -> dict[str, EntryPoint]:
    """The installed instrumentations of others, by name; of two of the same name the first on the path."""
    import importlib_metadata  # noqa: PLC0415 - only those who ask for one pay

    found: dict[str, EntryPoint] = {}
    announced: Iterable[EntryPoint] = cast("Any", importlib_metadata).entry_points(group=GROUP)
    for entry_point in announced:
        if entry_point.dist is None or entry_point.dist.name != _OURS:
            found.setdefault(entry_point.name, entry_point)
    return found


def modules_of(entry_point: EntryPoint) -> list[str]:
    """The modules that programs import of what an instrumentation is for; none where it is for Python itself."""
    import importlib_metadata  # noqa: PLC0415 - the same

    modules: list[str] = []
    dist: Any = entry_point.dist
    for requirement in (dist and dist.requires) or ():
        named = _INSTRUMENTS.match(requirement)
        if named is None:
            continue
        try:
            modules += _top_level(cast("Any", importlib_metadata).distribution(named[1]))
        except importlib_metadata.PackageNotFoundError:
            modules.append(named[1].replace("-", "_"))
    return modules


def _top_level(distribution: Distribution) -> list[str]:
    """The outermost modules that a distribution brings; one like `google` that many share has no code, its parts do."""
    files = [str(file).split("/") for file in distribution.files or () if str(file).endswith(".py")]
    packages = {tuple(parts[:-1]) for parts in files if parts[-1] == "__init__.py"}
    outermost = {parts for parts in packages if not any(parts[:depth] in packages for depth in range(1, len(parts)))}
    alone = {(parts[0].removesuffix(".py"),) for parts in files if len(parts) == 1}
    found = [".".join(parts) for parts in outermost | alone if all(map(str.isidentifier, parts)) and parts[0][0] != "_"]
    named = [module for module in found if plain_name(module) == plain_name(distribution.name)]
    return named or sorted(found) or [distribution.name.replace("-", "_")]


def plain_name(name: str) -> str:
    """A name of a module, a distribution or an instrumentation, to be compared with the others."""
    return re.sub(r"[-_.]+", "-", name).lower()
