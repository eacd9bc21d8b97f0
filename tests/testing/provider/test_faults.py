"""The ways in which a provider goes wrong, as the real clients meet them."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import anthropic
import openai
import pytest
from anthropic import Anthropic
from openai import OpenAI

from agentops.testing.provider import Fault, Provider, Turn

Provide = Callable[..., Provider]
ToOpenAI = Callable[..., OpenAI]
ToAnthropic = Callable[..., Anthropic]

MESSAGES: list[Any] = [{"role": "user", "content": "Hello"}]
ASKED: dict[str, Any] = {"model": "claude-sonnet-4-6", "max_tokens": 64, "messages": MESSAGES}


@pytest.mark.parametrize(
    ("status", "error", "said"),
    [
        (400, openai.BadRequestError, ("invalid_request_error", "invalid_value")),
        (401, openai.AuthenticationError, ("invalid_request_error", "invalid_api_key")),
        (404, openai.NotFoundError, ("invalid_request_error", "model_not_found")),
        (429, openai.RateLimitError, ("requests", "rate_limit_exceeded")),
        (500, openai.InternalServerError, ("server_error", None)),
        (503, openai.InternalServerError, ("server_error", "server_overloaded")),
    ],
)
def test_openai_refuses_in_its_own_words(
    provide: Provide,
    openai_for: ToOpenAI,
    status: int,
    error: type[openai.APIStatusError],
    said: tuple[str, str | None],
) -> None:
    """Status, error type, code and request id arrive as the library's own exception."""
    client = openai_for(provide(Turn(fault=Fault.refused(status))))
    with pytest.raises(error) as refused:
        client.chat.completions.create(model="m", messages=MESSAGES)
    assert (refused.value.status_code, (refused.value.type, refused.value.code)) == (status, said)
    assert refused.value.request_id == "req_loopback000001"


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (400, anthropic.BadRequestError, "invalid_request_error"),
        (401, anthropic.AuthenticationError, "authentication_error"),
        (404, anthropic.NotFoundError, "not_found_error"),
        (429, anthropic.RateLimitError, "rate_limit_error"),
        (500, anthropic.InternalServerError, "api_error"),
        (529, anthropic.APIStatusError, "overloaded_error"),
    ],
)
def test_anthropic_refuses_in_its_own_words(
    provide: Provide, anthropic_for: ToAnthropic, status: int, error: type[anthropic.APIStatusError], kind: str
) -> None:
    """Status, error type and request id arrive as the library's own exception."""
    client = anthropic_for(provide(Turn(fault=Fault.refused(status, message="Not now."))))
    with pytest.raises(error) as refused:
        client.messages.create(**ASKED)
    body: Any = refused.value.body
    assert (refused.value.status_code, body["error"]) == (status, {"type": kind, "message": "Not now."})
    assert refused.value.request_id == body["request_id"] == "req_loopback000001"


def test_a_client_that_retries_gets_the_next_turn(provide: Provide, openai_for: ToOpenAI) -> None:
    """`retry-after` is sent, and every attempt takes a turn of its own."""
    provider = provide(
        Turn(fault=Fault.refused(429, retry_after=0.01)), Turn(fault=Fault.refused(500)), Turn("At last.")
    )
    completion = openai_for(provider, retries=2).chat.completions.create(model="m", messages=MESSAGES)
    assert completion.choices[0].message.content == "At last."
    assert [request.headers["x-stainless-retry-count"] for request in provider.requests] == ["0", "1", "2"]


def test_a_stall_is_noticed_by_the_client_alone(provide: Provide, openai_for: ToOpenAI) -> None:
    """Nothing comes until the client gives up, and then the provider lets go."""
    provider = provide(Turn(fault=Fault.stalled()))
    with pytest.raises(openai.APITimeoutError):
        openai_for(provider, timeout=0.2).chat.completions.create(model="m", messages=MESSAGES)
    assert [request.answered for request in provider.requests] == [False]


