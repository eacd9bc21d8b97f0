"""The plugin of `azure.ai.inference`, with its real clients."""

import gc
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from agentops.domain.genai import Media, Message, Part, Reasoning, Text, Tool, ToolCall, ToolResult
from agentops.domain.spans import SpanKind
from agentops.testing import Fault, Provider, Recording, Turn, Usage, conformance, record
from agentops.testing.conformance import Case, Ending, Expected, Probe, Situation
from agentops_plugins.azure_ai_inference import INSTRUMENTATION

inference: Any = pytest.importorskip("azure.ai.inference")
aio: Any = pytest.importorskip("azure.ai.inference.aio")
models: Any = pytest.importorskip("azure.ai.inference.models")
credentials: Any = pytest.importorskip("azure.core.credentials")

USAGE = Usage(input=3, cache_read=4, output=5, reasoning=6)
ANSWER = Turn("One two three four.", usage=USAGE)
pytestmark = pytest.mark.filterwarnings("ignore:Unclosed:ResourceWarning")  # of aiohttp, of streams that are dropped
RUNNING: dict[str, Provider] = {}


@pytest.fixture(autouse=True)
def provider() -> Iterator[Provider]:
    """The provider that the clients of this test talk to."""
    with Provider() as started:
        RUNNING["it"] = started
        yield started


@pytest.fixture
def recording() -> Iterator[Recording]:
    """What the plugin sees."""
    with record(plugins=False, strict=True) as opened, opened.observing.only([INSTRUMENTATION]):
        yield opened


def prepare(situation: Situation) -> None:
    """Tell the provider of the running test; the client leaves out events that are no chunks, so streams are cut."""
    if situation is Situation.BREAKS:
        RUNNING["it"].say(Turn(ANSWER.text, usage=USAGE, fault=Fault.truncated(after=1)))
    else:
        conformance.answering(RUNNING["it"], ANSWER)(situation)


def made(client: Any, path: str = "", **settings: Any) -> Any:
    """A client of the running test's provider, which does not try twice."""
    credential = credentials.AzureKeyCredential("k")
    return client(endpoint=f"{RUNNING['it'].url}{path}", credential=credential, retry_total=0, **settings)


def ask(client: Any, **settings: Any) -> Any:
    """Ask the model."""
    return client.complete(messages=[models.UserMessage(content="Count to four.")], model="phi-4", **settings)


PROBE = Probe(
    name="azure",
    instrumentation=INSTRUMENTATION,
    client=partial(made, inference.ChatCompletionsClient),
    aclient=partial(made, aio.ChatCompletionsClient),
    call=ask,
    stream=partial(ask, stream=True, model_extras={"stream_options": {"include_usage": True}}),
    text_of=lambda update: update.choices[0].delta.content if update.choices else None,
    prepare=prepare,
    expected=Expected(name="chat phi-4", model="phi-4", text=ANSWER.text, usage=USAGE),
)


@pytest.mark.parametrize("case", conformance.cases(PROBE), ids=str)
def test_the_contract_is_kept(case: Case) -> None:
    """In every situation the call is recorded once, whole, and unnoticed by the program."""
    case.check()
    if case.ending is Ending.DROPPED:
        gc.collect()  # what aiohttp has to say of it, it says here


ASKING = Turn(reasoning="Paris is a city.", tool_calls=[ToolCall("weather", {"city": "Paris"}, "call_1")], usage=USAGE)
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}


