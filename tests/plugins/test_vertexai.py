"""`vertexai`, over REST; its async calls, which it makes over gRPC only, with a stand-in for the client below."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import pytest

from agentops.domain.genai import Message, Text, ToolCall, Usage
from agentops.domain.spans import SpanKind, SpanStatus
from agentops.testing import Recording, record
from agentops.testing.conformance import Case, Expected, Probe, Situation, answering, cases
from agentops.testing.provider import Fault, Provider, Turn
from agentops_plugins.vertexai import INSTRUMENTATION

vertexai: Any = pytest.importorskip("vertexai")
models: Any = pytest.importorskip("vertexai.generative_models")
messages: Any = pytest.importorskip("google.cloud.aiplatform_v1").types

pytestmark = pytest.mark.filterwarnings("ignore")  # the library says that it is old, and leaves sockets to others

QUESTION = "What is the weather in Paris?"
USAGE = Usage(input=15, cache_read=5, output=9)
ANSWER = Turn("Sunny, 21 degrees.", usage=USAGE)
SCHEMA = {"type": "OBJECT", "properties": {"city": {"type": "STRING"}}}
RUNNING: dict[str, Provider] = {}


def make_model() -> Any:
    """A model of the loopback provider."""
    credentials = pytest.importorskip("google.oauth2.credentials").Credentials(token="any")
    vertexai.init(
        project="p",
        location="us-central1",
        credentials=credentials,
        api_endpoint=RUNNING["provider"].gemini_url,
        api_transport="rest",
    )
    return models.GenerativeModel("gemini-x", system_instruction="Be brief.")


def prepare(situation: Situation) -> None:
    """A stream breaks with its connection: in an array of JSON there is no place for an error."""
    if situation is Situation.BREAKS:
        RUNNING["provider"].say(replace(ANSWER, fault=Fault.reset(after=1)))
    else:
        answering(RUNNING["provider"], ANSWER)(situation)


@pytest.fixture(autouse=True)
def provider(loopback_provider: Provider) -> Provider:
    """The provider that the clients of this test talk to."""
    RUNNING["provider"] = loopback_provider
    return loopback_provider


PROBE = Probe(
    name="vertexai",
    instrumentation=INSTRUMENTATION,
    client=make_model,
    call=lambda model: model.generate_content(QUESTION),
    stream=lambda model: model.generate_content(QUESTION, stream=True),
    prepare=prepare,
    expected=Expected(name="generate_content gemini-x", model="gemini-x", text=ANSWER.text, usage=USAGE),
)


@pytest.mark.parametrize("case", cases(PROBE), ids=str)
def test_vertexai_conforms(case: Case) -> None:
    """One span, ended once, that says what the program received; the program notices nothing."""
    case.check()


@pytest.fixture
def recording() -> Iterator[Recording]:
    """What the plugin sees."""
    with record(plugins=False, strict=True) as opened, opened.observing.only([INSTRUMENTATION]):
        yield opened


def test_contents_and_tools_are_read(provider: Provider, recording: Recording) -> None:
    """In chats as well; the library puts them together."""
    provider.say(Turn("", tool_calls=[ToolCall("weather", {"city": "Paris"})], usage=USAGE))
    declared = models.FunctionDeclaration(name="weather", description="It.", parameters=SCHEMA)
    model = make_model()
    model.start_chat().send_message(
        QUESTION, tools=[models.Tool([declared])], generation_config={"temperature": 0.5, "max_output_tokens": 9}
    )
    request, response = recording.span().request, recording.span().response
    assert request is not None
    assert response is not None
    assert request.messages == [Message("system", [Text("Be brief.")]), Message("user", [Text(QUESTION)])]
    (tool,) = request.tools
    assert (tool.name, tool.description, tool.parameters["properties"]) == (
        "weather",
        "It.",
        {"city": {"type": "STRING"}},
    )
    assert request.parameters == {"temperature": 0.5, "maxOutputTokens": 9}
    assert (request.provider, response.finish_reasons) == ("gcp.vertex_ai", ["STOP"])
    assert response.messages[0].parts == [ToolCall("weather", {"city": "Paris"})]


def test_a_refusal_says_what_google_says(provider: Provider, recording: Recording) -> None:
    """Status, words, and the library's own exception."""
    provider.say(Turn(fault=Fault.refused(403, message="Not yours.")))
    with pytest.raises(Exception, match="Not yours") as raised:
        make_model().generate_content(QUESTION)
    error = recording.span().error
    assert error is not None
    assert error.status_code == 403
    assert "Not yours." in (error.message or "")
    assert error.type == f"{raised.type.__module__}.{raised.type.__qualname__}"


class Below:
    """What stands in for the async client below, which would speak gRPC."""

    async def generate_content(self, request: Any) -> Any:
        """The whole answer."""
        return self._piece("Sunny, 21 degrees.")

    async def stream_generate_content(self, request: Any) -> AsyncIterator[Any]:
        """The answer in pieces."""
        return self._pieces()

    async def _pieces(self) -> AsyncIterator[Any]:
        yield self._piece("Sunny,")
        yield self._piece(" 21 degrees.")

    def _piece(self, said: str) -> Any:
        content = messages.Content(role="model", parts=[messages.Part(text=said)])
        return messages.GenerateContentResponse(candidates=[messages.Candidate(content=content)])


async def test_async_calls_are_read(recording: Recording) -> None:
    """Whole and streamed."""
    model = make_model()
    vars(model)["_prediction_async_client"] = Below()
    await model.generate_content_async(QUESTION)
    assert len([chunk async for chunk in await model.generate_content_async(QUESTION, stream=True)]) == 2
    whole, streamed = recording.spans()
    assert whole.response is not None
    assert streamed.response is not None
    assert whole.response.messages[0].parts == streamed.response.messages[0].parts == [Text("Sunny, 21 degrees.")]
    assert (whole.status, streamed.status) == (SpanStatus.OK, SpanStatus.OK)
    assert streamed.request is not None
    assert streamed.request.stream


def test_embeddings_are_counted(provider: Provider, recording: Recording) -> None:
    """How many and how long, with the tokens of each text."""
    language: Any = pytest.importorskip("vertexai.language_models")
    provider.say(Turn(usage=Usage(input=4)))
    make_model()
    model = language.TextEmbeddingModel(
        model_id="text-embedding-x",
        endpoint_name="projects/p/locations/us-central1/publishers/google/models/text-embedding-x",
    )
    model.get_embeddings(["Paris", "Lyon"])
    span = recording.span()
    assert span.request is not None
    assert span.response is not None
    assert (span.kind, span.request.input, span.request.model) == (
        SpanKind.EMBEDDING,
        ["Paris", "Lyon"],
        "text-embedding-x",
    )
    assert (span.response.output, span.response.usage) == ({"count": 2, "dimensions": 768}, Usage(input=4))
