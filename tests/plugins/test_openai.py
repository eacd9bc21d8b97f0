"""What `openai` offers beside plain `create`: helpers, parsed answers, raw ones, Azure, sound, and what goes wrong."""

import gc
import sys
from functools import partial
from typing import Any

import pytest

from agentops.domain.genai import Message, Text, ToolCall, Usage
from agentops.domain.spans import SpanKind, SpanStatus
from agentops.testing.provider import Fault, Provider, Turn

openai = pytest.importorskip("openai")
pydantic = pytest.importorskip("pydantic")

ASKED: list[Any] = [{"role": "user", "content": "Where?"}]
CHAT: dict[str, Any] = {"model": "gpt-x", "messages": ASKED}


class Place(pydantic.BaseModel):
    """What a parsed answer is."""

    city: str


@pytest.fixture(name="client")
def make_client(loopback_provider: Provider) -> Any:
    """A client that does not try twice."""
    with openai.OpenAI(max_retries=0, timeout=10) as client:
        yield client


@pytest.fixture(name="async_client")
async def make_async_client(loopback_provider: Provider) -> Any:
    """An async client that does not try twice."""
    async with openai.AsyncOpenAI(max_retries=0, timeout=10) as client:
        yield client


def texts(span: Any) -> list[str]:
    """The texts of an answer's choices."""
    return [message.text for message in span.response.messages]


def test_a_parsed_answer_is_one_call(client: Any, flight: Any, loopback_provider: Provider) -> None:
    """The program gets its model, the record the JSON and the schema that was asked for."""
    loopback_provider.say(Turn('{"city": "Paris"}'))
    answer = client.chat.completions.parse(**CHAT, response_format=Place)
    assert answer.choices[0].message.parsed == Place(city="Paris")
    assert texts(flight.span) == ['{"city": "Paris"}']
    assert flight.span.request.parameters["response_format"]["json_schema"]["name"] == "Place"


def test_an_answer_cut_short_has_cost_tokens(client: Any, flight: Any, loopback_provider: Provider) -> None:
    """`parse` raises on it; the tokens were spent all the same."""
    loopback_provider.say(Turn('{"ci', finish_reason="length", usage=Usage(input=3, output=2)))
    with pytest.raises(openai.LengthFinishReasonError):
        client.chat.completions.parse(**CHAT, response_format=Place)
    span = flight.span
    assert (span.status, texts(span), span.response.usage) == (SpanStatus.ERROR, ['{"ci'], Usage(input=3, output=2))


def test_the_stream_helper_is_one_call(client: Any, flight: Any, loopback_provider: Provider) -> None:
    """Events that the helper makes up itself are not counted."""
    loopback_provider.say(Turn("Paris, of course."))
    with client.chat.completions.stream(**CHAT) as stream:
        assert stream.get_final_completion().choices[0].message.content == "Paris, of course."
    assert (flight.span.status, texts(flight.span)) == (SpanStatus.OK, ["Paris, of course."])


def test_a_stream_helper_that_is_left_ends_the_call(client: Any, flight: Any, loopback_provider: Provider) -> None:
    """It closes the connection past the stream."""
    loopback_provider.say(Turn("Paris, of course.", fault=Fault.stalled(after=2)))
    with client.chat.completions.stream(**CHAT) as stream:
        for event in stream:
            if event.type == "content.delta" and event.delta:
                break
        assert flight.spans[0].status is SpanStatus.RUNNING
    assert (flight.span.status, texts(flight.span)) == (SpanStatus.INCOMPLETE, ["Paris,"])


async def test_the_async_stream_helper_is_one_call(async_client: Any, flight: Any, loopback_provider: Provider) -> None:
    """The call begins when the helper is entered."""
    loopback_provider.say(Turn("Paris, of course."))
    async with async_client.chat.completions.stream(**CHAT) as stream:
        final = await stream.get_final_completion()
    assert final.choices[0].message.content == "Paris, of course."
    assert texts(flight.span) == ["Paris, of course."]


