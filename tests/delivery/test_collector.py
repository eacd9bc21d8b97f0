"""The collector as a destination: order, once only, what is refused, and what waits."""

import json
import stat
from collections.abc import Iterator, Sequence
from copy import copy
from pathlib import Path

import pytest
from delivery_samples import SECOND, SESSION, START, UNATTENDED, Recording, llm_span, tool_span

import agentops
from agentops.delivery import standing
from agentops.delivery.api import FRAMES_PATH, SessionApiClient
from agentops.delivery.collector import CollectorDestination, open_collector
from agentops.delivery.deadletters import DeadLetters
from agentops.delivery.destination import DeliveryError
from agentops.delivery.excerpts import ExcerptReader
from agentops.delivery.receipts import receipts
from agentops.delivery.shipper import Shipper
from agentops.delivery.standing import Standings
from agentops.domain import wire
from agentops.domain.spans import (
    AgentRecord,
    DropRecord,
    ErrorInfo,
    LogRecord,
    Record,
    SessionRecord,
    SpanKind,
    SpanStatus,
)
from agentops.recording.trace import Trace
from agentops.testing import Collector, Fault

OTHER = "0a000000-0000-4000-8000-000000000002"
BEGUN = SessionRecord(session_id=SESSION, name="crew", start=START, tags=["a"], host_env={"OS": {"OS": "linux"}})
ENDED = SessionRecord(
    session_id=SESSION,
    name="crew",
    state="SUCCEEDED",
    start=START,
    end=START + SECOND,
    end_state="Success",
    end_state_reason="done",
    tags=["a", "b"],
)
PROTOCOLS: list[tuple[str, ...]] = [(), ("frames", "gzip")]


@pytest.fixture(params=PROTOCOLS, ids=["original", "ours"])
def collector(request: pytest.FixtureRequest) -> Iterator[Collector]:
    """A collector that speaks the original protocol, then one that takes batches as well."""
    with Collector(accepts=request.param) as collector:
        yield collector


@pytest.fixture
def original() -> Iterator[Collector]:
    """A collector that speaks the original protocol alone."""
    with Collector() as collector:
        yield collector


def destination_for(collector: Collector, directory: Path, api_key: str | None = "key") -> CollectorDestination:
    """A destination that keeps what is refused below this directory."""
    directory.mkdir(exist_ok=True)
    return open_collector(collector.url, api_key, directory)


def names(collector: Collector) -> list[str]:
    """The names of the events that arrived, sorted."""
    return sorted(event["name"] for event in collector.events)


def test_a_session_is_announced_before_its_events_and_ended_behind_them(original: Collector, tmp_path: Path) -> None:
    """Session, agents, events, end: as a program does it, whatever came in one batch."""
    agent = AgentRecord(id="a1", name="bob")
    ended = copy(ENDED)
    ended.agents = [agent]
    destination_for(original, tmp_path).deliver([BEGUN, tool_span(), llm_span(1), ended])
    assert original.paths == ["create_session", "create_agent", "create_events", "update_session"]
    first, last = original.requests[0].get("session"), original.requests[-1].get("session")
    assert (first["end_state"], first["end_timestamp"], first["is_running"]) == ("Indeterminate", None, True)
    assert (last["end_state"], last["end_state_reason"], last["is_running"]) == ("Success", "done", False)
    assert last["tags"] == ["a", "b"]
    assert last["event_counts"] == {"llms": 1, "tools": 1, "actions": 0, "errors": 0, "apis": 0}
    assert [event["event_type"] for event in original.events] == ["tools", "llms"]
    assert original.agents == [{"session_id": SESSION, "id": "a1", "name": "bob"}]


