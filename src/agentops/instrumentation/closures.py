"""The closure of a function, as a place whose names can be replaced like those of a module."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import CellType


class Closure:
    """What a function refers to beside its arguments and globals: a wrapper the function inside it."""

    __slots__ = ("__name__", "_cells")

    def __init__(self, function: Any) -> None:
        cells: dict[str, CellType] = dict(zip(function.__code__.co_freevars, function.__closure__, strict=True))
        object.__setattr__(self, "_cells", cells)
        object.__setattr__(self, "__name__", f"the closure of {function.__name__}")

    @property
    def __dict__(self) -> dict[str, Any]:  # pyright: ignore[reportIncompatibleVariableOverride] - `vars` shows it
        """What is there now."""
        held: dict[str, Any] = {}
        for name, cell in self._cells.items():
            with suppress(ValueError):  # of a cell that is empty yet
                held[name] = cell.cell_contents
        return held

    def __setattr__(self, name: str, value: Any) -> None:
        self._cells[name].cell_contents = value
