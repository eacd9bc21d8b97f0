"""`google.genai`: the Gemini API and Vertex AI, its loops, the functions it calls, what is no conversation."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any, Self

import pytest

from agentops.domain.foreign import at
from agentops.domain.genai import (
    Media,
    Message,
    Operation,
    Reasoning,
    Response,
    Text,
    Tool,
    ToolCall,
    ToolResult,
    Usage,
)
from agentops.domain.spans import SpanKind, SpanStatus
from agentops.testing import Recording, record
from agentops.testing.conformance import Case, Expected, Probe, Situation, answering, cases
from agentops.testing.provider import Fault, Provider, Turn
from agentops_plugins._gemini import fold, has_content, read_response
from agentops_plugins.google_genai import INSTRUMENTATION

genai = pytest.importorskip("google.genai")

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # of aiohttp
    pytest.mark.filterwarnings("ignore:The generate_images method is deprecated"),
]

QUESTION = "What is the weather in Paris?"
USAGE = Usage(input=20, cache_read=5, output=9, reasoning=4)
ANSWER = Turn("Sunny, 21 degrees.", reasoning="Paris is a city.", usage=USAGE)
GENERATE: dict[str, Any] = {"model": "gemini-x", "contents": QUESTION}


def make_client(provider: Provider, **given: Any) -> Any:
    """A client of the loopback provider."""
    return genai.Client(api_key="any", http_options={"base_url": provider.gemini_url}, **given)


def close(client: Any) -> None:
    """Close a client's sockets, for which the older versions have no method."""
    at(client, "_api_client", "_httpx_client").close()


class Sync:
    """A client that is closed with its sockets, whatever the version can do."""

    def __init__(self, provider: Provider) -> None:
        self.client = make_client(provider)
        self.models = self.client.models

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        close(self.client)


class Async:
    """The same, async."""

    def __init__(self, provider: Provider) -> None:
        self.client = make_client(provider)
        self.models = self.client.aio.models

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        close(self.client)
        if hasattr(self.client.aio, "aclose"):
            await self.client.aio.aclose()
        else:
            await at(self.client, "_api_client", "_async_httpx_client").aclose()


def text_of(chunk: Any) -> str:
    """The text that a chunk brings."""
    parts: list[Any] = chunk.candidates[0].content.parts or []
    return "".join(part.text or "" for part in parts if not part.thought)


def prepare(provider: Provider, situation: Situation) -> None:
    """A stream breaks with its connection: versions before 1.37 give errors in a stream as chunks."""
    if situation is Situation.BREAKS:
        provider.say(replace(ANSWER, fault=Fault.reset(after=5)))
    else:
        answering(provider, ANSWER)(situation)


RUNNING: dict[str, Provider] = {}
PROBE = Probe(
    name="google-genai",
    instrumentation=INSTRUMENTATION,
    client=lambda: Sync(RUNNING["provider"]),
    aclient=lambda: Async(RUNNING["provider"]),
    call=lambda client: client.models.generate_content(**GENERATE),
    stream=lambda client: client.models.generate_content_stream(**GENERATE),
    prepare=lambda situation: prepare(RUNNING["provider"], situation),
    text_of=text_of,
    expected=Expected(name="generate_content gemini-x", model="gemini-x", text=ANSWER.text, usage=USAGE),
)


@pytest.fixture(autouse=True)
def provider(loopback_provider: Provider) -> Provider:
    """The provider that the clients of this test talk to."""
    RUNNING["provider"] = loopback_provider
    return loopback_provider


@pytest.mark.parametrize("case", cases(PROBE), ids=str)
def test_google_genai_conforms(case: Case) -> None:
    """One span, ended once, that says what the program received; the program notices nothing."""
    case.check()


WEATHER = ToolCall("weather", {"city": "Paris"}, "call_1")
SCHEMA = {"type": "OBJECT", "properties": {"city": {"type": "STRING"}}, "required": ["city"]}
CALLING = Turn("Let me look.", tool_calls=[WEATHER], usage=Usage(input=20, output=9))


def weather(city: str) -> dict[str, str]:
    """Looks it up."""
    return {"city": city, "weather": "sunny"}


def fail(city: str) -> dict[str, str]:
    """Looks it up, in vain."""
    raise LookupError(f"no weather for {city}")


async def weather_later(city: str) -> str:
    """Looks it up in its own time."""
    await asyncio.sleep(0)
    return f"sunny in {city}"


@pytest.fixture
def recording() -> Iterator[Recording]:
    """What the plugin sees."""
    with record(plugins=False, strict=True) as opened, opened.observing.only([INSTRUMENTATION]):
        yield opened


@pytest.fixture
def client(provider: Provider) -> Iterator[Any]:
    """A client of the Gemini API."""
    with Sync(provider) as opened:
        yield opened.client


