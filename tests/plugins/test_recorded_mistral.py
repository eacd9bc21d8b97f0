"""Traffic of Mistral, recorded by other projects, through the real client: what is recorded is what was said."""

import gzip
import importlib
import json
from typing import Any

import pytest
from recorded_traffic import AT_HAND, Recording, Replay, recordings, told

from agentops.domain.genai import Usage
from agentops.domain.spans import SpanKind, SpanRecord, SpanStatus
from agentops.testing import record
from agentops_plugins.mistralai import INSTRUMENTATION

pytest.importorskip("mistralai")

pytestmark = AT_HAND


def version(module: str) -> Any:
    """A module where the version has it."""
    try:
        return importlib.import_module(f"mistralai.client{module}")
    except ImportError:
        return importlib.import_module(f"mistralai{module}")


def recorded_id(recording: Recording) -> str | None:
    """The id in the body of an answer."""
    body: Any = recording.exchange["response"]["body"]["string"]
    whole = gzip.decompress(body) if isinstance(body, bytes) else body
    return json.loads(whole)["id"]


def billed(usage: Usage) -> dict[str, int | None]:
    """Tokens as Mistral counts them, cached ones among the input."""
    return {
        "input": usage.input_total,
        "output": usage.output_total,
        "total": usage.total,
        "cached_read": usage.cache_read,
        "cache_write": usage.cache_write,
        "reasoning": usage.reasoning,
    }


def check(span: SpanRecord, recording: Recording, sent: dict[str, Any]) -> None:
    """The span tells the truth of the answer, and of the request as the client sent it."""
    truth: dict[str, Any] = recording.truth
    if truth["usage"] and not hasattr(version(".models").UsageInfo, "additional_properties"):
        truth = {**truth, "usage": {**truth["usage"], "cached_read": None}}  # which the version's model drops
    if recording.endpoint == "embeddings":
        truth = {**truth, "response_id": recorded_id(recording)}  # of which the truth does not tell
    elsewhere = {"provider", "op", "request", "stream_events", "n_choices", "results"}
    kept = {key: truth[key] for key in truth if key not in elsewhere}
    assert told(span, billed) == {**kept, "tools": truth["request"]["tools"]}
    assert span.status is SpanStatus.OK
    assert span.kind is (SpanKind.EMBEDDING if recording.endpoint == "embeddings" else SpanKind.LLM)
    assert span.request is not None
    assert (span.request.provider, span.request.server_address) == ("mistral_ai", "api.mistral.ai")
    given = span.request.parameters
    assert {key: sent[key] for key in given} == given
    if recording.endpoint == "chat":
        assert len(span.request.messages) == truth["request"]["n_messages"]
        assert (span.first_token is not None) == bool(truth["stream"])


def method_and_arguments(client: Any, recording: Recording, suffix: str) -> tuple[Any, dict[str, Any]]:
    """The call that the recording is of."""
    body = dict(recording.body)
    if recording.endpoint == "embeddings":
        body["inputs"] = body.pop("input", None) or body["inputs"]
        return getattr(client.embeddings, f"create{suffix}"), body
    if "tools" in body:
        body["tools"] = [{"type": "function", **tool} for tool in body["tools"]]
    return getattr(client.chat, ("stream" if recording.truth["stream"] else "complete") + suffix), body


@pytest.fixture
def replay() -> Replay:
    """Answers from recordings."""
    return Replay()


def skip_what_it_cannot_read(recording: Recording) -> None:
    """The oldest versions raise at thoughts."""
    body: Any = recording.exchange["response"]["body"]["string"]
    if '"thinking"' in str(body) and not hasattr(version(".models"), "ThinkChunk"):
        pytest.skip("this version knows no thoughts")


@pytest.mark.parametrize("recording", list(recordings("mistral")))
def test_what_was_said_is_recorded(recording: Recording, replay: Replay) -> None:
    """Text, thoughts, tool calls, tokens, ids and settings, from a sync client."""
    skip_what_it_cannot_read(recording)
    with (
        record(plugins=False, strict=True) as recorded,
        recorded.observing.only([INSTRUMENTATION]),
        replay(recording),
        version(".sdk").Mistral(api_key="any") as client,
    ):
        method, given = method_and_arguments(client, recording, "")
        result = method(**given)
        if recording.truth["stream"]:
            list(result)
    check(recorded.span(), recording, replay.sent)


@pytest.mark.parametrize("recording", list(recordings("mistral")))
async def test_what_was_said_is_recorded_async(recording: Recording, replay: Replay) -> None:
    """The same from an async client."""
    skip_what_it_cannot_read(recording)
    with (
        record(plugins=False, strict=True) as recorded,
        recorded.observing.only([INSTRUMENTATION]),
        replay(recording),
    ):
        async with version(".sdk").Mistral(api_key="any") as client:
            method, given = method_and_arguments(client, recording, "_async")
            result = await method(**given)
            if recording.truth["stream"]:
                async for _ in result:
                    pass
    check(recorded.span(), recording, replay.sent)
