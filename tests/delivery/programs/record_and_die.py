"""Records a session with spans that ended and spans that run, says so, and is killed.

Arguments: the data directory, the session id, how many spans.
"""

import os
import signal
import sys
from pathlib import Path

from agentops.domain.spans import SessionRecord, SpanKind
from agentops.recording.journal import Journal
from agentops.recording.recorder import Recorder
from agentops.recording.trace import Trace

directory, session_id, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
journal = Journal(directory / "journals", f"dead-{os.getpid()}")
recorder = Recorder(journal)
trace = Trace(session_id)
recorder.add(SessionRecord(session_id=session_id, name="crew", start=1, process_id=os.getpid()))
agent = recorder.template("researcher", SpanKind.AGENT)
tool = recorder.template("search", SpanKind.TOOL)
outer = recorder.open(agent, b"{}", trace)
for _ in range(count):
    inner = recorder.open(tool, b'{"query":"weather"}', trace)
    recorder.close(inner, b'"fine"')
recorder.open(tool, b'{"query":"the last one"}', trace)
sys.stdout.write("ready\n")
sys.stdout.flush()
os.kill(os.getpid(), signal.SIGKILL)
