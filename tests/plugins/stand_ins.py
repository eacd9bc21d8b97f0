"""Modules with a framework's names and shapes, in place of the framework."""

import sys
from collections.abc import AsyncIterator, Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from agentops.testing import Recording

Put = Callable[[str, dict[str, Any]], None]
"""Puts a module in place, and the packages that it is in."""


def putting(monkeypatch: pytest.MonkeyPatch) -> Put:
    """What puts modules in place until the test is over."""

    def put(path: str, contents: dict[str, Any]) -> None:
        parts = path.split(".")
        for depth in range(1, len(parts)):
            name = ".".join(parts[:depth])
            if name not in sys.modules:
                package = ModuleType(name)
                package.__path__ = []
                monkeypatch.setitem(sys.modules, name, package)
        module = ModuleType(path)
        vars(module).update(contents)
        monkeypatch.setitem(sys.modules, path, module)

    return put


def record(**fields: Any) -> SimpleNamespace:
    """An object of a framework's."""
    return SimpleNamespace(**fields)


async def exhaust(stream: AsyncIterator[Any]) -> list[Any]:
    """Everything that a stream gives."""
    return [piece async for piece in stream]


def told(recording: Recording) -> list[tuple[str, str, Any, Any, str | None]]:
    """Kind, name, what went in, what came out and what went wrong, of each span."""
    return [
        (span.kind, span.name, span.input, span.output, span.error and span.error.message) for span in recording.spans()
    ]
