"""Chat messages and tool definitions, stored once however often they are sent."""

from collections.abc import Mapping

from agentops.domain.spans import SpanRecord
from agentops.store.sqlite.rows import Blobs, Content, write_contents
from agentops.store.sqlite.transaction import LAST_MESSAGE, Transaction


class Contents:
    """The messages of one batch of spans on their way in."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._holds: dict[tuple[int, int], tuple[int, int, str, int]] = {}

    def store(self, blobs: Blobs) -> Mapping[bytes, int]:
        """Write those that are not there yet; the row of each by its hash."""
        memory = self._transaction.memory.messages
        unknown = [digest for digest in blobs if digest not in memory]
        if unknown:
            memory.update(self._transaction.select_rows("find_messages", [(digest,) for digest in unknown]))
            missing = [digest for digest in unknown if digest not in memory]
            rows = [(self._transaction.next_number(LAST_MESSAGE), digest, *blobs[digest]) for digest in missing]
            self._transaction.run_rows("add_messages", rows)
            memory.update((digest, mid) for mid, digest, *_ in rows)
        return memory

    def hold(self, sid: int, record: SpanRecord, content: Content, mids: Mapping[bytes, int]) -> str:
        """Note that a session holds the messages of a span; the span's `contents` column."""
        holders, started = self._transaction.memory.holders, record.start
        digests = [*content.asked, *content.answered]
        if content.tools is not None:
            digests.append(content.tools)
        for digest in digests:
            key = (sid, mids[digest])
            since = holders.get(key)
            if since is None or started < since:
                holders[key] = started
                self._holds[key] = (*key, record.span_id, started)
        return write_contents(content, mids)

    def finish(self) -> None:
        """Write who holds what."""
        self._transaction.run_rows("hold_messages", list(self._holds.values()))
