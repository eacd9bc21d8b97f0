"""`ibm_watsonx_ai`: chats, texts that go on, batches of them, embeddings."""

import gc
import importlib
import warnings
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from agentops.domain.foreign import at
from agentops.domain.genai import Message, Text, Tool, ToolCall, Usage
from agentops.domain.spans import SpanKind, SpanStatus
from agentops.testing import Recording, record
from agentops.testing.conformance import Case, Expected, Probe, Situation, answering, cases
from agentops.testing.provider import Fault, Provider, Turn
from agentops_plugins.ibm_watsonx_ai import INSTRUMENTATION

watsonx: Any = pytest.importorskip("ibm_watsonx_ai")
inference: Any = pytest.importorskip("ibm_watsonx_ai.foundation_models")

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # its clients are never closed
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),  # the same
]

QUESTION = "What is the weather in Paris?"
ASKED = [{"role": "user", "content": QUESTION}]
USAGE = Usage(input=20, output=9)
ANSWER = Turn("Sunny, 21 degrees.", usage=USAGE)
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
RUNNING: dict[str, Provider] = {}


@pytest.fixture(scope="module", autouse=True)
def let_go() -> Iterator[None]:
    """What was never closed goes before the tests of other plugins, and before the end."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def ask_nobody(_spaces: Any) -> None:
    """What versions before 1.4 ask IBM when a client is made."""


def make_client() -> Any:
    """A client that was made for IBM's cloud, where it asks nobody, and then turned to the loopback provider."""
    spaces: Any = importlib.import_module("ibm_watsonx_ai.spaces").Spaces
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(spaces, "_connection_validation", ask_nobody, raising=False)
        client = watsonx.APIClient(watsonx.Credentials(url="https://us-south.ml.cloud.ibm.com", token="any"))
    client.credentials.url = RUNNING["provider"].url
    addresses = at(client, "_href_definitions")
    if addresses is not None:  # since version 1.4
        addresses.url = RUNNING["provider"].url
    client.default_project_id = "any"
    return client


def make_model() -> Any:
    """A model of the loopback provider, which is asked once."""
    return inference.ModelInference(model_id="granite-x", api_client=make_client(), validate=False, max_retries=0)


def prepare(situation: Situation) -> None:
    """A stream breaks with its connection: in chats, the client takes an error for a chunk like any other."""
    if situation is Situation.BREAKS:
        RUNNING["provider"].say(replace(ANSWER, fault=Fault.reset(after=1)))
    else:
        answering(RUNNING["provider"], ANSWER)(situation)


@pytest.fixture(autouse=True)
def provider(loopback_provider: Provider) -> Provider:
    """The provider that the clients of this test talk to."""
    RUNNING["provider"] = loopback_provider
    return loopback_provider


CHAT = Probe(
    name="chat",
    instrumentation=INSTRUMENTATION,
    client=make_model,
    aclient=make_model,
    call=lambda model: model.chat(messages=ASKED),
    acall=lambda model: model.achat(messages=ASKED),
    stream=lambda model: model.chat_stream(messages=ASKED),
    astream=lambda model: model.achat_stream(messages=ASKED),
    prepare=prepare,
    text_of=lambda chunk: chunk["choices"][0]["delta"].get("content"),
    expected=Expected(name="chat granite-x", model="granite-x", text=ANSWER.text, usage=USAGE),
)
TEXT = Probe(
    name="text",
    instrumentation=INSTRUMENTATION,
    client=make_model,
    aclient=make_model,
    call=lambda model: model.generate(QUESTION),
    acall=lambda model: model.agenerate(QUESTION),
    stream=lambda model: model.generate_text_stream(QUESTION, raw_response=True),
    astream=lambda model: model.agenerate_stream(QUESTION),
    prepare=prepare,
    expected=Expected(name="text_completion granite-x", model="granite-x", text=ANSWER.text, usage=USAGE),
)


