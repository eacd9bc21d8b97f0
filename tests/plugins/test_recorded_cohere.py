"""Traffic of Cohere, recorded by other projects, through the real client: what is recorded is what was said."""

from typing import Any

import pytest
from recorded_traffic import AT_HAND, Recording, Replay, recordings, told

from agentops.domain.genai import Usage
from agentops.domain.spans import SpanKind, SpanRecord, SpanStatus
from agentops.testing import record
from agentops_plugins.cohere import INSTRUMENTATION

cohere: Any = pytest.importorskip("cohere")

pytestmark = AT_HAND


def billed(usage: Usage) -> dict[str, int | None]:
    """Tokens as Cohere counts them, cached ones among the input; it says no total."""
    nothing = dict.fromkeys(("total", "cache_write", "reasoning"))
    return {"input": usage.input_total, "output": usage.output, "cached_read": usage.cache_read, **nothing}


def check(span: SpanRecord, recording: Recording, sent: dict[str, Any]) -> None:
    """The span tells the truth of the answer, and of the request as the client sent it."""
    truth, request, response = recording.truth, span.request, span.response
    assert request is not None
    assert response is not None
    if recording.endpoint.startswith("rerank"):
        assert (span.kind, len(response.output)) == (SpanKind.RETRIEVAL, truth["results"])
        assert request.input == {"query": sent["query"], "documents": sent["documents"]}
        response.output = None
    else:
        assert span.kind is SpanKind.LLM
        assert len(request.messages) == truth["request"]["n_messages"]
    elsewhere = {"provider", "op", "request", "stream_events", "n_choices", "results"}
    expected = {**{key: truth[key] for key in truth if key not in elsewhere}, "tools": truth["request"]["tools"]}
    if expected["usage"] and "cached_tokens" not in recorded_fields():
        expected["usage"] = {**expected["usage"], "cached_read": None}  # which the version's model drops
    assert told(span, billed) == expected
    assert (span.status, request.operation) == (SpanStatus.OK, truth["op"])
    assert (request.provider, request.server_address) == ("cohere", "api.cohere.com")
    assert {**request.parameters, "stream": truth["stream"]}.items() >= truth["request"]["params"].items()
    assert response.request_id == header(recording)
    assert (span.first_token is not None) == truth["stream"]


def recorded_fields() -> set[str]:
    """What the version knows of usage, or keeps although it does not know it."""
    kind = cohere.Usage
    return set(kind.model_fields) | ({"cached_tokens"} if kind.model_config.get("extra") == "allow" else set())


def header(recording: Recording) -> str | None:
    """The id by which Cohere names the request; one recorder left it out."""
    headers: dict[str, list[str]] = recording.exchange["response"].get("headers", {})
    return headers.get("x-debug-trace-id", [None])[0]


def method_and_arguments(client: Any, recording: Recording) -> tuple[Any, dict[str, Any]]:
    """The call that the recording is of."""
    given = {key: value for key, value in recording.body.items() if key != "stream"}
    suffix = "_stream" if recording.truth["stream"] else ""
    return getattr(client, recording.endpoint.removesuffix("2") + suffix), given


@pytest.fixture
def replay() -> Replay:
    """Answers from recordings."""
    return Replay()


@pytest.mark.parametrize("recording", list(recordings("cohere")))
def test_what_was_said_is_recorded(recording: Recording, replay: Replay) -> None:
    """Text, plans, tool calls, rankings, tokens, ids and settings, from a sync client."""
    with (
        record(plugins=False, strict=True) as recorded,
        recorded.observing.only([INSTRUMENTATION]),
        replay(recording),
        cohere.ClientV2(api_key="any") as client,
    ):
        method, given = method_and_arguments(client, recording)
        list(method(**given))
    check(recorded.span(), recording, replay.sent)


@pytest.mark.parametrize("recording", list(recordings("cohere")))
async def test_what_was_said_is_recorded_async(recording: Recording, replay: Replay) -> None:
    """The same from an async client."""
    with (
        record(plugins=False, strict=True) as recorded,
        recorded.observing.only([INSTRUMENTATION]),
        replay(recording),
    ):
        async with cohere.AsyncClientV2(api_key="any") as client:
            method, given = method_and_arguments(client, recording)
            result = method(**given)
            if recording.truth["stream"]:
                async for _ in result:
                    pass
            else:
                await result
    check(recorded.span(), recording, replay.sent)
