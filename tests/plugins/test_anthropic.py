"""What `anthropic` offers beside plain `create`: helpers, beta, tool runner, raw answers, token counts."""

import gc
import json
from typing import Any

import pytest

from agentops.domain.genai import Message, Text, ToolCall, ToolResult, Usage
from agentops.domain.spans import SpanKind, SpanStatus
from agentops.recording.context import suppressed
from agentops.testing.provider import Fault, Provider, Turn

anthropic = pytest.importorskip("anthropic")
pydantic = pytest.importorskip("pydantic")

ASKED: list[Any] = [{"role": "user", "content": "Where?"}]
MESSAGE: dict[str, Any] = {"model": "claude-x", "max_tokens": 100, "messages": ASKED}
SPENT = Usage(input=3, cache_read=2, output=4)


class Place(pydantic.BaseModel):
    """What a parsed answer is."""

    city: str


@pytest.fixture(name="client")
def make_client(loopback_provider: Provider) -> Any:
    """A client that does not try twice."""
    with anthropic.Anthropic(max_retries=0, timeout=10) as client:
        yield client


@pytest.fixture(name="async_client")
async def make_async_client(loopback_provider: Provider) -> Any:
    """An async client that does not try twice."""
    async with anthropic.AsyncAnthropic(max_retries=0, timeout=10) as client:
        yield client


def models_of(flight: Any) -> list[Any]:
    """The spans of model calls."""
    return [span for span in flight.spans if span.kind is SpanKind.LLM]


def said(span: Any) -> str:
    """The text of an answer."""
    return "".join(message.text for message in span.response.messages)


def test_the_stream_helper_is_one_call(client: Any, flight: Any, loopback_provider: Provider) -> None:
    """`messages.stream` does not go through `create`; its own events are not the provider's."""
    loopback_provider.say(Turn("Paris, of course.", usage=SPENT))
    with client.messages.stream(**MESSAGE) as stream:
        assert "".join(stream.text_stream) == "Paris, of course."
        assert stream.get_final_message().usage.output_tokens == 4
    assert (flight.span.status, said(flight.span), flight.span.response.usage) == (
        SpanStatus.OK,
        "Paris, of course.",
        SPENT,
    )


def test_a_stream_helper_that_is_left_ends_the_call(client: Any, flight: Any, loopback_provider: Provider) -> None:
    """What came until then is kept."""
    loopback_provider.say(Turn("Paris, of course.", fault=Fault.stalled(after=2)))
    with client.messages.stream(**MESSAGE) as stream:
        assert next(iter(stream.text_stream)) == "Paris,"
        assert flight.spans[0].status is SpanStatus.RUNNING
    assert (flight.span.status, said(flight.span)) == (SpanStatus.INCOMPLETE, "Paris,")


async def test_the_async_stream_helper_is_one_call(async_client: Any, flight: Any, loopback_provider: Provider) -> None:
    """The call begins when the helper is entered."""
    loopback_provider.say(Turn("Paris, of course."))
    async with async_client.messages.stream(**MESSAGE) as stream:
        final = await stream.get_final_message()
    assert final.content[0].text == "Paris, of course."
    assert (flight.span.status, said(flight.span)) == (SpanStatus.OK, "Paris, of course.")


def test_a_parsed_answer_is_one_call(client: Any, flight: Any, loopback_provider: Provider) -> None:
    """The program gets its model, the record the JSON."""
    if not hasattr(client.messages, "parse"):
        pytest.skip("this version does not parse")
    loopback_provider.say(Turn('{"city": "Paris"}'))
    answer = client.messages.parse(**MESSAGE, output_format=Place)
    assert answer.parsed_output == Place(city="Paris")
    assert said(flight.span) == '{"city": "Paris"}'


def test_beta_is_the_same_call(client: Any, flight: Any, loopback_provider: Provider) -> None:
    """Plain and streamed; the settings of the beta are settings."""
    loopback_provider.say(Turn("Paris."), Turn("Paris."))
    client.beta.messages.create(**MESSAGE, betas=["some-beta"])
    list(client.beta.messages.create(**MESSAGE, stream=True))
    assert [said(span) for span in flight.spans] == ["Paris.", "Paris."]


