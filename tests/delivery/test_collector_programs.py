"""Whole programs and their collector: away, refusing, hanging, killed, forked, sharing a session."""

import os
import re
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from agentops.testing import Collector, Fault

NOBODY = "http://127.0.0.1:9"
CALLS = """
import sys
import agentops

agentops.init(auto_start_session=False)

@agentops.tool
def look(marker):
    return marker

@agentops.session
def crew(first, count):
    for number in range(first, first + count):
        look(f"marker-{number:03}")
"""


@dataclass(frozen=True)
class Machine:
    """Where programs run: one data directory, and a collector that may or may not be there."""

    folder: Path
    collector: Collector

    @property
    def journals(self) -> list[Path]:
        """The journals that wait."""
        return sorted((self.folder / "data" / "journals").iterdir())

    def start(self, source: str, **settings: str) -> subprocess.Popen[str]:
        """Start a program that sends to the collector, unless settings say otherwise."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AGENTOPS_", "OTEL_"))}
        environment = kept | self.collector.environment() | {"AGENTOPS_DIR": str(self.folder / "data")} | settings
        return subprocess.Popen(
            [sys.executable, "-c", CALLS + textwrap.dedent(source)],
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(self, source: str, **settings: str) -> str:
        """Run one to its good end; what it said on stderr."""
        with self.start(source, **settings) as process:
            _, said = process.communicate(timeout=60)
        assert process.returncode == 0, said
        return said

    def markers(self) -> list[str]:
        """The calls that arrived, in the order of their numbers, each as often as it did."""
        return sorted(
            marker
            for event in self.collector.of_type("tools")
            for marker in re.findall(r"marker-\d+", str(event["params"]))
        )


@pytest.fixture(params=[(), ("frames",)], ids=["original", "ours"])
def machine(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Machine]:
    """A machine with a collector."""
    with Collector(accepts=request.param) as collector:
        yield Machine(tmp_path, collector)


def markers(count: int) -> list[str]:
    """So many calls."""
    return [f"marker-{number:03}" for number in range(count)]


def test_a_short_program_has_told_its_collector_everything_by_its_end(machine: Machine) -> None:
    """Without a flush, and nothing stays behind."""
    said = machine.run("crew(0, 50)")
    assert machine.markers() == markers(50)
    (session,) = machine.collector.sessions.values()
    assert (session["end_state"], session["is_running"], session["event_counts"]["tools"]) == ("Success", False, 50)
    assert machine.collector.arrivals == len(machine.collector.events)
    assert machine.journals == []
    assert "failed" not in said


def test_what_a_collector_missed_comes_with_the_next_program(machine: Machine) -> None:
    """Also where that one records nothing: everything once, and the session ended as it did."""
    said = machine.run("crew(0, 50)", AGENTOPS_API_ENDPOINT=NOBODY)
    assert said.count("nobody listens") == 1
    assert len(machine.journals) == 1
    machine.run("")
    assert machine.markers() == markers(50)
    assert machine.collector.arrivals == len(machine.collector.events)
    assert [session["end_state"] for session in machine.collector.sessions.values()] == ["Success"]
    assert machine.journals == []


def test_without_a_local_store_it_is_the_same(machine: Machine) -> None:
    """The collector's own cursor keeps what it lacks."""
    machine.run("crew(0, 20)", AGENTOPS_API_ENDPOINT=NOBODY, AGENTOPS_LOCAL_STORE="false")
    machine.run("crew(20, 20)", AGENTOPS_LOCAL_STORE="false")
    assert machine.markers() == markers(40)
    assert len(machine.collector.sessions) == 2
    assert machine.journals == []


def test_a_collector_that_comes_late_gets_everything_from_the_running_program(machine: Machine) -> None:
    """The program never noticed that it was away."""
    machine.collector.close()
    with machine.start("crew(0, 30)\nprint('made', flush=True)\nsys.stdin.readline()\ncrew(30, 10)") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "made\n"
        machine.collector.start()
        process.communicate(timeout=60)
    assert machine.markers() == markers(40)
    assert machine.collector.arrivals == len(machine.collector.events)


