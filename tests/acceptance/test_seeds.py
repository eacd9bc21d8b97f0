"""Every example that users of AgentOps were given, run as it stands: it does what it shows, and is recorded.

The examples lie in `seeds/`, word for word. What they leave to the reader (`some_event`, `<id>`, functions of one's
own) is given by `PRELUDES` and `filled`.
"""

import asyncio
import http.server
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

import agentops
from agentops.domain.spans import SessionRecord, SpanKind, SpanRecord
from agentops.store.sqlite import SqliteStore
from agentops.testing.recording import Recording, record

SEEDS = Path(__file__).parent / "seeds"
TIMEOUT = 60

PRELUDES = {
    "client": "from agentops import ActionEvent\nsome_event = ActionEvent('walk', params={'to': 'the river'})\n",
    "lifecycle": "",
    "inherit_from": "",
    "inherit_into": "import agentops, sys\ndef retrieve_session_id():\n    return sys.argv[1]\n",
    "export": "",
    "analytics": "from agentops import ActionEvent\n",
    "event": "import agentops\n",
    "crew_task": "import agentops\nfrom typing import Any, Dict\nfrom uuid import uuid4\nresult = 'all done'\n",
}
"""What each example takes for granted."""

ANALYTICS = re.compile(
    r"\{'LLM calls': \d+, 'Tool calls': \d+, 'Actions': \d+, 'Errors': \d+, "
    r"'Duration': '(\d+h )?(\d+m )?\d+\.\ds', 'Cost': '\d+\.\d\d'\}"
)


def filled(name: str, **placeholders: str) -> str:
    """An example, with what it takes for granted before it, and its placeholders replaced."""
    text = (SEEDS / f"{name}.txt").read_text(encoding="utf-8")
    for placeholder, value in placeholders.items():
        assert placeholder in text
        text = text.replace(placeholder, value)
    return PRELUDES[name] + text


def command(folder: Path, source: str, *arguments: str) -> list[str]:
    """The command line of a program, written into a folder."""
    program = folder / f"program_{len(list(folder.glob('program_*')))}.py"
    program.write_text(source, encoding="utf-8")
    return [sys.executable, "-W", "error", str(program), *arguments]


