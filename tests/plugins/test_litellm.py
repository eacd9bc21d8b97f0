"""`litellm`: recorded where it asks by itself, and once where it asks through a library that is observed."""

import asyncio
import gc
import os
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from agentops.domain.genai import Message, Text, Tool, ToolCall, Usage
from agentops.domain.spans import SpanKind, SpanStatus
from agentops.testing import Recording, record
from agentops.testing.conformance import Case, Ending, Expected, Probe, answering, cases
from agentops.testing.provider import Fault, Provider, Turn
from agentops_plugins import httpx, openai
from agentops_plugins.litellm import INSTRUMENTATION

os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # or it asks the network for prices when imported
litellm = pytest.importorskip("litellm")
early_completion, early_acompletion = litellm.completion, litellm.acompletion

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning"),  # of its own
    pytest.mark.filterwarnings("ignore:.*[Uu]nclosed"),  # of what it drops, with us and without
    pytest.mark.filterwarnings("ignore:coroutine.*was never awaited"),  # the same
]

PROVIDER = Provider()
ASKED: list[Any] = [{"role": "user", "content": "Where?"}]
USAGE = Usage(input=20, cache_read=5, output=9)
ANSWER = Turn("Paris is here.", usage=USAGE)
IS_CLOSED = hasattr(litellm.CustomStreamWrapper, "aclose")
"""Whether its streams can be closed; where they cannot, it also forgets of streams what the cache has served."""
STREAMED_USAGE = USAGE if IS_CLOSED else Usage(input=25, output=9)


def claude(**more: Any) -> dict[str, Any]:
    """A call of Claude, which it makes by HTTP."""
    address = {"api_base": PROVIDER.anthropic_url, "api_key": "any", "max_retries": 0, "timeout": 10}
    return {"model": "anthropic/claude-x", "messages": ASKED, **address, **more}


def gpt(**more: Any) -> dict[str, Any]:
    """A call of GPT, which it makes through `openai`."""
    return claude(model="openai/gpt-x", api_base=PROVIDER.openai_url, **more)


def text_of(chunk: Any) -> str | None:
    """The text that a chunk brings."""
    return chunk.choices[0].delta.content


PROBE = Probe(
    name="litellm",
    instrumentation=INSTRUMENTATION,
    client=lambda: litellm,
    aclient=lambda: litellm,
    call=lambda library: library.completion(**claude()),
    stream=lambda library: library.completion(**claude(), stream=True),
    acall=lambda library: library.acompletion(**claude()),
    astream=lambda library: library.acompletion(**claude(), stream=True),
    prepare=answering(PROVIDER, ANSWER),
    text_of=text_of,
    expected=Expected(
        name="chat claude-x", model="claude-x", text=ANSWER.text, usage=USAGE, streamed_usage=STREAMED_USAGE
    ),
)
CASES = [
    case
    for case in cases(PROBE)
    if case.ending is not Ending.CANCELLED and ((case.is_async and IS_CLOSED) or case.ending is not Ending.CLOSED)
]
"""Its streams have no `close`, at most an `aclose`; and nothing is written before a call that is a fallback ends."""


@pytest.fixture(scope="module", autouse=True)
def answered() -> Iterator[None]:
    """The provider is there; clients of event loops that are gone, which `litellm` keeps, go unclosed."""
    with PROVIDER:
        yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        litellm.in_memory_llm_clients_cache.flush_cache()
        gc.collect()


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """It prints no help."""
    monkeypatch.setattr(litellm, "suppress_debug_info", True)
    PROVIDER.forget()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_litellm_conforms(case: Case) -> None:
    """One span, ended once, that says what the program received; the program notices nothing."""
    case.check()


@pytest.fixture(name="recording")
def recorded() -> Iterator[Recording]:
    """Records what it does, and what the libraries below it do."""
    seen = [INSTRUMENTATION, openai.INSTRUMENTATION, *httpx.INSTRUMENTATIONS]
    with record(plugins=False, strict=True) as recording, recording.observing.only(seen):
        yield recording


def made(recording: Recording) -> list[tuple[str, str]]:
    """The spans by kind and name."""
    return [(span.kind, span.name) for span in recording.spans()]


