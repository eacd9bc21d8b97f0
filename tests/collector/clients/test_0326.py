"""The real agentops 0.3.26 against a real server: what is stored is what the program did."""

from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest
from client_samples import Machine

pytestmark = pytest.mark.timeout(600)  # its environment may have to be made first

Row = dict[str, Any]


def rows(found: Row, group: str, *names: str) -> list[tuple[Any, ...]]:
    """These fields of the events of one type, by time."""
    return [tuple(row[name] for name in names) for row in sorted(found[group], key=itemgetter("init_timestamp"))]


def said(row: Row) -> tuple[Any, Any]:
    """What went into a model call as text, and what came out."""
    return row["prompt"]["messages"][-1]["content"], row["completion"]["messages"]["content"]


def test_everything_a_program_does_is_stored(machine: Machine, python_of_0326: Path) -> None:
    """Events of all types with what went in and came out, agents, tags, tokens, cost and the end."""
    did = machine.run(python_of_0326, "program_0326.py")
    found = machine.export(did["session"])
    assert rows(found, "actions", "action_type", "params", "returns", "logs", "screenshot") == [
        ("look up", {"word": "ab", "times": 2}, "abab", None, None),
        ("by hand", {"x": 1}, "ok", "l", "http://x/y.png"),
    ]
    assert rows(found, "tools", "name", "params", "returns", "logs") == [
        ("search", {"phrase": "river"}, ["river"], None),
        ("hammer", {"q": "z"}, [1, 2], {"a": 1}),
        ("in the child", None, None, None),
    ]
    assert rows(found, "errors", "error_type", "details", "code") == [
        ("ValueError", "no luck", None),
        ("Odd", "boom", "E1"),
    ]
    assert rows(found, "events", "event_type", "returns") == [("of_its_own", "x")]
    calls = sorted(found["llms"], key=itemgetter("init_timestamp"))
    assert [said(call) for call in calls] == [
        ("how many rivers", did["answer"]),
        ("in pieces", did["words"]),
        ("hi", "yo"),
        ("hi", "yo"),
    ]
    tokens = [(call["model"], call["prompt_tokens"], call["completion_tokens"]) for call in calls]
    assert tokens == [
        ("gpt-4o", *did["usage"]),
        ("gpt-4o", None, None),
        ("gpt-4o-mini", 1000, 100),
        ("a model of nobody", None, None),
    ]
    assert [call["cost"] for call in calls] == [6.75e-05, None, 0.00021, 0.25]


def test_sessions_are_stored_as_they_went(machine: Machine, python_of_0326: Path) -> None:
    """Tags as they were set at last, agents, end states and reasons; a session that nobody ended has not ended."""
    did = machine.run(python_of_0326, "program_0326.py")
    found, stats = machine.export(did["session"]), machine.stats(did["session"])
    assert sorted(found["session"]["tags"]) == ["child", "set"]
    assert found["session"]["host_env"]["SDK"]["AgentOps SDK Version"] == "0.3.26"
    assert sorted(agent["name"] for agent in found["agents"]) == ["by hand", "researcher"]
    (researcher,) = (agent["id"] for agent in found["agents"] if agent["name"] == "researcher")
    assert researcher in {call["agent_id"] for call in found["llms"]}
    assert (stats["end_state"], stats["end_state_reason"], stats["is_running"]) == ("Fail", "gave up", False)
    assert stats["cost"] == did["cost"] == "0.2502775"
    counted = {name: did["counts"][name] for name in ("llms", "tools", "actions", "errors")}
    assert stats["event_counts"] == counted | {"tools": counted["tools"] + 1}  # and the one of the child
    other, left = machine.stats(did["other"]), machine.stats(did["left"])
    assert (other["end_state"], sorted(other["tags"])) == ("Success", ["default", "other"])
    assert other["cost"] == did["other_cost"] == "0.00"
    assert (left["end_state"], left["is_running"], left["event_counts"]["tools"]) == ("Indeterminate", True, 1)


def test_a_program_with_the_key_of_a_project_writes_to_it(keyed_machine: Machine, python_of_0326: Path) -> None:
    """Its key and its session's token are enough for all that it sends."""
    did = keyed_machine.run(python_of_0326, "program_0326.py")
    assert keyed_machine.stats(did["session"])["events"] == 11
    assert keyed_machine.server.get(f"/v2/sessions/{did['session']}/stats").status_code == 401


def test_answers_of_a_session_can_be_played_again(machine: Machine, python_of_0326: Path) -> None:
    """`agentops timetravel` fetches them in the form in which its client answers from them."""
    did = machine.run(python_of_0326, "program_0326.py")
    replayed = machine.run(python_of_0326, "replay_0326.py", did["session"])
    assert replayed["fetched"]["how many rivers"] == did["answer"]
    assert (replayed["fetched"]["in pieces"], replayed["fetched"]["hi"]) == (did["words"], "yo")
