"""The real agentops 0.4.21, with the OpenTelemetry of its time, against a real server."""

from pathlib import Path
from typing import Any

import pytest
from client_samples import Machine

pytestmark = pytest.mark.timeout(600)  # its environment may have to be made first

Row = dict[str, Any]


def spans_of(machine: Machine, trace_id: str) -> dict[str, Row]:
    """The spans of a trace by name, whole."""
    return {span["span_name"]: span for span in machine.ask(f"/v4/traces/detail/{trace_id}")["spans"]}


def test_everything_a_program_does_is_stored(machine: Machine, python_of_0421: Path) -> None:
    """Spans of all kinds in their tree, with what went in and came out, tokens, cost, tags, agents and the end."""
    did = machine.run(python_of_0421, "program_0421.py")
    spans = spans_of(machine, did["by hand"])
    kinds = {name: span["span_attributes"]["agentops"]["span"]["kind"] for name, span in spans.items()}
    assert kinds == {
        "by hand": "session",
        "researcher": "agent",
        "the whole work": "workflow",
        "guard": "guardrail",
        "think": "task",
        "search": "tool",
        "fail": "task",
        "openai.chat.completion": "llm",
        "anthropic.messages.create": "llm",
    }
    names = {span["span_id"]: name for name, span in spans.items()}
    parents = {name: names.get(span["parent_span_id"]) for name, span in spans.items()}
    assert parents["by hand"] is None
    assert (parents["search"], parents["think"], parents["openai.chat.completion"]) == (
        "think",
        "the whole work",
        "the whole work",
    )
    entity = spans["search"]["span_attributes"]["agentops"]["entity"]
    assert (entity["input"], entity["output"]) == ({"args": ["river"], "kwargs": {}}, did["answers"][2])
    assert (spans["fail"]["status_code"], spans["fail"]["status_message"]) == ("ERROR", "no luck")
    metadata = spans["by hand"]["span_attributes"]["trace"]["metadata"]
    assert metadata == {"reader": "everybody", "number": 3}


def test_model_calls_are_stored_with_tokens_and_cost(machine: Machine, python_of_0421: Path) -> None:
    """As the provider counted them; the session costs what its calls and its tool cost."""
    did = machine.run(python_of_0421, "program_0421.py")
    calls = {row["name"]: row for row in machine.export(did["by hand"])["llms"]}
    for name, (asked, answered, text) in zip(
        ("openai.chat.completion", "anthropic.messages.create"), did["answers"][:2], strict=True
    ):
        row = calls[name]
        assert (row["prompt_tokens"], row["completion_tokens"]) == (asked, answered)
        assert row["prompt"]["messages"][-1]["content"] == "river"
        assert row["completion"]["messages"]["content"] == text
    stats = machine.stats(did["by hand"])
    openai_cost = 0.0000025 * did["answers"][0][0] + 0.00001 * did["answers"][0][1]
    anthropic_cost = 0.000003 * did["answers"][1][0] + 0.000015 * did["answers"][1][1]
    assert float(stats["cost"]) == pytest.approx(0.05 + openai_cost + anthropic_cost)
    assert stats["event_counts"] == {"llms": 2, "tools": 1, "actions": 0, "errors": 1}
    shown = machine.ask(f"/public/v1/traces/{did['by hand']}/metrics")
    assert shown["total_tokens"] == sum(asked + answered for asked, answered, _ in did["answers"][:2])
    assert float(shown["total_cost"]) == pytest.approx(float(stats["cost"]))


def test_sessions_are_stored_as_they_went(machine: Machine, python_of_0421: Path) -> None:
    """Each trace is a session of its own, with its tags, its agent and its end; what was printed is with the first."""
    did = machine.run(python_of_0421, "program_0421.py")
    first, second = machine.export(did["by hand"]), machine.export(did["decorated"])
    assert (first["session"]["name"], second["session"]["name"]) == ("by hand", "decorated")
    assert first["session"]["tags"] == ["first", "second"]
    assert [agent["name"] for agent in first["agents"]] == ["researcher"]
    assert {each["session"]["end_state"] for each in (first, second)} == {"Success"}
    assert machine.ask(f"/v4/logs/{did['by hand']}")["content"] == "printed by the program\n"
    assert [row["params"] for row in second["tools"]] == [{"args": ["lake"], "kwargs": {}}]


def test_a_program_with_the_key_of_a_project_writes_to_it(keyed_machine: Machine, python_of_0421: Path) -> None:
    """It gets its token for the key, and sends everything with it once it has it."""
    did = keyed_machine.run(python_of_0421, "program_0421.py", "wait")
    assert keyed_machine.stats(did["by hand"])["event_counts"]["llms"] == 2
    assert keyed_machine.server.get(f"/v2/sessions/{did['by hand']}/stats").status_code == 401
