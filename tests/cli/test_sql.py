"""`agentops sql`: questions to what is recorded."""

import json
from collections.abc import Callable, Sequence

import pytest
from cli_samples import CREW_RECORDS
from click.testing import Result

from agentops.domain.spans import Record

Invoke = Callable[..., Result]
Fill = Callable[[Sequence[Record]], None]

ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"


def test_sql_answers_in_a_table_in_json_and_in_csv(invoke: Invoke, fill: Fill) -> None:
    """The same rows for people, for programs and for spreadsheets."""
    fill(CREW_RECORDS)
    asked = "SELECT name, count(*) AS calls, NULL AS missing FROM spans WHERE kind = 'tool' GROUP BY name"
    assert [line.split() for line in invoke("sql", asked).stdout.splitlines()] == [
        ["name", "calls", "missing"],
        ["search", "2", "-"],
    ]
    assert json.loads(invoke("sql", "--json", asked).stdout) == [{"name": "search", "calls": 2, "missing": None}]
    assert invoke("sql", "--csv", asked).stdout == "name,calls,missing\nsearch,2,\n"
    assert invoke("sql", "--csv", "-", input=asked).stdout == "name,calls,missing\nsearch,2,\n"


def test_sql_lists_what_can_be_asked(invoke: Invoke) -> None:
    """Every view with its columns."""
    lines = invoke("sql", "--views").stdout.splitlines()
    assert lines[0].split() == ["view", "columns"]
    assert {line.split()[0] for line in lines[1:] if line.split()[0].endswith("_v1")} >= {"sessions_v1", "spans_v1"}


def test_sql_says_when_there_is_more(invoke: Invoke, fill: Fill) -> None:
    """Only so many rows come, and the remark stays out of the result."""
    fill(CREW_RECORDS)
    done = invoke("sql", "--limit", "2", "SELECT span_id FROM spans")
    assert len(done.stdout.splitlines()) == 3
    assert "Only the first 2 rows" in done.stderr


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["SELECT colour FROM spans"], 1, "no such column: colour"),
        (["SELECT * FROM spans WHERE"], 1, "incomplete input"),
        (["DELETE FROM spans"], 1, "SELECT"),
        (["SELECT * FROM bodies"], 1, "bodies"),
        (["--seconds", "0.2", ENDLESS], 1, "0.2 seconds"),
        ([], 2, "Write one SELECT"),
        (["--views", "SELECT 1"], 2, "Write one SELECT"),
        (["--json", "--csv", "SELECT 1"], 2, "Choose one"),
    ],
)
def test_sql_that_cannot_be_answered_says_why(
    invoke: Invoke, fill: Fill, words: list[str], status: int, said: str
) -> None:
    """In a line, with the place that is wrong."""
    fill(CREW_RECORDS)
    done = invoke("sql", *words)
    assert done.exit_code == status
    assert said in done.stderr
    assert done.stdout == ""
