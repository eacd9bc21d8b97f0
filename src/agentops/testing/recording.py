"""What agentops records while a test runs, at hand at once: nothing leaves the process and no thread runs behind it."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from agentops.config import resolve
from agentops.delivery.pricing import price_call
from agentops.domain.spans import DropRecord, LogRecord, Record, SessionRecord, SpanKind, SpanRecord
from agentops.domain.states import EndState
from agentops.recording.clock import Clock
from agentops.recording.context import get_context, reset_context, set_context
from agentops.recording.journal import Journal
from agentops.recording.reading import JournalReader
from agentops.recording.recorder import Recorder
from agentops.recording.trace import Trace
from agentops.session.manager import SessionManager
from agentops.store.merge import merge
from agentops.testing.fixed import CountingIds, Ids, ticking_clock
from agentops.testing.observing import Observing
from agentops.testing.outline import outline
from agentops.testing.standin import StandIn, in_place

_AnyRecord = TypeVar("_AnyRecord", SpanRecord, SessionRecord, LogRecord, DropRecord)


class Recording:
    """Everything recorded while it is open; still readable when it is closed.

    Attributes:
        recorder: what records.
        manager: what starts sessions.
        observing: the plugins whose libraries are observed.
    """

    def __init__(self, directory: Path, ids: Ids, clock: Clock) -> None:
        self._journal = Journal(directory / "journals", "recording")
        self._reader: JournalReader | None = JournalReader(self._journal.directory, "recording")
        self._records: list[Record] = []
        self.recorder = Recorder(self._journal, clock, ids)
        self.recorder.start_session = self._start_session
        self.manager = SessionManager(self.recorder)
        self.observing = Observing()

    def records(self) -> list[Record]:
        """Every record in the order in which it was written; a span may come when it begins and when it ends."""
        while self._reader is not None:
            self._records.extend(self._reader.read())
            if self._reader.exhausted:
                break
        return list(self._records)

    def spans(self, kind: SpanKind | str | None = None) -> list[SpanRecord]:
        """The spans by their beginnings, running ones as they stand, priced as they would be delivered.

        Args:
            kind: only spans of this kind; None: all but the sessions' own.
        """
        merged: dict[str, SpanRecord] = {}
        for record in self._of(SpanRecord):
            known = merged.get(record.span_id)
            merged[record.span_id] = record if known is None else merge(known, record)
        wanted = [span for span in merged.values() if _is_wanted(span, kind)]
        return sorted(map(_priced, wanted), key=lambda span: span.start)

    def span(self, name: str | None = None) -> SpanRecord:
        """The only span, or the only one of this name.

        Raises:
            AssertionError: if there is none, or more than one; the message shows what there is.
        """
        found = [span for span in self.spans() if name in {None, span.name}]
        if len(found) != 1:
            wanted = "one span" if name is None else f"one span named {name!r}"
            raise AssertionError(f"there are {len(found)}, not {wanted}, in:\n{self.tree()}")
        return found[0]

    def sessions(self) -> list[SessionRecord]:
        """What is known of each session, in the order in which they were first told of."""
        latest: dict[str, SessionRecord] = {}
        for record in self._of(SessionRecord):
            latest[record.session_id] = record
        return list(latest.values())

    def logs(self) -> list[LogRecord]:
        """What was written in sessions that capture it, in the order in which it was."""
        return sorted(self._of(LogRecord), key=lambda record: (record.time, record.number))

    def drops(self) -> list[DropRecord]:
        """What could not be kept; empty unless the test provokes it."""
        return self._of(DropRecord)

    def tree(self) -> str:
        """All spans as an outline, the sessions' own at the left."""
        return outline([*self.spans(SpanKind.SESSION), *self.spans()])

    def close(self) -> None:
        """End what is still open and let go of the files; what was recorded stays readable."""
        self.observing.stop()
        self.manager.end_all(EndState.SUCCESS)
        self.records()
        reader, self._reader = self._reader, None
        if reader is not None:
            reader.close()
        self._journal.close()

    def _of(self, kind: type[_AnyRecord]) -> list[_AnyRecord]:
        return [record for record in self.records() if isinstance(record, kind)]

    def _start_session(self) -> Trace:
        """A session for what is done outside any other; it is found without being current anywhere."""
        around = set_context(get_context())
        session = self.manager.start("recording")
        reset_context(around)
        self.manager.registry.default = session
        return session.telemetry.trace


@contextmanager
def record(
    *,
    plugins: bool = True,
    ids: Ids | None = None,
    clock: Clock | None = None,
    strict: bool = False,
    directory: Path | None = None,
) -> Generator[Recording]:
    """Record what the block does, apart from everything else that agentops may be recording in this process.

        with agentops.testing.record() as recording:
            my_agent("What is the weather?")
        assert recording.span("search").input == {"query": "weather"}
        assert recording.tree().splitlines() == ["session recording", "  agent my_agent", "    tool search"]

    Calls outside any session belong to one named `recording`, which is opened when it is needed.

    Args:
        plugins: whether libraries are observed by the installed plugins, context flows into threads and programs,
            and spans that others make through OpenTelemetry are taken in, as after `agentops.init()`.
        ids: gives random bits for ids; None counts from 1.
        clock: tells the time; None ticks a millisecond at each reading, from the beginning of 2026.
        strict: whether failures of agentops and of plugins are raised instead of logged.
        directory: where the journal is kept; None takes a temporary one.
    """
    ids = ids or CountingIds()
    with TemporaryDirectory(prefix="agentops-") as temporary:
        recording = Recording(directory or Path(temporary), ids, clock or ticking_clock())
        config = resolve({"directory": temporary, "local_store": False}, {}, None)
        with in_place(StandIn(config, recording.recorder, recording.manager), ids, strict=strict):
            try:
                if plugins:
                    recording.observing.start_installed()
                yield recording
            finally:
                recording.close()


def _is_wanted(span: SpanRecord, kind: SpanKind | str | None) -> bool:
    return span.kind != SpanKind.SESSION if kind is None else span.kind == kind


def _priced(span: SpanRecord) -> SpanRecord:
    if span.cost is None and span.response is not None:
        price_call(span)
    return span
