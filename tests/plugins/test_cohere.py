"""The plugin of `cohere`, with the real clients of both versions of its API."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from agentops.domain.genai import Message, Other, Reasoning, Request, Response, Text, Tool, ToolCall, ToolResult
from agentops.domain.spans import SpanStatus
from agentops.testing import Fault, Provider, Recording, Turn, Usage, conformance, record
from agentops.testing.conformance import Case, Expected, Probe, Situation
from agentops_plugins.cohere import INSTRUMENTATION

cohere: Any = pytest.importorskip("cohere")

USAGE = Usage(input=3, cache_read=4, output=5)
ANSWER = Turn("One two three four.", usage=USAGE)
ASKED = [{"role": "user", "content": "Count to four."}]
RUNNING: dict[str, Provider] = {}

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of asyncio.iscoroutinefunction, in the client


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
    """Tell the provider of the running test; errors in a stream are answers to Cohere, so it breaks otherwise."""
    if situation is Situation.BREAKS:
        RUNNING["it"].say(Turn(ANSWER.text, usage=USAGE, fault=Fault.reset(after=1)))
    else:
        conformance.answering(RUNNING["it"], ANSWER)(situation)


def made(client: str) -> Any:
    """A client of the running test's provider."""
    return getattr(cohere, client)(api_key="k", base_url=RUNNING["it"].url)


def said(event: Any) -> str | None:
    """The text in an event of version 2."""
    return event.delta.message.content.text if event.type == "content-delta" else None


V2 = Probe(
    name="cohere v2",
    instrumentation=INSTRUMENTATION,
    client=partial(made, "ClientV2"),
    aclient=partial(made, "AsyncClientV2"),
    call=lambda client: client.chat(model="command-r7b", messages=ASKED),
    stream=lambda client: client.chat_stream(model="command-r7b", messages=ASKED),
    text_of=said,
    prepare=prepare,
    expected=Expected(name="chat command-r7b", model="command-r7b", text=ANSWER.text, usage=USAGE),
)
V1 = Probe(
    name="cohere v1",
    instrumentation=INSTRUMENTATION,
    client=partial(made, "Client"),
    aclient=partial(made, "AsyncClient"),
    call=lambda client: client.chat(model="command-r", message="Count to four."),
    stream=lambda client: client.chat_stream(model="command-r", message="Count to four."),
    text_of=lambda event: event.text if event.event_type == "text-generation" else None,
    prepare=prepare,
    expected=Expected(name="chat command-r", model="command-r", text=ANSWER.text, usage=USAGE),
)


@pytest.mark.parametrize("case", [case for probe in (V2, V1) for case in conformance.cases(probe)], ids=str)
def test_the_contract_is_kept(case: Case) -> None:
    """In every situation the call is recorded once, whole, and unnoticed by the program."""
    case.check()


def test_a_client_made_before_is_seen(provider: Provider) -> None:
    """Clients keep decorated methods in themselves; one that was made before agentops came is seen all the same."""
    provider.say(ANSWER, ANSWER)
    with made("Client") as client, record(plugins=False, strict=True) as recording:
        with recording.observing.only([INSTRUMENTATION]):
            client.chat(model="command-r", message="Hello?")
            list(client.chat_stream(model="command-r", message="Hello?"))
        assert [span.response and span.response.messages[0].text for span in recording.spans()] == [ANSWER.text] * 2


TOOL = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "Looks it up.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}
ASKING = Turn(
    reasoning="Paris is a city.",
    tool_calls=[ToolCall("weather", {"city": "Paris"}, "call_1"), ToolCall("weather", {"city": "Lyon"}, "call_2")],
    usage=USAGE,
)


