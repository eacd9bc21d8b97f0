"""`mistralai` 1 to 3: chats, completions, agents, conversations, embeddings, and what it says of its errors."""

import importlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from agentops.domain.genai import Media, Message, Reasoning, Text, Tool, ToolCall, ToolResult, Usage
from agentops.domain.spans import SpanKind, SpanStatus
from agentops.testing import Recording, record
from agentops.testing.conformance import Case, Ending, Expected, Probe, Situation, answering, cases
from agentops.testing.provider import Fault, Provider, Turn
from agentops_plugins.mistralai import INSTRUMENTATION

pytest.importorskip("mistralai")

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of pydantic, for versions 1


def found(module: str) -> Any:
    """A module where the version has it."""
    for package in ("mistralai.client", "mistralai"):
        try:
            return importlib.import_module(f"{package}{module}")
        except ImportError:
            continue
    return None


sdk, models = found(".sdk"), found(".models")

QUESTION = "What is the weather in Paris?"
ASKED = [{"role": "user", "content": QUESTION}]
USAGE = Usage(input=20, output=9)
ANSWER = Turn("Sunny, 21 degrees.", usage=USAGE)
CHAT: dict[str, Any] = {"model": "mistral-x", "messages": ASKED}
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
RUNNING: dict[str, Provider] = {}


def make_client(**given: Any) -> Any:
    """A client of the loopback provider; it is a context manager of both kinds."""
    return sdk.Mistral(api_key="any", server_url=RUNNING["provider"].mistral_url, **given)


@pytest.fixture(autouse=True)
def provider(loopback_provider: Provider) -> Provider:
    """The provider that the clients of this test talk to."""
    RUNNING["provider"] = loopback_provider
    return loopback_provider


def prepare(situation: Situation) -> None:
    """Tell the provider of the running test."""
    answering(RUNNING["provider"], ANSWER)(situation)


PROBE = Probe(
    name="mistralai",
    instrumentation=INSTRUMENTATION,
    client=make_client,
    aclient=make_client,
    call=lambda client: client.chat.complete(**CHAT),
    acall=lambda client: client.chat.complete_async(**CHAT),
    stream=lambda client: client.chat.stream(**CHAT),
    astream=lambda client: client.chat.stream_async(**CHAT),
    prepare=prepare,
    text_of=lambda event: event.data.choices[0].delta.content or None,
    expected=Expected(name="chat mistral-x", model="mistral-x", text=ANSWER.text, usage=USAGE),
)


CLOSES = hasattr(found(".utils.eventstreaming").EventStream, "close")
"""Whether a stream can be closed otherwise than by leaving its `with` block."""


@pytest.mark.parametrize("case", [case for case in cases(PROBE) if CLOSES or case.ending is not Ending.CLOSED], ids=str)
def test_mistralai_conforms(case: Case) -> None:
    """One span, ended once, that says what the program received; the program notices nothing."""
    case.check()


@pytest.fixture
def recording() -> Iterator[Recording]:
    """What the plugin sees."""
    with record(plugins=False, strict=True) as opened, opened.observing.only([INSTRUMENTATION]):
        yield opened


@pytest.fixture
def client(provider: Provider) -> Iterator[Any]:
    """A client."""
    with make_client() as opened:
        yield opened


def test_a_stream_that_is_left_ends_the_call(client: Any, provider: Provider, recording: Recording) -> None:
    """The library's own way to close a stream is to leave its block."""
    provider.say(Turn("Sunny, 21 degrees.", fault=Fault.stalled(after=2)))
    with client.chat.stream(**CHAT) as stream:
        for event in stream:
            if "21" in (event.data.choices[0].delta.content or ""):
                break
    span = recording.span()
    assert span.response is not None
    assert (span.status, span.response.messages[0].text) == (SpanStatus.INCOMPLETE, "Sunny, 21")


