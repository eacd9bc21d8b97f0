"""`ls`, `show`, `stats` and `search`: what was recorded, as people and as programs read it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from cli_samples import (
    CREW,
    CREW_RECORDS,
    CREW_SPANS,
    KILLED,
    KILLED_SESSION,
    KILLED_SPANS,
    RUNNING_SESSION,
    RUNNING_SPANS,
    SECOND,
    START,
    span,
)
from click.testing import Result

from agentops.domain.spans import Record, SessionRecord, SpanKind
from agentops.store.sqlite import SqliteStore

Invoke = Callable[..., Result]
Fill = Callable[[Sequence[Record]], None]


@pytest.fixture(name="killed")
def killed_session(fill: Fill, data_directory: Path) -> None:
    """The crew's session, and one whose process was killed."""
    fill(CREW_RECORDS)
    with SqliteStore(data_directory / "agentops.db") as store:
        store.ingest([KILLED_SESSION, *KILLED_SPANS], journal="gone")
        store.interrupt("gone", at=START - 3590 * SECOND)


def lines(result: Result) -> list[str]:
    """What was printed, without the blanks that fill columns."""
    return [line.rstrip() for line in result.stdout.splitlines()]


@pytest.mark.usefixtures("killed")
def test_sessions_are_listed_newest_first(invoke: Invoke) -> None:
    """Each with its state, how long it took, what it counted and cost."""
    result = invoke("ls")
    assert result.exit_code == 0
    assert lines(result) == [
        "ID        NAME           STATE          STARTED     DURATION  LLM  TOOLS  ERRORS  TOKENS     COST  TAGS",
        "3f2a91c4  research_crew  ✔ succeeded    2025-11-20      4.2s    2      2       1    2.1k  $0.0049  demo, crew",
        "77ab01ff  nightly        ◌ interrupted  2025-11-20     10.0s    0      1       0       0        -",
    ]


@pytest.mark.usefixtures("killed")
@pytest.mark.parametrize(
    ("options", "found"),
    [
        ([], [CREW, KILLED]),
        (["--limit", "1"], [CREW]),
        (["--state", "succeeded"], [CREW]),
        (["--state", "interrupted"], [KILLED]),
        (["--state", "indeterminate"], [KILLED]),
        (["--state", "failed"], []),
        (["--tag", "crew"], [CREW]),
        (["--tag", "cre"], []),
        (["--name", "nightly"], [KILLED]),
        (["--errors"], [CREW]),
        (["--since", "2025-11-20T09:00"], [CREW]),
        (["--since", "2025-11-21"], []),
    ],
)
def test_lists_are_filtered(invoke: Invoke, options: list[str], found: list[str]) -> None:
    """Every given option must hold; JSON is an array, empty where nothing matches."""
    result = invoke("ls", "--json", *options)
    assert [session["session_id"] for session in json.loads(result.stdout)] == found


def test_interrupted_sessions_are_found_behind_others(invoke: Invoke, fill: Fill, data_directory: Path) -> None:
    """Sessions that ended indeterminate by themselves do not use up the limit."""
    others = [
        SessionRecord(session_id=f"{n:032x}", state="INDETERMINATE", start=START + n, end=START + n)
        for n in range(1, 30)
    ]
    fill(others)
    with SqliteStore(data_directory / "agentops.db") as store:
        store.ingest([KILLED_SESSION, *KILLED_SPANS], journal="gone")
        store.interrupt("gone", at=START)
    result = invoke("ls", "--json", "--state", "interrupted", "--limit", "3")
    assert [session["session_id"] for session in json.loads(result.stdout)] == [KILLED]


def test_an_empty_store_says_how_to_begin(invoke: Invoke) -> None:
    """The first thing a stranger sees is the command to type next; programs see an empty array."""
    result = invoke("ls")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "agentops run my_agent.py" in result.stderr
    assert "agentops demo" in result.stderr
    assert json.loads(invoke("ls", "--json").stdout) == []


