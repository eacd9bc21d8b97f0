"""The plugin of `huggingface_hub`, with its real inference clients."""

import gc
import importlib
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from io import BytesIO
from typing import Any

import pytest

from agentops.domain.genai import Media, Message, Operation, Reasoning, Text, Tool, ToolCall
from agentops.domain.spans import SpanKind
from agentops.testing import Fault, Provider, Recording, Turn, Usage, conformance, record
from agentops.testing.conformance import Case, Ending, Expected, Probe, Situation
from agentops_plugins.huggingface_hub import INSTRUMENTATION

hub: Any = pytest.importorskip("huggingface_hub")

ANSWER = Turn("One two three four.", usage=Usage(input=3, output=5))
ASKED = [{"role": "user", "content": "Count to four."}]
pytestmark = pytest.mark.filterwarnings("ignore:[Uu]nclosed:ResourceWarning")  # of aiohttp, of streams that are dropped
RUNNING: dict[str, Provider] = {}


@pytest.fixture(autouse=True)
def provider() -> Iterator[Provider]:
    """The provider that the clients of this test talk to."""
    with Provider() as started:
        RUNNING["it"] = started
        yield started
        utils: Any = importlib.import_module("huggingface_hub.utils")
        getattr(utils, "close_session" if hasattr(utils, "close_session") else "reset_sessions")()


@pytest.fixture
def recording() -> Iterator[Recording]:
    """What the plugin sees."""
    with record(plugins=False, strict=True) as opened, opened.observing.only([INSTRUMENTATION]):
        yield opened


def prepare(situation: Situation) -> None:
    """Tell the provider of the running test."""
    conformance.answering(RUNNING["it"], ANSWER)(situation)


def made(client: str, path: str) -> Any:
    """A client of the running test's provider."""
    return getattr(hub, client)(model=f"{RUNNING['it'].url}{path}", token="hf_k")


@contextmanager
def opened(path: str) -> Generator[Any]:
    """A client of the running test's provider; those of 0.x cannot be closed."""
    with ExitStack() as stack:
        client = made("InferenceClient", path)
        yield stack.enter_context(client) if hasattr(client, "__exit__") else client


CHAT = Probe(
    name="huggingface chat",
    instrumentation=INSTRUMENTATION,
    client=partial(made, "InferenceClient", "/v1"),
    aclient=partial(made, "AsyncInferenceClient", "/v1"),
    call=lambda client: client.chat_completion(ASKED, model="gemma"),
    stream=lambda client: client.chat.completions.create(
        messages=ASKED, model="gemma", stream=True, stream_options={"include_usage": True}
    ),
    text_of=lambda chunk: chunk.choices[0].delta.content if chunk.choices else None,
    prepare=prepare,
    expected=Expected(name="chat gemma", model="gemma", text=ANSWER.text, usage=ANSWER.usage),
)
COMPLETION = Probe(
    name="huggingface text generation",
    instrumentation=INSTRUMENTATION,
    client=partial(made, "InferenceClient", "/text-generation"),
    aclient=partial(made, "AsyncInferenceClient", "/text-generation"),
    call=lambda client: client.text_generation("Count to four.", details=True),
    stream=lambda client: client.text_generation("Count to four.", details=True, stream=True),
    text_of=lambda piece: None if piece.token.special else piece.token.text,
    prepare=prepare,
    expected=Expected(
        name="text_completion",
        text=ANSWER.text,
        usage=Usage(output=5),
        streamed_usage=ANSWER.usage,
    ),
)


@pytest.mark.parametrize("case", [case for probe in (CHAT, COMPLETION) for case in conformance.cases(probe)], ids=str)
def test_the_contract_is_kept(case: Case) -> None:
    """In every situation the call is recorded once, whole, and unnoticed by the program."""
    case.check()
    if case.ending is Ending.DROPPED:
        gc.collect()  # what aiohttp has to say of it, which 0.x uses, it says here


@pytest.mark.parametrize("stream", [False, True])
def test_texts_without_details_are_recorded(stream: bool, provider: Provider, recording: Any) -> None:  # noqa: FBT001
    """The program asks for a text or for pieces of one, and gets just these."""
    provider.say(ANSWER)
    with opened("/text-generation") as client:
        given = "".join(client.text_generation("Count.", stream=stream, max_new_tokens=9, seed=1))
    span = recording.span()
    assert given.startswith(ANSWER.text)
    assert (span.request.input, span.request.operation) == ("Count.", Operation.TEXT_COMPLETION)
    assert {"max_new_tokens": 9, "seed": 1}.items() <= span.request.parameters.items()
    assert [message.text for message in span.response.messages] == [given]


@pytest.mark.filterwarnings("ignore:API endpoint/model for text-generation is not served via TGI")
def test_a_call_that_is_made_again_is_recorded_once(provider: Provider, recording: Any) -> None:
    """The client calls itself without the settings that a server refuses."""
    refused = "The following `model_kwargs` are not used by the model: ['watermark']"
    provider.say(Turn(fault=Fault.refused(400, message=refused)), ANSWER)
    with opened("/text-generation") as client:
        assert client.text_generation("Count.", watermark=True, model=client.model) == ANSWER.text
    assert len(provider.requests) == 2
    assert [message.text for message in recording.span().response.messages] == [ANSWER.text]


