"""Streams: what happens is told as it happens, once, and a client that comes back misses nothing."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from api_samples import START, Api, AskAs, line, work
from server_samples import SECONDS, RunningServer, StartServer, wait_for

from agentops.collector.access.keys import create_key, revoke_key
from agentops.collector.api import telling
from agentops.collector.api import watching as watcher
from agentops.domain.ids import new_session_id
from agentops.domain.spans import Record, SessionRecord


@dataclass
class Event:
    """One event of a stream."""

    id: str
    name: str
    data: Any


def events_in(response: httpx.Response) -> Iterator[Event]:
    """Whole events, as a browser dispatches them."""
    fields: dict[str, str] = {}
    for text in response.iter_lines():
        if not text:
            if "event" in fields:
                yield Event(fields["id"], fields["event"], json.loads(fields["data"]))
            fields = {}
        elif not text.startswith(":"):
            name, _, value = text.partition(": ")
            fields[name] = value


@contextmanager
def watching(api: Api, path: str, last: str | None = None, **query: Any) -> Generator[Iterator[Event]]:
    """The events of a stream, until the block ends."""
    headers = {} if last is None else {"Last-Event-ID": last}
    with api.client.stream("GET", path, params=query, headers=headers) as response:
        assert response.status_code == 200, response.read()
        assert response.headers["content-type"].startswith("text/event-stream")
        yield events_in(response)


def until_ready(events: Iterator[Event]) -> list[Event]:
    """All events up to the one that says that everything was told."""
    found: list[Event] = []
    for event in events:
        found.append(event)
        if event.name == "ready":
            return found
    raise AssertionError("the stream ended before it was ready")


def test_a_session_is_told_from_the_beginning(api: Api, session_id: str, records: list[Record]) -> None:
    """Its spans and lines as they are, its summary, and then that this was all."""
    with watching(api, f"sessions/{session_id}/live", after="0") as events:
        spans, lines, session, ready = until_ready(events)
    assert [event.name for event in (spans, lines, session, ready)] == ["spans", "logs", "session", "ready"]
    assert spans.data == api.get(f"sessions/{session_id}/spans")["items"]
    assert lines.data == api.get(f"sessions/{session_id}/logs")["items"]
    assert session.data == api.get(f"sessions/{session_id}")["summary"]
    assert len(records) == len(spans.data) + len(lines.data) + 1


def test_what_comes_is_told_at_once(api: Api, session_id: str) -> None:
    """By ingest over HTTP; what was there before is not told again."""
    with watching(api, f"sessions/{session_id}/live") as events:
        assert [event.name for event in until_ready(events)] == ["session", "ready"]
        body = {"resourceSpans": [{"scopeSpans": [{"spans": [
            {"traceId": session_id.replace("-", ""), "spanId": "00000000000000aa", "name": "late",
             "startTimeUnixNano": str(START), "endTimeUnixNano": str(START + 5)}
        ]}]}]}  # fmt: skip
        assert api.server.client.post("/v1/traces", json=body).status_code == 200
        spans = next(events)
        assert [span["name"] for span in spans.data] == ["late"]


def test_the_list_tells_of_sessions_that_change(api: Api, server: RunningServer, session_id: str) -> None:
    """With their summaries; and of all that there are, if one begins at the beginning."""
    with watching(api, "live", after="0") as events:
        first, _ = until_ready(events)
        assert [session["session_id"] for session in first.data] == [session_id]
        other = new_session_id()
        with server.store() as store:
            store.ingest([SessionRecord(session_id=other, name="other", start=START)])
        assert [(session["session_id"], session["name"]) for session in next(events).data] == [(other, "other")]
    with watching(api, "live") as events:
        assert [event.name for event in until_ready(events)] == ["ready"]


def test_a_forgotten_session_ends_its_stream(api: Api, session_id: str) -> None:
    """After it was told so."""
    with watching(api, f"sessions/{session_id}/live") as events:
        until_ready(events)
        assert api.status("DELETE", f"sessions/{session_id}") == 200
        assert [event.name for event in events] == ["deleted"]


def test_a_stream_of_no_session_or_a_wrong_id_is_refused(api: Api, session_id: str) -> None:
    """Before it begins."""
    assert api.status("GET", f"sessions/{new_session_id()}/live") == 404
    for word in ("x", "1", "1.2.3", "1.2-zz", "9" * 19 + ".1", "-1.0", "1.2-0123456789abcdeF", "²"):
        assert api.status("GET", f"sessions/{session_id}/live", params={"after": word}) == 400, word
    assert api.status("GET", "live", params={"after": "1.2"}) == 400
    assert api.status("GET", "live", headers={"Last-Event-ID": "x"}) == 400


WRITER = """
import sys, time
from pathlib import Path
sys.path.insert(0, {samples!r}); sys.path.insert(0, {shared!r})
from api_samples import line, work
from agentops.store.sqlite import SqliteStore
with SqliteStore(Path({path!r})) as store:
    for number in range({begin}, {end}):
        store.ingest([work({session!r}, number), line({session!r}, number)])