THOUGHTFUL = Turn(
    "Let me look.",
    reasoning="Paris is a city.",
    tool_calls=[ToolCall("weather", {"city": "Paris"}, "call_1"), ToolCall("weather", {"city": "Lyon"}, "call_2")],
    usage=Usage(input=20, cache_read=5, output=9),
)
OFFERED = {"type": "function", "function": {"name": "weather", "description": "Looks it up.", "parameters": SCHEMA}}
ASKED_FOR = [ToolCall("weather", {"city": "Paris"}, "call_1"), ToolCall("weather", {"city": "Lyon"}, "call_2")]


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
def test_thoughts_and_tools_are_read(streamed: bool, client: Any, provider: Provider, recording: Recording) -> None:  # noqa: FBT001 - a parameter of the test
    """Thoughts are parts of the content, cached tokens a detail; a stream has its usage without being asked."""
    if not hasattr(models, "ThinkChunk"):
        pytest.skip("this version knows no thoughts")
    provider.say(THOUGHTFUL)
    if streamed:
        list(client.chat.stream(**CHAT, tools=[OFFERED], temperature=0.5))
    else:
        client.chat.complete(**CHAT, tools=[OFFERED], temperature=0.5)
    request, response = recording.span().request, recording.span().response
    assert request is not None
    assert response is not None
    assert (request.tools, request.parameters) == ([Tool("weather", "Looks it up.", SCHEMA)], {"temperature": 0.5})
    assert response.messages[0].parts == [Reasoning("Paris is a city."), Text("Let me look."), *ASKED_FOR]
    assert (response.finish_reasons, response.usage) == (["tool_calls"], THOUGHTFUL.usage)
    assert request.stream is streamed


def test_messages_may_be_models(client: Any, recording: Recording) -> None:
    """What was not set of them is not recorded; media are known by address or size."""
    client.chat.complete(
        model="mistral-x",
        messages=[
            models.SystemMessage(content="Be brief."),
            models.UserMessage(
                content=[
                    models.TextChunk(text="What is this?"),
                    models.ImageURLChunk(image_url="data:image/png;base64,iVBORw0KGgo="),
                    models.DocumentURLChunk(document_url="https://x.invalid/a.pdf"),
                ]
            ),
            models.AssistantMessage(
                content="",
                tool_calls=[
                    models.ToolCall(id="call_1", function=models.FunctionCall(name="look", arguments={"at": "it"}))
                ],
            ),
            models.ToolMessage(content="A tide.", tool_call_id="call_1", name="look"),
        ],
    )
    request = recording.span().request
    assert request is not None
    assert request.messages == [
        Message("system", [Text("Be brief.")]),
        Message(
            "user",
            [
                Text("What is this?"),
                Media("image", "image/png", size=8),
                Media("file", uri="https://x.invalid/a.pdf"),
            ],
        ),
        Message("assistant", [ToolCall("look", {"at": "it"}, "call_1")]),
        Message("tool", [ToolResult("A tide.", "call_1", "look")], name="look"),
    ]


def test_a_parsed_answer_is_one_call(client: Any, provider: Provider, recording: Recording) -> None:
    """The program gets its model, the record the JSON."""
    pydantic = pytest.importorskip("pydantic")
    place = pydantic.create_model("Place", city=(str, ...))
    provider.say(Turn('{"city": "Paris"}'))
    answer = client.chat.parse(place, **CHAT)
    assert answer.choices[0].message.parsed == place(city="Paris")
    assert recording.span().name == "chat mistral-x"


def test_a_refusal_says_what_mistral_says(client: Any, provider: Provider, recording: Recording) -> None:
    """Status, the type of the error, the words."""
    provider.say(Turn(fault=Fault.refused(400, message="Too many tokens.")))
    with pytest.raises(Exception, match="Too many tokens") as raised:
        client.chat.complete(**CHAT)
    error = recording.span().error
    assert error is not None
    assert (error.status_code, error.code, error.message) == (400, "invalid_request_error", "Too many tokens.")
    assert error.type == f"{raised.type.__module__}.{raised.type.__qualname__}"


def test_code_is_completed(client: Any, provider: Provider, recording: Recording) -> None:
    """What stands before and after is no conversation; whole and streamed."""
    provider.say(ANSWER, ANSWER)
    client.fim.complete(model="codestral-x", prompt="def f():", suffix="return x")
    list(client.fim.stream(model="codestral-x", prompt="def f():"))
    whole, streamed = recording.spans()
    assert whole.request is not None
    assert whole.response is not None
    assert streamed.request is not None
    assert streamed.response is not None
    assert (whole.name, whole.request.input) == (
        "text_completion codestral-x",
        {"prompt": "def f():", "suffix": "return x"},
    )
    assert streamed.request.input == {"prompt": "def f():"}
    assert whole.response.messages[0].text == streamed.response.messages[0].text == ANSWER.text
    assert streamed.response.usage == USAGE


