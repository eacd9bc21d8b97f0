"""The plugin for `psycopg`: the statements of its cursors, against a PostgreSQL server where one is installed."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from postgres import programs, serve

import agentops
from agentops.domain.spans import SpanKind, SpanStatus
from agentops.testing import Recording, record
from agentops_plugins.psycopg import INSTRUMENTATION

psycopg: Any = pytest.importorskip("psycopg")
sql: Any = pytest.importorskip("psycopg.sql")
BINARIES = programs()
pytestmark = pytest.mark.skipif(BINARIES is None, reason="PostgreSQL is not installed")


@pytest.fixture(name="database", scope="module")
def serve_postgres() -> Iterator[str]:
    """A server with a table."""
    assert BINARIES is not None
    with serve(BINARIES) as address:
        with psycopg.connect(address) as connection:
            connection.execute("create table users (id int, name text)")
        yield address


@pytest.fixture(name="recording")
def observe_psycopg() -> Iterator[Recording]:
    """What the plugin sees."""
    with record(plugins=False, strict=True) as opened, opened.observing.only([INSTRUMENTATION]):
        yield opened


@pytest.fixture(name="connection")
def connect(database: str) -> Iterator[Any]:
    """A connection of which nothing stays."""
    with psycopg.connect(database) as connection:
        yield connection
        connection.rollback()


def test_a_statement_is_a_tool_call(recording: Recording, connection: Any) -> None:
    """Without values in its text, with how many rows it touched, and the cursor is the very object."""
    with agentops.span("work"), connection.cursor() as cursor:
        assert cursor.execute("insert into users values (1, 'Ada')") is cursor
    span = recording.spans()[1]
    assert (span.kind, span.name, span.output) == (SpanKind.TOOL, "INSERT users", {"rows": 1})
    assert span.input == {"statement": "insert into users values (1, 'Ada')"}
    assert span.attributes == {
        "db.system.name": "postgresql",
        "db.namespace": "postgres",
        "db.operation.name": "INSERT",
        "db.collection.name": "users",
        "db.query.summary": "INSERT users",
        "db.query.text": "insert into users values (?, ?)",
        "agentops.db.affected_rows": 1,
        "server.address": "127.0.0.1",
        "server.port": connection.info.port,
    }


def test_rows_are_the_programs_to_read(recording: Recording, connection: Any) -> None:
    """A cursor that could be iterated is a value: the call has ended before the first row is read."""
    with agentops.span("work"):
        cursor = connection.execute("select generate_series(1, %s)", (3,))
        assert recording.span("SELECT").end is not None
        assert [row for (row,) in cursor] == [1, 2, 3]
    span = recording.span("SELECT")
    assert span.input == {"statement": "select generate_series(1, %s)", "parameters": [3]}
    assert span.attributes["db.response.returned_rows"] == 3


def test_many_statements_are_one_call(recording: Recording, connection: Any) -> None:
    """With their number."""
    with agentops.span("work"), connection.cursor() as cursor:
        cursor.executemany("insert into users values (%s, %s)", [(1, "Ada"), (2, "Bob")])
    attributes = recording.span("INSERT users").attributes
    assert (attributes["db.operation.batch.size"], attributes["agentops.db.affected_rows"]) == (2, 2)


def test_an_iterator_of_many_is_left_to_the_library(recording: Recording, connection: Any) -> None:
    """What can be read once is read once."""
    with agentops.span("work"), connection.cursor() as cursor:
        cursor.executemany("insert into users values (%s, %s)", ((number, "x") for number in range(3)))
    assert recording.span("INSERT users").output == {"rows": 3}


def test_streamed_rows_are_counted(recording: Recording, connection: Any) -> None:
    """As far as they were read."""
    with agentops.span("work"), connection.cursor() as cursor:
        for _ in cursor.stream("select generate_series(1, 9)"):
            break
    span = recording.span("SELECT")
    assert (span.status, span.output) == (SpanStatus.INCOMPLETE, {"rows": 1})


def test_composed_statements_are_shown_whole(recording: Recording, connection: Any) -> None:
    """As they are sent."""
    query = sql.SQL("select * from {} where name = {}").format(sql.Identifier("users"), sql.Literal("Ada"))
    with agentops.span("work"):
        connection.execute(query)
    span = recording.span("SELECT users")
    assert span.input == {"statement": "select * from \"users\" where name = 'Ada'"}
    assert span.attributes["db.query.text"] == 'select * from "users" where name = ?'


def test_cursors_of_the_server_are_seen(recording: Recording, connection: Any) -> None:
    """When they are declared."""
    with agentops.span("work"), connection.cursor("named") as cursor:
        cursor.execute("select 1 as one from users")
    assert recording.span("SELECT users").attributes["db.query.text"] == "select ? as one from users"


def test_async_cursors_are_the_same(recording: Recording, database: str) -> None:
    """Their connections execute with them."""

    async def work() -> list[Any]:
        async with await psycopg.AsyncConnection.connect(database) as connection:
            await connection.execute(b"select 1")
            async with connection.cursor() as cursor:
                return [row async for row in cursor.stream("select generate_series(1, 3)")]

    with agentops.span("work"):
        assert asyncio.run(work()) == [(1,), (2,), (3,)]
    assert [span.output for span in recording.spans()[1:]] == [{"rows": 1}, {"rows": 3}]


def test_a_refusal_is_an_error(recording: Recording, connection: Any) -> None:
    """With the code of the server."""
    with agentops.span("work"), pytest.raises(psycopg.errors.UndefinedTable):
        connection.execute("select * from nowhere")
    error = recording.span("SELECT nowhere").error
    assert error is not None
    assert (error.type, error.code) == ("psycopg.errors.UndefinedTable", "42P01")


def test_without_a_session_nothing_is_recorded(recording: Recording, connection: Any) -> None:
    """The database of a web server starts no session."""
    connection.execute("select 1")
    assert recording.sessions() == []
