"""`agentops logs`: what a program wrote, as a reader wants it."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from cli_samples import CREW, CREW_RECORDS, CREW_SPANS, KILLED, KILLED_SESSION, START, parent
from click.testing import Result

from agentops.domain import wire
from agentops.domain.spans import ErrorInfo, LogRecord, LogSource, Record

Invoke = Callable[..., Result]
Fill = Callable[[Sequence[Record]], None]

SECOND = 1_000_000_000


def line(number: int, body: str, **changes: Any) -> LogRecord:
    """The line of this number, a second after the one before."""
    return LogRecord(session_id=CREW, time=START + number * SECOND, number=number, body=body, **changes)


LINES = [
    line(0, "starting\n", span_id=parent(1)),
    line(1, "\r10%\r50%\rdone\n", span_id=parent(4), source=LogSource.STDERR),
    line(
        2,
        "it failed",
        span_id=parent(4),
        source=LogSource.LOGGING,
        severity=17,
        severity_text="ERROR",
        logger="crew.mail",
        error=ErrorInfo(type="ValueError", message="no"),
    ),
    line(3, "two\nlines\n", span_id=parent(2)),
    line(4, "\x1b[31mred\x1b[0m and \x00 half a li", span_id=parent(1)),
    line(5, "ne\n", span_id=parent(1)),
]


@pytest.fixture(name="logs")
def logs_of_the_crew(invoke: Invoke, fill: Fill) -> Any:
    """`agentops logs` where a crew has written something."""
    fill([*CREW_RECORDS, *LINES])

    def logs(*words: str) -> Result:
        return invoke("logs", *words)

    return logs


def test_every_line_has_its_time_and_where_it_went(logs: Any) -> None:
    """Colours and what was overwritten are gone without a terminal, control characters do nothing."""
    assert logs().stdout.splitlines() == [
        "09:12:03  out       starting",
        "09:12:04  err       done",
        "09:12:05  error     crew.mail  it failed",
        "                    ValueError: no",
        "09:12:06  out       two",
        "                    lines",
        "09:12:07  out       red and ␀ half a li",
        "09:12:08  out       ne",
    ]


def test_a_terminal_shows_colours(logs: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the program."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[31mred\x1b[0m" in logs().stdout


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["--source", "stdout"], [0, 3, 4, 5]),
        (["--source", "stderr"], [1]),
        (["--source", "logging"], [2]),
        (["--level", "warning"], [2]),
        (["--level", "critical"], []),
        (["--span", "0000000000000004"], [1, 2]),
        (["--span", "0000000000000002"], [1, 2, 3]),
        (["--span", "0000000000000002", "--source", "stdout"], [3]),
        (["research_crew"], [0, 1, 2, 3, 4, 5]),
    ],
)
def test_what_is_shown_can_be_chosen(logs: Any, words: list[str], shown: list[int]) -> None:
    """By source, by level, and by span with those below it."""
    records = [wire.decode(record) for record in logs("--json", *words).stdout.splitlines()]
    assert records == [LINES[number] for number in shown]


def test_following_ends_with_the_session(logs: Any) -> None:
    """Everything is shown once, chosen as ever."""
    records = [wire.decode(record) for record in logs("-f", "--json", "--source", "stdout").stdout.splitlines()]
    assert records == [LINES[number] for number in (0, 3, 4, 5)]


def test_raw_is_what_was_written(logs: Any) -> None:
    """Nothing is added but the ends of what was logged."""
    assert (
        logs("--raw", "--source", "stdout").stdout == "starting\ntwo\nlines\n\x1b[31mred\x1b[0m and \x00 half a line\n"
    )
    assert logs("--raw", "--source", "logging").stdout == "it failed\n"


def test_a_span_that_is_not_there_is_said_not_to_be(logs: Any) -> None:
    """With where to find its id."""
    result = logs("--span", "ffff")
    assert result.exit_code == 1
    assert "No span of this session begins with 'ffff'." in result.stderr
    assert "agentops show 3f2a91c4 --ids" in result.stderr
    assert "spans of this session begin with '0'" in logs("--span", "0").stderr


def test_a_session_without_output_says_how_to_have_some(invoke: Invoke, fill: Fill) -> None:
    """On stderr, and that is no failure."""
    fill([KILLED_SESSION])
    result = invoke("logs", KILLED)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "AGENTOPS_CAPTURE_LOGS=true" in result.stderr


def test_nothing_of_a_kind_is_told_from_nothing_at_all(logs: Any) -> None:
    """Some was captured."""
    assert logs("--level", "critical").stderr == "Nothing of that kind was written in this session.\n"


def test_show_mentions_the_lines(invoke: Invoke, fill: Fill) -> None:
    """And how to see them."""
    fill([*CREW_RECORDS, *LINES])
    assert "7 lines of output: agentops logs 3f2a91c4" in invoke("show", CREW).stdout


def test_search_finds_what_was_written(invoke: Invoke, fill: Fill) -> None:
    """At the span it was written in."""
    fill([*CREW_RECORDS, *LINES])
    (hit,) = json.loads(invoke("search", "it failed", "--json").stdout)
    assert (hit["span_id"], hit["span_name"], hit["snippet"]) == (
        parent(4),
        "search",
        "it failed crew.mail ValueError: no",
    )


def test_exports_have_the_lines(invoke: Invoke, fill: Fill) -> None:
    """As JSON, as JSON lines and as OTLP."""
    fill([*CREW_RECORDS, *LINES])
    assert json.loads(invoke("export", CREW).stdout)["logs"] == [json.loads(wire.encode(each)) for each in LINES]
    lines = invoke("export", CREW, "--format", "jsonl").stdout.splitlines()
    assert [wire.decode(each) for each in lines[1 + len(CREW_SPANS) :]] == LINES
    (resource,) = json.loads(invoke("export", CREW, "--format", "otlp").stdout.splitlines()[-1])["resourceLogs"]
    logs = [log for scope in resource["scopeLogs"] for log in scope["logRecords"]]
    assert sorted(log["body"]["stringValue"] for log in logs) == sorted(each.body.removesuffix("\n") for each in LINES)
    assert {log["traceId"] for log in logs} == {CREW.replace("-", "")}
    assert {log["spanId"] for log in logs} == {parent(1), parent(2), parent(4)}


def test_forgetting_a_session_forgets_its_lines(invoke: Invoke, fill: Fill) -> None:
    """Nothing of them is found any more."""
    fill([*CREW_RECORDS, *LINES])
    assert invoke("rm", "--yes", CREW).exit_code == 0
    assert invoke("search", "starting").exit_code == 1
