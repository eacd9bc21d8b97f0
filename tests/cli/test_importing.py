"""`agentops import`: recordings from files, again and again without harm."""

import gzip
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from cli_samples import CREW, CREW_RECORDS, EVERYTHING, contents
from click.testing import Result

from agentops.domain import wire
from agentops.domain.spans import Record
from agentops.store import LOCAL_STORE
from agentops.store.protocol import Note, Score
from agentops.store.sqlite import SqliteStore

Invoke = Callable[..., Result]
Fill = Callable[[Sequence[Record]], None]


@pytest.mark.parametrize("form", ["json", "jsonl"])
def test_what_was_exported_comes_back_whole(
    invoke: Invoke, fill: Fill, data_directory: Path, tmp_path: Path, form: str
) -> None:
    """Another store then holds exactly what the first one does."""
    fill(CREW_RECORDS)
    exported = tmp_path / "session"
    invoke("export", CREW, "--format", form, "--output", str(exported))
    other = tmp_path / "other"
    done = invoke("import", "--data", str(other), str(exported))
    assert done.exit_code == 0
    assert done.stdout == ""
    assert done.stderr == "Imported 8 records: 8 new, 0 known, 0 refused.\n"
    assert contents(other) == contents(data_directory)


def test_a_file_imported_twice_counts_once(invoke: Invoke, data_directory: Path, tmp_path: Path) -> None:
    """The second time everything is known, and nothing changes."""
    path = tmp_path / "records.jsonl"
    path.write_bytes(wire.encode_lines(EVERYTHING))
    invoke("import", str(path))
    before = contents(data_directory)
    done = invoke("import", str(path))
    assert f"Imported {len(EVERYTHING)} records: 0 new, {len(EVERYTHING)} known, 0 refused." in done.stderr
    assert contents(data_directory) == before


def test_otlp_of_ours_comes_back_as_the_session_it_was(invoke: Invoke, fill: Fill, tmp_path: Path) -> None:
    """Calls, tools, errors, tokens and cost survive the way through OpenTelemetry's form."""
    fill(CREW_RECORDS)
    exported = tmp_path / "spans.json"
    invoke("export", CREW, "--format", "otlp", "--output", str(exported))
    other = tmp_path / "other"
    assert invoke("import", "--data", str(other), str(exported)).exit_code == 0
    with SqliteStore(other / LOCAL_STORE) as store:
        there = store.find(CREW)
    assert (there.name, there.llm_calls, there.tool_calls, there.errors) == ("research_crew", 2, 2, 1)
    assert (there.input_tokens, there.output_tokens, str(there.cost)) == (1488, 603, "0.004861")


def test_otlp_of_others_gets_a_price(invoke: Invoke, data_directory: Path, tmp_path: Path) -> None:
    """As a request a line, which is how the OpenTelemetry Collector writes files; a known model costs what it costs."""
    attributes = {
        "gen_ai.operation.name": {"stringValue": "chat"},
        "gen_ai.provider.name": {"stringValue": "openai"},
        "gen_ai.request.model": {"stringValue": "gpt-4o-mini"},
        "gen_ai.usage.input_tokens": {"intValue": "1000"},
        "gen_ai.usage.output_tokens": {"intValue": "100"},
    }
    span = {
        "traceId": "1" * 32,
        "name": "chat gpt-4o-mini",
        "startTimeUnixNano": "1763629923000000000",
        "endTimeUnixNano": "1763629924000000000",
        "attributes": [{"key": key, "value": value} for key, value in attributes.items()],
    }
    path = tmp_path / "traces.jsonl"
    with path.open("w") as file:
        for number in range(3):
            request = {"resourceSpans": [{"scopeSpans": [{"spans": [{**span, "spanId": f"{number + 1:016x}"}]}]}]}
            file.write(json.dumps(request) + "\n")
    invoke("import", str(path))
    with SqliteStore(data_directory / LOCAL_STORE) as store:
        (session,) = store.sessions()
    assert (session.llm_calls, session.input_tokens) == (3, 3000)
    assert session.cost is not None
    assert session.cost > 0


def test_packed_files_and_standard_input_are_read(invoke: Invoke, data_directory: Path, tmp_path: Path) -> None:
    """Gzip is known by its first bytes, and `-` is what another command writes."""
    lines = wire.encode_lines(CREW_RECORDS)
    path = tmp_path / "records"
    path.write_bytes(gzip.compress(lines))
    assert "8 new" in invoke("import", str(path)).stderr
    assert "8 known" in invoke("import", "-", input=lines.decode()).stderr


def test_scores_and_notes_come_along(invoke: Invoke, fill: Fill, data_directory: Path, tmp_path: Path) -> None:
    """Lines of an export that say what people thought of a session."""
    fill(CREW_RECORDS)
    path = tmp_path / "more.jsonl"
    score = Score(id="s1", session_id=CREW, name="helpful", value=True)
    note = Note(id="n1", session_id=CREW, text="read this again")
    path.write_bytes(wire.to_json(score) + b"\n" + wire.to_json(note) + b"\n")
    assert invoke("import", str(path)).exit_code == 0
    with SqliteStore(data_directory / LOCAL_STORE) as store:
        assert [found.name for found in store.scores(CREW)] == ["helpful"]
        assert [found.text for found in store.notes(CREW)] == ["read this again"]


def test_a_line_that_cannot_be_read_is_counted_and_the_rest_taken_in(invoke: Invoke, tmp_path: Path) -> None:
    """Exit status 1 says that something was left out, and the message what."""
    good = wire.encode_lines(CREW_RECORDS).splitlines(keepends=True)
    path = tmp_path / "records.jsonl"
    path.write_bytes(b"".join([*good[:3], b'{"record": "span"}\n', b"\xff\xfe\n", b"\n", *good[3:]]))
    done = invoke("import", str(path))
    assert done.exit_code == 1
    assert "Imported 8 records: 8 new, 0 known, 2 refused." in done.stderr
    assert "missing required field" in done.stderr


@pytest.mark.parametrize(
    "text", ["nonsense", "[1, 2]", '{"hello": 1}', "[" * 100_000, '{"resourceSpans": 1}', '{"session": {}}', "\x00"]
)
def test_what_is_no_recording_is_refused(invoke: Invoke, tmp_path: Path, text: str) -> None:
    """With a reason, and without a traceback."""
    path = tmp_path / "file"
    path.write_text(text)
    done = invoke("import", str(path))
    assert done.exit_code == 1
    assert "Imported 0 records: 0 new, 0 known, 1 refused." in done.stderr


def test_an_empty_file_has_nothing(invoke: Invoke, tmp_path: Path) -> None:
    """Which is no failure."""
    path = tmp_path / "empty"
    path.touch()
    done = invoke("import", str(path))
    assert (done.exit_code, done.stderr) == (0, "Imported 0 records: 0 new, 0 known, 0 refused.\n")


def test_a_packed_file_that_is_cut_short_keeps_what_was_in_it(invoke: Invoke, tmp_path: Path) -> None:
    """And says that it is."""
    path = tmp_path / "records.gz"
    path.write_bytes(gzip.compress(wire.encode_lines(CREW_RECORDS))[:-20])
    done = invoke("import", str(path))
    assert done.exit_code == 1
    assert "is cut short" in done.stderr


def test_a_file_that_is_not_there_is_said(invoke: Invoke) -> None:
    """By its name."""
    done = invoke("import", "nowhere.json")
    assert done.exit_code == 1
    assert "There is no file nowhere.json." in done.stderr
