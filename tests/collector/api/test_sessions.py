"""Sessions: the list, its filters, orders and pages; one session; forgetting them."""

import random
import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from api_samples import SECOND, START, Api, AskAs, call, session_of, spans_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from server_samples import RunningServer, StartServer

from agentops.domain.ids import new_session_id
from agentops.domain.spans import AgentRecord, ErrorInfo, Record, SessionRecord, SpanStatus
from agentops.store.protocol import SessionOrder

NAMES = ["alpha", "beta", "%_'\"", "größe"]
TAGS = ["red", "blue", "a,b", '"quoted"']
MODELS = ["small", "large"]


def variety(count: int = 40) -> list[list[Record]]:
    """Sessions that differ in everything that can be filtered by."""
    chance = random.Random(7)
    found: list[list[Record]] = []
    for number in range(count):
        session_id = new_session_id()
        state, end_state = chance.choice([("RUNNING", None), ("SUCCEEDED", "Success"), ("FAILED", "Fail")])
        start = START + number * 100 * SECOND
        length = chance.randint(1, 50)
        session = SessionRecord(
            session_id=session_id,
            name=chance.choice(NAMES),
            state=state,
            start=start,
            end=None if end_state is None else start + length * SECOND,
            end_state=end_state,
            tags=chance.sample(TAGS, chance.randint(0, 3)),
            agents=[
                AgentRecord(id=name, name=name) for name in chance.sample(["scout", "judge"], chance.randint(0, 2))
            ],
            user=chance.choice([None, "ada", "bob"]),
        )
        cost = chance.choice([None, "0.5", "1.25", "3"])
        failed = chance.random() < 0.3
        span = call(
            session_id,
            number,
            start=start,
            end=start + length * SECOND,
            cost=cost,
            request=None,
            status=SpanStatus.ERROR if failed else SpanStatus.OK,
            error=ErrorInfo(type="ValueError") if failed else None,
            counted_error=failed,
        )
        assert span.response is not None
        span.response.model = chance.choice(MODELS)
        found.append([session, span])
    return found


def model_of(records: list[Record]) -> str | None:
    """The model that answered in a session."""
    (span,) = spans_of(records)
    assert span.response is not None
    return span.response.model


CHECKS: dict[str, Callable[[dict[str, Any], str | None, Any], bool]] = {
    "state": lambda session, _, wanted: session["state"] == wanted,
    "end_state": lambda session, _, wanted: session["end_state"] == wanted,
    "tag": lambda session, _, wanted: wanted in session["tags"],
    "name": lambda session, _, wanted: session["name"] == wanted,
    "agent": lambda session, _, wanted: wanted in [agent["name"] for agent in session["agents"]],
    "model": lambda _, model, wanted: model == wanted,
    "user": lambda session, _, wanted: session["user"] == wanted,
    "since": lambda session, _, wanted: session["start"] >= wanted,
    "until": lambda session, _, wanted: session["start"] < wanted,
    "has_errors": lambda session, _, wanted: (session["errors"] > 0) == wanted,
    "min_cost": lambda session, _, wanted: session["cost"] is not None and Decimal(session["cost"]) >= Decimal(wanted),
    "max_cost": lambda session, _, wanted: session["cost"] is not None and Decimal(session["cost"]) <= Decimal(wanted),
    "min_duration": lambda session, _, wanted: session["duration"] >= wanted,
    "max_duration": lambda session, _, wanted: session["duration"] <= wanted,
}

FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "state": st.sampled_from(["RUNNING", "SUCCEEDED", "FAILED", "INDETERMINATE"]),
        "end_state": st.sampled_from(["Success", "Fail", "Indeterminate"]),
        "tag": st.sampled_from([*TAGS, "re", "%"]),
        "name": st.sampled_from([*NAMES, "alph"]),
        "agent": st.sampled_from(["scout", "judge", "scou"]),
        "model": st.sampled_from([*MODELS, "tiny"]),
        "user": st.sampled_from(["ada", "bob", "eve"]),
        "since": st.integers(0, 45).map(lambda number: START + number * 100 * SECOND),
        "until": st.integers(0, 45).map(lambda number: START + number * 100 * SECOND),
        "has_errors": st.booleans(),
        "min_cost": st.sampled_from(["0", "0.5", "1.3"]),
        "max_cost": st.sampled_from(["0", "0.5", "1.3"]),
        "min_duration": st.integers(0, 50),
        "max_duration": st.integers(0, 50),
    },
)