@pytest.mark.parametrize("stream", [False, True])
def test_the_library_s_own_objects_are_read(stream: bool, provider: Provider, recording: Any) -> None:  # noqa: FBT001
    """Messages, tools and answers are objects of the library; what the client was made with holds for every call."""
    provider.say(ASKING)
    tool = models.ChatCompletionsToolDefinition(
        function=models.FunctionDefinition(name="weather", description="Looks it up.", parameters=SCHEMA)
    )
    asked = models.ChatCompletionsToolCall(id="call_0", function=models.FunctionCall(name="weather", arguments="{}"))
    picture = models.ImageUrl(url="data:image/png;base64,iVBORw0KGgo=")
    with made(inference.ChatCompletionsClient, tools=[tool], temperature=0.5, seed=1) as client:
        answer = client.complete(
            messages=[
                models.SystemMessage("Be brief."),
                models.UserMessage([models.TextContentItem(text="Here?"), models.ImageContentItem(image_url=picture)]),
                models.AssistantMessage(tool_calls=[asked]),
                models.ToolMessage("Rain.", tool_call_id="call_0"),
            ],
            model="phi-4",
            seed=2,
            model_extras={"top_k": 3},
            stream=stream,
            headers={"x-any": "secret"},
        )
        list(answer)
    request, response = recording.span().request, recording.span().response
    assert request.messages == [
        Message("system", [Text("Be brief.")]),
        Message("user", [Text("Here?"), Media("image", "image/png", size=8)]),
        Message("assistant", [ToolCall("weather", {}, "call_0")]),
        Message("tool", [ToolResult("Rain.", "call_0")]),
    ]
    assert request.tools == [Tool("weather", "Looks it up.", SCHEMA)]
    assert request.parameters == {"temperature": 0.5, "seed": 2, "top_k": 3, "stream": stream}
    assert (request.provider, request.server_address) == ("azure.ai.inference", "127.0.0.1")
    said: list[Part] = [Reasoning("Paris is a city."), ToolCall("weather", {"city": "Paris"}, "call_1")]
    assert response.messages == [Message("assistant", said, finish_reason="tool_calls")]


def test_a_body_is_read_as_it_is_given(recording: Any) -> None:
    """The whole body as one argument, with the name of the model in the address of its deployment."""
    with made(inference.ChatCompletionsClient, "/openai/deployments/gpt-4o") as client:
        client.complete({"messages": [{"role": "user", "content": "Hello?"}], "temperature": 0.1})
        client.complete(b'{"messages": []}')
    read, unread = recording.spans()
    assert (read.request.model, read.request.parameters) == ("gpt-4o", {"temperature": 0.1})
    assert read.request.messages == [Message("user", [Text("Hello?")])]
    assert (unread.request.model, unread.request.messages) == ("gpt-4o", [])


def test_embeddings_are_counted(provider: Provider, recording: Any) -> None:
    """How many and how long they are is kept; of pictures, what they are."""
    provider.say(Turn(usage=Usage(input=2)), Turn(usage=Usage(input=9)))
    with made(inference.EmbeddingsClient, model="embed-v3", dimensions=8) as client:
        client.embed(input=["Paris", "Lyon"])
    with made(inference.ImageEmbeddingsClient, model="embed-v3") as client:
        picture = "data:image/png;base64,iVBORw0KGgo="
        client.embed(input=[models.ImageEmbeddingInput(image=picture, text="A dot.")], dimensions=8)
    texts, pictures = recording.spans()
    assert (texts.kind, texts.request.input, texts.request.parameters) == (
        SpanKind.EMBEDDING,
        ["Paris", "Lyon"],
        {"dimensions": 8},
    )
    assert (texts.response.output, texts.response.usage) == ({"count": 2, "dimensions": 8}, Usage(input=2))
    assert (pictures.name, pictures.request.input) == ("embeddings embed-v3", None)
    assert pictures.request.messages == [Message("user", [Media("image", "image/png", size=8), Text("A dot.")])]


def test_a_refusal_says_its_status_and_code(provider: Provider, recording: Any) -> None:
    """In the words of the provider."""
    provider.say(Turn(fault=Fault.refused(429, message="Slow down.")))
    with made(inference.ChatCompletionsClient) as client, pytest.raises(Exception, match="Slow down"):
        ask(client)
    error = recording.span().error
    assert (error.status_code, error.code, error.message) == (429, "rate_limit_exceeded", "Slow down.")
    assert (error.type, error.request_id) == ("azure.core.exceptions.HttpResponseError", "req_loopback000001")
