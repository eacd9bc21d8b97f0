"""The same requests, in any order and repeated, leave the same behind."""

import json
from collections.abc import Callable
from operator import itemgetter
from typing import Any
from uuid import UUID, uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from server_samples import RunningServer
from v2_samples import OldClient, action, ended, error, llm, session, tool

from agentops.domain.events.times import timestamp_of

START = 1_795_158_742_000_000_000
SECOND = 1_000_000_000


def times(began: int, lasted: int) -> dict[str, str]:
    """When an event began and ended."""
    return {
        "init_timestamp": timestamp_of(START + began * SECOND),
        "end_timestamp": timestamp_of(START + (began + lasted) * SECOND),
    }


MAKERS: list[Callable[..., dict[str, Any]]] = [llm, tool, action, error]


def make(number: int, maker: Callable[..., dict[str, Any]], began: int, lasted: int) -> dict[str, Any]:
    """An event of that number."""
    return maker(id=str(UUID(int=number + 1)), **times(began, lasted))


several = st.lists(st.tuples(st.sampled_from(MAKERS), st.integers(0, 20), st.integers(0, 5)), max_size=8)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(drawn=several, data=st.data())
def test_order_and_repetition_make_no_difference(
    server: RunningServer, drawn: list[tuple[Callable[..., dict[str, Any]], int, int]], data: st.DataObject
) -> None:
    """Announcement, events one by one, agents and the end."""
    events = [make(number, *how) for number, how in enumerate(drawn)]

    def requests(identity: str) -> list[tuple[str, Any]]:
        told = [("create_events", {"events": [{**event, "session_id": identity}]}) for event in events]
        agent = ("create_agent", {"id": "a", "name": "agent", "session_id": identity})
        opened = ("create_session", session(identity, init_timestamp=timestamp_of(START)))
        closed = ("update_session", ended(identity, **times(0, 30)))
        return [opened, *told, agent, closed]

    def outcome(asked: list[tuple[str, Any]], identity: str) -> dict[str, Any]:
        for route, body in asked:
            assert server.client.post(f"/v2/{route}", json=body).status_code == 200
        client = OldClient(server.client, identity)
        found = client.export()
        rows = {name: sorted(found[name], key=itemgetter("id")) for name in ("llms", "tools", "actions", "errors")}
        return unnamed({"stats": client.stats(), "agents": found["agents"], **rows}, identity)

    first, second = str(uuid4()), str(uuid4())
    order = data.draw(st.permutations(range(len(events) + 3)))
    again = data.draw(st.lists(st.sampled_from(order), max_size=5))
    shuffled = [requests(second)[number] for number in [*order, *again]]
    assert outcome(requests(first), first) == outcome(shuffled, second)


def unnamed(found: Any, identity: str) -> Any:
    """The same without the id of its session."""
    return json.loads(json.dumps(found).replace(identity, "").replace(identity.replace("-", ""), ""))
