"""Being told when a module has been imported, without importing it.

A finder of our own, not wrapt's: hooks can be taken back, a reloaded module is announced again, and importing wrapt
costs 27 ms (measured on wrapt 2.5: it loads asyncio) that a program without an observed library never pays.
"""

import importlib
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

from agentops.recording.guard import FAILURES, report

Hook = Callable[[ModuleType], None]


def when_importing(name: str, hook: Callable[[], None]) -> Callable[[], None]:
    """Call the hook when the import of a module begins, before any code of it runs: now, if it began already.

    What the hook has put in its way with `when_imported` then sees every part of the module as it comes. The hook must
    stand being called several times, on any thread. What it raises is logged, the import goes on.

    Returns:
        The function that takes the hook back.
    """
    _watch.add(_watch.beginnings, name, hook)
    if name in sys.modules:
        _call(hook, name)
    return lambda: _watch.remove(_watch.beginnings, name, hook)


def when_imported(name: str, hook: Hook) -> Callable[[], None]:
    """Call the hook with the module once it is imported: now, if it is already, and again if it is ever reloaded.

    The hook must stand being called twice for one module. What it raises is logged, the import goes on.

    Returns:
        The function that takes the hook back.
    """
    _watch.add(_watch.endings, name, hook)
    module = sys.modules.get(name)
    if module is not None and name not in _watch.executing():
        _call(hook, name, _complete(name, module))
    return lambda: _watch.remove(_watch.endings, name, hook)


def is_findable(name: str) -> bool:
    """Whether the module could be imported, found out without importing it or its packages."""
    path: Sequence[str] | None = None
    parts = name.split(".")
    for depth in range(1, len(parts) + 1):
        partial = ".".join(parts[:depth])
        try:
            spec = getattr(sys.modules.get(partial), "__spec__", None) or _search(partial, path, None, sys.meta_path)
        except KeyError:  # a namespace package inside one that is not imported
            path = [str(Path(folder, parts[depth - 1])) for folder in path or ()]
            continue
        if spec is None:
            return partial in sys.modules
        path = list(spec.submodule_search_locations or [])
    return True


def _complete(name: str, module: ModuleType) -> ModuleType:
    """The module, after waiting for another thread that is still executing it."""
    if not getattr(module.__spec__, "_initializing", False):
        return module
    try:
        return importlib.import_module(name)
    except ImportError:
        return module


def _call(hook: Callable[..., None], name: str, *module: ModuleType) -> None:
    try:
        hook(*module)
    except FAILURES as error:
        report(f"instrumenting {name}", error)


def _search(name: str, path: Sequence[str] | None, target: ModuleType | None, finders: Sequence[Any]) -> Any:
    for finder in finders:
        find_spec = getattr(finder, "find_spec", None)
        spec = None if find_spec is None or finder is _watch else find_spec(name, path, target)
        if spec is not None:
            return spec
    return None


class _Watch:
    """A finder that lets the others find, and sees to it that the modules waited for are announced."""

    def __init__(self) -> None:
        self.beginnings: dict[str, tuple[Callable[[], None], ...]] = {}
        self.endings: dict[str, tuple[Hook, ...]] = {}
        self._here = threading.local()
        self.renew()

    def renew(self) -> None:
        """A new lock: after a fork the old one may be held by a thread that is not there."""
        self._lock = threading.Lock()

    def add(self, hooks: dict[str, tuple[Any, ...]], name: str, hook: Callable[..., None]) -> None:
        with self._lock:
            hooks[name] = (*hooks.get(name, ()), hook)
            if self not in sys.meta_path:
                sys.meta_path.insert(0, self)

    def remove(self, hooks: dict[str, tuple[Any, ...]], name: str, hook: Callable[..., None]) -> None:
        with self._lock:
            left = tuple(known for known in hooks.pop(name, ()) if known is not hook)
            if left:
                hooks[name] = left
            if not self.beginnings and not self.endings and self in sys.meta_path:
                sys.meta_path.remove(self)

    def executing(self) -> set[str]:
        """The modules whose code runs on this thread and that are announced when it is done."""
        return self._here.__dict__.setdefault("executing", set())

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> Any:
        if name not in self.endings and name not in self.beginnings:
            return None
        searching: set[str] = self._here.__dict__.setdefault("searching", set())
        if name in searching:
            return None
        searching.add(name)
        try:
            spec: ModuleSpec | None = _search(name, path, target, list(self._after()))
        finally:
            searching.discard(name)
        if spec is not None and hasattr(spec.loader, "exec_module"):
            spec.loader = _Announcing(spec.loader, self)  # pyright: ignore[reportAttributeAccessIssue] - delegates
        elif spec is not None:
            self.begin(name)  # a namespace package has no code of its own
        return spec

    def begin(self, name: str) -> None:
        for hook in self.beginnings.get(name, ()):
            _call(hook, name)

    def execute(self, loader: Any, module: ModuleType) -> None:
        """Execute a module, telling those who wait for it before and after."""
        name = module.__name__
        executing = self.executing()
        is_outermost = name not in executing
        executing.add(name)
        try:
            self.begin(name)
            loader.exec_module(module)
        finally:
            if is_outermost:
                executing.discard(name)
        module = sys.modules.get(name, module)
        for hook in self.endings.get(name, ()):
            _call(hook, name, module)

    def _after(self) -> Iterator[Any]:
        """The finders behind this one: those before it have been asked and found nothing."""
        finders = list(sys.meta_path)
        return iter(finders[finders.index(self) + 1 :] if self in finders else finders)


class _Announcing:
    """A module's loader until the module is executed; the module itself only ever sees its true loader."""

    def __init__(self, loader: Any, watch: _Watch) -> None:
        self._loader = loader
        self._watch = watch

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        places: tuple[tuple[Any, str], ...] = ((module.__spec__, "loader"), (module, "__loader__"))
        for place, name in places:
            if getattr(place, name, None) is self:
                setattr(place, name, self._loader)
        self._watch.execute(self._loader, module)


_watch = _Watch()
os.register_at_fork(after_in_child=_watch.renew)