def test_what_it_asks_by_itself_is_recorded(recording: Recording) -> None:
    """Who was asked, for what, with which settings and tools; keys are no settings."""
    schema = {"type": "object", "properties": {"city": {"type": "string"}}}
    tool = {"type": "function", "function": {"name": "look", "description": "Looks.", "parameters": schema}}
    PROVIDER.say(Turn("I look.", tool_calls=[ToolCall("look", {"city": "Paris"}, "toolu_1")], usage=USAGE))
    litellm.completion(**claude(temperature=0.5, tools=[tool], metadata={"secret": "any"}))
    span = recording.span()
    assert span.request is not None
    assert span.response is not None
    assert (span.request.provider, span.request.model, span.request.server_address) == (
        "anthropic",
        "claude-x",
        "127.0.0.1",
    )
    assert span.request.messages == [Message("user", [Text("Where?")])]
    assert span.request.tools == [Tool("look", "Looks.", schema)]
    assert span.request.parameters == {"temperature": 0.5, "timeout": 10}
    (message,) = span.response.messages
    assert message.parts == [Text("I look."), ToolCall("look", {"city": "Paris"}, "toolu_1")]
    assert (span.response.finish_reasons, span.response.usage) == (["tool_calls"], USAGE)
    assert span.response.request_id == f"req_loopback{len(PROVIDER.requests):06d}"


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("is_async", [False, True])
def test_what_it_asks_through_a_library_is_recorded_there(
    stream: bool,  # noqa: FBT001 - a parameter of the test
    is_async: bool,  # noqa: FBT001 - the same
    recording: Recording,
) -> None:
    """Once, with the tokens as they were on the wire."""
    PROVIDER.say(ANSWER)
    options = {"stream": True, "stream_options": {"include_usage": True}} if stream else {}

    async def ask() -> str:
        answer = await litellm.acompletion(**gpt(**options))
        if stream:
            return "".join([text_of(chunk) or "" async for chunk in answer])
        return answer.choices[0].message.content

    if is_async:
        heard = asyncio.run(ask())
    else:
        answer = litellm.completion(**gpt(**options))
        heard = "".join(text_of(chunk) or "" for chunk in answer) if stream else answer.choices[0].message.content
    span = recording.span()
    assert span.response is not None
    assert (heard, span.response.messages[0].text) == (ANSWER.text, ANSWER.text)
    assert (span.name, span.response.usage) == ("chat gpt-x", USAGE)


def test_who_imported_it_early_is_seen(recording: Recording) -> None:
    """`from litellm import completion` before anything was observed, sync and async, whole and streamed."""
    PROVIDER.say(ANSWER, ANSWER, ANSWER)
    assert early_completion(**claude()).choices[0].message.content == ANSWER.text
    assert asyncio.run(early_acompletion(**claude())).choices[0].message.content == ANSWER.text
    assert "".join(text_of(chunk) or "" for chunk in early_completion(**claude(), stream=True)) == ANSWER.text
    assert made(recording) == [(SpanKind.LLM, "chat claude-x")] * 3
    assert {span.response.messages[0].text for span in recording.spans() if span.response} == {ANSWER.text}


def test_the_router_is_one_call(recording: Recording) -> None:
    """Its deployments are called through the same functions; a failure is a call of its own."""
    PROVIDER.say(Turn(fault=Fault.refused(429)), ANSWER)
    router = litellm.Router(
        [
            {
                "model_name": "mine",
                "litellm_params": {key: value for key, value in claude().items() if key != "messages"},
            }
        ],
        num_retries=1,
        retry_after=0,
        disable_cooldowns=True,
    )
    answer = asyncio.run(router.acompletion(model="mine", messages=ASKED))
    assert answer.choices[0].message.content == ANSWER.text
    assert made(recording) == [(SpanKind.LLM, "chat claude-x")] * 2
    assert [span.status for span in recording.spans()] == [SpanStatus.ERROR, SpanStatus.OK]


def test_a_price_that_it_knows_is_the_price(recording: Recording) -> None:
    """Also one that the program has set."""
    PROVIDER.say(ANSWER)
    answer = litellm.completion(**claude(input_cost_per_token=0.001, output_cost_per_token=0.002))
    span = recording.span()
    assert span.cost is not None
    assert float(span.cost) == pytest.approx(answer._hidden_params["response_cost"])  # noqa: SLF001 - it has no other place
    assert float(span.cost) > 0


