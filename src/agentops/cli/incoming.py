"""Files of recordings: our own exports and OTLP JSON, whole or line by line, told apart by what is in them."""

import gzip
import io
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Any, Final, cast

import msgspec
from msgspec import Struct, field

from agentops.collector.export.documents import read_documents
from agentops.collector.export.entries import Entry, decode_entry
from agentops.collector.otlp.decoding import Signal, decode
from agentops.collector.otlp.logs import read_logs
from agentops.collector.otlp.metrics import read_metrics
from agentops.collector.otlp.traces import read_traces
from agentops.delivery.pricing import price_call
from agentops.domain.metric_points import MetricPoint
from agentops.domain.spans import SpanRecord

if TYPE_CHECKING:
    from agentops.collector.otlp.refusals import Refusals

_GZIP: Final = b"\x1f\x8b"
_SHOWN: Final = 160
_DOCUMENTS: Final = frozenset({"session", "sessions"})
"""Names in a document that holds sessions whole."""

_SIGNALS: Final = {
    "resourceSpans": Signal.TRACES,
    "resource_spans": Signal.TRACES,
    "resourceLogs": Signal.LOGS,
    "resource_logs": Signal.LOGS,
    "resourceMetrics": Signal.METRICS,
    "resource_metrics": Signal.METRICS,
}


class Portion(Struct):
    """What stood in one line, or in a whole document.

    Attributes:
        entries: sessions, spans, lines, scores and notes.
        points: of metrics.
        refused: how much could not be read, by reason.
    """

    entries: list[Entry] = field(default_factory=list[Entry])
    points: list[MetricPoint] = field(default_factory=list[MetricPoint])
    refused: dict[str, int] = field(default_factory=dict[str, int])


def unpacked(file: IO[bytes]) -> IO[bytes]:
    """The contents of a file that may be packed with gzip."""
    peeking: Any = file if hasattr(file, "peek") else io.BufferedReader(cast("Any", file))
    return cast("IO[bytes]", gzip.open(peeking)) if peeking.peek(2)[:2] == _GZIP else peeking


def read_portions(file: IO[bytes]) -> Iterator[Portion]:
    """What a file holds, line by line where its first line is a whole document, else at once.

    Raises:
        ValueError: if it is no JSON at all.
        OSError: if it cannot be read, or is not packed as it says.
    """
    first = next((line for line in file if not line.isspace()), b"")
    if not first:
        return
    if not _is_json(first):
        yield _portion_of(first + file.read())
        return
    yield _portion_of(first)
    for line in file:
        if not line.isspace():
            try:
                yield _portion_of(line)
            except ValueError as error:
                yield Portion(refused={str(error): 1})


def _is_json(data: bytes) -> bool:
    try:
        msgspec.json.decode(data, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def _portion_of(data: bytes) -> Portion:
    """What a document holds; raises ValueError if it is none of ours and no OTLP."""
    try:
        names = msgspec.json.decode(data, type=dict[str, msgspec.Raw]).keys()
        signals = {signal for name, signal in _SIGNALS.items() if name in names}
        if signals:
            return _read_otlp(data, sorted(signals))
        return Portion(entries=list(read_documents(data)) if names & _DOCUMENTS else [decode_entry(data)])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"this is neither a recording nor OTLP: {str(error)[:_SHOWN]}") from error


def _read_otlp(data: bytes, signals: list[Signal]) -> Portion:
    """What a document of OTLP holds; raises MalformedError, which is a ValueError, if it is none."""
    portion = Portion()
    for signal in signals:
        received = decode(signal, data, "application/json")
        refusals: Refusals
        if signal is Signal.METRICS:
            points, refusals = read_metrics(received)
            portion.points += points
        else:
            records, refusals = (read_traces if signal is Signal.TRACES else read_logs)(received)
            portion.entries += records
        for reason, count in refusals.reasons.items():
            portion.refused[reason] = portion.refused.get(reason, 0) + count
    for record in portion.entries:
        if isinstance(record, SpanRecord) and record.response is not None and record.cost is None:
            price_call(record)
    return portion
