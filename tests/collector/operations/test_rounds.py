"""What a collector does now and then by itself: letting go of what is old."""

import threading
import time
from collections.abc import Callable

from server_samples import RunningServer, wait_for

from agentops.collector.access.projects import ensure_project, set_retention
from agentops.collector.retention import apply_retention
from agentops.collector.rounds import Chore, Rounds
from agentops.domain.ids import session_id_of
from agentops.domain.spans import SpanKind, SpanRecord

DAY = 86_400_000_000_000


def never() -> bool:
    """The collector goes on."""
    return False


def fill(server: RunningServer, project: str, ages: range) -> None:
    """Sessions of a project, so many days old."""
    ensure_project(server.services.projects.catalog, project)
    now = time.time_ns()
    with server.store(project) as store:
        store.ingest(
            [
                SpanRecord(
                    session_id=session_id_of(age + 1),
                    span_id="a" * 16,
                    kind=SpanKind.TOOL,
                    name=f"{age} days",
                    start=now - age * DAY - 1000,
                    end=now - age * DAY - 900,
                )
                for age in ages
            ]
        )


def count(server: RunningServer, project: str) -> int:
    """How many sessions are left."""
    with server.store(project) as store:
        return store.health().sessions


def test_each_project_keeps_its_sessions_as_long_as_it_says(server: RunningServer) -> None:
    """One that says nothing keeps them as long as the server says."""
    for project in ("default", "short", "long"):
        fill(server, project, range(100))
    projects = server.services.projects
    set_retention(projects.catalog, server.project("short").id, 5)
    set_retention(projects.catalog, server.project("long").id, 1000)
    apply_retention(projects, 30, never)
    assert [count(server, project) for project in ("default", "short", "long")] == [30, 5, 100]


def test_nothing_goes_where_nobody_says(server: RunningServer) -> None:
    """Without a word about it everything stays."""
    fill(server, "default", range(10, 40))
    apply_retention(server.services.projects, None, never)
    assert count(server, "default") == 30


def test_it_stops_when_the_collector_ends(server: RunningServer) -> None:
    """The next round goes on."""
    fill(server, "default", range(100, 200))
    answers = iter([False, False, True])
    apply_retention(server.services.projects, 1, lambda: next(answers, True))
    assert 0 < count(server, "default") < 100
    apply_retention(server.services.projects, 1, never)
    assert count(server, "default") == 0


def test_recordings_come_in_while_old_ones_go(server: RunningServer) -> None:
    """Neither waits for the other, and what is new stays."""
    fill(server, "default", range(100, 400))
    thread = threading.Thread(target=apply_retention, args=(server.services.projects, 1, never))
    thread.start()
    span = {"traceId": "f" * 32, "name": "ask", "startTimeUnixNano": str(time.time_ns())}
    for number in range(20):
        sent = {"resourceSpans": [{"scopeSpans": [{"spans": [{**span, "spanId": f"{number + 1:016x}"}]}]}]}
        assert server.client.post("/v1/traces", json=sent).status_code == 200
    thread.join()
    with server.store() as store:
        assert len(store.tree(session_id_of(2**128 - 1))) == 20
    assert count(server, "default") == 1


def test_a_chore_that_fails_is_tried_again() -> None:
    """And keeps no other from being done."""
    failed = list[int]()
    done = list[int]()

    def fail(_: Callable[[], bool]) -> None:
        failed.append(1)
        raise RuntimeError("no")

    with Rounds([Chore("failing", 0.01, fail), Chore("working", 0.01, lambda _: done.append(1))]):
        wait_for(lambda: len(failed) > 2 and len(done) > 2)


def test_a_chore_is_done_at_the_start_and_then_has_time() -> None:
    """Once, until its time comes again."""
    done = list[int]()
    with Rounds([Chore("once", 3600, lambda _: done.append(1))]):
        wait_for(lambda: done)
    assert done == [1]