def total(recording: Recording) -> Usage:
    """The tokens of all model calls."""
    used = [span.response.usage for span in recording.spans(SpanKind.LLM) if span.response and span.response.usage]
    return Usage(input=sum(usage.input or 0 for usage in used), output=sum(usage.output or 0 for usage in used))


def test_every_turn_of_function_calling_is_a_call(client: Any, provider: Provider, recording: Recording) -> None:
    """The program calls once and gets the last answer; both requests are recorded, and the function between them."""
    provider.say(CALLING, Turn("Sunny.", usage=Usage(input=40, output=3)))
    answer = client.models.generate_content(**GENERATE, config={"tools": [weather], "temperature": 0.5})
    assert answer.text == "Sunny."
    first, tool, second = recording.spans()
    assert (tool.kind, tool.name, tool.input, tool.output) == (
        SpanKind.TOOL,
        "weather",
        {"city": "Paris"},
        {"city": "Paris", "weather": "sunny"},
    )
    assert first.request is not None
    assert first.response is not None
    assert second.request is not None
    assert [offered.name for offered in first.request.tools] == ["weather"]
    assert first.request.parameters == {"temperature": 0.5}
    assert first.response.messages[0].parts[-1] == WEATHER
    assert [message.role for message in second.request.messages] == ["user", "assistant", "tool"]
    assert total(recording) == Usage(input=60, output=12)
    assert len(provider.requests) == 2


def test_a_function_that_fails_is_a_tool_that_failed(client: Any, provider: Provider, recording: Recording) -> None:
    """The client tells it to the model and goes on; the span says what was raised."""
    provider.say(replace(CALLING, tool_calls=[ToolCall("fail", {"city": "Paris"})]), Turn("I do not know."))
    assert client.models.generate_content(**GENERATE, config={"tools": [fail]}).text == "I do not know."
    _, tool, second = recording.spans()
    assert tool.status is SpanStatus.ERROR
    assert tool.error is not None
    assert (tool.error.type, tool.error.message) == ("LookupError", "no weather for Paris")
    assert second.request is not None
    told = second.request.messages[-1].parts[0]
    assert isinstance(told, ToolResult)
    assert told.is_error


async def test_functions_are_called_in_streams_too(provider: Provider, recording: Recording) -> None:
    """Async, with a function that is one itself."""
    provider.say(replace(CALLING, tool_calls=[ToolCall("weather_later", {"city": "Paris"})]), Turn("Sunny there."))
    async with Async(provider) as opened:
        stream = await opened.models.generate_content_stream(**GENERATE, config={"tools": [weather_later]})
        said = [text_of(chunk) async for chunk in stream]
    if len(provider.requests) == 1:
        pytest.skip("this version calls no async functions in streams")
    assert "".join(said).endswith("Sunny there.")
    assert [span.name for span in recording.spans()] == [
        "generate_content gemini-x",
        "weather_later",
        "generate_content gemini-x",
    ]
    assert recording.spans(SpanKind.TOOL)[0].output == "sunny in Paris"


def test_a_chat_is_its_calls(client: Any, provider: Provider, recording: Recording) -> None:
    """Whole and streamed; each call has the conversation until then."""
    provider.say(Turn("Sunny."), Turn("Rainy then."))
    chat = client.chats.create(model="gemini-x", config={"system_instruction": "Be brief."})
    chat.send_message(QUESTION)
    assert "".join(text_of(chunk) for chunk in chat.send_message_stream("And tomorrow?")) == "Rainy then."
    _, second = recording.spans()
    assert second.request is not None
    assert second.request.messages == [
        Message("system", [Text("Be brief.")]),
        Message("user", [Text(QUESTION)]),
        Message("assistant", [Text("Sunny.")]),
        Message("user", [Text("And tomorrow?")]),
    ]


def test_parts_of_every_kind_are_read(client: Any, provider: Provider, recording: Recording) -> None:
    """Media keep type, size and address; functions, thoughts and results are what they are elsewhere."""
    provider.say(ANSWER)
    part = genai.types.Part
    client.models.generate_content(
        model="models/gemini-x",
        contents=[
            genai.types.Content(
                role="user",
                parts=[
                    part.from_text(text=QUESTION),
                    part.from_bytes(data=b"12345", mime_type="image/png"),
                    part.from_uri(file_uri="https://x.invalid/a.pdf", mime_type="application/pdf"),
                ],
            ),
            genai.types.Content(role="model", parts=[part.from_function_call(name="weather", args={"city": "Paris"})]),
            genai.types.Content(
                role="user", parts=[part.from_function_response(name="weather", response={"error": "x"})]
            ),
        ],
        config={
            "tools": [{"function_declarations": [{"name": "weather", "description": "It.", "parameters": SCHEMA}]}],
            "automatic_function_calling": {"disable": True},
        },
    )
    request, response = recording.span().request, recording.span().response
    assert request is not None
    assert response is not None
    assert request.model == "gemini-x"
    assert request.messages == [
        Message(
            "user",
            [
                Text(QUESTION),
                Media("image", "image/png", size=5),
                Media("file", "application/pdf", "https://x.invalid/a.pdf"),
            ],
        ),
        Message("assistant", [ToolCall("weather", {"city": "Paris"})]),
        Message("tool", [ToolResult({"error": "x"}, name="weather", is_error=True)]),
    ]
    assert request.tools == [Tool("weather", "It.", SCHEMA)]
    assert response.messages == [
        Message("assistant", [Reasoning("Paris is a city."), Text("Sunny, 21 degrees.")], finish_reason="STOP")
    ]


