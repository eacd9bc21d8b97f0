"""Traffic of real providers, recorded by other projects, through the real clients: what is recorded is what was said.

The recordings lie beside this checkout, in `shared/cassettes`, each with what an observer should have captured.
"""

import inspect
import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from recorded_traffic import AT_HAND, Recording, Replay, recordings, told

from agentops.domain.genai import Usage
from agentops.domain.spans import SpanKind, SpanRecord, SpanStatus

CLIENTS = ("openai", "anthropic", "groq", "together")
METHODS = {
    "chat": "chat.completions.create",
    "responses": "responses.create",
    "embeddings": "embeddings.create",
    "images": "images.generate",
    "messages": "messages.create",
    "beta": "beta.messages.create",
}
PATHS = ("/chat/completions", "/responses", "/embeddings", "/images/generations", "/v1/messages")
CONTENT = frozenset({"messages", "model", "input", "instructions", "prompt", "tools", "functions", "system"})
"""What of a request is no setting."""

pytestmark = AT_HAND


def make_client(recording: Recording, *, is_async: bool) -> Any:
    """The client that the recording was made with, at the address where it was."""
    library = pytest.importorskip(recording.client)
    uri: str = recording.exchange["request"]["uri"]
    given: dict[str, Any] = {"api_key": "any", "max_retries": 0}
    name = {"openai": "OpenAI", "anthropic": "Anthropic", "groq": "Groq", "together": "Together"}[recording.client]
    address = urlsplit(uri)
    if "azure" in uri:
        name = "AzureOpenAI"
        given |= {"azure_endpoint": f"{address.scheme}://{address.hostname}/", "api_version": "2023-07-01-preview"}
        given["azure_deployment"] = "test-openai"
    elif recording.client == "openai":
        given["base_url"] = next(uri.partition(path)[0] for path in PATHS if path in uri)
    return getattr(library, f"Async{name}" if is_async else name)(**given)


def method_of(client: Any, recording: Recording, variant: str) -> Any:
    """The method of the client that makes the call, plain or raw."""
    *path, name = METHODS[recording.endpoint].split(".")
    resource = client
    for part in path:
        resource = getattr(resource, part)
    return getattr(resource if variant == "plain" else getattr(resource, variant), name)


def arguments_of(method: Any, body: dict[str, Any]) -> dict[str, Any]:
    """The body as arguments; what the method has no name for goes beside them."""
    known = set(inspect.signature(method).parameters)
    beside = {key: value for key, value in body.items() if key not in known}
    given = {key: value for key, value in body.items() if key in known}
    return {**given, "extra_body": beside} if beside else given


def call(client: Any, recording: Recording, variant: str) -> None:
    """Make the call and read whatever comes."""
    method = method_of(client, recording, variant)
    result = method(**arguments_of(method, recording.body))
    if variant == "with_streaming_response":
        with result as response:
            answer = response.parse()
            list(answer if recording.truth["stream"] else ())
        return
    answer = result if variant == "plain" else result.parse()
    list(answer if recording.truth["stream"] else ())


async def acall(client: Any, recording: Recording, variant: str) -> None:
    """The same with an async client."""
    method = method_of(client, recording, variant)
    result = method(**arguments_of(method, recording.body))
    if variant == "with_streaming_response":
        async with result as response:
            await aread(await response.parse(), recording)
        return
    answer = await result
    if variant != "plain":
        answer = answer.parse()
        answer = await answer if inspect.isawaitable(answer) else answer
    await aread(answer, recording)


async def aread(answer: Any, recording: Recording) -> None:
    """Read a stream to its end."""
    if recording.truth["stream"]:
        async for _ in answer:
            pass


def billed(usage: Usage, client: str) -> dict[str, int | None]:
    """Tokens as the provider counts them: Anthropic's input excludes the cache, and it says no total."""
    is_anthropic = client == "anthropic"
    return {
        "input": usage.input if is_anthropic else usage.input_total,
        "output": usage.output_total,
        "total": None if is_anthropic else usage.total,
        "cached_read": usage.cache_read,
        "cache_write": usage.cache_write,
        "reasoning": usage.reasoning,
    }


def expected(recording: Recording) -> dict[str, Any]:
    """What the span must tell."""
    truth = recording.truth
    error = truth["error"] and {key: truth["error"][key] for key in ("status", "code", "message")}
    told_elsewhere = {"provider", "op", "request", "stream_events", "n_choices", "results"}
    kept = {key: value for key, value in truth.items() if key not in told_elsewhere}
    return {**kept, "error": error, "tools": truth["request"]["tools"]}


def check(span: SpanRecord, recording: Recording, sent: dict[str, Any]) -> None:
    """The span tells the truth of the answer, and of the request as the client sent it."""
    truth, asked = recording.truth, recording.truth["request"]
    assert told(span, lambda usage: billed(usage, recording.client)) == expected(recording)
    assert span.status is (SpanStatus.ERROR if truth["error"] else SpanStatus.OK)
    assert span.kind is (SpanKind.EMBEDDING if recording.endpoint == "embeddings" else SpanKind.LLM)
    assert span.request is not None
    assert span.request.parameters == {key: value for key, value in sent.items() if key not in CONTENT}
    kept = asked["params"].keys() & sent.keys()  # some versions write a setting under its newer name
    assert {key: span.request.parameters[key] for key in kept} == {key: asked["params"][key] for key in kept}
    if recording.endpoint in {"chat", "responses", "messages", "beta"}:
        beside = recording.endpoint != "chat"  # where the system prompt is no message on the wire
        spoken = [message for message in span.request.messages if not (beside and message.role == "system")]
        assert len(spoken) == asked["n_messages"]
    uri: str = recording.exchange["request"]["uri"]
    assert span.request.server_address == urlsplit(uri).hostname
    assert (span.first_token is not None) == bool(truth["stream"] and not truth["error"])
    if not truth["error"] and recording.endpoint not in {"embeddings", "images"}:
        assert span.response is not None
        assert len(span.response.messages) == (truth["n_choices"] or 1)


@pytest.fixture
def replay() -> Replay:
    """Answers from recordings."""
    return Replay()


VARIANTS = ["plain", "with_raw_response", "with_streaming_response"]


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("recording", list(recordings(*CLIENTS)))
def test_what_was_said_is_recorded(recording: Recording, variant: str, flight: Any, replay: Replay) -> None:
    """Text, reasoning, tool calls, tokens, ids, settings and errors, from a sync client, plain and raw."""
    with replay(recording), make_client(recording, is_async=False) as client:
        if recording.truth["error"]:
            with pytest.raises(Exception, match=re.escape(recording.truth["error"]["message"])):
                call(client, recording, variant)
        else:
            call(client, recording, variant)
    check(flight.span, recording, replay.sent)


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("recording", list(recordings(*CLIENTS)))
async def test_what_was_said_is_recorded_async(recording: Recording, variant: str, flight: Any, replay: Replay) -> None:
    """The same from an async client."""
    with replay(recording):
        async with make_client(recording, is_async=True) as client:
            if recording.truth["error"]:
                with pytest.raises(Exception, match=re.escape(recording.truth["error"]["message"])):
                    await acall(client, recording, variant)
            else:
                await acall(client, recording, variant)
    check(flight.span, recording, replay.sent)