def test_every_turn_of_the_tool_runner_is_a_call(client: Any, flight: Any, loopback_provider: Provider) -> None:
    """The runner is a loop of the library; the model is called in each turn."""
    if not hasattr(client.beta.messages, "tool_runner"):
        pytest.skip("this version runs no tools")

    @anthropic.beta_tool
    def weather(city: str) -> str:
        """Looks up the weather.

        Args:
            city: where.
        """
        return json.dumps({"city": city, "weather": "sunny"})

    loopback_provider.say(Turn("", tool_calls=[ToolCall("weather", {"city": "Paris"}, "toolu_1")]), Turn("Sunny."))
    final = client.beta.messages.tool_runner(**MESSAGE, tools=[weather]).until_done()
    assert final.content[0].text == "Sunny."
    first, second = models_of(flight)
    assert first.response.messages[0].parts == [ToolCall("weather", {"city": "Paris"}, "toolu_1")]
    assert second.request.messages[-1] == Message(
        "user", [ToolResult('{"city": "Paris", "weather": "sunny"}', "toolu_1")]
    )
    assert [tool.name for tool in first.request.tools] == ["weather"]
    assert said(second) == "Sunny."


def test_counting_tokens_is_no_model_call(client: Any, flight: Any, loopback_provider: Provider) -> None:
    """It is recorded, and nothing was spent."""
    loopback_provider.say(Turn(usage=Usage(input=12)))
    assert client.messages.count_tokens(model="claude-x", messages=ASKED).input_tokens == 12
    span = flight.span
    assert (span.kind, span.name, span.response.output) == (
        SpanKind.TASK,
        "token_count claude-x",
        {"input_tokens": 12},
    )
    assert flight.trace.analytics.llm_calls == 0


def test_a_raw_answer_is_read_without_touching_it(client: Any, flight: Any, loopback_provider: Provider) -> None:
    """The body is in memory: the call has ended."""
    loopback_provider.say(Turn("Paris."))
    raw = client.messages.with_raw_response.create(**MESSAGE)
    assert (flight.span.status, said(flight.span)) == (SpanStatus.OK, "Paris.")
    assert raw.parse().content[0].text == "Paris."


async def test_a_raw_stream_is_observed_once_it_is_parsed(
    async_client: Any, flight: Any, loopback_provider: Provider
) -> None:
    """Of the async client, whose stream comes from `parse`."""
    loopback_provider.say(Turn("Paris, of course."))
    raw = await async_client.messages.with_raw_response.create(**MESSAGE, stream=True)
    stream = raw.parse()
    stream = await stream if hasattr(stream, "__await__") else stream
    assert len([event async for event in stream]) > 3
    assert (flight.span.status, said(flight.span)) == (SpanStatus.OK, "Paris, of course.")


def test_a_dropped_stream_is_closed_as_without_us(client: Any, flight: Any, loopback_provider: Provider) -> None:
    """Recent versions close it at once, without the garbage collector: nothing of ours keeps a stream alive."""
    broken = Turn("Paris, of course.", fault=Fault.stalled(after=2))
    loopback_provider.say(broken, broken)

    def is_closed_when_dropped() -> bool:
        stream = client.messages.create(**MESSAGE, stream=True)
        for event in stream:
            if event.type == "content_block_delta":
                break
        response = stream.response
        del stream
        return response.is_closed

    with suppressed():
        expected = is_closed_when_dropped()
    gc.collect()  # in the midst of the next request it could close the stream under httpcore's lock, and wait for ever
    assert is_closed_when_dropped() == expected
    gc.collect()
    assert (flight.span.status, said(flight.span)) == (SpanStatus.INCOMPLETE, "Paris,")


def test_what_goes_beside_the_arguments_counts(client: Any, flight: Any, loopback_provider: Provider) -> None:
    """Version 1 and later take `temperature` only so."""
    loopback_provider.say(Turn("Paris."))
    client.messages.create(**MESSAGE, system="Be brief.", extra_body={"temperature": 0.5})
    request = flight.span.request
    assert request.parameters == {"max_tokens": 100, "temperature": 0.5}
    assert request.messages == [Message("system", [Text("Be brief.")]), Message("user", [Text("Where?")])]


def test_other_clouds_are_their_own_providers(flight: Any) -> None:
    """The client's class says where the model runs."""
    bedrock = getattr(anthropic, "AnthropicBedrock", None)
    if bedrock is None:
        pytest.skip("this version has no such client")
    client = bedrock(
        aws_region="us-east-1", aws_access_key="any", aws_secret_key="any", base_url="http://x.invalid", max_retries=0
    )
    with client, pytest.raises((anthropic.APIConnectionError, ImportError)):
        client.messages.create(**MESSAGE)
    assert (flight.span.request.provider, flight.span.status) == ("aws.bedrock", SpanStatus.ERROR)
