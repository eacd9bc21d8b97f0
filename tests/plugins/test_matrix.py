"""Every client, sync and async, whole and streamed, and every way in which a call may end."""

import asyncio
import gc
import inspect
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import pytest

from agentops.domain.foreign import text
from agentops.domain.spans import SpanKind, SpanRecord, SpanStatus
from agentops.testing.provider import Fault, Provider, Turn, Usage

ANSWER = "Paris is the capital of France."
USAGE = Usage(input=11, output=7)


@dataclass(frozen=True)
class Dialect:
    """One method of one client library, and how its answers are read by a program.

    Attributes:
        library: the module; the test is skipped where it is not installed.
        client: the class of the sync client; the async one has `Async` before its name.
        method: where the call is made.
        arguments: what it is called with.
        answer: the path to the text of a whole answer.
        delta: the text that a chunk brings.
        root: whether the client wants the address without `/v1`.
        hides_errors: whether an error inside a stream reaches the program as a chunk and is not raised.
    """

    library: str
    client: str
    method: str
    arguments: dict[str, Any]
    answer: tuple[str | int, ...]
    delta: Callable[[Any], str | None]
    root: bool = False
    hides_errors: bool = False

    def make_client(self, provider: Provider, *, kind: str) -> Any:
        """A client of the loopback provider that does not try twice."""
        library = pytest.importorskip(self.library)
        address = provider.url if self.root else provider.openai_url
        name = f"Async{self.client}" if kind == "async" else self.client
        return getattr(library, name)(base_url=address, api_key="any", max_retries=0, timeout=10)

    def call(self, client: Any, *, shape: str) -> Any:
        """Make the call."""
        method = client
        for part in self.method.split("."):
            method = getattr(method, part)
        return method(**self.arguments, stream=shape == "stream")


def chat_delta(chunk: Any) -> str | None:
    """The text that a chunk of a chat brings."""
    return text(chunk, "choices", 0, "delta", "content")


def response_delta(event: Any) -> str | None:
    """The text that an event of a response brings."""
    return text(event, "delta") if text(event, "type") == "response.output_text.delta" else None


def message_delta(event: Any) -> str | None:
    """The text that an event of a message brings."""
    return text(event, "delta", "text") if text(event, "type") == "content_block_delta" else None


ASKED = [{"role": "user", "content": "What is the capital of France?"}]
CHAT = {"model": "gpt-x", "messages": ASKED}
SAID_IN_CHAT = ("choices", 0, "message", "content")

DIALECTS = [
    Dialect("openai", "OpenAI", "chat.completions.create", CHAT, SAID_IN_CHAT, chat_delta),
    Dialect(
        "openai",
        "OpenAI",
        "responses.create",
        {"model": "gpt-x", "input": "What is the capital of France?"},
        ("output", 0, "content", 0, "text"),
        response_delta,
    ),
    Dialect(
        "anthropic",
        "Anthropic",
        "messages.create",
        {"model": "claude-x", "max_tokens": 100, "messages": ASKED},
        ("content", 0, "text"),
        message_delta,
        root=True,
    ),
    Dialect("groq", "Groq", "chat.completions.create", CHAT, SAID_IN_CHAT, chat_delta, root=True),
    Dialect("together", "Together", "chat.completions.create", CHAT, SAID_IN_CHAT, chat_delta, root=True),
    Dialect(
        "fireworks",
        "Fireworks",
        "chat.completions.create",
        CHAT,
        SAID_IN_CHAT,
        chat_delta,
        root=True,
        hides_errors=True,
    ),
]
every_dialect = pytest.mark.parametrize("dialect", DIALECTS, ids=lambda d: f"{d.library}-{d.method.split('.')[0]}")
sync_and_async = pytest.mark.parametrize("kind", ["sync", "async"])
value_and_stream = pytest.mark.parametrize("shape", ["value", "stream"])


async def read(
    dialect: Dialect, provider: Provider, *, kind: str, upto: int | None = None, leave: str = "close"
) -> str:
    """Read a stream as a program does, to its end or `upto` pieces of text, and give what the program saw."""
    client = dialect.make_client(provider, kind=kind)
    heard: list[str] = []
    try:
        stream = dialect.call(client, shape="stream")
        stream = await stream if kind == "async" else stream
        await hear(dialect, stream, heard, upto)
        if leave == "close":
            await close(stream)
        del stream
        gc.collect()
    finally:
        await close(client)
    return "".join(heard)


