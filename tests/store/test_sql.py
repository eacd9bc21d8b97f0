"""SQL of strangers reads the documented views, and takes nobody with it."""

import math
from pathlib import Path

import pytest
from store_samples import START, llm_span, session_of

from agentops.errors import QueryError
from agentops.store.sqlite import SqliteStore

LEVELS = ", ".join(f"t{n} AS (SELECT a.x FROM t{n - 1} AS a, t{n - 1} AS b)" for n in range(1, 30))
LONG = "replace(hex(json_group_array(name)), '2', hex(json_group_array(name)))"


@pytest.fixture
def filled(store: SqliteStore) -> SqliteStore:
    """A store of one session."""
    spans = session_of(200)
    store.ingest([*spans, llm_span(spans[0].session_id)])
    return store


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM sqlite_master",
        "SELECT sql FROM temp.sqlite_master",
        "SELECT sid FROM main.sessions",
        "SELECT (SELECT hash FROM main.messages)",
        "SELECT session_id FROM sessions UNION SELECT body FROM bodies",
        "WITH spans_v1 AS (SELECT body FROM bodies) SELECT * FROM spans_v1",
        "SELECT spans_v1.body FROM (SELECT * FROM bodies) AS spans_v1",
        "SELECT * FROM message_index",
        "SELECT term FROM message_terms",
        "SELECT * FROM pragma_table_info('sessions')",
        "SELECT value FROM counters",
    ],
)
def test_nothing_but_the_views_is_read(filled: SqliteStore, sql: str) -> None:
    """No table, no index, no catalog, by whatever name a part of the statement goes."""
    with pytest.raises(QueryError, match=r"only the documented views|no such table"):
        filled.query(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "ATTACH '/tmp/other.db' AS other",
        "PRAGMA query_only = 0",
        "VACUUM INTO '/tmp/copy.db'",
        "INSERT INTO sessions (session_id) VALUES ('x')",
        "WITH x AS (SELECT 1) DELETE FROM main.spans",
        "/* SELECT */ DELETE FROM main.spans",
        "EXPLAIN SELECT * FROM sessions",
        "SELECT load_extension('/tmp/x.so')",
        "SELECT writefile('/tmp/x', 'y')",
        "SELECT randomblob(1000000000)",
        "SELECT zeroblob(1000000000)",
        "SELECT printf('%.*c', 1000000000, 'x')",
        "SELECT 1; SELECT 2",
        "SELECT '\ud800'",
        "SELECT '\0'",
        "",
    ],
)
def test_nothing_but_reading_is_done(filled: SqliteStore, sql: str) -> None:
    """Nothing is written, attached, loaded or explained, and nothing large is made."""
    with pytest.raises(QueryError):
        filled.query(sql)
    assert filled.health().spans == 201


@pytest.mark.parametrize(
    "sql",
    [
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
        "WITH RECURSIVE n (i) AS (SELECT 'x' UNION ALL SELECT i || i FROM n) SELECT length(i) FROM n",
        "SELECT count(*) FROM spans AS a, spans AS b, spans AS c, spans AS d",
        "SELECT a.name FROM spans AS a, spans AS b, spans AS c, spans AS d ORDER BY a.input || b.input || c.input",
        f"WITH t0 AS (SELECT 1 AS x), {LEVELS} SELECT count(*) FROM t29",
        f"SELECT {LONG} LIKE '%a%a%a%a%a%a%a%a%a%b' FROM spans, (SELECT 1 FROM spans LIMIT 50)",
        "SELECT " + "(" * 900 + "1" + ")" * 900,
        "SELECT " + ", ".join("1" for _ in range(900)),
    ],
)
def test_what_is_too_much_is_stopped(filled: SqliteStore, sql: str) -> None:
    """Time, memory and depth have an end, in running a statement and in reading it."""
    with pytest.raises(QueryError):
        filled.query(sql, seconds=0.2)


def test_rows_are_cut_off_at_their_limit_and_at_eight_megabytes(filled: SqliteStore) -> None:
    """It is said that there is more."""
    few = filled.query("SELECT span_id FROM spans", rows=3)
    long = "SELECT group_concat(a.input || b.input) FROM spans AS a, spans AS b"
    large = filled.query(f"SELECT ({long}) FROM spans", seconds=20)
    assert (len(few.rows), few.truncated) == (3, True)
    assert large.truncated
    assert 0 < len(large.rows) < 10


def test_values_come_as_they_are(filled: SqliteStore) -> None:
    """Every type that SQLite has, and what is no UTF-8 legible."""
    (row,) = filled.query("SELECT ?, ?, ?, ?, ?, CAST(x'ff' AS TEXT), 9e999", [1, 2.5, "naïve", b"\0", None]).rows
    assert row == [1, 2.5, "naïve", b"\0", None, "�", math.inf]


@pytest.mark.parametrize("parameter", [object(), ["x"], {"a": 1}, 2**70, "\ud800"])
def test_parameters_are_plain(filled: SqliteStore, parameter: object) -> None:
    """Whatever SQLite has no place for is refused."""
    with pytest.raises(QueryError):
        filled.query("SELECT ?", [parameter])


def test_counts_and_durations_are_numbers_and_moments_are_dates(filled: SqliteStore) -> None:
    """So that dates and money need no knowledge of how they are stored."""
    asked = "SELECT kind, count(*), sum(cost), min(started), min(started_at), min(duration) FROM spans GROUP BY kind"
    rows = filled.query(asked).rows
    assert rows == [
        ["llm", 1, 0.0000375, START, "2026-05-28T20:26:40.000Z", 1.0],
        ["tool", 200, None, START, "2026-05-28T20:26:40.000Z", 0.001],
    ]


def test_lists_in_columns_can_be_spread(filled: SqliteStore) -> None:
    """With the table functions of JSON."""
    filled.set_tags(filled.find("last").session_id, ["a", "b"])
    assert filled.query("SELECT tag.value FROM sessions, json_each(tags) AS tag").rows == [["a"], ["b"]]


def test_the_columns_of_the_views_are_told(filled: SqliteStore) -> None:
    """Under both names of each view."""
    views = filled.views()
    assert views["notes_v1"] == ["id", "session_id", "span_id", "text", "author", "time", "time_at"]
    for name, columns in views.items():
        assert filled.query(f"SELECT * FROM {name.removesuffix('_v1')} LIMIT 0").columns == columns


def test_a_store_is_read_while_it_is_written(filled: SqliteStore, path: Path) -> None:
    """By another process as well."""
    with SqliteStore(path, closing_budget=0) as other:
        other.ingest(session_of(5))
        assert filled.query("SELECT count(*) FROM sessions").rows == [[2]]
