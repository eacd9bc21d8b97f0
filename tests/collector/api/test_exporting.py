"""Exports: what leaves can come back, and other programs can read it."""

import csv
import io
import json
import sys
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from api_samples import SECOND, START, Api, call, crew, session_of, spans_of, work
from server_samples import RunningServer

from agentops.collector.export.documents import read_documents
from agentops.collector.export.entries import Entry, decode_entry, entries_of, keep
from agentops.collector.otlp.decoding import Signal, decode
from agentops.collector.otlp.logs import read_logs
from agentops.collector.otlp.traces import read_traces
from agentops.domain.ids import new_session_id
from agentops.domain.spans import ErrorInfo, Record, SessionRecord, SpanStatus
from agentops.store.protocol import Note, Score, Store
from agentops.store.sqlite import SqliteStore


def canonical(store: Store) -> list[Any]:
    """All that a store says of its sessions."""
    summaries = sorted(store.sessions(limit=1000), key=lambda session: session.session_id)
    return [(each, list(entries_of(store, each.session_id)), store.tree(each.session_id)) for each in summaries]


def restored(entries: Iterable[Entry], path: Path) -> list[Any]:
    """What a new store says that took entries in, twice."""
    kept = list(entries)
    with SqliteStore(path) as store:
        keep(store, kept)
        keep(store, kept)
        return canonical(store)


def fill(store: Store) -> list[str]:
    """Sessions of every sort, with scores and notes; their ids."""
    made = [crew() for _ in range(3)]
    store.ingest([record for records in made for record in records])
    first, second, _ = ids = [session_of(records) for records in made]
    store.add_score(Score(id="s1", session_id=first, name="good", value=True, time=5))
    store.add_score(Score(id="s2", session_id=first, span_id=f"{2:016x}", name="why", value="=because", time=6))
    store.add_note(Note(id="n1", session_id=second, text="look\nhere", author="ada", time=7))
    store.set_tags(second, ["changed"])
    lone = new_session_id()
    store.ingest([work(lone, 1, status=SpanStatus.INTERRUPTED, error=ErrorInfo(type="Died"))], journal="j")
    return [*ids, lone]


def test_lines_come_back_as_they_were(api: Api, server: RunningServer, tmp_path: Path) -> None:
    """A new store that takes them in, even twice, says the same of everything."""
    with server.store() as store:
        ids = fill(store)
        expected = canonical(store)
    answer = api.ask("GET", "export", params={"format": "jsonl"})
    assert restored(map(decode_entry, answer.content.splitlines()), tmp_path / "all.db") == expected
    one = api.ask("GET", f"sessions/{ids[0]}/export", params={"format": "jsonl"})
    (found,) = restored(map(decode_entry, one.content.splitlines()), tmp_path / "one.db")
    assert found in expected


def test_documents_come_back_as_they_were(api: Api, server: RunningServer, tmp_path: Path) -> None:
    """The same, of one document for one session, or for all."""
    with server.store() as store:
        ids = fill(store)
        expected = canonical(store)
    answer = api.ask("GET", "export", params={"format": "json"})
    assert restored(read_documents(answer.content), tmp_path / "all.db") == expected
    document = api.ask("GET", f"sessions/{ids[0]}/export")
    (found,) = restored(read_documents(document.content), tmp_path / "one.db")
    assert found in expected
    assert document.json()["analytics"]["LLM calls"] == 1
    assert document.headers["content-disposition"] == f'attachment; filename="session-{ids[0]}.json"'


def test_nothing_is_a_document_too(api: Api) -> None:
    """Every format of an empty project is well-formed."""
    assert api.ask("GET", "export", params={"format": "json"}).json() == {"sessions": []}
    assert api.ask("GET", "export", params={"format": "jsonl"}).content == b""
    assert api.ask("GET", "export", params={"format": "otlp"}).content == b""
    assert len(api.ask("GET", "export", params={"format": "csv"}).text.splitlines()) == 1
    assert table(api.ask("GET", "export", params={"format": "parquet"}).content).num_rows == 0


def test_filters_hold_for_exports(api: Api, server: RunningServer) -> None:
    """The sessions that a list with the same filter has, and over many pages of it."""
    with server.store() as store:
        ids = fill(store)
        many = [SessionRecord(session_id=new_session_id(), name="many", start=START + n) for n in range(450)]
        store.ingest(many)
    lines = api.ask("GET", "export", params={"tag": "changed"}).content.splitlines()
    assert {json.loads(line)["session_id"] for line in lines} == {ids[1]}
    lines = api.ask("GET", "export", params={"name": "many"}).content.splitlines()
    assert [json.loads(line)["session_id"] for line in lines] == [session.session_id for session in many]
    assert api.status("GET", "export", params={"format": "xml"}) == 400
    assert api.status("GET", "export", params={"since": "x"}) == 400


