"""A journal that is written to, and what a test says of what comes out of it."""

from collections.abc import Iterable
from pathlib import Path

from agentops.domain.ids import new_session_id
from agentops.domain.spans import DropRecord, Record, SessionRecord, SpanKind, SpanRecord, SpanStatus
from agentops.recording.clock import Clock
from agentops.recording.journal import Journal
from agentops.recording.reading import JournalReader
from agentops.recording.recorder import Recorder
from agentops.recording.span import Span
from agentops.recording.trace import Trace


class Writing:
    """A journal, a recorder that writes to it, and one session."""

    def __init__(self, root: Path, name: str = "mine", *, limit: int = 256 << 20, clock: Clock | None = None) -> None:
        self.journal = Journal(root, name, limit=limit)
        self.recorder = Recorder(self.journal, clock)
        self.trace = Trace(new_session_id())
        self.agent = self.recorder.template("researcher", SpanKind.AGENT)
        self.tool = self.recorder.template("search", SpanKind.TOOL)

    def open(self, data: bytes = b'{"query":"weather"}') -> Span:
        """A tool call begins."""
        span = self.recorder.open(self.tool, data, self.trace)
        assert span is not None
        return span

    def call(self, data: bytes = b'{"query":"weather"}', result: bytes = b'"fine"') -> str:
        """A tool call; its span id."""
        span = self.open(data)
        self.recorder.close(span, result)
        return span.span_id

    def note(self, name: str) -> None:
        """One whole record, told from others by its name."""
        self.recorder.add(SessionRecord(session_id=self.trace.session_id, name=name))

    def reader(self, cursor: str = "local", *, final: bool = False) -> JournalReader:
        """A reader of the journal."""
        return JournalReader(self.journal.directory, cursor, final=final)


def read_all(reader: JournalReader, limit: int = 4096) -> list[Record]:
    """Everything that is there to read."""
    records: list[Record] = []
    while True:
        records += reader.read(limit)
        if reader.exhausted:
            return records


def ended(records: Iterable[Record]) -> dict[str, SpanRecord]:
    """The ended spans among records by their ids; each ended once."""
    found = [each for each in records if isinstance(each, SpanRecord) and each.status is not SpanStatus.RUNNING]
    by_id = {each.span_id: each for each in found}
    assert len(by_id) == len(found)
    return by_id


def running(records: Iterable[Record]) -> dict[str, SpanRecord]:
    """The spans among records of which only the beginning was known, by their ids."""
    return {
        each.span_id: each for each in records if isinstance(each, SpanRecord) and each.status is SpanStatus.RUNNING
    }


def dropped(records: Iterable[Record]) -> int:
    """How many frames records say were dropped or lost."""
    return sum(each.count for each in records if isinstance(each, DropRecord))


def names(records: Iterable[Record]) -> list[str | None]:
    """The names of the whole records."""
    return [each.name for each in records if isinstance(each, SessionRecord)]