def test_an_answer_from_its_cache_costs_nothing(recording: Recording, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody was asked: no tokens."""
    monkeypatch.setattr(litellm, "cache", litellm.Cache())
    PROVIDER.say(ANSWER)
    known = len(PROVIDER.requests)
    for _ in range(2):
        assert litellm.completion(**claude(caching=True)).choices[0].message.content == ANSWER.text
    assert len(PROVIDER.requests) == known + 1
    usages = [span.response.usage for span in recording.spans() if span.response]
    assert usages == [USAGE, None]


def test_embeddings_are_seen_once(recording: Recording) -> None:
    """Through `openai`, and by itself."""
    litellm.embedding(model="openai/embed-x", input=["a", "b"], api_base=PROVIDER.openai_url, api_key="any")
    asyncio.run(litellm.aembedding(model="openai/embed-x", input=["a"], api_base=PROVIDER.openai_url, api_key="any"))
    assert made(recording) == [(SpanKind.EMBEDDING, "embeddings embed-x")] * 2


@pytest.mark.parametrize("stream", [False, True])
async def test_messages_are_read_as_anthropic_says_them(
    stream: bool,  # noqa: FBT001 - a parameter of the test
    recording: Recording,
) -> None:
    """Whole, or of the bytes that a stream is passed on as, with the tokens of the wire."""
    if stream:
        pytest.importorskip("fastapi", reason="it imports its server for streams of messages")
    PROVIDER.say(ANSWER)
    answer = await litellm.anthropic.messages.acreate(**claude(max_tokens=100), stream=stream)
    if stream:
        assert ANSWER.text.split()[0].encode() in b"".join([chunk async for chunk in answer])
    span = recording.span()
    assert span.request is not None
    assert span.response is not None
    assert (span.name, span.request.provider, span.request.stream) == ("chat claude-x", "anthropic", stream)
    assert span.request.messages == [Message("user", [Text("Where?")])]
    (message,) = span.response.messages
    assert (message.parts, message.finish_reason) == ([Text(ANSWER.text)], "end_turn")
    assert span.response.usage == USAGE
    assert (span.first_token is not None) == stream


async def test_messages_through_another_function_are_seen_once(recording: Recording) -> None:
    """What it translates for other providers is recorded there."""
    PROVIDER.say(ANSWER)
    await litellm.anthropic.messages.acreate(**gpt(max_tokens=100))
    assert recording.span().kind is SpanKind.LLM


def test_a_stream_that_is_dropped_keeps_what_came(recording: Recording) -> None:
    """The words that the program saw; a program that did not ask for the tokens is not given them."""
    PROVIDER.say(Turn(ANSWER.text, fault=Fault.stalled(after=2)))
    stream = litellm.completion(**claude(), stream=True)
    assert isinstance(stream, litellm.CustomStreamWrapper)
    assert text_of(next(stream)) == "Paris"
    del stream
    gc.collect()
    span = recording.span()
    assert span.response is not None
    assert (span.status, span.response.messages[0].text) == (SpanStatus.INCOMPLETE, "Paris")


@pytest.mark.parametrize("stream", [False, True])
async def test_a_cancelled_call_is_cancelled(stream: bool, recording: Recording) -> None:  # noqa: FBT001 - as above
    """With what came of a stream."""
    PROVIDER.say(Turn(ANSWER.text, fault=Fault.stalled(after=1 if stream else None)))
    known, heard = len(PROVIDER.requests), asyncio.Event()

    async def ask() -> None:
        answer = await litellm.acompletion(**claude(), stream=stream)
        async for chunk in answer:
            if text_of(chunk):
                heard.set()

    task = asyncio.ensure_future(ask())
    while len(PROVIDER.requests) == known or (stream and not heard.is_set()):  # noqa: ASYNC110 - in another thread
        await asyncio.sleep(0.005)
    task.cancel()
    await asyncio.wait([task])
    span = recording.span()
    assert span.status is SpanStatus.CANCELLED
    assert "".join(message.text for message in (span.response.messages if span.response else [])) == (
        "Paris" if stream else ""
    )


def test_a_refusal_says_what_the_provider_said(recording: Recording) -> None:
    """Status and words, as the exception that the program gets."""
    PROVIDER.say(Turn(fault=Fault.refused(429, message="Slow down.")))
    with pytest.raises(litellm.RateLimitError):
        litellm.completion(**claude())
    error = recording.span().error
    assert error is not None
    assert (error.status_code, error.type) == (429, "litellm.exceptions.RateLimitError")
    assert "Slow down." in error.message


@pytest.mark.parametrize(
    ("model", "provider", "name"),
    [
        ("gemini/gemini-x", "gcp.gemini", "gemini-x"),
        ("bedrock/converse/us.anthropic.claude-x", "aws.bedrock", "us.anthropic.claude-x"),
        ("openrouter/anthropic/claude-x", "openrouter", "anthropic/claude-x"),
        ("xai/grok-x", "x_ai", "grok-x"),
        ("claude-sonnet-4-20250514", "anthropic", "claude-sonnet-4-20250514"),
        ("gpt-4o", "openai", "gpt-4o"),
    ],
)
def test_its_words_for_providers_are_translated(model: str, provider: str, name: str, recording: Recording) -> None:
    """The model is named as its provider names it."""
    litellm.completion(model=model, messages=ASKED, mock_response="Hi", api_key="any")
    request = recording.span().request
    assert request is not None
    assert (request.provider, request.model) == (provider, name)
