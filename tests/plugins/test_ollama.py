"""The plugin of `ollama`, with the real client: each form of its functions, each of its endpoints."""

from collections.abc import Iterator
from typing import Any, Self

import httpx
import pytest

from agentops.domain.genai import Media, Message, Text, ToolCall, ToolResult
from agentops.domain.spans import SpanKind
from agentops.testing import Fault, Provider, Recording, Turn, Usage, conformance, record
from agentops.testing.conformance import Case, Expected, Probe, Situation
from agentops_plugins.ollama import INSTRUMENTATION

ollama: Any = pytest.importorskip("ollama")
types: Any = pytest.importorskip("ollama._types")

ANSWER = Turn("One two three four.", reasoning="Count slowly.", usage=Usage(input=3, output=5))
ASKED = [{"role": "user", "content": "Count to four."}]
RUNNING: dict[str, Provider] = {}


@pytest.fixture(autouse=True)
def provider() -> Iterator[Provider]:
    """The provider that the clients of this test talk to."""
    with Provider() as started:
        RUNNING["it"] = started
        yield started


def prepare(situation: Situation) -> None:
    """Tell the provider of the running test."""
    conformance.answering(RUNNING["it"], ANSWER)(situation)


@pytest.fixture
def recording() -> Iterator[Recording]:
    """What the plugin sees."""
    with record(plugins=False, strict=True) as opened, opened.observing.only([INSTRUMENTATION]):
        yield opened


class Client(ollama.Client):
    """A client that is closed when it is left; those of 0.4 and 0.5 are not."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._client.close()


class AsyncClient(ollama.AsyncClient):
    """The same, async."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._client.aclose()


def client() -> Client:
    """A client of the provider."""
    return Client(host=RUNNING["it"].url)


def aclient() -> AsyncClient:
    """An async client of the provider."""
    return AsyncClient(host=RUNNING["it"].url)


@pytest.fixture
def opened() -> Iterator[Client]:
    """A client of the provider, closed when the test is over."""
    with client() as made:
        yield made


CHAT = Probe(
    name="ollama chat",
    instrumentation=INSTRUMENTATION,
    client=client,
    aclient=aclient,
    call=lambda client: client.chat("llama3.2", ASKED),
    stream=lambda client: client.chat("llama3.2", ASKED, stream=True),
    text_of=lambda part: part["message"]["content"],
    prepare=prepare,
    expected=Expected(name="chat llama3.2", model="llama3.2", text=ANSWER.text, usage=ANSWER.usage),
)
GENERATE = Probe(
    name="ollama generate",
    instrumentation=INSTRUMENTATION,
    client=client,
    aclient=aclient,
    call=lambda client: client.generate("llama3.2", "Count to four."),
    stream=lambda client: client.generate("llama3.2", "Count to four.", stream=True),
    text_of=lambda part: part["response"],
    prepare=prepare,
    expected=Expected(name="text_completion llama3.2", text=ANSWER.text, usage=ANSWER.usage),
)


@pytest.mark.parametrize("case", [case for probe in (CHAT, GENERATE) for case in conformance.cases(probe)], ids=str)
def test_the_contract_is_kept(case: Case) -> None:
    """In every situation the call is recorded once, whole, and unnoticed by the program."""
    case.check()


