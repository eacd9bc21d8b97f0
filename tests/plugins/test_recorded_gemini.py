"""Traffic of Gemini, recorded by other projects, through the real client: what is recorded is what was said."""

from typing import Any

import pytest
from recorded_traffic import AT_HAND, Recording, Replay, recordings, told

from agentops.domain.genai import Usage
from agentops.domain.spans import SpanKind, SpanRecord, SpanStatus
from agentops.testing import record
from agentops_plugins.google_genai import INSTRUMENTATION

genai = pytest.importorskip("google.genai")
types = pytest.importorskip("google.genai.types")

pytestmark = AT_HAND


def billed(usage: Usage) -> dict[str, int | None]:
    """Tokens as Gemini counts them: output is without thoughts."""
    return {
        "input": usage.input_total,
        "output": usage.output,
        "total": usage.total,
        "cached_read": usage.cache_read,
        "cache_write": usage.cache_write,
        "reasoning": usage.reasoning,
    }


def expected(recording: Recording) -> dict[str, Any]:
    """What the span must tell; the tokens of tools' results, of which the truth has none, are input."""
    truth = recording.truth
    elsewhere = {"provider", "op", "request", "stream_events", "n_choices", "results"}
    kept = {key: truth[key] for key in truth if key not in elsewhere}
    usage = truth["usage"]
    if usage is not None:
        usage = {**usage, "input": usage["total"] - usage["output"] - (usage["reasoning"] or 0)}
    return {**kept, "usage": usage, "tools": truth["request"]["tools"]}


def check(span: SpanRecord, recording: Recording, sent: dict[str, Any]) -> None:
    """The span tells the truth of the answer, and of the request as the client sent it."""
    truth = recording.truth
    found = told(span, billed)
    assert span.request is not None
    asked = [call for call in found["tool_calls"] if call["name"] != "code_execution"]  # which the provider runs
    tools = ["codeExecution"] if {"codeExecution": {}} in sent.get("tools", ()) else []
    assert {**found, "tool_calls": asked} == {**expected(recording), "tools": tools or truth["request"]["tools"]}
    assert span.status is SpanStatus.OK
    assert (span.request.provider, span.request.server_address) == ("gcp.gemini", "generativelanguage.googleapis.com")
    if recording.endpoint == "embed":
        assert span.kind is SpanKind.EMBEDDING
        assert span.request.input == [["Why is the sky blue?", "What is the capital of France?"]]
        assert span.request.parameters == {"taskType": "RETRIEVAL_DOCUMENT"}
        return
    assert span.kind is SpanKind.LLM
    assert span.request.parameters == sent.get("generationConfig", {})
    system = 1 if "systemInstruction" in sent else 0
    assert len(span.request.messages) - system == truth["request"]["n_messages"]
    assert (span.first_token is not None) == bool(truth["stream"])


def given(recording: Recording) -> dict[str, Any]:
    """The body of a recording as arguments; the client does not run functions."""
    body = recording.body
    rest = {key: body[key] for key in ("systemInstruction", "tools") if key in body}
    config = {**rest, **body.get("generationConfig", {})}
    if "tools" in config:
        config["automatic_function_calling"] = {"disable": True}
    return {"model": recording.truth["request_model"], "contents": body["contents"], "config": config or None}


def embedded(recording: Recording) -> dict[str, Any]:
    """The body of an embedding as arguments."""
    asked = recording.body["requests"][0]
    return {
        "model": recording.truth["request_model"],
        "contents": asked["content"],
        "config": {"task_type": asked["taskType"]},
    }


def call(models: Any, recording: Recording) -> Any:
    """Make the call."""
    if recording.endpoint == "embed":
        return models.embed_content(**embedded(recording))
    if recording.truth["stream"]:
        return models.generate_content_stream(**given(recording))
    return models.generate_content(**given(recording))


@pytest.fixture
def replay() -> Replay:
    """Answers from recordings."""
    return Replay()


@pytest.mark.parametrize("recording", list(recordings("google-genai")))
def test_what_was_said_is_recorded(recording: Recording, replay: Replay) -> None:
    """Text, thoughts, tool calls, tokens, ids and settings, from a sync client."""
    with record(plugins=False, strict=True) as recorded, recorded.observing.only([INSTRUMENTATION]), replay(recording):
        client = genai.Client(api_key="any", http_options={"api_version": "v1beta"})
        result = call(client.models, recording)
        if recording.truth["stream"]:
            list(result)
    check(recorded.span(), recording, replay.sent)


@pytest.mark.parametrize("recording", list(recordings("google-genai")))
async def test_what_was_said_is_recorded_async(recording: Recording, replay: Replay) -> None:
    """The same from an async client."""
    with record(plugins=False, strict=True) as recorded, recorded.observing.only([INSTRUMENTATION]), replay(recording):
        client = genai.Client(api_key="any", http_options={"api_version": "v1beta"})
        result = await call(client.aio.models, recording)
        if recording.truth["stream"]:
            async for _ in result:
                pass
        if hasattr(client.aio, "aclose"):
            await client.aio.aclose()
    check(recorded.span(), recording, replay.sent)