def test_otlp_is_read_as_the_same_session(api: Api, session_id: str, records: list[Record]) -> None:
    """By what takes OTLP in here; running spans are not there."""
    lines = api.ask("GET", f"sessions/{session_id}/export", params={"format": "otlp"}).content.splitlines()
    spans, refused = read_traces(decode(Signal.TRACES, lines[0], "application/json"))
    assert not refused.reasons
    read = {span.span_id: span for span in spans_of(spans)}
    ended = {span.span_id: span for span in spans_of(records) if span.end is not None}
    assert set(read) == set(ended)
    for span_id, span in ended.items():
        for name in ("kind", "name", "start", "end", "status", "parent_id", "input", "output", "agent_name"):
            assert getattr(read[span_id], name) == getattr(span, name), (span_id, name)
    assert read[f"{2:016x}"].request == ended[f"{2:016x}"].request
    (session,) = [record for record in spans if isinstance(record, SessionRecord)]
    assert (session.name, session.tags, session.end_state, session.user) == ("scout", ["night", "größe"], "Fail", "ada")
    logs, refused = read_logs(decode(Signal.LOGS, lines[1], "application/json"))
    assert not refused.reasons
    assert len([log for log in logs if type(log).__name__ == "LogRecord"]) == 2


def test_otlp_is_what_opentelemetry_defines(api: Api, session_id: str) -> None:
    """OpenTelemetry's own messages take it, with their strict reading of JSON."""
    from google.protobuf import json_format  # noqa: PLC0415 - slow to import
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (  # noqa: PLC0415
        ExportTraceServiceRequest,
    )

    line = api.ask("GET", f"sessions/{session_id}/export", params={"format": "otlp"}).content.splitlines()[0]
    request = json_format.Parse(line, ExportTraceServiceRequest())
    (group,) = request.resource_spans
    assert sum(len(scope.spans) for scope in group.scope_spans) == 4


def test_a_table_is_safe_to_open(api: Api, session_id: str, records: list[Record]) -> None:
    """A row for each span; whatever a spreadsheet would calculate is text."""
    answer = api.ask("GET", f"sessions/{session_id}/export", params={"format": "csv"})
    assert b"\r\n" in answer.content
    rows = list(csv.DictReader(io.StringIO(answer.content.decode(), newline="")))
    assert [row["span_id"] for row in rows] == [span.span_id for span in spans_of(records)]
    assert rows[3]["name"] == "'=cmd()"
    assert rows[3]["error_message"] == "'-1 is no town"
    assert (rows[1]["cost"], rows[1]["input_tokens"], rows[1]["model"]) == ("0.0125", "10", "small")
    assert (rows[1]["start"], rows[1]["duration"]) == ("2026-05-28T20:26:42.000000Z", "1.0")
    assert rows[4]["end"] == ""
    assert json.loads(rows[3]["attributes"]) == {"deep": {"list": [1, 2.5, None, "日本"]}}


@pytest.mark.parametrize("beginning", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_begins_a_formula(api: Api, server: RunningServer, beginning: str) -> None:
    """In whatever column, with quotes, commas and breaks in it."""
    session_id = new_session_id()
    text = f'{beginning}cmd|"/C calc"!A0,\n1'
    changes = {"name": text, "agent_name": text, "input": text, "output": text, "error": ErrorInfo(type=text)}
    with server.store() as store:
        store.ingest(
            [SessionRecord(session_id=session_id, name=text, start=START, user=text), work(session_id, 1, **changes)]
        )
    answer = api.ask("GET", "export", params={"format": "csv"})
    (row,) = csv.DictReader(io.StringIO(answer.content.decode(), newline=""))
    assert [name for name, cell in row.items() if cell.startswith(beginning)] == []
    assert {row[name] for name in ("name", "agent", "input", "output", "session_name", "user")} == {f"'{text}"}


def table(data: bytes) -> Any:
    """A Parquet file as pyarrow has it."""
    return pytest.importorskip("pyarrow.parquet").read_table(io.BytesIO(data))


def test_parquet_has_the_types_of_its_columns(api: Api, server: RunningServer) -> None:
    """Over several groups of rows; costs are decimals and times are times."""
    session_id = new_session_id()
    odd = ["0.0125", "1E-20", "NaN", "1e400", None]
    with server.store() as store:
        store.ingest([call(session_id, n, cost=odd[n] if n < len(odd) else "1") for n in range(2500)])
    found = table(api.ask("GET", f"sessions/{session_id}/export", params={"format": "parquet"}).content)
    assert found.num_rows == 2500
    assert found.column("cost").to_pylist()[:6] == [Decimal("0.0125"), Decimal(0), None, None, None, Decimal(1)]
    assert found.column("start").cast("int64").to_pylist() == [START + n * SECOND for n in range(2500)]
    assert str(found.schema.field("start").type) == "timestamp[ns, tz=UTC]"
    assert set(found.column("input_tokens").to_pylist()) == {10}


def test_without_pyarrow_parquet_says_what_to_install(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request that cannot be carried out here, and why."""
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    answer = api.ask("GET", "export", params={"format": "parquet"})
    assert answer.status_code == 400
    assert "agentops[parquet]" in answer.json()["message"]


def test_an_export_reads_as_it_is_read(api: Api, server: RunningServer) -> None:
    """It can be left in the middle, and the server goes on; the store is let go of."""
    session_id = new_session_id()
    with server.store() as store:
        for begin in range(0, 4000, 500):
            store.ingest([work(session_id, begin + n, output="x" * 2000) for n in range(500)])
    with api.client.stream("GET", f"sessions/{session_id}/export", params={"format": "jsonl"}) as response:
        assert len(next(response.iter_bytes())) > 0
    assert len(api.ask("GET", "export").content.splitlines()) == 4001
