"""What other people's instrumentations send arrives as sessions, calls, usage and cost."""

from pathlib import Path
from typing import Any

import pytest
from otlp_samples import SESSION_ID, START, read, read_session, read_span, request_of, span

from agentops.domain.genai import Message, Text, Usage
from agentops.domain.spans import SpanKind, SpanRecord
from agentops.store.sqlite.store import SqliteStore

OLD_AGENTOPS: dict[str, Any] = {
    "gen_ai.request.type": "chat",
    "gen_ai.system": "OpenAI",
    "gen_ai.request.model": "gpt-4o",
    "gen_ai.prompt.0.role": "user",
    "gen_ai.prompt.0.content": "hi",
    "gen_ai.completion.0.role": "assistant",
    "gen_ai.completion.0.content": "yo",
    "gen_ai.completion.0.finish_reason": "stop",
    "gen_ai.usage.prompt_tokens": 10,
    "gen_ai.usage.completion_tokens": 5,
    "gen_ai.usage.total_tokens": 15,
}
OPENINFERENCE: dict[str, Any] = {
    "openinference.span.kind": "LLM",
    "llm.provider": "openai",
    "llm.model_name": "gpt-4o",
    "llm.input_messages.0.message.role": "user",
    "llm.input_messages.0.message.content": "hi",
    "llm.output_messages.0.message.role": "assistant",
    "llm.output_messages.0.message.content": "yo",
    "llm.token_count.prompt": 10,
    "llm.token_count.completion": 5,
}
OPENLLMETRY: dict[str, Any] = OLD_AGENTOPS | {"llm.request.type": "chat", "traceloop.workflow.name": "w"}
CONVENTIONS: dict[str, Any] = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o",
    "gen_ai.input.messages": '[{"role": "user", "parts": [{"type": "text", "content": "hi"}]}]',
    "gen_ai.output.messages": '[{"role": "assistant", "parts": [{"type": "text", "content": "yo"}]}]',
    "gen_ai.usage.input_tokens": 10,
    "gen_ai.usage.output_tokens": 5,
}


@pytest.mark.parametrize("attributes", [OLD_AGENTOPS, OPENINFERENCE, OPENLLMETRY, CONVENTIONS])
def test_a_model_call_of_every_dialect_says_the_same(attributes: dict[str, Any]) -> None:
    """Who was asked, what was said, how many tokens."""
    found = read_span(span(2, "call", attributes))
    assert found.request is not None
    assert found.response is not None
    assert (found.kind, found.request.provider, found.request.model) == (SpanKind.LLM, "openai", "gpt-4o")
    assert found.request.messages == [Message("user", [Text("hi")])]
    assert [message.text for message in found.response.messages] == ["yo"]
    assert (found.response.usage, found.cost) == (Usage(input=10, output=5), None)


@pytest.mark.parametrize("name", ["gen_ai.usage.total_cost", "agentops.cost.usd"])
def test_a_cost_that_is_told_is_kept(name: str) -> None:
    """As a decimal string of USD."""
    assert read_span(span(2, "call", CONVENTIONS | {name: 0.05})).cost == "0.05"


def program_of_agentops() -> list[SpanRecord | Any]:
    """The spans of a program with AgentOps 0.4, as its client sends them."""
    boom = {"exception.type": "ValueError", "exception.message": "boom", "exception.stacktrace": "T"}
    resource = {"service.name": "agentops", "agentops.project.id": "temporary", "imported_libraries": ["openai"]}
    spans = [
        span(
            2, "op.task", {"agentops.span.kind": "task", "operation.name": "op", "agentops.task.input": '{"args": []}'}
        ),
        span(
            3,
            "mytask.task",
            {"agentops.span.kind": "task", "operation.name": "mytask", "agentops.tags": ["a"]},
            error="ValueError: boom",
            events=[("exception", boom), ("exception", boom)],
        ),
        span(
            4,
            "search.tool",
            {"agentops.span.kind": "tool", "operation.name": "search", "gen_ai.usage.total_cost": 0.05},
        ),
        span(5, "ada.agent", {"agentops.span.kind": "agent", "operation.name": "ada"}),
        span(6, "openai.chat.completion", OLD_AGENTOPS, parent=5),
        span(7, "child trace.session", {"agentops.span.kind": "session", "agentops.session.end_state": "Success"}),
        span(
            1,
            "main.session",
            {
                "agentops.span.kind": "session",
                "operation.name": "main",
                "agentops.session.end_state": "Success",
                "agentops.tags": '["t2", "t1"]',
                "host.name": "box",
                "cpu.count": 2,
            },
            parent=None,
        ),
    ]
    return read(request_of(*spans, scope="agentops", resource=resource))


def test_a_program_of_agentops_arrives_as_it_was(tmp_path: Path) -> None:
    """Its session with tags, agents and end state, its tools, tasks and calls, each failure once."""
    with SqliteStore(tmp_path / "agentops.db") as store:
        store.ingest(program_of_agentops())
        (session,) = store.sessions()
        names = {each.name: each for each in store.spans(SESSION_ID)}
        known = store.session(SESSION_ID)
    assert (session.name, session.state, session.end_state) == ("main", "SUCCEEDED", "Success")
    assert (sorted(session.tags), [agent.name for agent in session.agents]) == (["a", "t1", "t2"], ["ada"])
    assert (session.llm_calls, session.tool_calls, session.errors) == (1, 1, 1)
    assert (session.input_tokens, session.output_tokens) == (10, 5)
    assert names["mytask"].error is not None
    assert (names["mytask"].error.type, len(names["mytask"].events)) == ("ValueError", 1)
    assert names["op"].input == {"args": []}
    assert names["child trace.session"].attributes["agentops.session.end_state"] == "Success"
    assert known.host_env is not None
    assert known.host_env["Resource"]["cpu.count"] == 2


@pytest.mark.parametrize(
    "name",
    [
        "user.id",
        "enduser.id",
        "langfuse.user.id",
        "ai.telemetry.metadata.userId",
        "traceloop.association.properties.user_id",
    ],
)
def test_the_user_is_known_by_any_name(name: str) -> None:
    """On the span under one name, and on the session."""
    sent = span(2, "call", CONVENTIONS | {name: "u1"})
    assert read_span(sent).attributes["user.id"] == "u1"
    assert read_session(sent).user == "u1"


def test_a_conversation_stays_an_attribute() -> None:
    """What a program calls a session or a conversation may span several traces."""
    found = read_span(span(2, "call", CONVENTIONS | {"gen_ai.conversation.id": "c1", "session.id": "s1"}))
    assert (found.attributes["gen_ai.conversation.id"], found.attributes["session.id"]) == ("c1", "s1")
    assert found.start == START
