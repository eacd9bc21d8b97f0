"""Records 25 spans, stops the shipper in an exit handler, and falls off its end.

Argument: the data directory.
"""

import atexit
import sys
from pathlib import Path

from agentops.delivery.local import LocalDestination
from agentops.delivery.shipper import Shipper
from agentops.domain.ids import new_session_id, new_span_id
from agentops.domain.spans import SpanKind, SpanRecord
from agentops.recording.journal import Journal
from agentops.recording.reading import JournalReader
from agentops.recording.recorder import Recorder
from agentops.store.sqlite import SqliteStore

directory = Path(sys.argv[1])
journal = Journal(directory / "journals", "one")
recorder = Recorder(journal)
shipper = Shipper(
    lambda cursor: JournalReader(journal.directory, cursor),
    [LocalDestination(lambda: SqliteStore(directory / "agentops.db"), journal.name)],
)
shipper.start()
atexit.register(lambda: sys.stdout.write(f"delivered {shipper.stop(20)}\n"))
session_id = new_session_id()
for number in range(25):
    span_id = new_span_id()
    recorder.add(
        SpanRecord(
            session_id=session_id, span_id=span_id, kind=SpanKind.TOOL, name="work", start=number, end=number + 1
        )
    )