@pytest.mark.parametrize("case", [*cases(CHAT), *cases(TEXT)], ids=str)
def test_watsonx_conforms(case: Case) -> None:
    """One span, ended once, that says what the program received; the program notices nothing."""
    case.check()


@pytest.fixture
def recording() -> Iterator[Recording]:
    """What the plugin sees."""
    with record(plugins=False, strict=True) as opened, opened.observing.only([INSTRUMENTATION]):
        yield opened


def test_tools_and_settings_are_read(provider: Provider, recording: Recording) -> None:
    """As dicts or as the library's schemas; what was not set is not recorded."""
    schema = pytest.importorskip("ibm_watsonx_ai.foundation_models.schema").TextChatParameters
    provider.say(Turn("", tool_calls=[ToolCall("weather", {"city": "Paris"}, "call_1")], usage=USAGE))
    function = {"name": "weather", "description": "Looks it up.", "parameters": SCHEMA}
    make_model().chat(
        messages=ASKED,
        params=schema(temperature=0.5),
        tools=[{"type": "function", "function": function}],
        tool_choice_option="auto",
    )
    request, response = recording.span().request, recording.span().response
    assert request is not None
    assert response is not None
    assert (request.provider, request.server_address) == ("ibm.watsonx.ai", "127.0.0.1")
    assert request.messages == [Message("user", [Text(QUESTION)])]
    assert request.tools == [Tool("weather", "Looks it up.", SCHEMA)]
    assert request.parameters == {"temperature": 0.5, "tool_choice_option": "auto"}
    assert response.messages[0].parts == [ToolCall("weather", {"city": "Paris"}, "call_1")]


def test_each_request_of_a_batch_is_a_call(provider: Provider, recording: Recording) -> None:
    """The library asks for them one by one, over threads."""
    provider.say(ANSWER, ANSWER, ANSWER)
    assert len(make_model().generate([QUESTION, "And in Lyon?", "And in Nice?"], params={"max_new_tokens": 9})) == 3
    spans = recording.spans(SpanKind.LLM)
    assert len(spans) == len(provider.requests) == 3
    asked = [span.request.input for span in spans if span.request is not None]
    assert sorted(asked) == sorted([QUESTION, "And in Lyon?", "And in Nice?"])
    assert all(span.response is not None and span.response.usage == USAGE for span in spans)
    assert spans[0].request is not None
    assert spans[0].request.parameters == {"max_new_tokens": 9}


def test_a_stream_of_bare_texts_is_read(provider: Provider, recording: Recording) -> None:
    """Its tokens are not told to the program, nor to us."""
    provider.say(ANSWER)
    assert "".join(make_model().generate_text_stream(QUESTION)) == ANSWER.text
    span = recording.span()
    assert span.response is not None
    assert (span.status, span.response.messages[0].text, span.response.usage) == (SpanStatus.OK, ANSWER.text, None)


def test_a_refusal_says_what_watsonx_says(provider: Provider, recording: Recording) -> None:
    """Status, code and words of the first error."""
    provider.say(Turn(fault=Fault.refused(400, message="No such model.")))
    with pytest.raises(watsonx.wml_client_error.ApiRequestFailure):
        make_model().chat(messages=ASKED)
    error = recording.span().error
    assert error is not None
    assert (error.status_code, error.code, error.message) == (400, "invalid_request_entity", "No such model.")


def test_embeddings_are_counted(provider: Provider, recording: Recording) -> None:
    """How many and how long."""
    provider.say(Turn(usage=Usage(input=2)))
    inference.Embeddings(model_id="slate-x", api_client=make_client()).embed_documents(["Paris", "Lyon"])
    span = recording.span()
    assert span.request is not None
    assert span.response is not None
    assert (span.kind, span.request.input, span.request.model) == (SpanKind.EMBEDDING, ["Paris", "Lyon"], "slate-x")
    assert span.response.output == {"count": 2, "dimensions": 384}
    assert span.response.usage == Usage(input=2)
