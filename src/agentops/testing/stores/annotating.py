"""Annotating: tags, scores and notes given afterwards; and asking in SQL."""

from typing import Final

from agentops.domain.spans import SessionRecord
from agentops.errors import QueryError, UnknownSessionError, UnknownSpanError
from agentops.store.protocol import Note, Score, SessionFilter, Store
from agentops.testing.stores.crew import START, crew, session_id_of, span_id_of
from agentops.testing.stores.demands import Demand, require_error, require_same


def tags_given_by_hand_prevail(store: Store) -> None:
    """Over those of the program, which may say again what it said."""
    store.ingest(crew(3))
    store.set_tags(session_id_of(1), ["good", "naïve", "good"])
    store.ingest(crew(3))
    store.ingest([SessionRecord(session_id=session_id_of(1), start=START, tags=["more"])], journal="another")
    require_same(store.find(session_id_of(1)).tags, ["good", "naïve"], "tags given by hand")
    found = [each.session_id for each in store.page(SessionFilter(tag="good")).items]
    require_same(found, [session_id_of(1)], "sessions of a tag given by hand")
    store.set_tags(session_id_of(1), [])
    require_same(store.find(session_id_of(1)).tags, [], "tags taken away")
    require_error(UnknownSessionError, lambda: store.set_tags(session_id_of(9), ["x"]), "tags of no session")


def scores_are_kept_by_their_id(store: Store) -> None:
    """Numbers, yes or no, and words; the last of an id stays."""
    store.ingest(crew(3))
    session_id = session_id_of(1)
    scores = [
        Score(id="s1", session_id=session_id, name="helpful", value=True, author="Ann", time=START),
        Score(id="s2", session_id=session_id, name="quality", value=0.25, span_id=span_id_of(1, 1), time=START + 1),
        Score(id="s3", session_id=session_id, name="tone", value="héllo", comment="so it is", time=START + 2),
        Score(id="s4", session_id=session_id, name="helpful", value=False, time=START + 3),
    ]
    for score in (Score(id="s3", session_id=session_id_of(2), name="old", value=1.0), *scores, *scores):
        store.add_score(score)
    require_same(store.scores(session_id), scores, "scores")
    require_same([type(each.value) for each in store.scores(session_id)], [bool, float, str, bool], "their types")
    require_same(store.scores(session_id_of(2)), [], "a score that moved")
    require_same([store.remove_score("s2"), store.remove_score("s2")], [True, False], "removing a score twice")
    require_same([each.id for each in store.scores(session_id)], ["s1", "s3", "s4"], "scores that are left")
    nowhere = Score(id="s9", session_id=session_id, name="x", value=1.0, span_id=span_id_of(2, 1))
    require_error(UnknownSpanError, lambda: store.add_score(nowhere), "a score of another session's span")
    lost = Score(id="s9", session_id=session_id_of(9), name="x", value=1.0)
    require_error(UnknownSessionError, lambda: store.add_score(lost), "a score of no session")
    endless = Score(id="s9", session_id=session_id, name="x", value=float("nan"))
    require_error(ValueError, lambda: store.add_score(endless), "a score that is no number")


def notes_are_kept_by_their_id(store: Store) -> None:
    """As scores are."""
    store.ingest(crew(3))
    session_id = session_id_of(1)
    notes = [
        Note(id="n1", session_id=session_id, text="看这里\nand there", author="Ann", time=START),
        Note(id="n2", session_id=session_id, text="", span_id=span_id_of(1, 3), time=START + 1),
    ]
    for note in (*notes, *notes):
        store.add_note(note)
    require_same(store.notes(session_id), notes, "notes")
    require_same([store.remove_note("n1"), store.remove_note("n1")], [True, False], "removing a note twice")
    require_same(store.notes(session_id), notes[1:], "notes that are left")
    lost = Note(id="n9", session_id=session_id_of(9), text="x")
    require_error(UnknownSessionError, lambda: store.add_note(lost), "a note on no session")


def annotations_go_with_their_session(store: Store) -> None:
    """A session of the same id has none when it comes again."""
    store.ingest(crew(2))
    store.add_score(Score(id="s1", session_id=session_id_of(1), name="x", value=1.0))
    store.add_note(Note(id="n1", session_id=session_id_of(1), text="x"))
    store.set_tags(session_id_of(1), ["x"])
    store.delete([session_id_of(1)])
    store.ingest(crew(2))
    said = [*store.scores(session_id_of(1)), *store.notes(session_id_of(1))]
    require_same(said, [], "annotations of a session that was deleted")
    require_same(store.find(session_id_of(1)).tags, ["nightly"], "tags of a session that was deleted")


def sql_reads_the_documented_views(store: Store) -> None:
    """Under their versioned names and the short ones, with parameters, to a limit."""
    store.ingest(crew(6))
    store.add_score(Score(id="s1", session_id=session_id_of(1), name="helpful", value=True, time=START))
    store.add_note(Note(id="n1", session_id=session_id_of(1), text="look"))
    for view, count in (("sessions", 6), ("spans", 24), ("logs", 12), ("scores", 1), ("notes", 1)):
        for name in (view, f"{view}_v1"):
            require_same(store.query(f"SELECT count(*) FROM {name}").rows, [[count]], f"rows of {name}")  # noqa: S608 - ours
    named = store.query("SELECT session_id, cost FROM sessions WHERE name = ? ORDER BY started", ["crew 1"])
    require_same((named.columns, len(named.rows), named.truncated), (["session_id", "cost"], 1, False), "a query")
    cut = store.query("SELECT span_id FROM spans ORDER BY span_id", rows=5)
    require_same((cut.rows[0], len(cut.rows), cut.truncated), ([span_id_of(0, 0)], 5, True), "rows to a limit")
    said = store.query("SELECT text FROM messages WHERE role = 'user' AND text LIKE '%köln%' LIMIT 1").rows
    require_same(said, [["The weather in Köln 🌧"]], "messages in SQL")


def sql_writes_nothing_and_ends(store: Store) -> None:
    """Whatever else it tries is refused, and the store is as it was."""
    store.ingest(crew(2))
    for statement in (
        "DELETE FROM sessions",
        "DROP TABLE sessions",
        "SELECT 1; SELECT 2",
        "this is no SQL",
        "",
        "SELECT * FROM nowhere",
    ):
        require_error(QueryError, lambda sql=statement: store.query(sql), statement)
    endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    require_error(QueryError, lambda: store.query(endless, seconds=0.2), "a query without end")
    require_same(len(store.page().items), 2, "sessions after all that")


DEMANDS: Final[list[Demand]] = [
    tags_given_by_hand_prevail,
    scores_are_kept_by_their_id,
    notes_are_kept_by_their_id,
    annotations_go_with_their_session,
    sql_reads_the_documented_views,
    sql_writes_nothing_and_ends,
]
