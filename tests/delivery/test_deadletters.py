"""Dead letters: kept whole, offered again, never half a line, never lost to somebody who reads them meanwhile."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from delivery_samples import SECOND, SESSION, START, tool_span

from agentops.delivery.api import SessionApiClient
from agentops.delivery.collector import open_collector
from agentops.delivery.deadletters import DeadLetters, Letter
from agentops.delivery.destination import DeliveryError
from agentops.delivery.resending import Resent, resend
from agentops.domain.spans import AgentRecord, SessionRecord
from agentops.testing import Collector, Fault

BEGUN = SessionRecord(
    session_id=SESSION, start=START, tags=["a"], agents=[AgentRecord(id="a1", name="bob")], host_env={"x": 1}
)


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A collector."""
    with Collector() as collector:
        yield collector


@pytest.fixture
def letters(tmp_path: Path) -> DeadLetters:
    """No letters yet."""
    return DeadLetters(tmp_path, "collector")


def keep(letters: DeadLetters, number: int) -> None:
    """Keep an event that was refused."""
    letters.keep("event", SESSION, {"id": str(number)}, reason="odd", status=422)


def numbers(letters: DeadLetters | list[Letter]) -> list[str]:
    """The ids of the kept events."""
    return [json.loads(bytes(letter.body))["id"] for letter in letters]


def test_letters_come_back_whole_and_in_order(letters: DeadLetters) -> None:
    """With what, why and when."""
    keep(letters, 1)
    keep(letters, 2)
    first, second = letters
    assert (first.kind, first.session_id, first.status, first.reason) == ("event", SESSION, 422, "odd")
    assert 0 < first.time <= second.time
    assert numbers(letters) == ["1", "2"]


def test_a_damaged_line_is_passed_over(letters: DeadLetters) -> None:
    """A torn write or an editor spoils one letter and not the others."""
    keep(letters, 1)
    with (letters.folder / "letters.jsonl").open("a") as file:
        file.write('{"time": 1, "kind"\n')
    keep(letters, 2)
    assert numbers(letters) == ["1", "2"]


def test_letters_that_come_while_others_are_taken_are_kept(letters: DeadLetters) -> None:
    """What is left by whoever took them stands before them."""
    for number in range(3):
        keep(letters, number)
    with letters.taken() as taken:
        keep(letters, 9)
        del taken[0]
    assert numbers(letters) == ["1", "2", "9"]


def test_what_could_not_be_offered_stays(letters: DeadLetters) -> None:
    """Also where the taker fails half way."""
    keep(letters, 1)
    keep(letters, 2)
    with pytest.raises(IndexError), letters.taken() as taken:
        del taken[0], taken[5]
    assert numbers(letters) == ["2"]


def test_there_need_not_be_any(letters: DeadLetters) -> None:
    """And nothing is made by looking."""
    with letters.taken() as taken:
        assert taken == []
    assert list(letters) == []
    assert not letters.folder.exists()


def refused(collector: Collector, directory: Path, letters: DeadLetters) -> list[Letter]:
    """What is left of a delivery of which the collector refused everything but the bare session."""
    collector.fail(Fault.refused(413), route="create_session")
    collector.fail(Fault.refused(400), route="create_agent")
    collector.refuse_events(lambda event: True)
    ended = SessionRecord(session_id=SESSION, state="FAILED", start=START, end=START + SECOND, end_state="Fail")
    collector.fail(Fault.refused(422), route="update_session")
    open_collector(collector.url, None, directory).deliver([BEGUN, *map(tool_span, range(5)), ended])
    collector.mend()
    return list(letters)


def test_what_was_refused_is_taken_once_the_cause_is_mended(
    collector: Collector, tmp_path: Path, letters: DeadLetters
) -> None:
    """Sessions first, then their agents and events."""
    left = refused(collector, tmp_path, letters)
    assert sorted(letter.kind for letter in left) == ["agent", *["event"] * 5, "session", "session"]
    assert resend(left, SessionApiClient(collector.url)) == Resent(taken=8)
    assert left == []
    assert len(collector.events) == 5
    assert [agent["name"] for agent in collector.agents] == ["bob"]
    assert collector.sessions[SESSION]["end_state"] == "Fail"
    assert collector.sessions[SESSION]["tags"] == ["a"]


def test_what_is_refused_again_says_why_anew(collector: Collector, tmp_path: Path, letters: DeadLetters) -> None:
    """And stays."""
    left = refused(collector, tmp_path, letters)
    first = json.loads(bytes(left[-2].body))["id"]
    collector.refuse_events(lambda event: event["id"] == first, status=409)
    assert resend(left, SessionApiClient(collector.url)) == Resent(taken=7, refused=1)
    assert [letter.status for letter in left] == [409]


def test_nothing_is_given_up_where_the_collector_is_away(
    collector: Collector, tmp_path: Path, letters: DeadLetters
) -> None:
    """What was taken before it went is not offered again."""
    left = refused(collector, tmp_path, letters)
    collector.fail(Fault.refused(503), route="create_events")
    with pytest.raises(DeliveryError):
        resend(left, SessionApiClient(collector.url))
    assert sorted(letter.kind for letter in left) == ["event"] * 5
