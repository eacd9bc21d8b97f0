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
from types import ModuleType
from typing import Any

from agentops.recording.guard import FAILURES, report

Hook = Callable[[ModuleType], None]


def when_imported(name: str, hook: Hook) -> Callable[[], None]:
    """Call the hook with the module once it is imported: now, if it is already, and again if it is ever reloaded.

    The hook must stand being called twice for one module. What it raises is logged, the import goes on.

    Returns:
        The function that takes the hook back.
    """
    _watch.add(name, hook)
    module = sys.modules.get(name)
    if module is not None:
        _call(hook, _complete(name, module))
    return lambda: _watch.remove(name, hook)


def is_findable(name: str) -> bool:
    """Whether the module could be imported, found out without importing it or its packages."""
    path: Sequence[str] | None = None
    parts = name.split(".")
    for depth in range(1, len(parts) + 1):
        partial = ".".join(parts[:depth])
        spec = getattr(sys.modules.get(partial), "__spec__", None) or _search(partial, path, None, sys.meta_path)
        if spec is None:
            return partial in sys.modules
        path = spec.submodule_search_locations or []
    return True


def _complete(name: str, module: ModuleType) -> ModuleType:
    """The module, after waiting for another thread that is still executing it."""
    if not getattr(module.__spec__, "_initializing", False):
        return module
    try:
        return importlib.import_module(name)
    except ImportError:
        return module


def _call(hook: Hook, module: ModuleType) -> None:
    try:
        hook(module)
    except FAILURES as error:
        report(f"instrumenting {module.__name__}", error)


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
        self._hooks: dict[str, tuple[Hook, ...]] = {}
        self._searching = threading.local()
        self.renew()

    def renew(self) -> None:
        """A new lock: after a fork the old one may be held by a thread that is not there."""
        self._lock = threading.Lock()

    def add(self, name: str, hook: Hook) -> None:
        with self._lock:
            self._hooks[name] = (*self._hooks.get(name, ()), hook)
            if self not in sys.meta_path:
                sys.meta_path.insert(0, self)

    def remove(self, name: str, hook: Hook) -> None:
        with self._lock:
            left = tuple(known for known in self._hooks.pop(name, ()) if known is not hook)
            if left:
                self._hooks[name] = left
            if not self._hooks and self in sys.meta_path:
                sys.meta_path.remove(self)

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> Any:
        if name not in self._hooks:
            return None
        searching: set[str] = self._searching.__dict__.setdefault("names", set())
        if name in searching:
            return None
        searching.add(name)
        try:
            spec: ModuleSpec | None = _search(name, path, target, list(self._after()))
        finally:
            searching.discard(name)
        if spec is not None and hasattr(spec.loader, "exec_module"):
            spec.loader = _Announcing(spec.loader, self.announce)  # pyright: ignore[reportAttributeAccessIssue] - delegates
        return spec

    def announce(self, module: ModuleType) -> None:
        for hook in self._hooks.get(module.__name__, ()):
            _call(hook, module)

    def _after(self) -> Iterator[Any]:
        """The finders behind this one: those before it have been asked and found nothing."""
        finders = list(sys.meta_path)
        return iter(finders[finders.index(self) + 1 :] if self in finders else finders)


class _Announcing:
    """A module's loader until the module is executed; the module itself only ever sees its true loader."""

    def __init__(self, loader: Any, announce: Hook) -> None:
        self._loader = loader
        self._announce = announce

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        places: tuple[tuple[Any, str], ...] = ((module.__spec__, "loader"), (module, "__loader__"))
        for place, name in places:
            if getattr(place, name, None) is self:
                setattr(place, name, self._loader)
        self._loader.exec_module(module)
        self._announce(sys.modules.get(module.__name__, module))


_watch = _Watch()
os.register_at_fork(after_in_child=_watch.renew)