def test_every_filter_finds_exactly_what_it_says(api: Api, server: RunningServer) -> None:
    """Alone and together with others, in every order, over pages of any size."""
    made = variety()
    with server.store() as store:
        store.ingest([record for records in made for record in records])
    models = {session_of(records): model_of(records) for records in made}
    everything = api.pages("sessions", limit=1000)
    assert len(everything) == len(made)

    @settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(FILTERS, st.sampled_from(SessionOrder), st.booleans(), st.integers(1, 30))
    def holds(wanted: dict[str, Any], order: SessionOrder, descending: bool, limit: int) -> None:  # noqa: FBT001 - drawn
        found = api.pages("sessions", **wanted, order=order.value, descending=descending, limit=limit)
        expected = {
            session["session_id"]
            for session in everything
            if all(CHECKS[name](session, models[session["session_id"]], value) for name, value in wanted.items())
        }
        assert [session["session_id"] for session in found if session["session_id"] not in expected] == []
        assert len(found) == len(expected)

    holds()


KEYS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "start": lambda session: session["start"],
    "last": lambda session: session["last"],
    "duration": lambda session: session["duration"],
    "errors": lambda session: session["errors"],
    "llm_calls": lambda session: session["llm_calls"],
    "tool_calls": lambda session: session["tool_calls"],
    "tokens": lambda session: session["input_tokens"] + session["output_tokens"],
    "name": lambda session: session["name"],
    "cost": lambda session: Decimal(session["cost"] or "-1"),
}


@pytest.mark.parametrize("order", SessionOrder)
def test_a_list_is_in_its_order(api: Api, server: RunningServer, order: SessionOrder) -> None:
    """Both ways; what is not known is the least."""
    with server.store() as store:
        store.ingest([record for records in variety(25) for record in records])
    falling = [KEYS[order](session) for session in api.pages("sessions", order=order.value, limit=7)]
    assert falling == sorted(falling, reverse=True)
    rising = [KEYS[order](session) for session in api.pages("sessions", order=order.value, descending=False, limit=7)]
    assert rising == sorted(falling)


def test_pages_have_no_gaps_while_sessions_come_in(api: Api, server: RunningServer) -> None:
    """Whatever was there when the first page was read comes exactly once."""
    made = variety(60)
    with server.store() as store:
        store.ingest([record for records in made for record in records])
        ends = threading.Event()

        def write() -> None:
            while not ends.is_set():
                store.ingest([record for records in variety(3) for record in records])

        writer = threading.Thread(target=write)
        writer.start()
        try:
            found = [session["session_id"] for session in api.pages("sessions", limit=7)]
        finally:
            ends.set()
            writer.join()
    assert len(found) == len(set(found))
    assert {session_of(records) for records in made} <= set(found)


def test_text_finds_sessions_that_say_it(api: Api, session_id: str, server: RunningServer) -> None:
    """In messages, in lines, in any language, whatever characters it has."""
    with server.store() as store:
        store.ingest([SessionRecord(session_id=new_session_id(), name="silent", start=START)])
    for said in ("question 2", "it broke", "日本", "town 3"):
        assert [session["session_id"] for session in api.get("sessions", text=said)["items"]] == [session_id]
    for unsaid in ("question 9", '"', "' OR 1=1 --", "*", "NEAR(", "null", "\x00"):
        assert api.status("GET", "sessions", params={"text": unsaid}) == 200


def test_a_session_is_found_by_its_uuid_and_by_its_trace(api: Api, session_id: str) -> None:
    """With its record, its numbers, and how many lines its program wrote."""
    found = api.get(f"sessions/{session_id}")
    assert found == api.get(f"sessions/{session_id.replace('-', '').upper()}")
    assert found["session"]["name"] == "crew"
    assert found["session"]["user"] == "ada"
    assert found["summary"]["llm_calls"] == 1
    assert found["summary"]["cost"] == "0.0125"
    assert found["lines"] == 2
    assert (found["scores"], found["notes"]) == ([], [])


