"""Threads, forks and other programs on the same file."""

import os
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from store_samples import session_of, tool_span

from agentops.domain.ids import new_session_id
from agentops.domain.spans import SpanRecord
from agentops.errors import StoreBusyError, StoreError
from agentops.store.sqlite import SqliteStore, writer


def test_threads_write_and_read_at_once(store: SqliteStore) -> None:
    """Each sees what it wrote as soon as it was acknowledged."""
    session_id = new_session_id()

    def work(worker: int) -> None:
        for number in range(20):
            span = tool_span(session_id, worker * 100 + number)
            assert store.ingest([span]).new == 1
            assert span in list(store.spans(session_id))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert store.find(session_id).tool_calls == 160


def test_batches_that_wait_are_committed_together(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one commit is under way others queue up, and the next takes them all."""
    commits: list[int] = []
    first_is_in, go_on = threading.Event(), threading.Event()
    commit = writer.Writer._commit  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001 - the seam that is observed

    def observed(self: writer.Writer, group: list[writer.Job[object]]) -> None:
        commits.append(len(group))
        if len(commits) == 1:
            first_is_in.set()
            go_on.wait(10)
        commit(self, group)

    monkeypatch.setattr(writer.Writer, "_commit", observed)
    with ThreadPoolExecutor(6) as pool:
        first = pool.submit(store.ingest, session_of(1))
        first_is_in.wait(10)
        others = [pool.submit(store.ingest, session_of(1)) for _ in range(5)]
        waiting = store._writer._waiting  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001 - to know that all five wait
        while len(waiting) < 5:
            threading.Event().wait(0.01)
        go_on.set()
        assert [each.result().new for each in (first, *others)] == [1] * 6
    assert commits == [1, 5]


@pytest.mark.parametrize("failure", [sqlite3.OperationalError("no"), KeyError("no"), StoreError("no")])
def test_one_bad_batch_fails_alone(store: SqliteStore, monkeypatch: pytest.MonkeyPatch, failure: Exception) -> None:
    """Those that were to be committed together with it are committed."""
    first_is_in, go_on = threading.Event(), threading.Event()
    commit = writer.Writer._commit  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001 - the seam that is observed

    def observed(self: writer.Writer, group: list[writer.Job[object]]) -> None:
        if not first_is_in.is_set():
            first_is_in.set()
            go_on.wait(10)
        commit(self, group)

    def refuse(transaction: object) -> None:
        raise failure

    monkeypatch.setattr(writer.Writer, "_commit", observed)
    good = session_of(2)
    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(store.ingest, session_of(1))
        first_is_in.wait(10)
        bad = pool.submit(store._writer.write, refuse)  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001 - a job that fails
        other = pool.submit(store.ingest, good)
        waiting = store._writer._waiting  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001 - to know that both wait
        while len(waiting) < 2:
            threading.Event().wait(0.01)
        go_on.set()
        assert first.result().new == 1
        assert other.result().new == 2
        with pytest.raises((StoreError, KeyError), match="no"):
            bad.result()
    assert list(store.spans(good[0].session_id)) == good


def test_a_reader_does_not_hold_up_writers(store: SqliteStore) -> None:
    """Somebody who stopped half-way through a session sees what came meanwhile when going on."""
    session_id = new_session_id()
    store.ingest([tool_span(session_id, number) for number in range(600)])
    reading = store.spans(session_id)
    first = next(reading)
    late = tool_span(session_id, 1000)
    store.ingest([late])
    store.delete([session_of(1)[0].session_id])
    rest = list(reading)
    assert first not in rest
    assert rest[-1] == late
    assert len(rest) == 600


def test_a_locked_file_is_waited_for(store: SqliteStore) -> None:
    """Another program's long transaction delays a batch and does not lose it."""
    other = sqlite3.connect(store.path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.3, other.execute, ["ROLLBACK"])
    release.start()
    assert store.ingest(session_of(3)).new == 3
    release.join()
    other.close()


def test_a_file_that_stays_locked_is_said_to_be(path: Path) -> None:
    """To everybody who waits; nothing was acknowledged, and later it works."""
    with SqliteStore(path, patience=0.05, closing_budget=0) as store, ThreadPoolExecutor(8) as pool:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        batches = [session_of(2) for _ in range(8)]
        for refused in [pool.submit(store.ingest, batch) for batch in batches]:
            with pytest.raises(StoreBusyError, match="another process has kept it locked"):
                refused.result()
        assert store.sessions() == []
        other.execute("ROLLBACK")
        other.close()
        assert [store.ingest(batch).new for batch in batches] == [2] * 8


def test_many_threads_of_small_batches_share_commits(store: SqliteStore) -> None:
    """Far fewer than there are batches, and each thread is told its own."""
    commits = list[str]()
    store._writer._open().set_trace_callback(  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001 - commits are counted
        lambda statement: commits.append(statement) if statement == "COMMIT" else None
    )
    batches = [session_of(number % 5 + 1) for number in range(200)]
    is_ready = threading.Barrier(8)

    def send(part: list[list[SpanRecord]]) -> list[int]:
        is_ready.wait(10)
        return [store.ingest(batch).new for batch in part]

    with ThreadPoolExecutor(8) as pool:
        parts = [batches[first::8] for first in range(8)]
        told = [counted for part in pool.map(send, parts) for counted in part]
    assert told == [len(batch) for part in parts for batch in part]
    assert len(commits) < len(batches) / 2


@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_a_forked_child_goes_on_with_the_same_store(store: SqliteStore) -> None:
    """Without touching what its parent holds, even when the parent was writing at that moment."""
    session_id = new_session_id()
    store.ingest([tool_span(session_id, 0)])
    assert store.sessions()
    stop = threading.Event()
    written = list[SpanRecord]()

    def keep_writing() -> None:
        while not stop.is_set():
            written.append(tool_span(session_id, 100 + len(written)))
            store.ingest(written[-1:])

    thread = threading.Thread(target=keep_writing)
    thread.start()
    endings: list[int] = []
    for number in range(1, 6):
        child = os.fork()
        if child == 0:
            try:
                store.ingest([tool_span(session_id, number)])
                os._exit(0 if store.find(session_id).spans > number else 3)
            finally:
                os._exit(4)
        endings.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    stop.set()
    thread.join()
    assert endings == [0] * 5
    assert store.find(session_id).tool_calls == 6 + len(written)


def test_a_store_goes_on_after_it_was_closed(path: Path) -> None:
    """Closing lets go of files; it forbids nothing."""
    store = SqliteStore(path)
    store.close()
    spans = session_of(2)
    assert store.ingest(spans).new == 2
    assert list(store.spans(spans[0].session_id)) == spans
    store.close()