def test_a_collector_of_ours_is_told_everything_in_few_requests(tmp_path: Path) -> None:
    """The first session is announced, and from then on sessions go together."""
    with Collector(accepts=("frames",)) as collector:
        destination = destination_for(collector, tmp_path)
        destination.deliver([BEGUN, tool_span(), ENDED])
        others = [
            SessionRecord(session_id=f"0a000000-0000-4000-8000-{number:012}", start=START) for number in range(5, 15)
        ]
        destination.deliver([*others, *(tool_span(0, other.session_id) for other in others)])
        assert collector.paths == ["create_session", "frames", "frames"]
        assert len(collector.sessions) == 11
        assert len(collector.events) == 11
        assert collector.sessions[SESSION]["end_state"] == "Success"
        assert collector.sessions[SESSION]["host_env"] == {"OS": {"OS": "linux"}}


def test_tags_reach_a_running_session(collector: Collector, tmp_path: Path) -> None:
    """A later record of the session is an update of it."""
    destination = destination_for(collector, tmp_path)
    destination.deliver([BEGUN])
    tagged = SessionRecord(session_id=SESSION, start=START, tags=["a", "late"])
    destination.deliver([tagged])
    assert collector.sessions[SESSION]["tags"] == ["a", "late"]
    assert collector.sessions[SESSION]["host_env"] == {"OS": {"OS": "linux"}}


def test_agents_that_spans_name_are_made_known(collector: Collector, tmp_path: Path) -> None:
    """Each once, before the events that refer to it."""
    spans = [tool_span(number, agent_id="a1", agent_name="bob") for number in range(3)]
    destination = destination_for(collector, tmp_path)
    destination.deliver([BEGUN, *spans])
    destination.deliver([tool_span(9, agent_id="a1", agent_name="bob")])
    assert [(agent["id"], agent["name"]) for agent in collector.agents] == [("a1", "bob")]
    assert collector.paths.count("create_agent") <= 1


def test_a_process_that_comes_upon_a_session_announces_what_it_knows(collector: Collector, tmp_path: Path) -> None:
    """And overrules nothing of what another process said of it."""
    destination_for(collector, tmp_path).deliver([BEGUN, tool_span()])
    destination_for(collector, tmp_path).deliver([tool_span(1)])
    session = collector.sessions[SESSION]
    assert (session["tags"], session["host_env"]) == (["a"], {"OS": {"OS": "linux"}})
    assert session["init_timestamp"] == "2026-05-28T20:26:40.000000+00:00"
    assert len(collector.events) == 2


def test_two_processes_of_one_session_make_one_session(collector: Collector, tmp_path: Path) -> None:
    """The one that joined neither moves its beginning nor ends it."""
    destination_for(collector, tmp_path).deliver([BEGUN, tool_span()])
    joined = SessionRecord(session_id=SESSION, start=START + 5 * SECOND, inherited=True)
    destination_for(collector, tmp_path).deliver([joined, tool_span(7)])
    assert list(collector.sessions) == [SESSION]
    assert collector.sessions[SESSION]["init_timestamp"] == "2026-05-28T20:26:40.000000+00:00"
    assert len(collector.events) == 2


def test_what_is_offered_again_goes_on_where_it_failed(collector: Collector, tmp_path: Path) -> None:
    """What the collector has is not sent twice by the same process."""
    destination = destination_for(collector, tmp_path)
    destination.deliver([BEGUN])
    records: list[Record] = [tool_span(), SessionRecord(session_id=OTHER, start=START), tool_span(0, OTHER), ENDED]
    collector.fail(Fault.refused(503))
    for _ in range(10):
        try:
            destination.deliver(records)
            break
        except DeliveryError:
            continue
    assert len(collector.events) == collector.arrivals == 2
    assert len(collector.sessions) == 2


@pytest.mark.parametrize(
    "fault",
    [Fault.refused(500), Fault.refused(429, retry_after=3), Fault.reset(), Fault.truncated(), Fault.garbled()],
    ids=lambda fault: f"{fault.kind}{fault.status}",
)
def test_whatever_goes_wrong_every_event_is_there_once(collector: Collector, tmp_path: Path, fault: Fault) -> None:
    """Also where the collector took a request and its answer was lost: the ids are always the same."""
    destination = destination_for(collector, tmp_path)
    batches: list[Sequence[Record]] = [
        [BEGUN, *(tool_span(number) for number in range(10))],
        [*(llm_span(number) for number in range(20, 25)), ENDED],
    ]
    for batch in batches:
        for _ in range(3):
            collector.fail(fault)
            with pytest.raises(DeliveryError):
                destination.deliver(batch)
        collector.mend()
        destination.deliver(batch)
    assert len(collector.events) == 15
    assert collector.sessions[SESSION]["end_state"] == "Success"


