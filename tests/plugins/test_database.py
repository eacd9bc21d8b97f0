"""What the plugins of databases and stores have in common: statements without values, results without vectors."""

from decimal import Decimal
from typing import Any

import pytest

from agentops_plugins._calls import brief, legible
from agentops_plugins._database import rows, statement


@pytest.mark.parametrize(
    ("sql", "name", "text"),
    [
        ("select 1", "SELECT", "select ?"),
        ("SELECT * FROM users WHERE id = 7", "SELECT users", "SELECT * FROM users WHERE id = ?"),
        ("insert into a.b values ('it''s', 1.5)", "INSERT a.b", "insert into a.b values (?, ?)"),
        ("/* why */ -- so\nUPDATE ONLY t2 SET x1 = 2", "UPDATE t2", "/* why */ -- so\nUPDATE ONLY t2 SET x1 = ?"),
        ('(select * from "Users")', "SELECT Users", '(select * from "Users")'),
        ("create table if not exists t (c varchar(9))", "CREATE t", "create table if not exists t (c varchar(?))"),
        ("with x as (select 1 from y) select * from x", "WITH y", "with x as (select ? from y) select * from x"),
        ("do $body$ raise 'secret' $body$", "DO", "do ?"),
        ("select $1, %s, :1, ?, @p1 from t1", "SELECT t1", "select $1, %s, :1, ?, @p1 from t1"),
        ("vacuum", "VACUUM", "vacuum"),
        ("", "postgresql", ""),
        ("'", "postgresql", "'"),
    ],
)
def test_statements_are_named_and_shown_without_values(sql: str, name: str, text: str) -> None:
    """By what is done to what; placeholders and numbers in names stay."""
    asked = statement("postgresql", sql)
    assert (asked.name, asked.attributes["db.query.text"]) == (name, text)
    assert asked.arguments == {"statement": sql}


def test_parameters_are_content() -> None:
    """They are in what went in, and in no attribute."""
    asked = statement("sqlite", "select ?", ["secret"], **{"db.namespace": None})
    assert asked.arguments == {"statement": "select ?", "parameters": ["secret"]}
    assert "secret" not in str(asked.attributes)
    assert "db.namespace" not in asked.attributes


def test_long_statements_are_shown_by_their_beginning() -> None:
    """What goes in is whole."""
    sql = f"select {', '.join(['x'] * 20_000)}"
    asked = statement("sqlite", sql)
    assert len(asked.attributes["db.query.text"]) == 16_384
    assert asked.arguments == {"statement": sql}


@pytest.mark.parametrize("unknown", [-1, None, "3", 1.5])
def test_unknown_counts_are_left_out(unknown: Any) -> None:
    """A driver that does not know how many rows there are says -1."""
    assert rows(unknown, returned=True).attributes == {}
    assert rows(unknown, returned=True).result is None


class Array:
    """What has a shape, as arrays have."""

    shape = (2, 3)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ([0.5] * 9, {"$vector": 9}),
        ([1, 2, 3], [1, 2, 3]),
        ({"vector": (0.5,) * 1536, b"id": b"a"}, {"vector": {"$vector": 1536}, "id": "a"}),
        ([["x"] * 101], [["x"] * 100 + [{"$cut": 1}]]),
        (Array(), {"$vector": [2, 3]}),
        (b"\xff\xfe", {"$type": "bytes", "$cut": 2}),
        ({1}, [1]),
        (Decimal("1.5"), "1.5"),
        (None, None),
    ],
)
def test_values_are_kept_in_brief(value: Any, shown: Any) -> None:
    """Without the numbers of vectors, long lists by their beginnings, text as text."""
    assert brief(value) == shown


def test_what_is_no_text_stays_as_it_is() -> None:
    """Bytes that cannot be read, and everything else."""
    assert (legible(b"\xff"), legible(7), legible(b"sea")) == (b"\xff", 7, "sea")
