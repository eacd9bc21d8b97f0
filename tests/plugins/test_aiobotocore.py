"""Bedrock through `aiobotocore`, on which `aioboto3` is built: every situation of Converse and InvokeModel."""

import gc
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from agentops.domain.genai import Usage
from agentops.domain.spans import SpanStatus
from agentops.testing import Recording, record
from agentops.testing.conformance import Case, Expected, Probe, answering, cases
from agentops.testing.provider import Fault, Provider, Turn
from agentops_plugins import botocore
from agentops_plugins.aiobotocore import INSTRUMENTATION

session = pytest.importorskip("aiobotocore.session")
config = pytest.importorskip("aiobotocore.config")
exceptions = pytest.importorskip("botocore.exceptions")

pytestmark = pytest.mark.filterwarnings("ignore:.*[Uu]nclosed")  # of what is dropped, with us and without

PROVIDER = Provider()
SESSION = session.get_session()
"""One for all clients, or each would have exceptions of its own."""
CLAUDE = "us.anthropic.claude-sonnet-4-20250514-v1:0"
QUESTION = "What is the capital of France?"
USAGE = Usage(input=20, cache_read=5, output=9)
ANSWER = Turn("Paris is the capital.", usage=USAGE)
CONVERSE: dict[str, Any] = {"modelId": CLAUDE, "messages": [{"role": "user", "content": [{"text": QUESTION}]}]}
MESSAGES = json.dumps(
    {
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 100,
        "messages": [{"role": "user", "content": QUESTION}],
    }
)


def make_client(service: str = "bedrock-runtime") -> Any:
    """A client of the loopback provider that does not try twice, to be entered."""
    return SESSION.create_client(
        service,
        region_name="us-east-1",
        aws_access_key_id="any",
        aws_secret_access_key="any",
        endpoint_url=PROVIDER.url,
        config=config.AioConfig(retries={"total_max_attempts": 1}, read_timeout=5),
    )


def converse_text(event: Any) -> str | None:
    """The text that an event of Converse brings."""
    return event.get("contentBlockDelta", {}).get("delta", {}).get("text")


def chunk_text(event: Any) -> str | None:
    """The text that a chunk of InvokeModel brings."""
    return json.loads(event["chunk"]["bytes"]).get("delta", {}).get("text")


async def converse_stream(client: Any) -> Any:
    """The stream of a conversation."""
    return (await client.converse_stream(**CONVERSE))["stream"]


async def invoke(client: Any) -> Any:
    """The answer of a model, read."""
    return json.loads(await (await client.invoke_model(modelId=CLAUDE, body=MESSAGES))["body"].read())


async def invoke_stream(client: Any) -> Any:
    """The stream of a model."""
    return (await client.invoke_model_with_response_stream(modelId=CLAUDE, body=MESSAGES))["body"]


EXPECTED = Expected(name=f"chat {CLAUDE}", model=CLAUDE, text=ANSWER.text, usage=USAGE)
BOTH = [botocore.INSTRUMENTATION, INSTRUMENTATION]
PROBES = [
    Probe(
        name="converse",
        instrumentation=BOTH,
        aclient=make_client,
        acall=lambda client: client.converse(**CONVERSE),
        astream=converse_stream,
        prepare=answering(PROVIDER, ANSWER),
        text_of=converse_text,
        expected=EXPECTED,
    ),
    Probe(
        name="invoke claude",
        instrumentation=BOTH,
        aclient=make_client,
        acall=invoke,
        astream=invoke_stream,
        prepare=answering(PROVIDER, ANSWER),
        text_of=chunk_text,
        expected=EXPECTED,
    ),
]


@pytest.fixture(scope="module", autouse=True)
def answered() -> Iterator[None]:
    """The provider of the probes is there."""
    with PROVIDER:
        yield


@pytest.mark.parametrize("case", [case for probe in PROBES for case in cases(probe)], ids=str)
def test_bedrock_conforms(case: Case) -> None:
    """One span, ended once, that says what the program received; the program notices nothing."""
    case.check()


@pytest.fixture(name="recording")
def recorded() -> Iterator[Recording]:
    """Records what both plugins see."""
    PROVIDER.forget()
    with record(plugins=False, strict=True) as recording, recording.observing.only(BOTH):
        yield recording


@pytest.fixture(name="client")
async def entered() -> AsyncIterator[Any]:
    """A client of the runtime."""
    async with make_client() as client:
        yield client


def said(recording: Recording) -> tuple[SpanStatus | str, str]:
    """How the call ended, and what was said."""
    span = recording.span()
    messages = span.response.messages if span.response else []
    return span.status, "".join(message.text for message in messages)


async def test_a_body_is_the_programs_to_read(client: Any, recording: Recording) -> None:
    """In portions: nothing is read for the record."""
    PROVIDER.say(ANSWER)
    answer = await client.invoke_model(modelId=CLAUDE, body=MESSAGES)
    assert recording.span().status is SpanStatus.RUNNING
    portions = [portion async for portion in answer["body"].iter_chunks(10)]
    assert len(portions) > 5
    assert json.loads(b"".join(portions))["content"][0]["text"] == ANSWER.text
    assert said(recording) == (SpanStatus.OK, ANSWER.text)


async def test_a_body_may_be_entered(client: Any, recording: Recording) -> None:
    """As its documentation shows."""
    PROVIDER.say(ANSWER)
    async with (await client.invoke_model(modelId=CLAUDE, body=MESSAGES))["body"] as body:
        assert ANSWER.text in (await body.read()).decode()
    assert said(recording) == (SpanStatus.OK, ANSWER.text)


async def test_a_body_that_is_not_read_is_incomplete(recording: Recording) -> None:
    """Aiohttp keeps it until its connection goes; then it ends, with the headers alone."""
    PROVIDER.say(ANSWER)
    async with make_client() as client:
        await client.invoke_model(modelId=CLAUDE, body=MESSAGES)
    gc.collect()
    span = recording.span()
    assert span.response is not None
    assert said(recording) == (SpanStatus.INCOMPLETE, "")
    assert span.response.request_id == f"req_loopback{len(PROVIDER.requests):06d}"


async def test_an_exception_among_the_events_is_an_error(client: Any, recording: Recording) -> None:
    """With its code and words, and with what came before it."""
    PROVIDER.say(Turn(ANSWER.text, fault=Fault.errored(after=2, message="Too slow.")))
    stream = (await client.converse_stream(**CONVERSE))["stream"]
    with pytest.raises(exceptions.EventStreamError):
        [event async for event in stream]
    error = recording.span().error
    assert error is not None
    assert (error.code, error.message) == ("modelStreamErrorException", "Too slow.")
    assert said(recording) == (SpanStatus.ERROR, "Paris is")


async def test_other_services_pass_untouched(recording: Recording) -> None:
    """Their calls and errors are their own."""
    async with make_client("bedrock") as client:
        with pytest.raises(exceptions.ClientError):
            await client.list_foundation_models()
    assert recording.spans() == []