def test_functions_imported_before_are_seen(
    provider: Provider, recording: Any, opened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`ollama.chat` is a method of a client that the module made at import; it is seen all the same."""
    monkeypatch.setattr(ollama.chat.__self__, "_client", opened._client)  # noqa: SLF001 - there is no other way in
    provider.say(ANSWER)
    assert ollama.chat("llama3.2", ASKED).message.content == ANSWER.text
    assert recording.span().response.messages[0].text == ANSWER.text
    assert recording.span().request.server_address == "127.0.0.1"


def look_up(city: str) -> str:
    """Look up the weather.

    Args:
        city: Where.
    """
    return city


def test_tools_are_offered_asked_for_and_answered(provider: Provider, recording: Any, opened: Any) -> None:
    """A Python function given as a tool is recorded as a schema, its call and its result as what they are."""
    provider.say(Turn(tool_calls=[ToolCall("look_up", {"city": "Paris"})]))
    answer = opened.chat(
        "llama3.2",
        [
            {"role": "user", "content": "Here?", "images": [b"123456"]},
            {"role": "assistant", "tool_calls": [{"function": {"name": "look_up", "arguments": {"city": "Lyon"}}}]},
            {"role": "tool", "content": "Rain.", "tool_name": "look_up"},
        ],
        tools=[look_up],
        options={"temperature": 0},
    )
    assert answer.message.tool_calls[0].function.name == "look_up"
    span = recording.span()
    assert span.request.messages[:2] == [
        Message("user", [Media("image", size=6), Text("Here?")]),
        Message("assistant", [ToolCall("look_up", {"city": "Lyon"})]),
    ]
    assert span.request.messages[2].parts == [
        ToolResult("Rain.", name="look_up" if "tool_name" in types.Message.model_fields else None)
    ]
    (tool,) = span.request.tools
    assert (tool.name, tool.description) == ("look_up", "Look up the weather.")
    assert tool.parameters["properties"]["city"]["type"] == "string"
    assert span.request.parameters["options"] == {"temperature": 0}
    assert span.response.messages == [
        Message("assistant", [ToolCall("look_up", {"city": "Paris"})], finish_reason="stop")
    ]


def test_embeddings_are_counted(provider: Provider, recording: Any, opened: Any) -> None:
    """Of embeddings, how many and how long they are is kept, not their numbers."""
    provider.say(Turn(usage=Usage(input=2)))
    assert len(opened.embed("nomic-embed-text", ["Paris", "Lyon"]).embeddings) == 2
    span = recording.span()
    assert (span.kind, span.request.input) == (SpanKind.EMBEDDING, ["Paris", "Lyon"])
    assert (span.response.usage, span.response.output) == (Usage(input=2), {"count": 2, "dimensions": 1536})


def test_the_older_embeddings_are_counted(recording: Any, opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """One text, one vector, no count of tokens."""
    answer_with(monkeypatch, {"embedding": [0.1, 0.2]})
    opened.embeddings("nomic-embed-text", "Paris")
    span = recording.span()
    assert (span.kind, span.request.input) == (SpanKind.EMBEDDING, "Paris")
    assert (span.response.usage, span.response.output) == (None, {"count": 1, "dimensions": 2})


def answer_with(monkeypatch: pytest.MonkeyPatch, body: dict[str, Any]) -> None:
    """Let this be what comes back, whatever is asked."""

    def answer(*_args: Any, **_options: Any) -> Any:
        return httpx.Response(200, json=body)

    monkeypatch.setattr(ollama.Client, "_request_raw", answer)


def test_pictures_are_described(recording: Any, opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that draws answers a completion with a picture, of which the size is kept."""
    if "image" not in types.GenerateResponse.model_fields:
        pytest.skip("this version knows no models that draw")
    answer_with(monkeypatch, {"model": "flux", "response": "", "image": "MTIzNDU2", "done_reason": "stop"})
    opened.generate("flux", "A cat", width=8)
    assert recording.span().response.messages == [Message("assistant", [Media("image", size=6)], finish_reason="stop")]


def test_questions_with_choices_are_recorded(recording: Any, opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was asked of which state, the scores, and the tokens."""
    if not hasattr(ollama.Client, "systemone"):
        pytest.skip("this version does not ask such questions")
    scored = {"mood": {"type": "noul", "noul": 0.75}}
    answer_with(monkeypatch, {"model": "s1", "answers": scored, "usage": {"input_tokens": 7, "output_tokens": 1}})
    asked = {"mood": {"type": "noul", "instructions": "Is it merry?"}}
    opened.systemone("s1", "La la la!", asked, keep_alive=5)
    span = recording.span()
    assert (span.kind, span.request.input) == (SpanKind.LLM, {"state": "La la la!", "questions": asked})
    assert span.request.parameters == {"keep_alive": 5.0}
    assert (span.response.output, span.response.usage) == (scored, Usage(input=7, output=1))


def test_web_searches_are_tools(recording: Any, opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ollama's own search for the model's tools."""
    if not hasattr(ollama.Client, "web_search"):
        pytest.skip("this version does not search")
    answer_with(monkeypatch, {"results": [{"content": "Paris.", "title": "France", "url": "https://a.invalid"}]})
    opened._client.headers["authorization"] = "Bearer k"  # noqa: SLF001 - what the search asks for
    opened.web_search("capital of France", max_results=1)
    span = recording.span()
    assert (span.kind, span.name) == (SpanKind.TOOL, "web_search")
    assert span.input == {"query": "capital of France", "max_results": 1}
    assert span.output["results"][0]["title"] == "France"


def test_a_cached_prompt_has_no_count(provider: Provider, recording: Any, opened: Any) -> None:
    """Ollama does not say how long a prompt was that it had in its cache; it is unknown then, not nothing."""
    provider.say(Turn("Four.", usage=Usage(output=2)))
    opened.generate("llama3.2", "Count to four.", system="Be brief.", images=[b"123456"])
    span = recording.span()
    assert span.response.usage == Usage(output=2)
    assert span.request.messages == [
        Message("system", [Text("Be brief.")]),
        Message("user", [Media("image", size=6), Text("Count to four.")]),
    ]


def test_what_is_no_model_call_is_left_alone(recording: Any, opened: Any) -> None:
    """Listing models is nobody's call of a model."""
    with pytest.raises(ollama.ResponseError):
        opened.list()
    assert recording.spans() == []


def test_a_refusal_says_its_status(provider: Provider, recording: Any, opened: Any) -> None:
    """The words and the status of the server."""
    provider.say(Turn(fault=Fault.refused(404, message='model "llama9" not found')))
    with pytest.raises(ollama.ResponseError):
        opened.chat("llama9", ASKED)
    error = recording.span().error
    assert (error.status_code, error.message) == (404, 'model "llama9" not found')
    assert error.type == "ollama._types.ResponseError"
