"""The plugin for `sqlalchemy`: the statements that reach a database, whatever way they take."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from postgres import programs, serve

import agentops
from agentops.domain.spans import SpanKind, SpanStatus
from agentops.testing import Recording, record
from agentops_plugins import psycopg as driver
from agentops_plugins.sqlalchemy import BRIDGE

sa: Any = pytest.importorskip("sqlalchemy")
orm: Any = pytest.importorskip("sqlalchemy.orm")


@pytest.fixture(name="engine")
def make_engine() -> Iterator[Any]:
    """An engine with a table, made before anything is observed."""
    engine = sa.create_engine("sqlite://")
    with engine.begin() as connection:
        connection.execute(sa.text("create table users (id integer primary key, name text)"))
    yield engine
    engine.dispose()


@pytest.fixture(name="recording")
def observe_sqlalchemy(engine: Any) -> Iterator[Recording]:
    """What the plugin sees, of engines that were there already too."""
    assert engine is not None
    with record(plugins=False, strict=True) as opened, opened.observing.only([BRIDGE, driver.INSTRUMENTATION]):
        yield opened


def test_a_statement_is_a_tool_call(recording: Recording, engine: Any) -> None:
    """Without values in its text; its parameters are content, its rows are counted."""
    with agentops.span("work"), engine.begin() as connection:
        connection.execute(sa.text("insert into users values (7, :name)"), {"name": "Ada"})
    span = recording.spans()[1]
    assert (span.kind, span.name, span.output) == (SpanKind.TOOL, "INSERT users", {"rows": 1})
    assert span.input == {"statement": "insert into users values (7, ?)", "parameters": ["Ada"]}
    assert span.attributes == {
        "db.system.name": "sqlite",
        "db.operation.name": "INSERT",
        "db.collection.name": "users",
        "db.query.summary": "INSERT users",
        "db.query.text": "insert into users values (?, ?)",
        "agentops.db.affected_rows": 1,
    }


def test_the_orm_is_seen_in_its_statements(recording: Recording, engine: Any) -> None:
    """What a session of the ORM flushes and loads; its rows are read as ever."""
    base = orm.declarative_base()

    class User(base):
        __tablename__ = "users"
        id = sa.Column(sa.Integer, primary_key=True)
        name = sa.Column(sa.String)

    with agentops.span("work"), orm.Session(engine) as session:
        session.add_all([User(id=1, name="Ada"), User(id=2, name="Bob")])
        session.commit()
        names = session.execute(sa.select(User.name).order_by(User.id)).scalars().all()
        assert names == ["Ada", "Bob"]
    inserted, selected = recording.spans()[1:]
    assert (inserted.name, selected.name) == ("INSERT users", "SELECT users")
    assert inserted.attributes["db.operation.batch.size"] == 2


def test_a_failure_is_an_error(recording: Recording, engine: Any) -> None:
    """As the driver says it; the program gets what it always got."""
    with agentops.span("work"), engine.connect() as connection:
        with pytest.raises(sa.exc.OperationalError):
            connection.execute(sa.text("select * from nowhere"))
        connection.execute(sa.text("select 1"))
    failed, after = recording.spans()[1:]
    assert (failed.status, after.status) == (SpanStatus.ERROR, SpanStatus.OK)
    assert failed.error is not None
    assert failed.error.type == "sqlite3.OperationalError"
    assert failed.parent_id == after.parent_id


def test_async_engines_are_the_same(recording: Recording) -> None:
    """They are the sync ones, in greenlets."""
    pytest.importorskip("aiosqlite")
    pytest.importorskip("greenlet")
    extension: Any = pytest.importorskip("sqlalchemy.ext.asyncio")

    async def work() -> Any:
        engine = extension.create_async_engine("sqlite+aiosqlite://")
        async with engine.connect() as connection:
            found = (await connection.execute(sa.text("select 1"))).all()
        await engine.dispose()
        return found

    with agentops.span("work"):
        assert asyncio.run(work()) == [(1,)]
    (span,) = recording.spans()[1:]
    assert span.name == "SELECT"
    assert span.end is not None


def test_without_a_session_nothing_is_recorded(recording: Recording, engine: Any) -> None:
    """The database of a web server starts no session."""
    with engine.connect() as connection:
        connection.execute(sa.text("select 1"))
    assert recording.sessions() == []


def test_the_listeners_come_out_again(engine: Any) -> None:
    """Afterwards statements go their way alone."""
    with record(plugins=False, strict=True) as recording:
        with recording.observing.only([BRIDGE]):
            pass
        with agentops.span("work"), engine.connect() as connection:
            connection.execute(sa.text("select 1"))
    assert [span.name for span in recording.spans()] == ["work"]


def test_the_driver_below_tells_of_the_same_statement(recording: Recording) -> None:
    """It is recorded once, and the server is named."""
    pytest.importorskip("psycopg")
    binaries = programs()
    if binaries is None or not sa.__version__.startswith("2"):
        pytest.skip("PostgreSQL is not installed, or there is no dialect for this driver")
    with serve(binaries) as address:
        parts = dict(part.split("=") for part in address.split())
        engine = sa.create_engine("postgresql+psycopg://{user}@{host}:{port}/{dbname}".format(**parts))
        with agentops.span("work"), engine.connect() as connection:
            before = len(recording.spans())
            connection.execute(sa.text("select 7"))
            (span,) = recording.spans()[before:]
        engine.dispose()
    assert (span.source, span.attributes["server.address"]) == ("agentops.plugin", "127.0.0.1")
    assert span.attributes["db.namespace"] == "postgres"
    assert span.attributes["db.system.name"] == "postgresql"
