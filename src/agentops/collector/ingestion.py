"""Taking records in: priced, committed, counted, and told to whoever watches."""

from collections.abc import Sequence

from agentops.collector.asked import Asked
from agentops.domain.prices import in_use
from agentops.domain.spans import MODEL_KINDS, Record, SpanRecord, SpanStatus
from agentops.store.protocol import Acknowledgement


def take_in(asked: Asked[object, object], records: Sequence[Record], *, journal: str | None = None) -> Acknowledgement:
    """Commit records to the project of whoever sends them; they are on disk when this returns.

    Args:
        asked: who sends them, and to which store.
        records: what was recorded.
        journal: names the process that speaks, where that is known, see `Store.ingest`.

    Raises:
        StoreError: if they are not; nothing of them is.
    """
    for record in records:
        if isinstance(record, SpanRecord):
            price(record)
    done = asked.store.ingest(records, journal=journal)
    if records:
        asked.services.meters.note_records("records", new=done.new, known=done.known)
        asked.services.live.note(asked.principal.project)
    return done


def price(record: SpanRecord) -> None:
    """Put the cost in USD on a model call that ended without one, where its price is known."""
    if record.cost is None and record.kind in MODEL_KINDS and record.status is not SpanStatus.RUNNING:
        cost = in_use().cost_of_record(record)
        if cost is not None:
            record.cost = format(cost, "f")