@pytest.mark.parametrize("method", ["chat", "chat_stream"])
def test_thoughts_plans_and_tools_are_recorded(method: str, provider: Provider, recording: Any) -> None:
    """What the model thought, what it planned to look up, what it asked for: streamed or not, the same."""
    provider.say(ASKING)
    with made("ClientV2") as client:
        list(
            getattr(client, method)(
                model="command-a",
                messages=[
                    {"role": "system", "content": "Be brief."},
                    cohere.UserChatMessageV2(content=[{"type": "text", "text": "The weather?"}]),
                    {"role": "assistant", "tool_plan": "Ask.", "tool_calls": [TOOL_CALL]},
                    {"role": "tool", "tool_call_id": "call_0", "content": [{"type": "text", "text": "Rain."}]},
                ],
                tools=[TOOL],
                temperature=0.5,
                request_options={"additional_headers": {"authorization": "secret"}},
            )
        )
    span = recording.span()
    assert span.request == Request(
        operation="chat",
        provider="cohere",
        model="command-a",
        messages=[
            Message("system", [Text("Be brief.")]),
            Message("user", [Text("The weather?")]),
            Message("assistant", [Other("tool_plan", "Ask."), ToolCall("weather", {"city": "Nice"}, "call_0")]),
            Message("tool", [ToolResult("Rain.", "call_0")]),
        ],
        tools=[Tool("weather", "Looks it up.", TOOL["function"]["parameters"])],  # type: ignore[index]
        parameters={"temperature": 0.5},
        stream=method == "chat_stream",
        server_address="127.0.0.1",
    )
    assert span.response == Response(
        id="chat-loopback000001",
        messages=[
            Message(
                "assistant",
                [
                    Other("tool_plan", "I will look it up."),
                    Reasoning("Paris is a city."),
                    ToolCall("weather", {"city": "Paris"}, "call_1"),
                    ToolCall("weather", {"city": "Lyon"}, "call_2"),
                ],
                finish_reason="TOOL_CALL",
            )
        ],
        finish_reasons=["TOOL_CALL"],
        usage=USAGE,
    )


TOOL_CALL = {"id": "call_0", "type": "function", "function": {"name": "weather", "arguments": '{"city": "Nice"}'}}


@pytest.mark.parametrize("method", ["chat", "chat_stream"])
def test_version_1_says_it_in_its_words(method: str, provider: Provider, recording: Any) -> None:
    """A preamble, a history, results of tools, and tools with definitions of their own."""
    provider.say(Turn(tool_calls=[ToolCall("weather", {"city": "Paris"})], usage=USAGE))
    call = {"name": "weather", "parameters": {"city": "Nice"}}
    with made("Client") as client:
        list(
            getattr(client, method)(
                model="command-r",
                preamble="Be brief.",
                chat_history=[
                    {"role": "USER", "message": "Hello."},
                    cohere.ChatbotMessage(message="Hello!", tool_calls=[cohere.ToolCall(**call)]),
                ],
                message="The weather?",
                tools=[{"name": "weather", "description": "Looks it up.", "parameter_definitions": {"city": CITY}}],
                tool_results=[{"call": call, "outputs": [{"sky": "grey"}]}],
            )
        )
    span = recording.span()
    assert span.request.messages == [
        Message("system", [Text("Be brief.")]),
        Message("user", [Text("Hello.")]),
        Message("assistant", [Text("Hello!"), ToolCall("weather", {"city": "Nice"})]),
        Message("user", [Text("The weather?")]),
        Message("tool", [ToolResult([{"sky": "grey"}], name="weather")]),
    ]
    assert span.request.tools == [Tool("weather", "Looks it up.", {"city": CITY})]
    assert span.response.messages == [
        Message("assistant", [ToolCall("weather", {"city": "Paris"})], finish_reason="COMPLETE")
    ]
    assert (span.response.id, span.response.usage) == ("chat-loopback000001", USAGE)


CITY = {"type": "str", "description": "Where.", "required": True}


def test_an_error_that_ends_a_stream_is_one(provider: Provider, recording: Any) -> None:
    """Cohere raises nothing when it cannot go on: the last event says so."""
    provider.say(Turn("One", finish_reason="content_filter"))
    with made("ClientV2") as client:
        list(client.chat_stream(model="command-a", messages=ASKED))
    span = recording.span()
    assert (span.status, span.error.message) == (SpanStatus.ERROR, "Stopped.")
    assert (span.response.messages[0].text, span.response.finish_reasons) == ("One", ["ERROR"])


def test_a_refusal_says_its_status(provider: Provider, recording: Any) -> None:
    """The words and the status of the provider."""
    provider.say(Turn(fault=Fault.refused(404, message="model 'command-z' not found")))
    with made("ClientV2") as client, pytest.raises(cohere.NotFoundError):
        client.chat(model="command-z", messages=ASKED)
    error = recording.span().error
    assert (error.status_code, error.message) == (404, "model 'command-z' not found")
    assert error.type == "cohere.errors.not_found_error.NotFoundError"


def test_a_raw_stream_is_recorded(provider: Provider, recording: Any) -> None:
    """The raw client hands out its stream as a context manager; what is read there is recorded."""
    provider.say(ANSWER)
    with (
        made("ClientV2") as client,
        client.v2.with_raw_response.chat_stream(model="command-a", messages=ASKED) as response,
    ):
        events = response.data
        next(event for event in events if said(event))
        events.close()
    span = recording.span()
    assert (span.status, span.response.messages[0].text) == (SpanStatus.INCOMPLETE, "One")
