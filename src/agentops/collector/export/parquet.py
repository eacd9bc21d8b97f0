"""Spans as a Parquet file, written piece by piece by pyarrow (extra `parquet`)."""

from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from importlib import import_module
from io import BytesIO
from itertools import islice
from typing import Any, Final

from agentops.collector.export.rows import COLUMNS, Row, rows_of
from agentops.errors import ConfigurationError
from agentops.store.protocol import Store

_ROWS_AT_ONCE: Final = 1000
"""Rows of one group, which is in memory while it is written."""
_MONEY_DIGITS: Final = (38, 15)
"""Digits in all and behind the point; costs are rounded to these."""
_PLACES: Final = Decimal(1).scaleb(-_MONEY_DIGITS[1])


class Pipe(BytesIO):
    """A file that is only written, and from which what was written is taken away."""

    def __init__(self) -> None:
        super().__init__()
        self._taken = 0

    def tell(self) -> int:
        """How much was written in all."""
        return self._taken + super().tell()

    def seekable(self) -> bool:
        """It goes forward only."""
        return False

    def take(self) -> bytes:
        """What was written since the last time."""
        found = self.getvalue()
        self._taken += len(found)
        self.seek(0)
        self.truncate()
        return found


def check_pyarrow() -> None:
    """Make sure that Parquet can be written.

    Raises:
        ConfigurationError: if pyarrow is not installed.
    """
    try:
        import_module("pyarrow.parquet")
    except ImportError as error:
        raise ConfigurationError(
            "Parquet needs pyarrow, which is not installed here: pip install 'agentops[parquet]'"
        ) from error


def write_parquet(store: Store, session_ids: Iterable[str]) -> Iterator[bytes]:
    """The spans of sessions, a row each."""
    arrow: Any = import_module("pyarrow")  # heavy, and asked for by few
    parquet: Any = import_module("pyarrow.parquet")
    types = {
        "str": arrow.string(),
        "int": arrow.int64(),
        "float": arrow.float64(),
        "bool": arrow.bool_(),
        "time": arrow.timestamp("ns", tz="UTC"),
        "money": arrow.decimal128(*_MONEY_DIGITS),
    }
    schema = arrow.schema([(column.name, types[column.kind]) for column in COLUMNS])
    pipe, rows = Pipe(), rows_of(store, session_ids)
    with parquet.ParquetWriter(pipe, schema, compression="zstd") as writer:
        while group := list(islice(rows, _ROWS_AT_ONCE)):
            writer.write_table(arrow.table(_columns(group), schema=schema))
            yield pipe.take()
    yield pipe.take()


def _columns(rows: list[Row]) -> dict[str, list[Any]]:
    return {column.name: [_value(column.kind, column.read(row)) for row in rows] for column in COLUMNS}


def _value(kind: str, value: Any) -> Any:
    if value is None:
        return None
    if kind == "str":
        return value.encode("utf-8", "replace").decode()
    if kind == "int":
        return value if abs(value) < 2**63 else None
    return _money(value) if kind == "money" else value


def _money(text: str) -> Decimal | None:
    """A cost; None where it has more digits than there is room for."""
    try:
        cost = Decimal(text).quantize(_PLACES)
    except InvalidOperation:
        return None
    return cost if cost.is_finite() else None