def test_a_killed_program_has_lost_nothing_that_ended(machine: Machine) -> None:
    """The next one tells what it did, that it was in the middle of something, and that its session is over."""
    program = """
    import os, signal
    @agentops.agent(name="helper")
    def helper():
        for number in range(40):
            look(f"marker-{number:03}")
            if number == 20:
                agentops.flush(10)
        os.kill(os.getpid(), signal.SIGKILL)
    session = agentops.start_session(tags=["doomed"])
    helper()
    """
    with machine.start(program) as process:
        process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    machine.run("crew(40, 1)")
    assert machine.markers() == markers(41)
    session = next(each for each in machine.collector.sessions.values() if each.get("tags") == ["doomed"])
    assert (session["end_state"], session["is_running"]) == ("Indeterminate", False)
    assert session["end_state_reason"].startswith("interrupted: the process ended in agent 'helper'")
    assert [(event["name"], event["status"]) for event in machine.collector.of_type("agent")] == [
        ("helper", "interrupted")
    ]
    assert machine.journals == []


def test_forked_children_deliver_what_is_theirs(machine: Machine) -> None:
    """On connections and with tokens of their own; nothing of the parent goes out twice."""
    program = """
    import os
    session = agentops.start_session()
    look("marker-000")
    agentops.flush(10)
    child = os.fork()
    look("marker-001" if child else "marker-002")
    if child:
        assert os.waitpid(child, 0)[1] == 0
        session.end_session("Success")
    else:
        sys.exit(0)
    """
    machine.run(program)
    machine.run("")
    assert machine.markers() == markers(3)
    assert machine.collector.arrivals == len(machine.collector.events)
    assert len(machine.collector.sessions) == 1


def test_processes_that_share_a_session_make_one_session(machine: Machine) -> None:
    """Each delivers its own events; the one that began it says when it began and ends it."""
    program = """
    import subprocess
    session = agentops.start_session(tags=["shared"])
    look("marker-000")
    child = '''
    import agentops
    agentops.init(auto_start_session=False)
    session = agentops.start_session(inherited_session_id=%r)
    @agentops.tool
    def look(marker):
        return marker
    look("-".join(("marker", "001")))  # the command line of this program is recorded as well
    '''
    import textwrap
    subprocess.run([sys.executable, "-c", textwrap.dedent(child % str(session.session_id))], check=True)
    session.end_session("Success")
    """
    machine.run(program)
    assert machine.markers() == markers(2)
    (session,) = machine.collector.sessions.values()
    assert (session["end_state"], session["is_running"], session["tags"]) == ("Success", False, ["shared"])
    (root,) = machine.collector.of_type("session")
    assert session["init_timestamp"] <= root["init_timestamp"]


@pytest.mark.parametrize("exit_timeout", ["0", "0.5"])
def test_a_collector_that_hangs_does_not_hold_up_the_end(machine: Machine, exit_timeout: str) -> None:
    """The program ends when its grace is over, and what it had to tell comes with the next one."""
    machine.collector.fail(Fault.stalled(), times=1000)
    machine.run("crew(0, 20)", AGENTOPS_EXIT_TIMEOUT=exit_timeout)
    assert len(machine.journals) == 1
    machine.collector.mend()
    machine.run("")
    assert machine.markers() == markers(20)
    assert machine.collector.arrivals == len(machine.collector.events)


def test_nothing_is_sent_where_no_collector_was_named(machine: Machine) -> None:
    """There is no address that is meant when nobody says one, with or without a key."""
    said = machine.run(
        """
        import socket
        def refuse(event, arguments):
            if event in {"socket.connect", "socket.getaddrinfo"}:
                print("reached out", arguments, file=sys.stderr)
        sys.addaudithook(refuse)
        crew(0, 5)
        agentops.flush(5)
        """,
        AGENTOPS_API_ENDPOINT="",
    )
    assert "reached out" not in said
    assert machine.collector.requests == []


def test_the_endpoint_may_be_an_argument(machine: Machine) -> None:
    """As the key may; they win over the environment."""
    program = f"""
    agentops.shutdown()
    agentops.init("own-key", endpoint={machine.collector.url!r}, auto_start_session=False)
    crew(0, 5)
    """
    machine.run(program, AGENTOPS_API_ENDPOINT="")
    assert machine.markers() == markers(5)
    assert {request.headers["x-agentops-api-key"] for request in machine.collector.requests} == {"own-key"}