def run(folder: Path, source: str, *arguments: str) -> str:
    """Run a program to its end; what it printed to stdout."""
    line = command(folder, source, *arguments)
    done = subprocess.run(line, capture_output=True, text=True, timeout=TIMEOUT, check=False, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert "\N{LINKED PAPERCLIPS} AgentOps: Session Stats - Duration: " in done.stderr
    assert not (folder / "agentops.log").exists()
    return done.stdout


@contextmanager
def stored(data_directory: Path) -> Generator[SqliteStore]:
    """What the programs left in the local store."""
    with SqliteStore(data_directory / "agentops.db") as store:
        yield store


def test_every_example_has_a_test() -> None:
    """No example lies in the folder without being run here."""
    assert {path.stem for path in SEEDS.iterdir()} == PRELUDES.keys()


def test_a_client_starts_a_session_and_ends_it_with_a_state(tmp_path: Path, data_directory: Path) -> None:
    """Tags, an event, an agent, the analytics, the end with reason and video: all of it is in the store."""
    printed = run(tmp_path, filled("client") + "print(stats)\nprint(agent_id, session.end_state, session.tags)\n")
    shown, rest = printed.splitlines()
    agent_id, end_state, *tags = rest.split()
    assert ANALYTICS.fullmatch(shown)
    assert (end_state, tags) == ("Success", ["['replacement_tag']"])
    with stored(data_directory) as store:
        (session,) = store.sessions()
        video = store.session(session.session_id).video
        (event,) = [span for span in store.spans(session.session_id) if span.kind is not SpanKind.SESSION]
    assert (session.state, session.end_state, session.end_state_reason) == ("SUCCEEDED", "Success", "Task completed")
    assert (session.tags, video) == (["replacement_tag"], "https://recording.url")
    assert [(agent.id, agent.name) for agent in session.agents] == [(str(UUID(agent_id)), "agent_name")]
    assert (event.event_type, event.input) == ("walk", {"to": "the river"})


def test_sessions_are_made_by_hand_and_as_blocks(tmp_path: Path, data_directory: Path) -> None:
    """Made, entered and left, started and ended: the one that was only made leaves nothing."""
    states = "print(session.state, session.is_terminal, session.is_alive())\n"
    assert run(tmp_path, filled("lifecycle") + states) == "SUCCEEDED True False\n"
    with stored(data_directory) as store:
        assert [(session.state, session.end_state) for session in store.sessions()] == [("SUCCEEDED", "Success")] * 2


def test_two_processes_share_one_session(tmp_path: Path, data_directory: Path) -> None:
    """The one started it, the other one was given its id: one session, with what both of them recorded."""
    say = "session.record(agentops.ToolEvent(name={!r}))\n"
    first = filled("inherit_from") + say.format("first") + "print(session.session_id, flush=True)\ninput()\n"
    second = filled("inherit_into", **{"<id>": "session_id"})
    second += "session = agentops.current_session()\n" + say.format("second")
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": tmp_path}
    with subprocess.Popen(command(tmp_path, first), **pipes) as process:
        assert process.stdout is not None
        session_id = process.stdout.readline().strip()
        line = command(tmp_path, second, session_id)
        subprocess.run(line, check=True, timeout=TIMEOUT, cwd=tmp_path)
        process.communicate("\n", timeout=TIMEOUT)
    assert process.returncode == 0
    with stored(data_directory) as store:
        (session,) = store.sessions()
        names = {span.name for span in store.spans(session_id)}
    assert (session.session_id, session.tool_calls, session.state) == (session_id, 2, "INDETERMINATE")
    assert names == {"session", "first", "second"}


def test_an_action_is_counted_as_what_its_type_says(tmp_path: Path, data_directory: Path) -> None:
    """The documentation shows zeros for a call of a model and of a tool; AgentOps 0.3 counts both, and so do we."""
    printed = run(tmp_path, filled("analytics"))
    assert ANALYTICS.fullmatch(printed.strip())
    assert printed.startswith("{'LLM calls': 1, 'Tool calls': 1, 'Actions': 0, 'Errors': 0, 'Duration': '0.")
    with stored(data_directory) as store:
        (session,) = store.sessions()
    assert (session.llm_calls, session.tool_calls, session.state) == (1, 1, "SUCCEEDED")


def test_an_event_needs_a_type_and_a_result_only(tmp_path: Path, data_directory: Path) -> None:
    """It is recorded under its own type, and counted nowhere."""
    more = "session = agentops.start_session()\nsession.record(event)\nprint(session.get_analytics())\n"
    printed = run(tmp_path, filled("event") + more + "session.end_session()\n")
    assert printed.startswith("{'LLM calls': 0, 'Tool calls': 0, 'Actions': 0, 'Errors': 0,")
    with stored(data_directory) as store:
        (session,) = store.sessions()
        (event,) = [span for span in store.spans(session.session_id) if span.kind is not SpanKind.SESSION]
    assert (event.event_type, event.output, session.state) == ("test_event", "test result", "INDETERMINATE")


class Exporting(http.server.BaseHTTPRequestHandler):
    """A collector that answers the two questions of the example."""

    def do_GET(self) -> None:
        """Answer with the shapes that AgentOps's own collector has."""
        asked.append((self.path, self.headers["X-Agentops-Api-Key"]))
        session_id, what = self.path.split("/")[-2:]
        counts = {"events": 2, "prompt_tokens": 7, "completion_tokens": 5, "errors": 0}
        answers: dict[str, Any] = {
            "stats": {"session_id": session_id, "cost": "0.00", **counts},
            "export": {"session": {"id": session_id}, "actions": [], "llms": [], "tools": [], "errors": []},
        }
        body = json.dumps(answers[what]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the standard library
        """Say nothing."""


asked: list[tuple[str, str]] = []


def test_statistics_and_export_are_read_with_an_api_key() -> None:
    """The example asks a collector with one header, and reads its JSON."""
    session_id = "a5fc2dba-53fc-4d78-9438-64f5b35c1c50"
    with http.server.HTTPServer(("127.0.0.1", 0), Exporting) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        host = f"http://127.0.0.1:{server.server_port}"
        names: dict[str, Any] = {}
        source = filled("export", **{"https://api.agentops.ai": host, "your-session-id": session_id})
        exec(compile(source, "export", "exec"), names)
        server.shutdown()
        thread.join()
    assert (names["stats"]["session_id"], names["stats"]["events"]) == (session_id, 2)
    assert (names["session_data"]["session"]["id"], names["session_data"]["llms"]) == (session_id, [])
    assert asked == [(f"/v2/sessions/{session_id}/{what}", "your-api-key") for what in ("stats", "export")]


@pytest.fixture
def recording() -> Iterator[Recording]:
    """What is recorded while the test runs."""
    with record(plugins=False, strict=True) as recording:
        yield recording


def crew_task(result: Any) -> Any:
    """The function of the example, whose tasks come to this result."""
    names: dict[str, Any] = {}
    exec(compile(filled("crew_task"), "crew_task", "exec"), names)
    names["result"] = result
    return names["run_crew_task"]


def told(recording: Recording) -> list[tuple[SessionRecord, list[SpanRecord]]]:
    """Each session with its events."""
    spans = [span for span in recording.spans() if span.kind is not SpanKind.SESSION]
    return [(each, [span for span in spans if span.session_id == each.session_id]) for each in recording.sessions()]


def check(recording: Recording, count: int) -> None:
    """So many sessions, each ended, with one agent of its own and one event of its own."""
    sessions = told(recording)
    assert len(sessions) == count
    for session, events in sessions:
        assert (session.state, session.end_state) == ("INDETERMINATE", "Indeterminate")
        assert [agent.name for agent in session.agents] == ["test_agent"]
        assert [(event.event_type, event.output) for event in events] == [("task_execution", "all done")]
    assert len({session.agents[0].id for session, _ in sessions}) == count
    assert recording.manager.registry.active() == []


def test_each_task_has_a_session_of_its_own(recording: Recording) -> None:
    """One after the other, each is cleaned up."""
    run_crew_task = crew_task("all done")
    for number in range(3):
        run_crew_task(str(number), {})
    check(recording, 3)


def test_tasks_in_threads_do_not_mix(recording: Recording) -> None:
    """Many at a time, in threads."""
    run_crew_task = crew_task("all done")
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(run_crew_task, map(str, range(40)), [dict[str, Any]()] * 40))
    check(recording, 40)


async def test_tasks_in_asyncio_do_not_mix(recording: Recording) -> None:
    """Many at a time, in tasks, each of which is interrupted in the middle."""
    run_crew_task = crew_task("all done")

    async def run_one(number: int) -> None:
        await asyncio.sleep(0)
        run_crew_task(str(number), {})
        await asyncio.sleep(0)
        assert agentops.current_session() is None

    await asyncio.gather(*map(run_one, range(40)))
    check(recording, 40)


def test_a_session_is_cleaned_up_when_its_task_fails(recording: Recording) -> None:
    """What goes wrong inside goes on its way; the session has ended."""
    run_crew_task = crew_task("all done")
    del run_crew_task.__globals__["uuid4"]
    with pytest.raises(NameError, match="uuid4"):
        run_crew_task("1", {})
    ((session, events),) = told(recording)
    assert (session.state, events) == ("INDETERMINATE", [])


EVENT: Any = agentops.Event
WRONG: list[tuple[Callable[[Any], object], type[Exception], str]] = [
    (
        lambda session: session.create_agent("name", "no uuid"),
        ValueError,
        "agent_id 'no uuid' is a badly formed UUID",
    ),
    (lambda session: session.record("no event"), TypeError, "record takes an event such as ActionEvent"),
    (lambda session: EVENT(event_type=7), TypeError, "event_type is text such as 'actions', not int"),
    (lambda session: EVENT(), TypeError, "event_type"),
    (lambda session: session.end("Finished"), ValueError, "pass 'Success', 'Fail' or 'Indeterminate'"),
    (lambda session: session.set_state("DONE"), ValueError, "pass one of INITIALIZING, RUNNING"),
    (lambda session: session.add_tags([1]), agentops.AgentOpsError, "tags are words"),
    (lambda session: agentops.start_session(inherited_session_id="x"), ValueError, "badly formed"),
]
"""What a program may pass that cannot be, the error, and what it says."""


@pytest.mark.parametrize(("call", "error", "message"), WRONG)
def test_invalid_parameters_are_clear_errors(
    recording: Recording, call: Any, error: type[Exception], message: str
) -> None:
    """They are raised where they are passed, say what to pass, and change nothing."""
    with agentops.Session() as session:
        with pytest.raises(error, match=message):
            call(session)
        assert session.is_running
    assert [(each.state, each.agents, each.tags) for each in recording.sessions()] == [("SUCCEEDED", [], None)]


def test_the_examples_need_no_key_and_no_settings(tmp_path: Path) -> None:
    """With no environment but the path of programs and a folder for the recordings."""
    environment = {"PATH": os.environ["PATH"], "AGENTOPS_DIR": str(tmp_path)}
    line = command(tmp_path, filled("analytics"))
    done = subprocess.run(line, env=environment, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    assert ANALYTICS.fullmatch(done.stdout.strip())