def test_a_refusal_says_what_google_says(client: Any, provider: Provider, recording: Recording) -> None:
    """Status, its name, the words, and the library's own exception."""
    provider.say(Turn(fault=Fault.refused(429, message="Slow down.")))
    with pytest.raises(genai.errors.ClientError) as raised:
        client.models.generate_content(**GENERATE)
    error = recording.span().error
    assert error is not None
    assert (error.status_code, error.code, error.message) == (429, "RESOURCE_EXHAUSTED", "Slow down.")
    assert error.type == f"{raised.type.__module__}.{raised.type.__qualname__}"


def test_an_error_in_a_stream_is_one(client: Any, provider: Provider, recording: Recording) -> None:
    """Raised by newer versions, given as a chunk by older ones: the span ends as an error with what came before."""
    provider.say(Turn("Sunny, 21 degrees.", fault=Fault.errored(after=2, status=503, message="Overloaded.")))
    with suppress(genai.errors.ServerError):
        list(client.models.generate_content_stream(**GENERATE))
    span = recording.span()
    assert span.status is SpanStatus.ERROR
    assert span.error is not None
    assert span.error.message == "Overloaded."
    assert span.response is not None
    assert span.response.messages[0].text == "Sunny, 21"


def test_a_chunk_without_content_is_not_the_first_token() -> None:
    """Gemini opens and ends streams with empty texts."""
    assert not has_content({"candidates": [{"content": {"parts": [{"text": ""}]}}]})
    assert has_content({"candidates": [{"content": {"parts": [{"functionCall": {"name": "weather"}}]}}]})


def test_arguments_that_are_streamed_are_one_call() -> None:
    """https://docs.cloud.google.com/vertex-ai/generative-ai/docs/multimodal/function-calling#streaming-fc."""
    pieces: list[dict[str, Any]] = [
        {"name": "weather", "willContinue": True},
        {"partialArgs": [{"jsonPath": "$.city", "stringValue": "Pa"}], "willContinue": True},
        {"partialArgs": [{"jsonPath": "$.city", "stringValue": "ris"}], "willContinue": True},
        {"partialArgs": [{"jsonPath": "$.days", "numberValue": 2}]},
        {},
    ]
    whole = None
    for piece in pieces:
        whole = fold(whole, {"candidates": [{"content": {"parts": [{"functionCall": piece}]}}]})
    (message,) = read_response(whole).messages
    assert message.parts == [ToolCall("weather", {"city": "Paris", "days": 2})]