def test_agents_are_chats(client: Any, provider: Provider, recording: Recording) -> None:
    """Whose model is known by the answer."""
    provider.say(replace(ANSWER, model="mistral-y"))
    client.agents.complete(agent_id="ag_1", messages=ASKED)
    span = recording.span()
    assert span.request is not None
    assert span.response is not None
    assert (span.name, span.request.parameters, span.response.model) == ("chat", {"agent_id": "ag_1"}, "mistral-y")


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
def test_conversations_are_calls(streamed: bool, client: Any, provider: Provider, recording: Recording) -> None:  # noqa: FBT001 - a parameter of the test
    """Instructions, entries, what was said and asked for, and the tokens."""
    if not hasattr(client, "beta") or not hasattr(client.beta, "conversations"):
        pytest.skip("this version has no conversations")
    provider.say(Turn("Let me look.", tool_calls=[ToolCall("weather", {"city": "Paris"}, "call_1")], usage=USAGE))
    given: dict[str, Any] = {"model": "mistral-x", "instructions": "Be brief.", "inputs": QUESTION}
    if streamed:
        with client.beta.conversations.start_stream(**given) as events:
            assert list(events)
    else:
        client.beta.conversations.start(**given)
    span = recording.span()
    assert span.request is not None
    assert span.response is not None
    assert span.request.messages == [Message("system", [Text("Be brief.")]), Message("user", [Text(QUESTION)])]
    assert span.response.messages[0].parts == [Text("Let me look."), ToolCall("weather", {"city": "Paris"}, "call_1")]
    assert (span.response.usage, span.response.model, span.request.stream) == (USAGE, "mistral-x", streamed)
    assert span.response.id == "conv_loopback000001"


@pytest.mark.parametrize("streamed", [False, True], ids=["whole", "streamed"])
def test_responses_are_read(streamed: bool, client: Any, provider: Provider, recording: Recording) -> None:  # noqa: FBT001 - a parameter of the test
    """Versions since 3 speak OpenAI's newer API as well."""
    responses = getattr(getattr(client, "beta", None), "responses", None) or getattr(client, "responses", None)
    if responses is None:
        pytest.skip("this version has no responses")
    detailed = Usage(
        input=20, cache_read=0, cache_write=0, output=9, reasoning=0
    )  # without details, its model drops the rest
    provider.say(replace(ANSWER, usage=detailed))
    result = responses.create(model="mistral-x", input=QUESTION, stream=streamed)
    if streamed:
        assert list(result)
    span = recording.span()
    assert span.response is not None
    assert span.response.messages[0].text == ANSWER.text
    assert (span.name, span.response.usage) == ("chat mistral-x", detailed)


async def test_embeddings_are_counted(provider: Provider, recording: Recording) -> None:
    """How many and how long."""
    provider.say(Turn(usage=Usage(input=2)))
    async with make_client() as client:
        await client.embeddings.create_async(model="mistral-embed", inputs=["Paris", "Lyon"])
    span = recording.span()
    assert span.request is not None
    assert span.response is not None
    assert (span.kind, span.request.input) == (SpanKind.EMBEDDING, ["Paris", "Lyon"])
    assert span.response.output == {"count": 2, "dimensions": 1536}
    assert (span.response.usage, span.request.server_address) == (Usage(input=2, output=0), "127.0.0.1")


def azure_client(provider: Provider) -> Any:
    """The client for Azure, which versions 1 have in a package of its own."""
    try:
        cls = importlib.import_module("mistralai.azure.client").MistralAzure
    except ImportError:
        cls = pytest.importorskip("mistralai_azure").MistralAzure
        return cls(azure_api_key="any", azure_endpoint=provider.mistral_url)
    return cls(api_key="any", server_url=provider.mistral_url)


def test_azure_is_a_provider_of_its_own(provider: Provider, recording: Recording) -> None:
    """Its client has classes of its own."""
    provider.say(ANSWER)
    with azure_client(provider) as client:
        client.chat.complete(**CHAT)
    span = recording.span()
    assert span.request is not None
    assert span.response is not None
    assert (span.request.provider, span.response.messages[0].text) == ("azure.ai.inference", ANSWER.text)
