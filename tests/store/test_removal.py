"""What is deleted is gone, and nothing else is."""

from concurrent.futures import ThreadPoolExecutor

from store_samples import DAY, START, check_integrity, llm_span, said, session_of, table_sizes, tool_span

from agentops.domain.ids import new_session_id
from agentops.domain.spans import SessionRecord
from agentops.store.sqlite import SqliteStore
from agentops.store.sqlite.removal import CHUNK


def test_a_deleted_session_leaves_nothing_behind(store: SqliteStore) -> None:
    """No row of any table, indexed or not, and the space goes back to the disk."""
    session_id = new_session_id()
    spans = [llm_span(session_id, number, asked=[said("user", f"{number} " * 200)]) for number in range(2 * CHUNK)]
    store.ingest([SessionRecord(session_id=session_id, start=START, host_env={"os": "x"}, tags=["t"]), *spans])
    store.index()
    store.ingest([llm_span(session_id, 5000)])
    store.close()
    full = store.path.stat().st_size
    with SqliteStore(store.path) as again:
        assert again.delete([session_id]) == 1
    assert set(table_sizes(store.path).values()) == {0}
    assert check_integrity(store.path) == "ok"
    assert store.path.stat().st_size < full / 4


def test_messages_that_another_session_holds_stay(store: SqliteStore) -> None:
    """And are still found there."""
    kept, gone = new_session_id(), new_session_id()
    shared, own = said("system", "the shared needle"), said("user", "the private needle")
    store.ingest([llm_span(kept, asked=[shared]), llm_span(gone, asked=[shared, own])])
    store.index()
    survivor = list(store.spans(kept))
    assert len(store.search("needle")) == 2
    assert store.delete([gone]) == 1
    assert list(store.spans(kept)) == survivor
    assert [(hit.session_id, hit.snippet) for hit in store.search("needle")] == [(kept, "the shared needle")]


def test_deleting_what_is_not_there_says_so(store: SqliteStore) -> None:
    """Twice, or never recorded."""
    spans = session_of(1)
    store.ingest(spans)
    assert store.delete([spans[0].session_id, spans[0].session_id, new_session_id()]) == 1
    assert store.delete([]) == 0


def test_a_session_that_goes_on_after_it_was_deleted_begins_anew(store: SqliteStore) -> None:
    """With its messages, which a process that remembered them writes again."""
    session_id = new_session_id()
    store.ingest([llm_span(session_id, 1)])
    with SqliteStore(store.path, closing_budget=0) as other:
        other.delete([session_id])
    again = llm_span(session_id, 2)
    store.ingest([again])
    assert list(store.spans(session_id)) == [again]
    assert (store.find(session_id).spans, store.find(session_id).llm_calls) == (1, 1)


def test_pruning_makes_way_for_writers(store: SqliteStore) -> None:
    """Nothing that comes meanwhile is lost, and the counts are right at the end."""
    old = [span for number in range(60) for span in session_of(30, end=START, name=f"old {number}")]
    store.ingest(old)
    fresh = [session_of(20, start=START + 9 * DAY, end=START + 9 * DAY) for _ in range(40)]
    with ThreadPoolExecutor(1) as pool:
        pruned = pool.submit(store.prune, before=START + DAY)
        for batch in fresh:
            store.ingest(batch)
        assert pruned.result() == 60
    assert sorted(each.session_id for each in store.sessions(limit=100)) == sorted(
        batch[0].session_id for batch in fresh
    )
    assert sum(total.calls for total in store.totals()) == 40 * 20
    assert check_integrity(store.path) == "ok"


def test_pruning_deletes_what_nobody_added_to_for_long(store: SqliteStore) -> None:
    """By the last record, not by the start."""
    old, lively, new = (new_session_id() for _ in range(3))
    store.ingest([tool_span(each, start=START, end=START) for each in (old, lively)])
    store.ingest([tool_span(each, start=START + 9 * DAY, end=START + 9 * DAY) for each in (lively, new)])
    assert store.prune(before=START + 5 * DAY) == 1
    assert {each.session_id for each in store.sessions()} == {lively, new}
    assert store.prune(before=START + 5 * DAY) == 0
