"""Sessions started in every way that both generations have, and ended by a signal from outside."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from agentops.store.sqlite import SqliteStore

PROGRAM = """
import threading, time
import agentops

agentops.init(trace_name="init")
agentops.record(agentops.ToolEvent())
started = [
    agentops.start_session(name="function"),
    agentops.start_trace("trace"),
    agentops.Client().start_session(name="client"),
    agentops.Session("object").start(),
    agentops.session("block").__enter__(),
]
ended = agentops.start_trace("ended")
agentops.end_trace(ended, agentops.TraceState.UNSET)

@agentops.trace(name="thread")
def work():
    ready.set()
    time.sleep(30)

ready = threading.Event()
threading.Thread(target=work, daemon=True).start()
ready.wait()
print("ready", flush=True)
time.sleep(30)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_all_sessions_however_they_were_started(
    number: signal.Signals, tmp_path: Path, data_directory: Path
) -> None:
    """With state and reason; the one that had ended stays as it was, and the status is death by that signal."""
    line = [sys.executable, "-c", PROGRAM]
    with subprocess.Popen(line, cwd=tmp_path, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        process.communicate(timeout=60)
    assert process.returncode == -number
    with SqliteStore(data_directory / "agentops.db") as store:
        found = {each.name: (each.end_state, each.end_state_reason) for each in store.sessions()}
    names = ("init", "function", "trace", "client", "object", "block", "thread")
    assert found == {
        **dict.fromkeys(names, ("Fail", f"Signal {number.name} detected")),
        "ended": ("Indeterminate", None),
    }


HANDED_ON = """
import os, subprocess, sys
import agentops

session = agentops.{start}
agentops.record(agentops.ToolEvent(name="parent"))
environment = {{name: value for name, value in os.environ.items() if name not in ("TRACEPARENT", "BAGGAGE")}}
child = {child!r}
subprocess.run([sys.executable, "-c", child, session.session_id], env=environment, check=True)
print(session.session_id, agentops.end_session("Success", "both done"))
"""

CHILD = """
import sys
import agentops

session = agentops.{join}(inherited_session_id=sys.argv[1], tags=["child"])
assert session.session_id == sys.argv[1] and not session.owned
session.record(agentops.LLMEvent(model="gpt-4o", prompt_tokens=1_000, completion_tokens=100))
session.create_agent("writer")
print(session.get_analytics()["LLM calls"], file=sys.stderr)
"""


@pytest.mark.parametrize("start", ["init(tags=['parent'])", "start_session(tags=['parent'])"])
@pytest.mark.parametrize("join", ["init", "start_session"])
def test_a_session_is_handed_to_another_process_by_its_id(
    start: str, join: str, tmp_path: Path, data_directory: Path
) -> None:
    """Both write into it, tags and agents are united, and only the one that started it ends it."""
    source = HANDED_ON.format(start=start, child=CHILD.format(join=join))
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", source],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    session_id = done.stdout.split()[0]
    with SqliteStore(data_directory / "agentops.db") as store:
        (session,) = store.sessions()
    assert (session.session_id, session.tool_calls, session.llm_calls) == (session_id, 2, 1)  # the child is one of them
    assert (session.end_state, session.end_state_reason) == ("Success", "both done")
    assert set(session.tags) == {"parent", "child"}
    assert [agent.name for agent in session.agents] == ["writer"]
