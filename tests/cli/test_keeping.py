"""`export`, `rm`, `prune` and `path`: what becomes of recordings."""

import csv
import io
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from cli_samples import CREW, CREW_RECORDS, CREW_SESSION, CREW_SPANS, EVERYTHING, KILLED, RUNNING
from click.testing import Result

from agentops.domain import wire
from agentops.domain.spans import Record, SpanRecord

Invoke = Callable[..., Result]
Fill = Callable[[Sequence[Record]], None]


def ids(invoke: Invoke) -> set[str]:
    """The sessions that are there."""
    return {session["session_id"] for session in json.loads(invoke("ls", "--json").stdout)}


def test_lines_are_the_records_as_they_were_recorded(invoke: Invoke, fill: Fill) -> None:
    """What is exported as JSON lines reads back as the very records."""
    fill(CREW_RECORDS)
    records = [wire.decode(line) for line in invoke("export", CREW, "--format", "jsonl").stdout.splitlines()]
    assert records[0] == CREW_SESSION
    assert records[1:] == sorted(CREW_SPANS, key=lambda span: span.start)


def test_json_is_one_document(invoke: Invoke, fill: Fill) -> None:
    """Session, analytics and spans."""
    fill(CREW_RECORDS)
    exported = json.loads(invoke("export").stdout)
    assert exported["session"]["name"] == "research_crew"
    assert len(exported["spans"]) == len(CREW_SPANS)
    assert exported == json.loads(invoke("show", "--json").stdout)


def test_otlp_is_what_opentelemetry_reads(invoke: Invoke, fill: Fill) -> None:
    """Hexadecimal ids, numbers for enumerations, every ended span once."""
    fill(EVERYTHING)
    (line,) = invoke("export", "research_crew", "--format", "otlp").stdout.splitlines()
    (resource,) = json.loads(line)["resourceSpans"]
    assert {"key": "service.name", "value": {"stringValue": "research_crew"}} in resource["resource"]["attributes"]
    spans = [span for scope in resource["scopeSpans"] for span in scope["spans"]]
    assert {span["spanId"] for span in spans} == {span.span_id for span in CREW_SPANS}
    assert {span["traceId"] for span in spans} == {CREW.replace("-", "")}
    failed = next(span for span in spans if span["spanId"] == "0000000000000005")
    assert failed["parentSpanId"] == "0000000000000002"
    assert failed["status"]["code"] == 2


def test_a_table_has_a_row_for_each_span(invoke: Invoke, fill: Fill) -> None:
    """With a line of names above them."""
    fill(CREW_RECORDS)
    rows = list(csv.DictReader(io.StringIO(invoke("export", CREW, "--format", "csv").stdout)))
    assert [row["span_id"] for row in rows] == [
        span.span_id for span in sorted(CREW_SPANS, key=lambda span: span.start)
    ]


def test_without_pyarrow_parquet_says_what_to_install(
    invoke: Invoke, fill: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit status 1 and the command to type."""
    fill(CREW_RECORDS)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    result = invoke("export", "--format", "parquet")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "pip install 'agentops[parquet]'" in result.stderr


def test_an_exported_file_is_its_owners(invoke: Invoke, fill: Fill, tmp_path: Path) -> None:
    """What was recorded is private, and stays so."""
    fill(CREW_RECORDS)
    target = tmp_path / "session.json"
    result = invoke("export", "--output", str(target))
    assert (result.exit_code, result.stdout) == (0, "")
    assert str(target) in result.stderr
    assert target.stat().st_mode & 0o777 == 0o600
    assert json.loads(target.read_text(encoding="utf-8"))["session"]["session_id"] == CREW


def test_a_failed_export_leaves_no_file(
    invoke: Invoke, fill: Fill, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Where nothing can be written, an earlier export is still there."""
    fill(CREW_RECORDS)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    target = tmp_path / "spans.parquet"
    target.write_text("earlier")
    assert invoke("export", "--format", "parquet", "-o", str(target)).exit_code == 1
    assert target.read_text() == "earlier"


def test_deleting_asks_first(invoke: Invoke, fill: Fill) -> None:
    """What would go is listed, and anything but yes keeps it."""
    fill(EVERYTHING)
    for answer in ("n\n", "\n", ""):
        result = invoke("rm", "3f2a", "nightly", input=answer)
        assert result.exit_code == 1
        assert "Delete 2 sessions for good?" in result.stderr
        assert "research_crew" in result.stderr
    assert ids(invoke) == {CREW, KILLED, RUNNING}
    assert invoke("rm", "3f2a", "nightly", input="y\n").exit_code == 0
    assert ids(invoke) == {RUNNING}


def test_yes_deletes_without_asking(invoke: Invoke, fill: Fill) -> None:
    """A session named twice is deleted once."""
    fill(EVERYTHING)
    result = invoke("rm", "--yes", "3f2a", CREW)
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "Deleted 1 session.\n")
    assert ids(invoke) == {KILLED, RUNNING}
    assert invoke("search", "La Rance").exit_code == 1


def test_one_wrong_id_deletes_nothing(invoke: Invoke, fill: Fill) -> None:
    """All sessions are found before any is deleted."""
    fill(EVERYTHING)
    assert invoke("rm", "--yes", "3f2a", "ffffffff").exit_code == 1
    assert ids(invoke) == {CREW, KILLED, RUNNING}


def test_pruning_goes_by_the_last_record(invoke: Invoke, fill: Fill) -> None:
    """Sessions in which something was recorded since are kept; a dry run deletes none."""
    fill(EVERYTHING)
    recent = SpanRecord(session_id=KILLED, span_id="00000000000000ff", name="late", start=2**62, end=2**62)
    fill([recent])
    dry = invoke("prune", "--older-than", "1d", "--dry-run")
    assert "3f2a91c4" in dry.stdout
    assert "77ab01ff" not in dry.stdout
    assert "2 sessions would be deleted" in dry.stderr
    assert invoke("prune", "--older-than", "1d", input="n\n").exit_code == 1
    assert ids(invoke) == {CREW, KILLED, RUNNING}
    assert "Deleted 2 sessions." in invoke("prune", "--older-than", "1d", "--yes").stderr
    assert ids(invoke) == {KILLED}
    assert invoke("prune", "--older-than", "1d").stderr == "No session is that old.\n"


def test_pruning_follows_the_retention_setting(invoke: Invoke, fill: Fill, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an age it is the setting's; without that it is a usage error."""
    fill(EVERYTHING)
    assert invoke("prune").exit_code == 2
    monkeypatch.setenv("AGENTOPS_RETENTION_DAYS", "30")
    assert "Deleted 3 sessions." in invoke("prune", "--yes").stderr


def test_ages_that_are_none_are_usage_errors(invoke: Invoke) -> None:
    """The message shows how to write them."""
    result = invoke("prune", "--older-than", "30")
    assert result.exit_code == 2
    assert "write it like 30d" in result.stderr


def test_the_path_is_the_folder(invoke: Invoke, data_directory: Path) -> None:
    """Alone on a line, for the shell."""
    assert invoke("path").stdout == f"{data_directory}\n"
