"""Files of older versions become files of this one: whole or not at all, with a copy beside them."""

import sqlite3
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from store_samples import SECOND, START, check_integrity

from agentops.domain import wire
from agentops.domain.genai import Response, Usage
from agentops.domain.spans import SpanKind, SpanRecord
from agentops.store.sqlite import SqliteStore, connection, schema
from agentops.store.sqlite.statements import read_migrations

PROGRAM = Path(__file__).parent / "programs" / "migrate_and_die.py"
SESSION = "0a000000-0000-4000-8000-000000000001"
OUTER, BETWEEN, INNER = "000000000000000a", "000000000000000b", "000000000000000c"
DIED = 9


def spans() -> list[SpanRecord]:
    """A call, a task in it, and in that a call: two calls to the version before the last but one."""

    def of(span_id: str, parent_id: str | None, kind: SpanKind, number: int) -> SpanRecord:
        is_call = kind is SpanKind.LLM
        return SpanRecord(
            session_id=SESSION,
            span_id=span_id,
            parent_id=parent_id,
            kind=kind,
            name="ask",
            start=START + number,
            end=START + SECOND,
            cost="0.25" if is_call else None,
            agent_name="writer",
            response=Response(id=f"answer-{number}", usage=Usage(input=5)) if is_call else None,
        )

    return [
        of(OUTER, None, SpanKind.LLM, 0),
        of(BETWEEN, OUTER, SpanKind.TASK, 1),
        of(INNER, BETWEEN, SpanKind.LLM, 2),
    ]


def make_old(path: Path) -> None:
    """A file as version 2 wrote it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(0o600)
    old = connection.connect(path, query_only=False)
    schema.migrate(old, path, read_migrations()[:2])
    old.execute(
        "INSERT INTO sessions VALUES (1, ?, 'crew', 'RUNNING', ?, NULL, ?, NULL, NULL, '[]', '[]', 0, 0,"
        " 3, 2, 0, 0, 0, 10, 0, '0.50', 2, 0)",
        (SESSION, START, START + SECOND),
    )
    for rid, span in enumerate(spans(), start=1):
        usage = span.response and 5
        old.execute(
            "INSERT INTO spans VALUES (?, 1, ?, ?, ?, ?, '', ?, ?, 'ok', 0, ?, NULL, ?, 'writer', 0)",
            (rid, span.span_id, span.parent_id, span.kind.value, span.name, span.start, span.end, usage, span.cost),
        )
        old.execute("INSERT INTO bodies VALUES (?, ?, NULL)", (rid, wire.encode(span)))
    old.execute("INSERT INTO counters VALUES ('last_span', 3)")
    old.close()


def check(path: Path) -> None:
    """All data are there, and counted as they were."""
    with SqliteStore(path, closing_budget=0) as store:
        assert list(store.spans(SESSION)) == spans()
        calls, tasks = store.totals()
        assert (calls.kind, calls.calls, calls.input_tokens, calls.cost) == ("llm", 2, 10, Decimal("0.50"))
        assert (tasks.kind, tasks.calls, tasks.cost) == ("task", 1, None)
        assert abs(calls.median - 1) < 0.05
        assert store.health().schema_version == len(read_migrations())
    assert check_integrity(path) == "ok"


def backups_of(path: Path) -> list[str]:
    """The names of the copies beside a file."""
    return sorted(copy.name for copy in path.parent.glob("*.backup*"))


def test_a_file_of_version_2_keeps_all_it_has(path: Path) -> None:
    """And has one copy beside it, of the version that it was."""
    make_old(path)
    path.with_name("agentops.db.v1.backup").touch()
    path.with_name("other.db.v1.backup").touch()
    check(path)
    assert backups_of(path) == ["agentops.db.v2.backup", "other.db.v1.backup"]
    copy = sqlite3.connect(path.with_name("agentops.db.v2.backup"))
    assert copy.execute("SELECT version FROM schema_version").fetchone() == (2,)
    assert copy.execute("SELECT count(*) FROM spans").fetchone() == (3,)
    copy.close()


def test_calls_told_twice_before_are_recognised_when_their_session_goes_on(path: Path) -> None:
    """A span of an old session that comes again finds the calls that it has to do with."""
    make_old(path)
    (outer, *_, inner) = spans()
    again = SpanRecord(
        session_id=SESSION, span_id="000000000000000d", kind=SpanKind.LLM, start=START, end=START + SECOND
    )
    again.response = Response(id="answer-0", usage=Usage(input=5))
    with SqliteStore(path, closing_budget=0) as store:
        store.ingest([again])
        summary = store.find(SESSION)
        assert (summary.spans, summary.llm_calls, summary.input_tokens, summary.cost) == (4, 1, 5, Decimal("0.25"))
        store.delete([SESSION])
        assert store.totals() == []
        assert store.ingest([inner, outer]).new == 2
        assert store.find(SESSION).llm_calls == 2


@pytest.mark.parametrize("part", range(4))
def test_a_migration_that_is_killed_leaves_the_old_file_or_the_new(path: Path, part: int) -> None:
    """Whatever statement it was at."""
    limit, has_died = part, True
    while has_died:
        make_old(path)
        done = subprocess.run([sys.executable, str(PROGRAM), str(path), str(limit)], check=False, timeout=60)
        assert done.returncode in {0, DIED}
        has_died = done.returncode == DIED
        check(path)
        for file in path.parent.iterdir():
            file.unlink()
        limit += 16
