"""Sessions for other programs, and for another store: JSON, JSON lines, OTLP, CSV and Parquet, piece by piece."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Final

from msgspec import Struct

from agentops.collector.export.documents import write_document, write_documents, write_lines
from agentops.collector.export.otlp import write_otlp
from agentops.collector.export.parquet import check_pyarrow, write_parquet
from agentops.collector.export.table import write_csv
from agentops.store.protocol import SessionFilter, SessionOrder, Store

__all__ = ["FORMS", "Form", "Format", "ids_of", "packed", "write_document"]

_PIECE: Final = 1 << 16
_PAGE: Final = 200


class Format(StrEnum):
    """How sessions are written.

    `JSON` is one document and `JSONL` the records one a line: both read back into the very sessions. `OTLP` is
    OpenTelemetry's JSON, a request a line. `CSV` and `PARQUET` are tables of spans.
    """

    JSON = "json"
    JSONL = "jsonl"
    OTLP = "otlp"
    CSV = "csv"
    PARQUET = "parquet"


def _check_nothing() -> None:
    """Nothing more is needed than what is installed anyhow."""


class Form(Struct, frozen=True):
    """How a format is written.

    Attributes:
        media_type: what it is.
        suffix: how names of files with it end.
        write: writes the sessions of a store that have these ids.
        check: raises ConfigurationError, with what to install, where it cannot be written.
    """

    media_type: str
    suffix: str
    write: Callable[[Store, Iterable[str]], Iterator[bytes]]
    check: Callable[[], None] = _check_nothing


FORMS: Final[Mapping[Format, Form]] = {
    Format.JSON: Form("application/json", "json", write_documents),
    Format.JSONL: Form("application/x-ndjson", "jsonl", write_lines),
    Format.OTLP: Form("application/x-ndjson", "otlp.jsonl", write_otlp),
    Format.CSV: Form("text/csv; charset=utf-8", "csv", write_csv),
    Format.PARQUET: Form("application/vnd.apache.parquet", "parquet", write_parquet, check_pyarrow),
}


def ids_of(store: Store, where: SessionFilter) -> Iterator[str]:
    """The sessions that a filter finds, the oldest first, read page by page."""
    cursor = None
    while True:
        page = store.page(where, order=SessionOrder.START, descending=False, cursor=cursor, limit=_PAGE)
        yield from (session.session_id for session in page.items)
        cursor = page.next
        if cursor is None:
            return


def packed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in fewer pieces."""
    waiting: list[bytes] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= _PIECE:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)