def test_what_names_no_session_is_told_so(api: Api, session_id: str) -> None:
    """A name is no id, and is looked for nowhere."""
    del session_id
    for name in ("last", "crew", "%00", "1", "a" * 31, "x" * 32, "..%2F..%2Fcollector.db", "' OR 1=1 --", "a" * 5000):
        assert api.client.get(f"sessions/{name}").status_code in (400, 404), name
        assert api.client.get(f"sessions/{name}/tree").status_code in (400, 404), name


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"limit": 0}, "limit"),
    ({"limit": 1001}, "limit"),
    ({"limit": "many"}, "limit"),
    ({"order": "luck"}, "order"),
    ({"state": "DONE"}, "state"),
    ({"state": "null"}, "state"),
    ({"since": "yesterday"}, "since"),
    ({"until": "1" * 19 + "9"}, "until"),
    ({"until": "9" * 19}, "until"),
    ({"since": "9999-99-99"}, "since"),
    ({"min_cost": "NaN"}, "min_cost"),
    ({"max_cost": "Infinity"}, "max_cost"),
    ({"min_duration": "nan"}, "min_duration"),
    ({"has_errors": "perhaps"}, "has_errors"),
    ({"cursor": "nonsense"}, "cursor"),
    ({"cursor": ""}, "cursor"),
    ({"colour": "red"}, "colour"),
]


def test_a_wrong_parameter_is_named(api: Api) -> None:
    """With what is wrong about it, and nothing is guessed."""
    for query, named in WRONG:
        response = api.ask("GET", "sessions", params=query)
        assert response.status_code == 400, query
        assert named in response.json()["message"], query


def test_a_cursor_belongs_to_its_list(api: Api, server: RunningServer) -> None:
    """In another order it is refused."""
    with server.store() as store:
        store.ingest([record for records in variety(5) for record in records])
    cursor = api.get("sessions", limit=2)["next"]
    assert api.status("GET", "sessions", params={"cursor": cursor, "order": "cost"}) == 400


def test_moments_are_given_either_way(api: Api, session_id: str) -> None:
    """As ISO 8601, in any zone, or as Unix nanoseconds."""
    for until in ("2026-05-28T20:26:41Z", "2026-05-28T22:26:41+02:00", "2026-05-28T20:26:41", str(START + SECOND)):
        found = api.get("sessions", since="2026-05-28", until=until)
        assert [session["session_id"] for session in found["items"]] == [session_id], until
    assert api.get("sessions", until="2026-05-28T20:26:40Z")["items"] == []


def test_a_forgotten_session_is_gone(api: Api, session_id: str) -> None:
    """With all that is in it; and one cannot forget it twice."""
    assert api.ask("DELETE", f"sessions/{session_id}").json() == {"sessions": 1}
    assert api.status("GET", f"sessions/{session_id}") == 404
    assert api.status("DELETE", f"sessions/{session_id}") == 404
    assert api.get("search", text="it broke")["items"] == []


def test_several_sessions_are_forgotten_at_once(api: Api, server: RunningServer) -> None:
    """Those that are not there are passed over; an id that is none forgets nothing."""
    made = variety(4)
    with server.store() as store:
        store.ingest([record for records in made for record in records])
    ids = [session_of(records) for records in made]
    assert api.status("POST", "sessions/delete", json={"ids": [ids[0], "no id"]}) == 400
    answer = api.ask("POST", "sessions/delete", json={"ids": [*ids[:3], ids[0], new_session_id()]})
    assert answer.json() == {"sessions": 3}
    assert [session["session_id"] for session in api.get("sessions")["items"]] == ids[3:]


def test_a_key_sees_its_project_only(start_server: StartServer, ask_as: AskAs) -> None:
    """What is another's looks like what is nowhere, on every route and with every method."""
    server = start_server(keys={"ours": "our-key", "theirs": "their-key"})
    ours, theirs = ask_as(server, "our-key"), ask_as(server, "their-key")
    mine = variety(1)[0]
    with server.store("ours") as store:
        store.ingest(mine)
    known, unknown = session_of(mine), new_session_id()
    assert [session["session_id"] for session in ours.get("sessions")["items"]] == [known]
    assert theirs.get("sessions")["items"] == []
    asked = 0
    for path, methods in theirs.truth.document["paths"].items():
        if not path.startswith("/api/v1/sessions/{session_id}"):
            continue
        for method, operation in methods.items():
            answers: list[tuple[int, str]] = []
            for session in (known, unknown):
                url = path.removeprefix("/api/v1/").format(session_id=session, span_id="1", score_id="1", note_id="1")
                body = BODIES.get(operation["operationId"])
                response = theirs.ask(method.upper(), url, **({} if body is None else {"json": body}))
                answers.append((response.status_code, response.text.replace(session, "ID")))
            assert answers[0] == answers[1], (method, path)
            assert answers[0][0] in (403, 404), (method, path)
            asked += 1
    assert asked > 15
    assert len(ours.get("sessions")["items"]) == 1


BODIES: dict[str, Any] = {
    "set_tags": {"tags": ["mine"]},
    "add_score": {"name": "good", "value": 1},
    "add_note": {"text": "mine"},
}
