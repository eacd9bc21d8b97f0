"""Taking in what dead processes left in their journals."""

import os
import shutil
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Final

from msgspec import Struct

from agentops.delivery.destination import DeliveryError, Destination
from agentops.delivery.lane import BATCH
from agentops.delivery.local import LOCAL
from agentops.delivery.pricing import price_call
from agentops.domain.spans import Record, SpanRecord
from agentops.errors import JournalError
from agentops.recording.orphans import Orphan, orphans
from agentops.recording.reading import JournalReader
from agentops.store.protocol import Store

JOURNALS: Final = "journals"
DAMAGED: Final = "damaged"
"""Folders of the data directory."""


class Adopted(Struct, frozen=True):
    """What was taken in.

    Attributes:
        journals: how many journals.
        spans: how many spans were still in them.
        interrupted: spans that were running when their process died.
    """

    journals: int = 0
    spans: int = 0
    interrupted: int = 0


def adopt(
    directory: Path,
    store: Store,
    *,
    destinations: Sequence[Destination] = (),
    price: Callable[[SpanRecord], None] = price_call,
) -> Adopted:
    """Bring what dead processes left under a data directory into the store, and to further destinations.

    A journal is removed once everybody has everything; one that was damaged is kept under `damaged/`, for what could
    not be read of it. Several processes may adopt at once: each journal is taken by one of them.

    Raises:
        StoreError: if the store cannot be written; what was not taken in is taken in next time.
    """
    total = Adopted()
    for orphan in orphans(directory / JOURNALS):
        with orphan:
            one = _adopt_one(orphan, store, destinations, price)
        total = Adopted(
            journals=total.journals + one.journals,
            spans=total.spans + one.spans,
            interrupted=total.interrupted + one.interrupted,
        )
    return total


def _adopt_one(
    orphan: Orphan, store: Store, destinations: Sequence[Destination], price: Callable[[SpanRecord], None]
) -> Adopted:
    spans = set[tuple[str, str]]()

    def keep(records: Sequence[Record]) -> None:
        store.ingest(records, journal=orphan.name)
        spans.update((record.session_id, record.span_id) for record in records if isinstance(record, SpanRecord))

    try:
        with ExitStack() as readers:
            # all of them first: what every known cursor has passed is deleted
            own = _open(orphan, LOCAL, readers)
            others = [(each, _open(orphan, each.name, readers)) for each in destinations]
            _drain(own, keep, price)
            interrupted = store.interrupt(orphan.name, at=orphan.ended_at)
            taken = [_offer(reader, destination, price) for destination, reader in others]
        if all(taken):
            _clear(orphan, damaged=own.damaged)
    except (OSError, JournalError):  # it can be read no further; the next adopter tries again
        return Adopted(spans=len(spans))
    return Adopted(journals=1, spans=len(spans), interrupted=interrupted)


def _open(orphan: Orphan, cursor: str, readers: ExitStack) -> JournalReader:
    return readers.enter_context(closing(orphan.reader(cursor)))


def _drain(
    reader: JournalReader, deliver: Callable[[Sequence[Record]], None], price: Callable[[SpanRecord], None]
) -> None:
    """Hand everything in a journal on."""
    while records := _read(reader, price):
        deliver(records)
        reader.commit()


def _read(reader: JournalReader, price: Callable[[SpanRecord], None]) -> list[Record]:
    records = reader.read(BATCH)
    for record in records:
        if isinstance(record, SpanRecord) and record.response is not None and record.cost is None:
            price(record)
    return records


def _offer(reader: JournalReader, destination: Destination, price: Callable[[SpanRecord], None]) -> bool:
    try:
        _drain(reader, destination.deliver, price)
    except DeliveryError:
        return False
    return True


def _clear(orphan: Orphan, *, damaged: bool) -> None:
    """Remove a journal, or move it out of the way of adopters where it was damaged."""
    if not damaged:
        orphan.remove()
        return
    aside = orphan.directory.parent.parent / DAMAGED
    aside.mkdir(mode=0o700, exist_ok=True)
    target = aside / orphan.name
    shutil.rmtree(target, ignore_errors=True)
    os.replace(orphan.directory, target)  # noqa: PTH105 - atomic, and within one file system