def test_a_stream_may_stall_midway(provide: Provide, openai_for: ToOpenAI, anthropic_for: ToAnthropic) -> None:
    """What was said before is delivered, then nothing."""
    provider = provide(*[Turn("one two three", fault=Fault.stalled(after=2))] * 2)
    assert read(chat_pieces(openai_for(provider, timeout=0.3)), openai.APIError) == ["one", " two"]
    assert read(message_pieces(anthropic_for(provider, timeout=0.3)), Exception) == ["one", " two"]


def test_chat_completions_send_errors_midway(provide: Provide, openai_for: ToOpenAI) -> None:
    """An event with an `error` raises the library's error after the content that came first."""
    client = openai_for(provide(Turn("one two three", fault=Fault.errored(after=1, message="Lost my thread."))))
    assert read(chat_pieces(client), openai.APIError, r"Lost my thread\.") == ["one"]


def test_responses_send_errors_midway(provide: Provide, openai_for: ToOpenAI) -> None:
    """The responses API has a named error event."""
    client = openai_for(provide(Turn("one two three", fault=Fault.errored(after=2, status=429))))
    assert read(response_pieces(client), openai.APIError, "Rate limit") == ["one", " two"]


def test_messages_send_errors_midway(provide: Provide, anthropic_for: ToAnthropic) -> None:
    """Anthropic's overload comes as an event of a stream that began with 200."""
    client = anthropic_for(provide(Turn("one two three", fault=Fault.errored(after=1, status=529))))
    assert read(message_pieces(client), anthropic.APIStatusError, "Overloaded") == ["one"]


@pytest.mark.parametrize("fault", [Fault.reset(after=1), Fault.truncated(after=1)], ids=["reset", "truncated"])
def test_a_connection_may_break_midway(
    provide: Provide, openai_for: ToOpenAI, anthropic_for: ToAnthropic, fault: Fault
) -> None:
    """What was sent before the break is read, then the transport's error comes out."""
    provider = provide(*[Turn("one two three", fault=fault)] * 2)
    assert read(chat_pieces(openai_for(provider)), Exception) == ["one"]
    assert read(message_pieces(anthropic_for(provider)), Exception) == ["one"]
    assert [request.answered for request in provider.requests] == [False, False]


@pytest.mark.parametrize("fault", [Fault.reset(), Fault.truncated()], ids=["reset", "truncated"])
def test_a_connection_may_break_before_a_whole_answer(provide: Provide, openai_for: ToOpenAI, fault: Fault) -> None:
    """Without a stream the client has nothing but the error."""
    with pytest.raises(openai.APIConnectionError):
        openai_for(provide(Turn("one", fault=fault))).chat.completions.create(model="m", messages=MESSAGES)


def test_a_stream_may_turn_to_garbage(provide: Provide, openai_for: ToOpenAI) -> None:
    """What is no JSON raises where the client parses it."""
    assert read(chat_pieces(openai_for(provide(Turn("one two", fault=Fault.garbled(after=1))))), ValueError) == ["one"]


def test_a_fault_beyond_the_end_happens_at_the_end(provide: Provide, openai_for: ToOpenAI) -> None:
    """A short answer still goes wrong."""
    client = openai_for(provide(Turn("one", fault=Fault.truncated(after=9))))
    assert read(response_pieces(client), openai.APIConnectionError) == ["one"]


def read(pieces: Iterable[str | None], error: type[Exception], match: str | None = None) -> list[str]:
    """What a stream says before it ends in an error."""
    said: list[str] = []
    with pytest.raises(error, match=match):
        said.extend(filter(None, pieces))
    return said


def chat_pieces(client: OpenAI) -> Iterator[str | None]:
    """The pieces of a streamed chat completion."""
    chunks: Any = client.chat.completions.create(model="m", messages=MESSAGES, stream=True)
    return (chunk.choices[0].delta.content for chunk in chunks)


def response_pieces(client: OpenAI) -> Iterator[str]:
    """The pieces of a streamed response."""
    events: Any = client.responses.create(model="m", input="x", stream=True)
    return (event.delta for event in events if event.type == "response.output_text.delta")


def message_pieces(client: Anthropic) -> Iterator[str]:
    """The pieces of a streamed message."""
    events: Any = client.messages.create(**ASKED, stream=True)
    return (event.delta.text for event in events if event.type == "content_block_delta")