async def hear(dialect: Dialect, stream: Any, heard: list[str], upto: int | None) -> None:
    """Iterate a stream of either kind until enough words were heard."""
    if hasattr(stream, "__anext__"):
        async for chunk in stream:
            heard.append(dialect.delta(chunk) or "")
            if upto is not None and len("".join(heard).split()) >= upto:
                return
    else:
        for chunk in stream:
            heard.append(dialect.delta(chunk) or "")
            if upto is not None and len("".join(heard).split()) >= upto:
                return


async def settled(result: Any) -> Any:
    """What a method of either kind of client gives."""
    return await result if inspect.isawaitable(result) else result


async def close(closing: Any) -> None:
    """Close a client or stream of either kind."""
    await settled(closing.close())


def said(span: SpanRecord) -> str:
    """The text that was recorded."""
    return "".join(message.text for message in span.response.messages) if span.response else ""


@every_dialect
@sync_and_async
async def test_a_whole_answer_is_recorded(
    dialect: Dialect, kind: str, flight: Any, loopback_provider: Provider
) -> None:
    """The program gets its answer, and the span has it with its tokens and the request's id."""
    loopback_provider.say(Turn(ANSWER, usage=USAGE))
    client = dialect.make_client(loopback_provider, kind=kind)
    answer = await settled(dialect.call(client, shape="value"))
    await close(client)
    assert text(answer, *dialect.answer) == ANSWER
    span = flight.span
    assert (span.kind, span.status, said(span)) == (SpanKind.LLM, SpanStatus.OK, ANSWER)
    assert span.name == f"chat {dialect.arguments['model']}"
    assert span.response.usage == USAGE
    assert span.response.request_id in {
        "req_loopback000001",
        None if dialect.library not in {"openai", "anthropic"} else "",
    }
    assert span.first_token is None


@every_dialect
@sync_and_async
async def test_a_stream_is_recorded_whole(
    dialect: Dialect, kind: str, flight: Any, loopback_provider: Provider
) -> None:
    """Chunk by chunk the program gets its answer; the span has the whole, and when its first word came."""
    loopback_provider.say(Turn(ANSWER, usage=USAGE))
    assert await read(dialect, loopback_provider, kind=kind) == ANSWER
    span = flight.span
    assert (span.status, said(span), span.request.stream) == (SpanStatus.OK, ANSWER, True)
    assert span.response.request_id == "req_loopback000001"
    assert span.start < span.first_token <= span.end


@every_dialect
@sync_and_async
@pytest.mark.parametrize("leave", ["close", "drop"])
async def test_a_stream_that_is_left_keeps_what_came(
    dialect: Dialect, kind: str, leave: str, flight: Any, loopback_provider: Provider
) -> None:
    """Closed early or forgotten: one span, incomplete, with the words that the program saw."""
    loopback_provider.say(Turn(ANSWER, fault=Fault.stalled(after=3)))
    seen = await read(dialect, loopback_provider, kind=kind, upto=2, leave=leave)
    while kind == "async" and flight.spans[0].status is SpanStatus.RUNNING:
        await asyncio.sleep(0.01)  # the loop finalises a generator that nobody holds
        gc.collect()
    span = flight.span
    assert (span.status, said(span), span.error) == (SpanStatus.INCOMPLETE, seen, None)
    assert seen == "Paris is"


@every_dialect
@sync_and_async
@value_and_stream
async def test_a_refusal_is_an_error(
    dialect: Dialect, kind: str, shape: str, flight: Any, loopback_provider: Provider
) -> None:
    """Status, code, words and request id of the provider, and the program gets the exception of its library."""
    loopback_provider.say(Turn(fault=Fault.refused(429, message="Slow down.")))
    library = pytest.importorskip(dialect.library)
    client = dialect.make_client(loopback_provider, kind=kind)
    with pytest.raises(library.RateLimitError):
        await settled(dialect.call(client, shape=shape))
    await close(client)
    span = flight.span
    assert (span.status, span.counted_error, span.response) == (SpanStatus.ERROR, True, None)
    assert (span.error.status_code, span.error.message) == (429, "Slow down.")
    assert span.error.type.endswith(".RateLimitError")
    assert span.error.code in {"rate_limit_error", "rate_limit_exceeded"}
    assert span.error.request_id == "req_loopback000001"
    assert flight.trace.analytics.errors == 1