"""


def test_nothing_is_missed_or_told_twice_over_reconnects(api: Api, server: RunningServer) -> None:
    """While threads here and another process write to the same file, a client that leaves after every few events."""
    session_id = new_session_id()
    with server.store() as store:
        store.ingest([SessionRecord(session_id=session_id, name="busy", start=START)])
        path = server.services.projects.path_of(server.project().id)
        here = [os.path.dirname(__file__), os.path.dirname(os.path.dirname(__file__))]  # noqa: PTH120 - for a program
        program = WRITER.format(
            samples=here[0], shared=here[1], path=str(path), session=session_id, begin=10_000, end=10_150
        )
        process = subprocess.Popen([sys.executable, "-c", program])

        def write(begin: int) -> None:
            for number in range(begin, begin + 100):
                store.ingest([work(session_id, number), line(session_id, number)])

        threads = [threading.Thread(target=write, args=(begin,)) for begin in (1, 1001)]
        for thread in threads:
            thread.start()
        spans, lines = follow(api, session_id, 350)
        for thread in threads:
            thread.join()
        assert process.wait(SECONDS) == 0
    expected = [*range(1, 101), *range(1001, 1101), *range(10_000, 10_150)]
    assert sorted(spans) == [f"{number:016x}" for number in expected]
    assert sorted(lines) == expected


def follow(api: Api, session_id: str, count: int) -> tuple[list[str], list[int]]:
    """The spans and lines that a client is told who is interrupted all the time, until it has all that come."""
    spans: list[str] = []
    lines: list[int] = []
    last: str | None = "0"
    deadline = time.monotonic() + SECONDS
    while (len(spans) < count or len(lines) < count) and time.monotonic() < deadline:
        with watching(api, f"sessions/{session_id}/live", last, after="0") as events:
            for seen, event in enumerate(events):
                last = event.id
                spans += [span["span_id"] for span in event.data] if event.name == "spans" else []
                lines += [said["number"] for said in event.data] if event.name == "logs" else []
                if seen == 2 or (len(spans) >= count and len(lines) >= count):
                    break
    return spans, lines


def test_the_list_misses_no_session_over_reconnects(api: Api, server: RunningServer) -> None:
    """Every session is told, and the last that is told of it is how it is."""
    told: dict[str, int] = {}
    with server.store() as store:
        ids = [new_session_id() for _ in range(30)]

        def write() -> None:
            for number in range(1, 6):
                for session_id in ids:
                    store.ingest([work(session_id, number)])

        thread = threading.Thread(target=write)
        thread.start()
        last: str | None = "0"
        deadline = time.monotonic() + SECONDS
        while list(told.values()) != [5] * 30 and time.monotonic() < deadline:
            with watching(api, "live", last) as events:
                for event in events:
                    last = event.id
                    if event.name == "sessions":
                        told |= {session["session_id"]: session["spans"] for session in event.data}
                        break
        thread.join()
    assert told == dict.fromkeys(ids, 5)


def test_a_silent_stream_says_that_it_is_there(api: Api, session_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a comment, which is no event; and it told when to come back."""
    monkeypatch.setattr(telling, "HEARTBEAT", 0.2)
    with api.client.stream("GET", f"sessions/{session_id}/live") as response:
        texts = response.iter_lines()
        assert next(texts) == "retry: 2000"
        assert ": still here" in texts


def test_a_stream_ends_with_its_key(start_server: StartServer, ask_as: AskAs, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody whose key was revoked is told nothing more."""
    monkeypatch.setattr(telling, "HEARTBEAT", 0.1)
    server = start_server(keys={"first": "some-key"})
    catalog = server.services.projects.catalog
    key, value = create_key(catalog, "first", "watcher")
    with watching(ask_as(server, value), "live") as events:
        until_ready(events)
        revoke_key(catalog, key.id)
        assert list(events) == []


def test_a_client_that_goes_is_let_go(api: Api, server: RunningServer, session_id: str) -> None:
    """Its place is free again, and the server ends without waiting for it."""
    live = server.services.live
    with watching(api, f"sessions/{session_id}/live") as events:
        until_ready(events)
        assert live.watchers == 1
    wait_for(lambda: live.watchers == 0)


def test_only_so_many_watch_at_once(api: Api, server: RunningServer, session_id: str) -> None:
    """The next is told to come back later."""
    server.services.live._limit = 2  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - nobody sets it while it runs
    path = f"sessions/{session_id}/live"
    with watching(api, path) as one, watching(api, path) as two:
        until_ready(one)
        until_ready(two)
        refused = api.ask("GET", path)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
    wait_for(lambda: server.services.live.watchers == 0)


def test_streams_end_with_the_server(session_id: str, api: Api, server: RunningServer) -> None:
    """At once, and whole."""
    with watching(api, f"sessions/{session_id}/live") as events:
        until_ready(events)
        server.server.should_exit = True
        assert list(events) == []


def test_a_reader_that_does_not_read_holds_no_memory(
    api: Api, server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stream waits for it: what is written meanwhile stays in the store, and comes when it reads on."""
    session_id = new_session_id()
    made: list[int] = []

    def counted(name: str, data: Any, told: telling.Told) -> bytes:
        piece = telling.event(name, data, told)
        made.append(len(piece))
        return piece

    monkeypatch.setattr(watcher, "event", counted)
    with server.store() as store:
        store.ingest([SessionRecord(session_id=session_id, start=START)])
        with watching(api, f"sessions/{session_id}/live") as events:
            until_ready(events)
            for begin in range(0, 2000, 500):
                store.ingest([work(session_id, begin + n, output="x" * 20_000) for n in range(500)])
            stalled = 0
            while stalled != len(made) or not made:  # until it writes no more, for want of room on the way
                stalled = len(made)
                time.sleep(1)
            assert sum(made) < 20_000_000
            told: list[str] = []
            while len(told) < 2000:
                event = next(events)
                told += [span["span_id"] for span in event.data] if event.name == "spans" else []
    assert len(set(told)) == len(told) == 2000
    assert sum(made) > 40_000_000