def test_the_collector_says_how_long_to_wait(original: Collector, tmp_path: Path) -> None:
    """The shipper is told, which waits that long at least."""
    original.fail(Fault.refused(429, retry_after=30))
    with pytest.raises(DeliveryError) as caught:
        destination_for(original, tmp_path).deliver([BEGUN])
    assert caught.value.retry_after == 30


def test_one_event_that_is_refused_does_not_hold_up_the_others(collector: Collector, tmp_path: Path) -> None:
    """The culprit is found by halves and kept with the reason; everything else arrives, in any session."""
    collector.refuse_events(lambda event: event["name"] == "poison", status=422)
    spans = [tool_span(number, name="poison" if number in {3, 17} else "fine") for number in range(30)]
    destination = destination_for(collector, tmp_path)
    destination.deliver([BEGUN, *spans, tool_span(0, OTHER, name="other"), ENDED])
    assert names(collector) == ["fine"] * 28 + ["other"]
    assert collector.sessions[SESSION]["end_state"] == "Success"
    letters = list(DeadLetters(tmp_path, "collector"))
    assert [(letter.kind, letter.session_id, letter.status) for letter in letters] == [("event", SESSION, 422)] * 2
    assert all("not acceptable" in letter.reason for letter in letters)
    assert {json.loads(bytes(letter.body))["span_id"] for letter in letters} == {spans[3].span_id, spans[17].span_id}
    assert destination.dropped == 2


def test_an_event_may_be_refused_alone(collector: Collector, tmp_path: Path) -> None:
    """A reply that names it saves the search."""
    collector.refuse_events(lambda event: event["name"] == "poison", alone=True)
    spans = [tool_span(number, name="poison" if number == 3 else "fine") for number in range(5)]
    destination_for(collector, tmp_path).deliver([BEGUN, *spans])
    assert names(collector) == ["fine"] * 4
    (letter,) = DeadLetters(tmp_path, "collector")
    assert (letter.reason, letter.status) == ("not acceptable", None)
    assert collector.paths.count("create_events") <= 2


def test_a_session_that_is_refused_for_what_it_holds_is_announced_barely(original: Collector, tmp_path: Path) -> None:
    """Its events arrive; what it was to say of itself is kept."""
    original.fail(Fault.refused(413, message="too large"), route="create_session")
    destination_for(original, tmp_path).deliver([BEGUN, tool_span()])
    assert names(original) == ["search"]
    (letter,) = DeadLetters(tmp_path, "collector")
    assert (letter.kind, letter.status) == ("session", 413)
    assert json.loads(bytes(letter.body))["host_env"] == {"OS": {"OS": "linux"}}


def test_a_session_that_is_refused_altogether_is_kept_aside(original: Collector, tmp_path: Path) -> None:
    """Where the collector took another one before: the rest goes on."""
    destination = destination_for(original, tmp_path)
    destination.deliver([SessionRecord(session_id=OTHER, start=START)])
    original.fail(Fault.refused(409, message="of another project"), times=2, route="create_session")
    destination.deliver([BEGUN, tool_span(agent_id="a1", agent_name="bob"), ENDED, tool_span(1, OTHER, name="other")])
    assert names(original) == ["other"]
    assert [letter.kind for letter in DeadLetters(tmp_path, "collector")] == ["session", "agent", "event", "session"]


