"""What was measured beside the bar it should hold, and the table of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Unit = Literal["x OTel", "x probe", "spans/s", "ms", "us", "s", "%", "packages", "MB"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table.

    Attributes:
        what: what was measured.
        measured: the figure, in `unit`; None where it could not be measured, and `note` says why.
        unit: `x OTel` is the ratio to a raw OpenTelemetry SDK span of the same run, `x probe` to the bare minimum that
            does the same.
        bar: what the figure should not exceed (or, with `at_least`, not fall below); None: for information.
        at_least: whether more is better.
        note: what stands behind the figure.
    """

    what: str
    measured: float | None
    unit: Unit
    bar: float | None = None
    at_least: bool = False
    note: str = ""

    @property
    def verdict(self) -> str:
        """Whether the bar holds, in one word; empty where there is no bar."""
        if self.measured is None:
            return "not measured"
        if self.bar is None:
            return ""
        holds = self.measured >= self.bar if self.at_least else self.measured <= self.bar
        return "holds" if holds else "MISSED"


def formatted(figure: float | None, unit: Unit) -> str:
    """A figure with as many digits as it deserves."""
    if figure is None:
        return ""
    digits = {"x OTel": 3, "x probe": 2, "s": 2, "MB": 1, "ms": 1, "us": 1, "%": 1}.get(unit, 0)
    return f"{figure:,.{digits}f} {unit}"


def table(rows: Sequence[Row]) -> str:
    """The rows as aligned text."""
    lines = [("what", "bar", "measured", "verdict", "")]
    for row in rows:
        sign = ">=" if row.at_least else "<="
        bar = "" if row.bar is None else f"{sign} {formatted(row.bar, row.unit)}"
        lines.append((row.what, bar, formatted(row.measured, row.unit), row.verdict, row.note))
    widths = [max(len(line[column]) for line in lines) for column in range(4)]
    return "\n".join(_aligned(line, widths) for line in [lines[0], tuple("-" * width for width in widths), *lines[1:]])


def _aligned(cells: Iterable[str], widths: Sequence[int]) -> str:
    what, *rest = cells
    figures = [cell.rjust(width) for cell, width in zip(rest[:2], widths[1:3], strict=True)]
    return "  ".join([what.ljust(widths[0]), *figures, rest[2].ljust(widths[3]), *rest[3:]]).rstrip()
