"""Chat messages and tool definitions, stored once however often they are sent."""

from collections.abc import Mapping

from agentops.domain.spans import SpanRecord
from agentops.store.sqlite.bodies import Blobs, Content
from agentops.store.sqlite.transaction import LAST_MESSAGE, Transaction


class Contents:
    """The messages of one batch of spans on their way in."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._holds: dict[tuple[int, int], tuple[int, int, str, int]] = {}

    def store(self, blobs: Blobs) -> Mapping[bytes, int]:
        """Write those that are not there yet; the row of each by its hash."""
        memory = self._transaction.memory.messages
        unknown = {key: (digest, kind, body) for body, (digest, key, kind) in blobs.items() if digest not in memory}
        if unknown:
            found = dict(self._transaction.select_rows("find_messages", [(bytearray(key),) for key in unknown]))
            rows = [
                (self._transaction.next_number(LAST_MESSAGE), bytearray(key), kind, bytearray(body))
                for key, (_, kind, body) in unknown.items()
                if key not in found
            ]
            self._transaction.run_rows("add_messages", rows)
            found.update((bytes(key), mid) for mid, key, *_ in rows)
            memory.update((digest, found[key]) for key, (digest, *_) in unknown.items())
        return memory

    def hold(self, sid: int, record: SpanRecord, content: Content, mids: Mapping[bytes, int]) -> str:
        """Note that a session holds the messages of a span; the span's `contents` column: which messages those are."""
        asked = [mids[digest] for digest in content.asked]
        answered = [mids[digest] for digest in content.answered]
        tools = [] if content.tools is None else [mids[content.tools]]
        held, started = self._transaction.memory.held_by(sid), record.start
        for mid in (*asked, *answered, *tools):
            since = held.get(mid)
            if since is None or started < since:
                held[mid] = started
                self._holds[sid, mid] = (sid, mid, record.span_id, started)
        return f"[{asked},{answered},{tools[0] if tools else 'null'}]"

    def finish(self) -> None:
        """Write who holds what."""
        self._transaction.run_rows("hold_messages", list(self._holds.values()))
        self._transaction.memory.note_held(len(self._holds))
