"""The chats of `ai21`, with the real client."""

from collections.abc import Iterator
from typing import Any, Self

import pytest

from agentops.domain.genai import Message, Text, Tool, ToolCall, Usage
from agentops.testing import Recording, record
from agentops.testing.conformance import Case, Expected, Probe, Situation, answering, cases
from agentops.testing.provider import Fault, Provider, Turn
from agentops_plugins.ai21 import INSTRUMENTATION

ai21: Any = pytest.importorskip("ai21")
chat: Any = pytest.importorskip("ai21.models.chat")
httpx: Any = pytest.importorskip("httpx")

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of httpx, for how the client sends bytes

QUESTION = "What is the weather in Paris?"
USAGE = Usage(input=20, output=9)
ANSWER = Turn("Sunny, 21 degrees.", usage=USAGE)
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
RUNNING: dict[str, Provider] = {}


def address() -> str:
    """Where the provider of the running test speaks as AI21 does."""
    return f"{RUNNING['provider'].url}/studio/v1"


class Sync:
    """A client that is closed with its sockets, for which the library has no method."""

    def __init__(self) -> None:
        self._http = httpx.Client()
        self.chat = ai21.AI21Client(api_key="any", api_host=address(), http_client=self._http, num_retries=1).chat

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._http.close()


class Async:
    """The same, async."""

    def __init__(self) -> None:
        self._http = httpx.AsyncClient()
        self.chat = ai21.AsyncAI21Client(api_key="any", api_host=address(), http_client=self._http, num_retries=1).chat

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._http.aclose()


def call(client: Any, **given: Any) -> Any:
    """Ask about the weather."""
    asked = [chat.ChatMessage(role="user", content=QUESTION)]
    return client.chat.completions.create(model="jamba-x", messages=asked, **given)


def prepare(situation: Situation) -> None:
    """Tell the provider of the running test."""
    answering(RUNNING["provider"], ANSWER)(situation)


@pytest.fixture(autouse=True)
def provider(loopback_provider: Provider) -> Provider:
    """The provider that the clients of this test talk to."""
    RUNNING["provider"] = loopback_provider
    return loopback_provider


PROBE = Probe(
    name="ai21",
    instrumentation=INSTRUMENTATION,
    client=Sync,
    aclient=Async,
    call=call,
    stream=lambda client: call(client, stream=True),
    prepare=prepare,
    text_of=lambda chunk: chunk.choices[0].delta.content,
    expected=Expected(name="chat jamba-x", model="jamba-x", text=ANSWER.text, usage=USAGE),
)


@pytest.mark.parametrize("case", cases(PROBE), ids=str)
def test_ai21_conforms(case: Case) -> None:
    """One span, ended once, that says what the program received; the program notices nothing."""
    case.check()


@pytest.fixture
def recording() -> Iterator[Recording]:
    """What the plugin sees."""
    with record(plugins=False, strict=True) as opened, opened.observing.only([INSTRUMENTATION]):
        yield opened


def test_tools_and_settings_are_read(provider: Provider, recording: Recording) -> None:
    """What was not given is not recorded."""
    provider.say(Turn("", tool_calls=[ToolCall("weather", {"city": "Paris"}, "call_1")], usage=USAGE))
    function = {"name": "weather", "description": "Looks it up.", "parameters": SCHEMA}
    with Sync() as client:
        call(client, tools=[{"type": "function", "function": function}], temperature=0.5)
    request, response = recording.span().request, recording.span().response
    assert request is not None
    assert response is not None
    assert (request.provider, request.server_address) == ("ai21", "127.0.0.1")
    assert request.messages == [Message("user", [Text(QUESTION)])]
    assert (request.tools, request.parameters) == ([Tool("weather", "Looks it up.", SCHEMA)], {"temperature": 0.5})
    assert response.messages[0].parts == [ToolCall("weather", {"city": "Paris"}, "call_1")]


def test_a_refusal_says_what_ai21_says(provider: Provider, recording: Recording) -> None:
    """Status and words."""
    provider.say(Turn(fault=Fault.refused(422, message="No such thing.")))
    with Sync() as client, pytest.raises(ai21.errors.UnprocessableEntity) as raised:
        call(client)
    error = recording.span().error
    assert error is not None
    assert (error.status_code, error.message) == (422, "No such thing.")
    assert error.type == f"{raised.type.__module__}.{raised.type.__qualname__}"
