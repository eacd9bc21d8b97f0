"""Traffic of Ollama, recorded by other projects, through the real client: what is recorded is what was said."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from recorded_traffic import AT_HAND, Recording, Replay, recordings, told

from agentops.domain.genai import Usage
from agentops.domain.spans import SpanKind, SpanRecord, SpanStatus
from agentops.testing import record
from agentops_plugins.ollama import INSTRUMENTATION

ollama: Any = pytest.importorskip("ollama")
types: Any = pytest.importorskip("ollama._types")

pytestmark = AT_HAND


def billed(usage: Usage) -> dict[str, int | None]:
    """Tokens as Ollama counts them: it says no total."""
    nothing = dict.fromkeys(("total", "cached_read", "cache_write", "reasoning"))
    return {"input": usage.input, "output": usage.output, **nothing}


def check(span: SpanRecord, recording: Recording, sent: dict[str, Any]) -> None:
    """The span tells the truth of the answer, and of the request as the client sent it."""
    truth = recording.truth
    elsewhere = {"provider", "op", "request", "stream_events", "n_choices", "results"}
    expected = {**{key: truth[key] for key in truth if key not in elsewhere}, "tools": truth["request"]["tools"]}
    if "thinking" not in types.Message.model_fields:
        expected["reasoning"] = ""  # which the version's model drops
    assert told(span, billed) == expected
    assert (span.status, span.kind) == (SpanStatus.OK, SpanKind.LLM)
    assert span.request is not None
    assert span.request.operation == truth["op"]
    assert (span.request.provider, span.request.server_address) == ("ollama", host_of(recording))
    given = span.request.parameters
    assert {key: sent[key] for key in given} == given
    kept = truth["request"]["params"].keys() & given.keys()
    assert {key: given[key] for key in kept} == {key: truth["request"]["params"][key] for key in kept}
    assert len(span.request.messages) == truth["request"]["n_messages"]
    assert (span.first_token is not None) == truth["stream"]


def host_of(recording: Recording) -> str | None:
    """Where the recording was made."""
    return urlsplit(address_of(recording)).hostname


def address_of(recording: Recording) -> str:
    """The address of the server of a recording."""
    uri: str = recording.exchange["request"]["uri"]
    return uri.partition("/api/")[0]


@pytest.fixture
def replay() -> Replay:
    """Answers from recordings."""
    return Replay()


@pytest.mark.parametrize("recording", list(recordings("ollama")))
def test_what_was_said_is_recorded(recording: Recording, replay: Replay) -> None:
    """Text, thoughts, tool calls, tokens and settings, from a sync client."""
    with (
        record(plugins=False, strict=True) as recorded,
        recorded.observing.only([INSTRUMENTATION]),
        replay(recording),
    ):
        result = getattr(ollama.Client(host=address_of(recording)), recording.endpoint)(**recording.body)
        if recording.truth["stream"]:
            list(result)
    check(recorded.span(), recording, replay.sent)


@pytest.mark.parametrize("recording", list(recordings("ollama")))
async def test_what_was_said_is_recorded_async(recording: Recording, replay: Replay) -> None:
    """The same from an async client."""
    with (
        record(plugins=False, strict=True) as recorded,
        recorded.observing.only([INSTRUMENTATION]),
        replay(recording),
    ):
        result = await getattr(ollama.AsyncClient(host=address_of(recording)), recording.endpoint)(**recording.body)
        if recording.truth["stream"]:
            async for _ in result:
                pass
    check(recorded.span(), recording, replay.sent)