@pytest.mark.parametrize("width", [50, 60, 80, 100])
def test_narrow_terminals_lose_columns_not_lines(
    invoke: Invoke, fill: Fill, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    """A session stays one line, with its id, name, state and cost."""
    fill(CREW_RECORDS)
    monkeypatch.setenv("COLUMNS", str(width))
    shown = lines(invoke("ls"))
    assert len(shown) == 2
    assert max(map(len, shown)) <= width
    assert shown[1].startswith("3f2a91c4  ")
    assert "$0.0" in shown[1]


TREE = """\
research_crew  3f2a91c4-7b1e-4c55-9a10-5d3e0c2b7a01  ✔ succeeded
2025-11-20 09:12:03  ·  4.2s  ·  7 spans  ·  tags demo, crew  ·  agents researcher, writer

● research_crew                          4.2s
├─ ● agent researcher                    2.8s
│  ├─ ● llm chat gpt-4o-mini            820ms  1.2k → 360  $0.0004
│  ├─ ● tool search                     340ms
│  ╰─ ✖ tool search                      12ms
│        HTTPError: HTTP Error 503: Service Unavailable
╰─ ● agent writer                        1.2s
   ╰─ ● llm messages claude-sonnet-4-6   1.2s   268 → 243  $0.0044

Session Stats - Duration: 4.2s | Cost: $0.004861 | LLMs: 2 | Tools: 2 | Actions: 0 | Errors: 1
"""


@pytest.mark.parametrize("word", [CREW, "3f2a", "last", "LAST", "research_crew", "3F2A91C4"])
def test_a_session_is_shown_as_a_tree(invoke: Invoke, fill: Fill, word: str) -> None:
    """By its id, the beginning of it, its name, or as the last: kinds, durations, tokens, cost, errors in place."""
    fill(CREW_RECORDS)
    assert invoke("show", word).stdout == TREE


def test_show_means_the_latest(invoke: Invoke, fill: Fill) -> None:
    """Nothing needs to be typed for the session that just ran."""
    fill(CREW_RECORDS)
    assert invoke("show").stdout == TREE


@pytest.mark.usefixtures("killed")
def test_an_interrupted_session_shows_where_it_died(invoke: Invoke) -> None:
    """The reason stands under the header, the mark at the innermost span."""
    shown = lines(invoke("show", "nightly"))
    assert shown[0].endswith("◌ interrupted")
    assert "the process ended" in shown[2]
    assert "'sort_mail'" in shown[2]
    assert [line for line in shown if "interrupted" in line][-1].startswith("   ╰─ ◌ tool sort_mail interrupted")
    assert "         the process died here" in shown
    assert sum("died here" in line for line in shown) == 1


def test_a_running_session_shows_what_runs(invoke: Invoke, fill: Fill) -> None:
    """Spans without an end are marked, and their time so far is shown."""
    fill([RUNNING_SESSION, *RUNNING_SPANS])
    shown = lines(invoke("show", "steady"))
    assert shown[0].endswith("◐ running")
    assert shown[3].startswith("◐ steady running")


def test_full_shows_everything_that_was_said(invoke: Invoke, fill: Fill) -> None:
    """Messages, tool calls, inputs and outputs stand under their spans."""
    fill(CREW_RECORDS)
    assert lines(invoke("show", "--full"))[3:22] == [
        "● research_crew                          4.2s",
        "├─ ● agent researcher                    2.8s",
        "│  ├─ ● llm chat gpt-4o-mini            820ms  1.2k → 360  $0.0004",
        "│  │     system     You are a researcher.",
        "│  │     user       Which tidal power plants run today?",
        '│  │     assistant  call search({"query":"tidal power"})',
        "│  ├─ ● tool search                     340ms",
        '│  │     input      {"query":"tidal power"}',
        "│  │     output     Two barrages:",
        "│  │                La Rance, Sihwa Lake.",
        "│  ╰─ ✖ tool search                      12ms",
        "│        HTTPError: HTTP Error 503: Service Unavailable",
        '│        input      {"query":"seabed"}',
        "╰─ ● agent writer                        1.2s",
        "   ╰─ ● llm messages claude-sonnet-4-6   1.2s   268 → 243  $0.0044",
        "         tool       result La Rance",
        "         assistant  Tidal power works.",
        "                    Now it has to get cheap.",
        "",
    ]


def test_recorded_escape_sequences_stay_text(invoke: Invoke, fill: Fill) -> None:
    """What a model said cannot colour, move or retitle the reader's terminal."""
    evil = span(9, SpanKind.TOOL, "\x1b[31mred\x1b]0;title\x07", 0, 1, output="\x1b[2J\x9b1m")
    fill([evil])
    shown = invoke("show", "--full", "last").stdout
    assert "\x1b" not in shown
    assert "\x9b" not in shown
    assert "␛[31mred" in shown


def test_json_is_the_whole_session(invoke: Invoke, fill: Fill) -> None:
    """The session's record, its analytics as `get_analytics()` gives them, and every span whole."""
    fill(CREW_RECORDS)
    shown = json.loads(invoke("show", "--json").stdout)
    assert shown["session"]["session_id"] == CREW
    assert shown["analytics"] == {
        "LLM calls": 2,
        "Tool calls": 2,
        "Actions": 0,
        "Errors": 1,
        "Duration": "4.2s",
        "Cost": "0.004861",
    }
    assert [entry["name"] for entry in shown["spans"]] == [
        record.name for record in sorted(CREW_SPANS, key=lambda record: record.start)
    ]
    assert shown["spans"][2]["response"]["usage"] == {"input": 1100, "cache_read": 120, "output": 340, "reasoning": 20}


def test_one_span_is_shown_in_all_detail(invoke: Invoke, fill: Fill) -> None:
    """Facts, parameters, tokens by bucket, exact cost, and what was said."""
    fill(CREW_RECORDS)
    shown = lines(invoke("show", "last", "--span", "0000000000000003"))
    assert shown[0] == "● llm chat gpt-4o-mini"
    facts = {line[:16].strip(): line[16:] for line in shown[2 : shown.index("Said")] if line}
    assert facts == {
        "span": "0000000000000003",
        "parent": "0000000000000002",
        "session": CREW,
        "status": "ok",
        "started": "2025-11-20 09:12:03",
        "took": "820ms",
        "seen by": "agentops",
        "operation": "chat",
        "provider": "openai",
        "model asked": "gpt-4o-mini",
        "temperature": "0.2",
        "model": "gpt-4o-mini-2024-07-18",
        "response id": "chatcmpl-1",
        "finished": "tool_calls",
        "tokens": "1,100 input, 120 cache read, 340 output, 20 reasoning",
        "cost": "$0.000412",
    }
    streamed = lines(invoke("show", "last", "--span", "0000000000000007"))
    assert "first token     after 390ms" in streamed
    assert "  app.topic  tides" in streamed


def test_one_span_as_json(invoke: Invoke, fill: Fill) -> None:
    """The record of the span and nothing else."""
    fill(CREW_RECORDS)
    shown = json.loads(invoke("show", "--span", "0000000000000005", "--json").stdout)
    assert shown["error"]["status_code"] == 503


@pytest.mark.parametrize(
    ("prefix", "words"), [("ff", "No span of this session begins"), ("0", "7 spans of this session")]
)
def test_an_unclear_span_is_asked_for_again(invoke: Invoke, fill: Fill, prefix: str, words: str) -> None:
    """Exit status 1, and where the ids are to be seen."""
    fill(CREW_RECORDS)
    result = invoke("show", "--span", prefix)
    assert result.exit_code == 1
    assert words in result.stderr
    assert "agentops show 3f2a91c4 --ids" in result.stderr
    assert "● agent researcher 0000000000000002" in invoke("show", "--ids").stdout


@pytest.mark.parametrize("word", ["3f2b", "research_craw"])
def test_a_wrong_session_offers_the_nearest(invoke: Invoke, fill: Fill, word: str) -> None:
    """Exit status 1, and sessions whose id or name is alike."""
    fill(CREW_RECORDS)
    result = invoke("show", word)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "3f2a91c4  research_crew" in result.stderr


def test_nothing_recorded_is_said_once(invoke: Invoke) -> None:
    """`show` on an empty store exits with 1 and says how to begin."""
    result = invoke("show")
    assert result.exit_code == 1
    assert "agentops demo" in result.stderr


def test_stats_say_where_tokens_money_and_time_went(invoke: Invoke, fill: Fill) -> None:
    """By model the dearest first, by tool the slowest first, errors by type, the slowest calls."""
    fill(CREW_RECORDS)
    assert lines(invoke("stats"))[3:] == [
        "Session Stats - Duration: 4.2s | Cost: $0.004861 | LLMs: 2 | Tools: 2 | Actions: 0 | Errors: 1",
        "",
        "MODEL                   CALLS  INPUT  CACHE READ  OUTPUT  REASONING   TIME  FIRST TOKEN     COST",
        "claude-sonnet-4-6           1    268           0     243          0   1.2s        390ms  $0.0044",
        "gpt-4o-mini-2024-07-18      1   1.1k         120     340         20  820ms            -  $0.0004",
        "",
        "TOOL                  CALLS  ERRORS   TIME   MEAN",
        "search                    2       1  352ms  176ms",
        "",
        "ERROR                   COUNT",
        "urllib.error.HTTPError      1",
        "",
        "SLOWEST                TIME              SPAN",
        "llm messages           1.2s  0000000000000007",
        "llm chat gpt-4o-mini  820ms  0000000000000003",
        "tool search           340ms  0000000000000004",
        "tool search            12ms  0000000000000005",
    ]


def test_stats_for_programs(invoke: Invoke, fill: Fill) -> None:
    """The same as JSON, costs as exact decimal strings."""
    fill(CREW_RECORDS)
    shown = json.loads(invoke("stats", "--json", "--slowest", "1").stdout)
    assert [(model["model"], model["cost"]) for model in shown["models"]] == [
        ("claude-sonnet-4-6", "0.004449"),
        ("gpt-4o-mini-2024-07-18", "0.000412"),
    ]
    assert shown["slowest"] == [{"span_id": "0000000000000007", "kind": "llm", "name": "messages", "seconds": 1.18}]
    assert shown["analytics"]["Cost"] == "0.004861"


def test_search_finds_what_was_said(invoke: Invoke, fill: Fill) -> None:
    """Newest first, each with its session, its span and the words around."""
    fill(CREW_RECORDS)
    shown = lines(invoke("search", "la", "rance"))
    assert [line.split()[0] for line in shown[::2]] == ["3f2a91c4", "3f2a91c4"]
    assert "La Rance" in shown[1]
    hits = json.loads(invoke("search", "La Rance", "--json").stdout)
    assert {hit["span_id"] for hit in hits} == {"0000000000000004", "0000000000000007"}


def test_search_fails_as_grep_does(invoke: Invoke, fill: Fill) -> None:
    """Nothing found is exit status 1, and nothing on standard output."""
    fill(CREW_RECORDS)
    result = invoke("search", "xyzzy")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "Nothing holds 'xyzzy'" in result.stderr
    assert invoke("search", "xyzzy", "--json").stdout == "[]\n"


def test_terminals_without_unicode_are_served(fill: Fill) -> None:
    """Lines and signs are drawn in ASCII, and what cannot be shown is a question mark rather than a traceback."""
    fill([*CREW_RECORDS, span(9, SpanKind.TOOL, "größe", 0, 1)])
    done = subprocess.run(
        [sys.executable, "-m", "agentops.cli", "show"],
        capture_output=True,
        timeout=60,
        check=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    shown = done.stdout.decode("ascii")
    assert "|- * agent researcher" in shown
    assert "gr??e" in shown