@every_dialect
@sync_and_async
async def test_a_stream_that_says_an_error_is_one(
    dialect: Dialect, kind: str, flight: Any, loopback_provider: Provider
) -> None:
    """An error among the events ends the span as an error, with the words until then, whether it is raised or not."""
    loopback_provider.say(Turn(ANSWER, fault=Fault.errored(after=2, message="Overloaded.")))
    library = pytest.importorskip(dialect.library)
    with nullcontext() if dialect.hides_errors else pytest.raises(library.APIError):
        await read(dialect, loopback_provider, kind=kind)
    span = flight.span
    assert (span.status, said(span), span.counted_error) == (SpanStatus.ERROR, "Paris is", True)
    assert "Overloaded." in span.error.message


@every_dialect
@sync_and_async
async def test_a_stream_that_says_nothing_has_no_first_token(
    dialect: Dialect, kind: str, flight: Any, loopback_provider: Provider
) -> None:
    """The events before the first word are no answer."""
    loopback_provider.say(Turn(ANSWER, fault=Fault.errored(after=0)))
    library = pytest.importorskip(dialect.library)
    with nullcontext() if dialect.hides_errors else pytest.raises(library.APIError):
        await read(dialect, loopback_provider, kind=kind)
    span = flight.span
    assert (span.status, said(span), span.first_token) == (SpanStatus.ERROR, "", None)


@every_dialect
@sync_and_async
async def test_a_stream_that_breaks_keeps_what_came(
    dialect: Dialect, kind: str, flight: Any, loopback_provider: Provider
) -> None:
    """A connection that is lost ends the span as an error, once, with the words until then."""
    loopback_provider.say(Turn(ANSWER, fault=Fault.reset(after=2)))
    with pytest.raises(Exception) as raised:  # noqa: PT011 - of six libraries and two transports
        await read(dialect, loopback_provider, kind=kind)
    span = flight.span
    assert (span.status, said(span), span.counted_error) == (SpanStatus.ERROR, "Paris is", True)
    assert span.error.type.endswith(f".{raised.type.__qualname__}")


@every_dialect
@value_and_stream
async def test_a_cancelled_call_is_cancelled(
    dialect: Dialect, shape: str, flight: Any, loopback_provider: Provider
) -> None:
    """The program's task is cancelled: no error of the session, and what came is kept."""
    loopback_provider.say(Turn(ANSWER, fault=Fault.stalled(after=2 if shape == "stream" else None)))
    client = dialect.make_client(loopback_provider, kind="async")
    heard: asyncio.Queue[str] = asyncio.Queue()

    async def listen() -> None:
        answer = await dialect.call(client, shape=shape)
        async for chunk in answer:
            for word in (dialect.delta(chunk) or "").split():
                heard.put_nowait(word)

    task = asyncio.ensure_future(listen())
    while not loopback_provider.requests:  # noqa: ASYNC110 - the provider lives in another thread
        await asyncio.sleep(0.005)
    if shape == "stream":
        assert [await heard.get(), await heard.get()] == ["Paris", "is"]
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await close(client)
    span = flight.span
    assert (span.status, said(span), span.counted_error) == (
        SpanStatus.CANCELLED,
        "Paris is" if shape == "stream" else "",
        False,
    )
    assert flight.trace.analytics.errors == 0


@every_dialect
async def test_silence_ends_as_an_error(dialect: Dialect, flight: Any, loopback_provider: Provider) -> None:
    """A stream that stalls until the client gives up."""
    loopback_provider.say(Turn(ANSWER, fault=Fault.stalled(after=2)))
    client = dialect.make_client(loopback_provider, kind="sync").with_options(timeout=0.2)
    heard: list[str] = []
    stream = dialect.call(client, shape="stream")
    with pytest.raises(Exception, match=r"(?i)timed? ?out"):
        await hear(dialect, stream, heard, None)
    await close(client)
    span = flight.span
    assert (span.status, said(span), "".join(heard)) == (SpanStatus.ERROR, "Paris is", "Paris is")
