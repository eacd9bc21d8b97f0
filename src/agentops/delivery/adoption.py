"""Taking in what dead processes left in their journals."""

import math
import os
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Final

from msgspec import Struct

from agentops.delivery.destination import DeliveryError, Destination
from agentops.delivery.interruption import interrupted
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

AWAITED_DAYS: Final = 7
"""How long a journal is kept for a destination that could not be reached, once the local store has it."""
_DAY: Final = 86_400 * 1_000_000_000


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
    until: float = math.inf,
) -> Adopted:
    """Bring what dead processes left under a data directory into the store, and to further destinations.

    A journal is removed once everybody has everything; one that was damaged is kept under `damaged/`, for what could
    not be read of it. Several processes may adopt at once: each journal is taken by one of them. What is left when the
    monotonic clock reaches `until` is for the next adopter.

    Raises:
        StoreError: if the store cannot be written; what was not taken in is taken in next time.
    """
    total = Adopted()
    for orphan in orphans(directory / JOURNALS):
        with orphan:
            if orphan.process_id == os.getpid():  # our own, on the way out: its shipper is at work on it
                continue
            if time.monotonic() >= until:
                break
            one = _adopt_one(orphan, store, destinations, price, until)
        total = Adopted(
            journals=total.journals + one.journals,
            spans=total.spans + one.spans,
            interrupted=total.interrupted + one.interrupted,
        )
    return total


class _TimeIsUpError(JournalError):
    """The rest of a journal is for the next adopter."""


def _adopt_one(
    orphan: Orphan,
    store: Store,
    destinations: Sequence[Destination],
    price: Callable[[SpanRecord], None],
    until: float,
) -> Adopted:
    spans = set[tuple[str, str]]()

    def keep(records: Sequence[Record]) -> None:
        if time.monotonic() >= until:
            raise _TimeIsUpError
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
        if all(taken) and not _is_awaited(orphan, {LOCAL, *(each.name for each in destinations)}):
            _clear(orphan, damaged=own.damaged)
    except (OSError, JournalError):  # it can be read no further; the next adopter tries again
        return Adopted(spans=len(spans))
    return Adopted(journals=1, spans=len(spans), interrupted=interrupted)


def catch_up(
    directory: Path,
    destination: Destination,
    *,
    price: Callable[[SpanRecord], None] = price_call,
    tells_ends: bool = False,
) -> int:
    """Bring a destination what dead processes could not; how many journals it has all of now.

    Journals that the local store has taken in already are removed, once nobody else awaits them. With `tells_ends` the
    destination is also told that what a process left running was interrupted.

    Raises:
        DeliveryError: if the destination fails again.
    """
    caught_up = 0
    for orphan in orphans(directory / JOURNALS):
        with orphan, ExitStack() as readers:
            if orphan.process_id == os.getpid() or destination.name not in orphan.cursors():
                continue
            reader = _open(orphan, destination.name, readers)
            _drain(reader, destination.deliver, price)
            left = interrupted(reader.unfinished(), orphan.ended_at) if tells_ends else []
            if left:
                destination.deliver(left)
            caught_up += 1
            if not _is_awaited(orphan, {destination.name}):
                orphan.remove()
    return caught_up


def _is_awaited(orphan: Orphan, done: set[str]) -> bool:
    """Whether a destination of the process that wrote it still lacks something, and may yet come for it."""
    if time.time_ns() - orphan.ended_at > AWAITED_DAYS * _DAY:
        return False
    for cursor in orphan.cursors():
        if cursor not in done:
            reader = orphan.reader(cursor)
            try:
                if reader.read(1):
                    return True
            finally:
                reader.close()
    return False


def _open(orphan: Orphan, cursor: str, readers: ExitStack) -> JournalReader:
    return readers.enter_context(closing(orphan.reader(cursor)))


def _drain(
    reader: JournalReader, deliver: Callable[[Sequence[Record]], None], price: Callable[[SpanRecord], None]
) -> None:
    """Hand everything in a journal on."""
    while records := _read(reader, price):
        deliver(records)
        reader.commit()


def _read(reader: JournalReader, price: Callable[[SpanRecord], None]) -> Sequence[Record]:
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
    import shutil  # noqa: PLC0415 - 4 ms that only a damaged journal pays

    aside = orphan.directory.parent.parent / DAMAGED
    aside.mkdir(mode=0o700, exist_ok=True)
    target = aside / orphan.name
    shutil.rmtree(target, ignore_errors=True)
    os.replace(orphan.directory, target)  # noqa: PTH105 - atomic, and within one file system