TOOL = {
    "type": "function",
    "function": {"name": "weather", "description": "Looks it up.", "parameters": {"type": "object"}},
}


@pytest.mark.parametrize("stream", [False, True])
def test_thoughts_and_tools_are_recorded(stream: bool, provider: Provider, recording: Any) -> None:  # noqa: FBT001
    """In OpenAI's shape, which all providers behind it are made to speak."""
    provider.say(Turn(reasoning="Paris is a city.", tool_calls=[ToolCall("weather", {"city": "Paris"}, "call_1")]))
    with opened("/v1") as client:
        list(
            client.chat_completion(
                [{"role": "system", "content": "Be brief."}, *ASKED],
                model="gemma",
                tools=[TOOL],
                stream=stream,
                temperature=0.5,
                extra_body={"top_k": 3},
            )
        )
    span = recording.span()
    assert span.request.messages == [Message("system", [Text("Be brief.")]), Message("user", [Text("Count to four.")])]
    assert span.request.tools == [Tool("weather", "Looks it up.", {"type": "object"})]
    assert {"temperature": 0.5, "top_k": 3}.items() <= span.request.parameters.items()
    assert "extra_body" not in span.request.parameters
    assert (span.request.provider, span.request.server_address) == ("huggingface", "127.0.0.1")
    assert span.response.messages == [
        Message(
            "assistant",
            [Reasoning("Paris is a city."), ToolCall("weather", {"city": "Paris"}, "call_1")],
            finish_reason="tool_calls",
        )
    ]


def test_vectors_are_counted(recording: Any) -> None:
    """How many and how long they are is kept, not their numbers."""
    pytest.importorskip("numpy")
    with opened("/feature-extraction") as client:
        client.feature_extraction("Paris")
        client.feature_extraction(["Paris", "Lyon"])
    one, two = recording.spans()
    assert (one.kind, one.request.input, one.response.output) == (
        SpanKind.EMBEDDING,
        "Paris",
        {"count": 1, "dimensions": 16},
    )
    assert (two.request.input, two.response.output) == (["Paris", "Lyon"], {"count": 2, "dimensions": 16})


def answer_with(monkeypatch: pytest.MonkeyPatch, *bodies: bytes) -> None:
    """Let these be what comes back, one after the other, whatever is asked."""
    left = iter(bodies)

    def answer(*_args: Any, **_options: Any) -> bytes:
        return next(left)

    monkeypatch.setattr(hub.InferenceClient, "_inner_post", answer)


def test_pictures_and_sounds_are_described(recording: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What they are and how large, never what is in them."""
    images: Any = pytest.importorskip("PIL.Image")
    picture = BytesIO()
    images.new("RGB", (1, 1)).save(picture, "PNG")
    answer_with(monkeypatch, picture.getvalue(), b"sound", b'{"text": "Hello."}')
    with opened("/models/any") as client:
        client.text_to_image("A cat", height=8)
        client.text_to_speech("Hello.")
        assert client.automatic_speech_recognition(b"sound").text == "Hello."
    drawn, spoken, heard = recording.spans()
    assert [span.request.operation for span in (drawn, spoken, heard)] == [
        Operation.IMAGE_GENERATION,
        Operation.SPEECH,
        Operation.TRANSCRIPTION,
    ]
    assert drawn.request.messages == [Message("user", [Text("A cat")])]
    assert drawn.response.messages == [Message("assistant", [Media("image", "image/png")])]
    assert (spoken.request.input, spoken.response.messages) == (
        "Hello.",
        [Message("assistant", [Media("audio", size=5)])],
    )
    assert heard.request.messages == [Message("user", [Media("audio", size=5)])]
    assert heard.response.messages == [Message("assistant", [Text("Hello.")])]


def test_whose_model_answers_is_told_by_the_address(monkeypatch: pytest.MonkeyPatch, recording: Any) -> None:
    """Clients of Hugging Face reach every provider that speaks OpenAI's language."""
    answer_with(monkeypatch, b'{"choices": []}')
    hub.InferenceClient(base_url="https://api.groq.com/openai/v1", api_key="k").chat_completion(ASKED, model="llama")
    request = recording.span().request
    assert (request.provider, request.model, request.server_address) == ("groq", "llama", "api.groq.com")


@pytest.mark.parametrize("method", ["chat_completion", "text_generation"])
def test_a_refusal_says_its_status(method: str, provider: Provider, recording: Any) -> None:
    """The words and the status of the provider, in the library's own exception."""
    provider.say(Turn(fault=Fault.refused(429, message="Slow down.")))
    given: Any = ASKED if method == "chat_completion" else "Count."
    path = "/v1" if method == "chat_completion" else "/text-generation"
    with opened(path) as client, pytest.raises(Exception, match=r"Slow down\."):
        getattr(client, method)(given)
    error = recording.span().error
    assert error.message == "Slow down."
    if method == "chat_completion":
        assert (error.status_code, error.type) == (429, "huggingface_hub.errors.HfHubHTTPError")
    else:
        assert error.type == "huggingface_hub.errors.ValidationError"