def test_a_collector_that_refuses_the_first_session_is_waited_for(
    original: Collector, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It is no event's fault: the address or the key is wrong. Said once, and to the doctor."""
    destination = destination_for(original, tmp_path)
    original.fail(Fault.refused(400, message="Invalid API key format"), times=4)
    records = [BEGUN, tool_span()]
    for _ in range(2):
        with pytest.raises(DeliveryError):
            destination.deliver(records)
    known = standing.read(tmp_path)
    assert known is not None
    assert (known.trouble, known.message, known.endpoint) == ("refused", "400: Invalid API key format", original.url)
    assert len([record for record in caplog.records if "refuses sessions" in record.message]) == 1
    destination.deliver(records)
    assert names(original) == ["search"]
    assert list(DeadLetters(tmp_path, "collector")) == []
    assert standing.read(tmp_path) is None


def test_a_key_that_is_not_accepted_is_said_once_and_nothing_is_given_up(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """In the log and for the doctor, without the key; when it is accepted, everything comes."""
    with Collector(api_key="right") as collector:
        destination = destination_for(collector, tmp_path, "wrong-and-secret")
        records = [BEGUN, tool_span()]
        for _ in range(3):
            with pytest.raises(DeliveryError):
                destination.deliver(records)
        known = standing.read(tmp_path)
        assert known is not None
        assert known.trouble == "key"
        assert caplog.text.count("does not accept the API key") == 1
        assert "secret" not in caplog.text + (tmp_path / standing.FILE).read_text()
        collector.accept_key("wrong-and-secret")
        destination.deliver(records)
        assert names(collector) == ["search"]
        assert standing.read(tmp_path) is None
        assert list(DeadLetters(tmp_path, "collector")) == []


def test_tokens_that_expire_are_renewed_without_notice(original: Collector, tmp_path: Path) -> None:
    """A process that runs for longer than its tokens loses nothing."""
    destination = destination_for(original, tmp_path)
    destination.deliver([BEGUN])
    original.expire_tokens()
    destination.deliver([tool_span(), ENDED])
    assert names(original) == ["search"]
    assert original.sessions[SESSION]["end_state"] == "Success"


def test_what_the_collector_gave_can_be_looked_up(original: Collector, tmp_path: Path) -> None:
    """By the session's id: its token, and where to look at it."""
    destination_for(original, tmp_path).deliver([BEGUN])
    receipt = receipts.get(SESSION)
    assert receipt is not None
    assert receipt.session_url == f"http://127.0.0.1/sessions?session_id={SESSION}"
    assert receipt.jwt


def test_what_a_program_wrote_goes_to_a_collector_that_takes_it(collector: Collector, tmp_path: Path) -> None:
    """Whole records, also those of the first batch; an original server has no place for them."""
    written = [LogRecord(session_id=SESSION, time=START + number, body=f"line {number}\n") for number in range(3)]
    destination = destination_for(collector, tmp_path)
    destination.deliver([BEGUN, written[0]])
    destination.deliver([tool_span(), *written[1:]])
    expected = [json.loads(wire.encode(log)) for log in written]
    assert collector.logs == (expected if is_ours(collector) else [])
    assert names(collector) == ["search"]


def is_ours(collector: Collector) -> bool:
    """Whether it takes frames."""
    return "frames" in collector.paths


def test_large_batches_go_in_portions(collector: Collector, tmp_path: Path) -> None:
    """So many events, and so many bytes, in one request; one that is larger goes alone."""
    spans = [tool_span(number) for number in range(1500)] + [tool_span(0, output="x" * (5 << 20))]
    destination_for(collector, tmp_path).deliver([BEGUN, *spans])
    if is_ours(collector):
        sizes = [len(request.raw) for request in collector.requests if request.path == FRAMES_PATH]
        assert len(sizes) == 2
        assert sizes[0] < 1 << 20 < 5 << 20 < sizes[1]
    else:
        events = [request.get("events") for request in collector.requests if request.path.endswith("create_events")]
        assert [len(each) for each in events] == [1000, 500, 1]
    assert len(collector.events) == 1501


def test_spans_that_run_are_told_of_when_they_end_or_when_their_process_does(
    collector: Collector, tmp_path: Path
) -> None:
    """Their session is announced at once; one of ours is told of them as well."""
    recording = Recording(tmp_path)
    recorder, trace = recording.recorder, Trace(SESSION)
    recording.add(BEGUN)
    slow = recorder.open(recorder.template("slow", SpanKind.AGENT), b"", trace)
    done = recorder.open(recorder.template("search", SpanKind.TOOL), b"", trace)
    assert slow is not None
    assert done is not None
    reader = ExcerptReader(recording.journal.directory, "collector", UNATTENDED, is_first=False)
    destination = destination_for(collector, tmp_path)
    destination.deliver(reader.read())
    assert list(collector.sessions) == [SESSION]
    assert collector.events == []
    assert sorted(span.name for span in collector.running) == (["search", "slow"] if is_ours(collector) else [])
    recorder.close(done, b"")
    destination.deliver(reader.read())
    destination.close(1.0)
    assert [(event["name"], event["status"]) for event in collector.events] == [
        ("search", "ok"),
        ("slow", "interrupted"),
    ]
    assert collector.running == []


def test_errors_are_counted_as_the_session_counts_them(collector: Collector, tmp_path: Path) -> None:
    """Once, by the span where they arose."""
    error = ErrorInfo(type="ValueError", message="boom")
    failed = tool_span(status=SpanStatus.ERROR, error=error, counted_error=True)
    passed = tool_span(1, kind=SpanKind.AGENT, status=SpanStatus.ERROR, error=error)
    destination_for(collector, tmp_path).deliver([BEGUN, failed, passed, ENDED])
    assert [event["trigger_event_id"] for event in collector.of_type("errors")] == [collector.of_type("tools")[0]["id"]]
    assert collector.of_type("agent")[0]["span"]["error"] == {"type": "ValueError", "message": "boom"}
    counts = {"llms": 0, "tools": 1, "actions": 0, "errors": 1, "apis": 0}
    assert collector.sessions[SESSION]["event_counts"] == counts


def test_the_shipper_brings_a_journal_to_the_collector(collector: Collector, tmp_path: Path) -> None:
    """Through a collector that is away first: nothing is lost and nothing is there twice."""
    recording = Recording(tmp_path)
    recording.add(BEGUN)
    spans = recording.add_tool_spans(200)
    collector.close()
    shipper = Shipper(recording.open_reader, [destination_for(collector, tmp_path)], interval=0.01)
    shipper.start()
    assert not shipper.flush(1.0)
    collector.start()
    recording.add(ENDED)
    assert shipper.flush(10.0)
    assert shipper.stop(10.0)
    assert sorted(event["span_id"] for event in collector.events) == sorted(span.span_id for span in spans)
    assert collector.arrivals == 200


def test_letters_are_private_and_do_not_grow_for_ever(original: Collector, tmp_path: Path) -> None:
    """Nobody else may read them; what there is no room for is counted, and told."""
    drops: list[DropRecord] = []
    small = DeadLetters(tmp_path, "collector", limit=3000)
    client = SessionApiClient(original.url)
    destination = CollectorDestination(client, small, Standings(tmp_path, original.url), on_drop=drops.append)
    original.refuse_events(lambda event: True, status=400)
    destination.deliver([BEGUN, *(tool_span(number) for number in range(10))])
    letters = DeadLetters(tmp_path, "collector")
    kept = list(letters)
    assert 0 < len(kept) < 10
    assert letters.drops().count == len(drops) == 10 - len(kept)
    assert {drop.reason for drop in drops} == {"refused by the collector, and no room left to keep it"}
    assert stat.S_IMODE(letters.folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in letters.folder.iterdir()} == {0o600}


def test_a_key_set_while_the_program_is_recorded_is_the_one_that_is_sent(collector: Collector) -> None:
    """What waited for it goes out with it, and the session gets its token."""
    collector.accept_key("right")
    session = agentops.init("wrong", endpoint=collector.url)
    assert session is not None
    agentops.record(agentops.ToolEvent(name="search"))
    assert not agentops.flush(5)
    assert session.jwt is None
    agentops.set_api_key("right")
    agentops.set_parent_key("parent")
    assert agentops.flush(5)
    assert [event["name"] for event in collector.of_type("tools")] == ["search"]
    assert session.jwt is not None
    assert collector.requests[-1].headers.get("x-agentops-api-key") == "right"
