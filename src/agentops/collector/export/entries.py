"""Everything that is known of a session, as records that another store can take in."""

from collections.abc import Iterator
from typing import Final

import msgspec

from agentops.domain.spans import LogRecord, Record, SessionRecord, SpanRecord
from agentops.store.protocol import Note, Score, Store

Entry = Record | Score | Note
"""One line of an export."""

SessionEntry = SessionRecord | SpanRecord | LogRecord | Score | Note
"""Those that belong to a session."""

_decoder: Final = msgspec.json.Decoder(Entry)


def entries_of(store: Store, session_id: str) -> Iterator[SessionEntry]:
    """A session, its spans, what was written in it, and what was said of it.

    Raises:
        UnknownSessionError: if there is no such session.
    """
    yield store.session(session_id)
    yield from store.spans(session_id)
    yield from store.logs(session_id)
    yield from store.scores(session_id)
    yield from store.notes(session_id)


def decode_entry(line: bytes | str) -> Entry:
    """The entry that is in a line.

    Raises:
        msgspec.DecodeError: if there is none.
    """
    return _decoder.decode(line)


def keep(store: Store, entries: list[Entry]) -> int:
    """Put entries into a store, in any order, and again and again without harm; how many records were new.

    Scores and notes come after the spans that they are about.

    Raises:
        UnknownSpanError: if a score or a note is about a span that is nowhere.
        UnknownSessionError: if it is about a session that is nowhere.
        StoreError: if the store cannot be written.
    """
    records = [entry for entry in entries if not isinstance(entry, Score | Note)]
    new = store.ingest(records).new
    for entry in entries:
        if isinstance(entry, Score):
            store.add_score(entry)
        elif isinstance(entry, Note):
            store.add_note(entry)
    return new