def test_a_blocked_prompt_says_why() -> None:
    """There is no candidate then."""
    answer = {"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 3}}
    assert read_response(answer) == Response(finish_reasons=["SAFETY"], usage=Usage(input=3))


def test_counting_tokens_is_no_model_call(client: Any, provider: Provider, recording: Recording) -> None:
    """It is recorded, and nothing was spent."""
    provider.say(Turn(usage=Usage(input=12)))
    assert client.models.count_tokens(**GENERATE).total_tokens == 12
    span = recording.span()
    assert span.response is not None
    assert (span.kind, span.name, span.response.output) == (
        SpanKind.TASK,
        "token_count gemini-x",
        {"input_tokens": 12},
    )


def test_embeddings_are_counted(client: Any, provider: Provider, recording: Recording) -> None:
    """How many and how long; their numbers are nobody's business."""
    client.models.embed_content(model="embed-x", contents=["Paris", "Lyon"], config={"output_dimensionality": 8})
    span = recording.span()
    assert span.request is not None
    assert span.response is not None
    assert (span.kind, span.request.input, span.request.parameters) == (
        SpanKind.EMBEDDING,
        ["Paris", "Lyon"],
        {"outputDimensionality": 8},
    )
    assert span.response.output == {"count": 2, "dimensions": 768}


@pytest.fixture
def vertex(provider: Provider) -> Iterator[Any]:
    """A client of Vertex AI."""
    credentials = pytest.importorskip("google.oauth2.credentials").Credentials(token="any")
    opened = genai.Client(
        vertexai=True,
        project="p",
        location="l",
        credentials=credentials,
        http_options={"base_url": provider.gemini_url},
    )
    yield opened
    close(opened)


def test_vertex_is_a_provider_of_its_own(vertex: Any, provider: Provider, recording: Recording) -> None:
    """Models by their short names; its older endpoint counts the tokens of embeddings, and draws."""
    provider.say(Turn("Sunny."), Turn(usage=Usage(input=2)))
    vertex.models.generate_content(**GENERATE)
    vertex.models.embed_content(model="text-embedding-x", contents=["Paris"])
    vertex.models.generate_images(model="imagen-x", prompt="A tide.", config={"number_of_images": 1})
    said, embedded, drawn = recording.spans()
    assert said.request is not None
    assert embedded.request is not None
    assert embedded.response is not None
    assert drawn.request is not None
    assert drawn.response is not None
    assert (said.request.provider, said.request.model, said.name) == (
        "gcp.vertex_ai",
        "gemini-x",
        "generate_content gemini-x",
    )
    assert (embedded.request.input, embedded.response.usage) == (["Paris"], Usage(input=2))
    assert embedded.response.output == {"count": 1, "dimensions": 768}
    assert drawn.request.operation == Operation.IMAGE_GENERATION
    assert drawn.request.messages == [Message("user", [Text("A tide.")])]
    assert drawn.response.messages == [Message("assistant", [Media("image", "image/png", size=8)])]


INTERACT: dict[str, Any] = {"model": "gemini-x", "input": QUESTION, "system_instruction": "Be brief."}


def interactions_of(client: Any) -> Any:
    """The interactions of a client, which versions 2 and later have in this form."""
    pytest.importorskip("google.genai._gaos.interactions")
    return client.interactions


@pytest.mark.filterwarnings("ignore")  # they say that they are experimental
@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
def test_interactions_are_read(streamed: bool, client: Any, provider: Provider, recording: Recording) -> None:  # noqa: FBT001 - a parameter of the test
    """Steps are thoughts, words and calls; the stream stays the library's own object."""
    interactions = interactions_of(client)
    provider.say(replace(ANSWER, tool_calls=[WEATHER]))
    tools = [{"type": "function", "name": "weather", "description": "It.", "parameters": {"type": "object"}}]
    result = interactions.create(**INTERACT, tools=tools, stream=streamed, generation_config={"temperature": 0.5})
    if streamed:
        assert len(list(result)) > 5
    span = recording.span()
    assert span.request is not None
    assert span.response is not None
    assert span.request.messages == [Message("system", [Text("Be brief.")]), Message("user", [Text(QUESTION)])]
    assert (span.request.tools, span.request.parameters) == (
        [Tool("weather", "It.", {"type": "object"})],
        {"temperature": 0.5},
    )
    assert span.response.messages[0].parts == [Reasoning("Paris is a city."), Text("Sunny, 21 degrees."), WEATHER]
    assert (span.name, span.response.usage, span.response.finish_reasons) == (
        "generate_content gemini-x",
        USAGE,
        ["requires_action"],
    )
    assert (span.request.stream, span.first_token is not None) == (streamed, streamed)


@pytest.mark.filterwarnings("ignore")  # the same
async def test_async_interactions_are_read(provider: Provider, recording: Recording) -> None:
    """The conversation so far may be told in steps."""
    provider.say(replace(ANSWER, reasoning=""))
    steps = [
        {"type": "user_input", "content": [{"type": "text", "text": QUESTION}]},
        {"type": "function_call", "id": "call_1", "name": "weather", "arguments": {"city": "Paris"}},
        {"type": "function_result", "call_id": "call_1", "name": "weather", "result": "sunny"},
    ]
    async with Async(provider) as opened:
        stream = await interactions_of(opened.client.aio).create(model="gemini-x", input=steps, stream=True)
        assert [event async for event in stream]
    span = recording.span()
    assert span.request is not None
    assert span.response is not None
    assert span.request.messages == [
        Message("user", [Text(QUESTION)]),
        Message("assistant", [WEATHER]),
        Message("tool", [ToolResult("sunny", "call_1", "weather")]),
    ]
    assert (span.status, span.response.messages[0].text) == (SpanStatus.OK, "Sunny, 21 degrees.")


@pytest.mark.filterwarnings("ignore")  # the same
def test_an_interaction_that_is_refused_says_why(client: Any, provider: Provider, recording: Recording) -> None:
    """Status, its name and the words, whatever the library makes of them."""
    provider.say(Turn(fault=Fault.refused(400, message="Not so.")))
    with pytest.raises(Exception, match="Not so"):
        interactions_of(client).create(**INTERACT)
    error = recording.span().error
    assert error is not None
    assert (error.status_code, error.code, error.message) == (400, "INVALID_ARGUMENT", "Not so.")