def test_responses_helpers_are_one_call(client: Any, flight: Any, loopback_provider: Provider) -> None:
    """`responses.stream` and `responses.parse`."""
    loopback_provider.say(Turn("Paris."), Turn('{"city": "Paris"}'))
    with client.responses.stream(model="gpt-x", input="Where?") as stream:
        assert stream.get_final_response().output_text == "Paris."
    parsed = client.responses.parse(model="gpt-x", input="Where?", text_format=Place)
    assert parsed.output_parsed == Place(city="Paris")
    assert [texts(span) for span in flight.spans] == [["Paris."], ['{"city": "Paris"}']]


def test_a_raw_answer_is_read_without_touching_it(client: Any, flight: Any, loopback_provider: Provider) -> None:
    """The body is in memory: the call has ended before anything was parsed."""
    loopback_provider.say(Turn("Paris."))
    raw = client.chat.completions.with_raw_response.create(**CHAT)
    assert (flight.span.status, texts(flight.span)) == (SpanStatus.OK, ["Paris."])
    assert flight.span.response.request_id == raw.headers["x-request-id"]
    assert raw.parse().choices[0].message.content == "Paris."
    assert raw.parse() is raw.parse()


def test_a_raw_stream_is_observed_once_it_is_parsed(client: Any, flight: Any, loopback_provider: Provider) -> None:
    """The main path of langchain."""
    loopback_provider.say(Turn("Paris, of course."))
    raw = client.chat.completions.with_raw_response.create(**CHAT, stream=True)
    assert flight.spans[0].status is SpanStatus.RUNNING
    stream = raw.parse()
    assert raw.parse() is stream
    assert isinstance(stream, openai.Stream)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in stream) == "Paris, of course."
    assert (flight.span.status, texts(flight.span)) == (SpanStatus.OK, ["Paris, of course."])
    assert flight.span.response.request_id == "req_loopback000001"


def test_a_raw_stream_that_nobody_parses_ends_with_it(client: Any, flight: Any, loopback_provider: Provider) -> None:
    """Dropped unread: incomplete, with nothing read."""
    loopback_provider.say(Turn("Paris."))
    raw = client.chat.completions.with_raw_response.create(**CHAT, stream=True)
    raw.http_response.close()
    del raw
    gc.collect()
    assert flight.span.end is not None
    assert flight.span.response is None or flight.span.response.messages == []


def test_a_body_read_by_the_program_is_the_programs(client: Any, flight: Any, loopback_provider: Provider) -> None:
    """`with_streaming_response`: lines are read from the wire; the call ends when they are."""
    loopback_provider.say(Turn("Paris."))
    with client.chat.completions.with_streaming_response.create(**CHAT) as response:
        assert flight.spans[0].status is SpanStatus.RUNNING
        assert any("Paris." in line for line in response.iter_lines())
    assert flight.span.status is SpanStatus.OK
    assert flight.span.response.request_id == "req_loopback000001"


def test_a_body_parsed_by_the_program_is_recorded(client: Any, flight: Any, loopback_provider: Provider) -> None:
    """`with_streaming_response`: `parse` reads the body, and so do we."""
    loopback_provider.say(Turn("Paris."))
    with client.chat.completions.with_streaming_response.create(**CHAT) as response:
        assert response.parse().choices[0].message.content == "Paris."
    assert (flight.span.status, texts(flight.span)) == (SpanStatus.OK, ["Paris."])


async def test_an_async_body_parsed_by_the_program_is_recorded(
    async_client: Any, flight: Any, loopback_provider: Provider
) -> None:
    """`with_streaming_response` of the async client, whose `parse` is awaited."""
    loopback_provider.say(Turn("Paris."))
    async with async_client.chat.completions.with_streaming_response.create(**CHAT) as response:
        assert (await response.parse()).choices[0].message.content == "Paris."
    assert (flight.span.status, texts(flight.span)) == (SpanStatus.OK, ["Paris."])


def test_azure_is_its_own_provider(flight: Any, loopback_provider: Provider) -> None:
    """The deployment is in the path, the model in the body."""
    loopback_provider.say(Turn("Paris."))
    with openai.AzureOpenAI(
        azure_endpoint=loopback_provider.url, api_version="2026-01-01", api_key="any", max_retries=0
    ) as client:
        client.chat.completions.create(**CHAT)
    request = flight.span.request
    assert (request.provider, request.model, request.server_address) == ("azure.ai.openai", "gpt-x", "127.0.0.1")
    assert loopback_provider.requests[0].path == "/openai/deployments/gpt-x/chat/completions"


def test_retries_are_inside_one_call(flight: Any, loopback_provider: Provider) -> None:
    """The program waited for one answer."""
    loopback_provider.say(Turn(fault=Fault.refused(503, retry_after=0.01)), Turn("Paris."))
    with openai.OpenAI(max_retries=1) as client:
        client.chat.completions.create(**CHAT)
    assert len(loopback_provider.requests) == 2
    assert (flight.span.status, texts(flight.span)) == (SpanStatus.OK, ["Paris."])


def test_messages_may_be_made_as_they_are_sent(client: Any, flight: Any, loopback_provider: Provider) -> None:
    """An iterator is used up by the client, not by us."""
    loopback_provider.say(Turn("Paris."))
    client.chat.completions.create(model="gpt-x", messages=(message for message in ASKED))
    assert flight.span.request.messages == [Message("user", [Text("Where?")])]
    assert loopback_provider.requests[0].body["messages"] == ASKED


def test_what_was_said_stays_said(client: Any, flight: Any, loopback_provider: Provider) -> None:
    """The program's lists change after the call; the record does not."""
    loopback_provider.say(Turn("", tool_calls=[ToolCall("look", {"a": 1})]))
    messages = [{"role": "user", "content": "Where?"}]
    answer = client.chat.completions.create(model="gpt-x", messages=messages)
    messages[0]["content"] = "changed"
    answer.choices[0].message.tool_calls[0].function.name = "changed"
    assert flight.span.request.messages == [Message("user", [Text("Where?")])]
    assert flight.span.response.messages[0].parts[0].name == "look"


def test_embeddings_are_no_chat(client: Any, flight: Any, loopback_provider: Provider) -> None:
    """They are a kind of their own, and their vectors are not kept."""
    vectors = client.embeddings.create(model="embed-x", input=["Paris", "Lyon"])
    assert len(vectors.data[0].embedding) == 1536
    span = flight.span
    assert (span.kind, span.name) == (SpanKind.EMBEDDING, "embeddings embed-x")
    assert (span.request.input, span.response.output) == (["Paris", "Lyon"], {"count": 2, "dimensions": 1536})


def test_other_calls_are_left_alone(client: Any, flight: Any, loopback_provider: Provider) -> None:
    """A list of models is a plain exchange, as tools are."""
    assert client.models.list().data
    assert [span.kind for span in flight.spans] == [SpanKind.TOOL]


def transport_of(answer: Any) -> Any:
    """A client of the HTTP library that `openai` runs on, which answers by itself."""
    name = "httpx2" if hasattr(sys.modules["openai._base_client"], "httpx2") else "httpx"
    http = pytest.importorskip(name)
    return http.Client(transport=http.MockTransport(partial(answer, http)))


def test_speech_is_not_read(flight: Any) -> None:
    """The sound reaches the program; the record has its size."""

    def speak(http: Any, request: Any) -> Any:
        return http.Response(200, content=b"sound", headers={"content-type": "audio/mpeg", "x-request-id": "req_1"})

    with openai.OpenAI(api_key="any", http_client=transport_of(speak)) as client:
        sound = client.audio.speech.create(model="tts-x", voice="alloy", input="Hello")
        assert sound.content == b"sound"
    span = flight.span
    assert (span.name, span.request.input, span.response.request_id) == ("speech tts-x", "Hello", "req_1")
    assert (span.response.messages[0].parts[0].mime_type, span.response.messages[0].parts[0].size) == ("audio/mpeg", 5)


def test_a_transcription_keeps_the_words(flight: Any) -> None:
    """Of the file its size, of the answer its text."""

    def listen(http: Any, request: Any) -> Any:
        return http.Response(200, json={"text": "Hello", "usage": {"type": "duration", "seconds": 2}})

    with openai.OpenAI(api_key="any", http_client=transport_of(listen)) as client:
        heard = client.audio.transcriptions.create(model="whisper-x", file=("a.mp3", b"sound", "audio/mpeg"))
    assert heard.text == "Hello"
    span = flight.span
    assert (texts(span), span.response.output) == (["Hello"], {"seconds": 2})
    assert (span.request.model, span.request.messages[0].parts[0].size) == ("whisper-x", 5)
