"""Bedrock through `boto3`: every situation of Converse and InvokeModel, and what passes untouched."""

import gc
import json
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from typing import Any

import pytest

from agentops.domain.genai import Media, Message, Part, Reasoning, Text, Tool, ToolCall, ToolResult, Usage
from agentops.domain.spans import SpanKind, SpanStatus
from agentops.testing import Recording, record
from agentops.testing.conformance import Case, Expected, Probe, answering, cases
from agentops.testing.provider import Fault, Provider, Turn
from agentops_plugins.botocore import INSTRUMENTATION

boto3 = pytest.importorskip("boto3")
botocore = pytest.importorskip("botocore")
config = pytest.importorskip("botocore.config")

pytestmark = pytest.mark.filterwarnings("ignore:.*unclosed.*socket")  # of streams that are dropped, ours or not

PROVIDER = Provider()
CLAUDE = "us.anthropic.claude-sonnet-4-20250514-v1:0"
TITAN = "amazon.titan-text-lite-v1"
QUESTION = "What is the capital of France?"
USAGE = Usage(input=20, cache_read=5, output=9)
ANSWER = Turn("Paris is the capital.", usage=USAGE)
CONVERSE: dict[str, Any] = {
    "modelId": CLAUDE,
    "messages": [{"role": "user", "content": [{"text": QUESTION}]}],
    "inferenceConfig": {"temperature": 0.5},
}
MESSAGES = json.dumps(
    {
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 100,
        "messages": [{"role": "user", "content": QUESTION}],
    }
)
PROMPT = json.dumps({"inputText": QUESTION, "textGenerationConfig": {"temperature": 0.5}})


@cache
def client_of(service: str) -> Any:
    """A client of the loopback provider that does not try twice."""
    return boto3.client(
        service,
        region_name="us-east-1",
        aws_access_key_id="any",
        aws_secret_access_key="any",
        endpoint_url=PROVIDER.url,
        config=config.Config(retries={"total_max_attempts": 1}),
    )


def converse_text(event: Any) -> str | None:
    """The text that an event of Converse brings."""
    return event.get("contentBlockDelta", {}).get("delta", {}).get("text")


def chunk_text(event: Any) -> str | None:
    """The text that a chunk of InvokeModel brings."""
    chunk = json.loads(event["chunk"]["bytes"])
    return chunk.get("outputText") or chunk.get("delta", {}).get("text")


def expected(model: str) -> Expected:
    """What is recorded of the answer."""
    return Expected(name=f"chat {model}", model=model, text=ANSWER.text, usage=USAGE)


def runtime() -> Any:
    """A client of Bedrock's runtime."""
    return client_of("bedrock-runtime")


PROBES = [
    Probe(
        name="converse",
        instrumentation=INSTRUMENTATION,
        client=runtime,
        call=lambda client: client.converse(**CONVERSE),
        stream=lambda client: client.converse_stream(**CONVERSE)["stream"],
        prepare=answering(PROVIDER, ANSWER),
        text_of=converse_text,
        expected=expected(CLAUDE),
    ),
    Probe(
        name="invoke claude",
        instrumentation=INSTRUMENTATION,
        client=runtime,
        call=lambda client: json.load(client.invoke_model(modelId=CLAUDE, body=MESSAGES)["body"]),
        stream=lambda client: client.invoke_model_with_response_stream(modelId=CLAUDE, body=MESSAGES)["body"],
        prepare=answering(PROVIDER, ANSWER),
        text_of=chunk_text,
        expected=expected(CLAUDE),
    ),
    Probe(
        name="invoke titan",
        instrumentation=INSTRUMENTATION,
        client=runtime,
        call=lambda client: json.load(client.invoke_model(modelId=TITAN, body=PROMPT)["body"]),
        stream=lambda client: client.invoke_model_with_response_stream(modelId=TITAN, body=PROMPT)["body"],
        prepare=answering(PROVIDER, Turn(ANSWER.text, usage=Usage(input=20, output=9))),
        text_of=chunk_text,
        expected=Expected(
            name=f"text_completion {TITAN}", model=TITAN, text=ANSWER.text, usage=Usage(input=20, output=9)
        ),
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
    """Records what the plugin sees."""
    PROVIDER.forget()
    with record(plugins=False, strict=True) as recording, recording.observing.only([INSTRUMENTATION]):
        yield recording


SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}
ASKING = Turn(
    "Let me look.", reasoning="A city.", tool_calls=[ToolCall("weather", {"city": "Paris"}, "tooluse_1")], usage=USAGE
)


@pytest.mark.parametrize("method", ["converse", "converse_stream"])
def test_a_conversation_is_recorded_by_value(method: str, recording: Recording) -> None:
    """System, tools and their results, pictures; thoughts and tool calls of the answer, whole or streamed."""
    PROVIDER.say(ASKING)
    answer = getattr(runtime(), method)(
        modelId=CLAUDE,
        system=[{"text": "Be brief."}, {"cachePoint": {"type": "default"}}],
        messages=[
            {
                "role": "user",
                "content": [{"text": QUESTION}, {"image": {"format": "png", "source": {"bytes": b"abc"}}}],
            },
            {
                "role": "assistant",
                "content": [{"toolUse": {"toolUseId": "t1", "name": "weather", "input": {"city": "X"}}}],
            },
            {
                "role": "user",
                "content": [
                    {"toolResult": {"toolUseId": "t1", "content": [{"json": {"error": 1}}], "status": "error"}},
                    {"toolResult": {"toolUseId": "t2", "content": [{"text": "Sunny"}]}},
                ],
            },
        ],
        inferenceConfig={"maxTokens": 50},
        toolConfig={
            "tools": [{"toolSpec": {"name": "weather", "description": "Looks.", "inputSchema": {"json": SCHEMA}}}],
            "toolChoice": {"auto": {}},
        },
    )
    for _ in answer.get("stream", ()):
        pass
    span = recording.span()
    assert span.request is not None
    assert span.response is not None
    assert span.request.provider == "aws.bedrock"
    assert span.request.server_address == "127.0.0.1"
    assert span.request.parameters == {"inferenceConfig": {"maxTokens": 50}, "toolConfig": {"toolChoice": {"auto": {}}}}
    assert span.request.tools == [Tool("weather", "Looks.", SCHEMA)]
    assert span.request.messages == [
        Message("system", [Text("Be brief.")]),
        Message("user", [Text(QUESTION), Media("image", "image/png", size=3)]),
        Message("assistant", [ToolCall("weather", {"city": "X"}, "t1")]),
        Message("user", [ToolResult({"error": 1}, "t1", is_error=True), ToolResult("Sunny", "t2")]),
    ]
    said: list[Part] = [
        Reasoning("A city.", "bG9vcGJhY2s="),
        Text("Let me look."),
        ToolCall("weather", {"city": "Paris"}, "tooluse_1"),
    ]
    assert span.response.messages == [Message("assistant", said, finish_reason="tool_use")]
    assert (span.response.finish_reasons, span.response.usage) == (["tool_use"], USAGE)
    assert span.response.request_id == answer["ResponseMetadata"]["RequestId"]


def test_a_body_is_the_programs_to_read(recording: Recording) -> None:
    """Nothing is read for the record: the call goes on until the program has read it, in whatever portions."""
    PROVIDER.say(ANSWER)
    answer = runtime().invoke_model(modelId=CLAUDE, body=MESSAGES)
    assert recording.span().status is SpanStatus.RUNNING
    body = answer["body"]
    assert type(body) is botocore.response.StreamingBody
    portions = list(body.iter_chunks(10))
    assert len(portions) > 5
    assert json.loads(b"".join(portions))["content"][0]["text"] == ANSWER.text
    assert body.read() == b""
    span = recording.span()
    assert span.response is not None
    assert (span.status, span.response.messages[0].text) == (SpanStatus.OK, ANSWER.text)
    assert span.response.request_id == answer["ResponseMetadata"]["RequestId"]
    assert span.first_token is None


@pytest.mark.parametrize("leave", ["close", "drop"])
def test_a_body_that_is_not_read_is_incomplete(leave: str, recording: Recording) -> None:
    """Closed or forgotten, with the headers alone."""
    PROVIDER.say(ANSWER)
    answer = runtime().invoke_model(modelId=CLAUDE, body=MESSAGES)
    if leave == "close":
        answer["body"].close()
    del answer
    gc.collect()
    span = recording.span()
    assert span.response is not None
    assert (span.status, span.response.messages) == (SpanStatus.INCOMPLETE, [])
    assert span.response.request_id == f"req_loopback{len(PROVIDER.requests):06d}"


def test_a_body_that_breaks_off_is_an_error(recording: Recording) -> None:
    """What the connection says is kept; the program gets what botocore makes of it."""
    PROVIDER.say(Turn(ANSWER.text, fault=Fault.truncated()))
    answer = runtime().invoke_model(modelId=CLAUDE, body=MESSAGES)
    with pytest.raises(botocore.exceptions.ResponseStreamingError):
        answer["body"].read()
    assert recording.span().status is SpanStatus.ERROR


def test_a_stream_may_be_taken_up_again(recording: Recording) -> None:
    """What one loop left the next one finds, and the record has all of it."""
    PROVIDER.say(ANSWER)
    stream = runtime().converse_stream(**CONVERSE)["stream"]
    assert type(stream) is botocore.eventstream.EventStream
    heard = ""
    for event in stream:
        heard += converse_text(event) or ""
        if heard:
            break
    assert recording.span().status is SpanStatus.RUNNING
    for event in stream:
        heard += converse_text(event) or ""
    span = recording.span()
    assert span.response is not None
    assert (span.status, span.response.messages[0].text, heard) == (SpanStatus.OK, ANSWER.text, ANSWER.text)


def test_an_exception_among_the_events_is_an_error(recording: Recording) -> None:
    """With its code and words, and with what came before it."""
    PROVIDER.say(Turn(ANSWER.text, fault=Fault.errored(after=2, message="Too slow.")))
    stream = runtime().converse_stream(**CONVERSE)["stream"]
    with pytest.raises(botocore.exceptions.EventStreamError):
        list(stream)
    span = recording.span()
    assert span.error is not None
    assert span.response is not None
    assert (span.error.code, span.error.message) == ("modelStreamErrorException", "Too slow.")
    assert span.error.type == "botocore.exceptions.EventStreamError"
    assert (span.status, span.response.messages[0].text) == (SpanStatus.ERROR, "Paris is")


def test_a_refusal_has_status_and_code(recording: Recording) -> None:
    """As AWS says them."""
    PROVIDER.say(Turn(fault=Fault.refused(429, message="Slow down.")))
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        runtime().converse(**CONVERSE)
    error = recording.span().error
    assert error is not None
    assert (error.status_code, error.code, error.message) == (429, "ThrottlingException", "Slow down.")
    assert error.request_id == raised.value.response["ResponseMetadata"]["RequestId"]
    assert error.type.endswith(".ThrottlingException")


def test_embeddings_are_counted(recording: Recording) -> None:
    """Their number, dimensions and tokens."""
    PROVIDER.say(Turn(usage=Usage(input=3)))
    body = json.dumps({"inputText": "Paris"})
    answer = runtime().invoke_model(modelId="amazon.titan-embed-text-v2:0", body=body)
    assert len(json.load(answer["body"])["embedding"]) == 1024
    span = recording.span()
    assert span.request is not None
    assert span.response is not None
    assert (span.kind, span.request.input) == (SpanKind.EMBEDDING, "Paris")
    assert (span.response.output, span.response.usage) == ({"count": 1, "dimensions": 1024}, Usage(input=3))


def test_a_guardrail_is_one(recording: Recording) -> None:
    """What was checked and what came of it."""
    PROVIDER.say(Turn(refusal="I cannot say."))
    runtime().apply_guardrail(
        guardrailIdentifier="g1", guardrailVersion="2", source="OUTPUT", content=[{"text": {"text": "A secret."}}]
    )
    span = recording.span()
    assert span.request is not None
    assert span.response is not None
    assert (span.kind, span.name) == (SpanKind.GUARDRAIL, "apply_guardrail g1")
    assert span.request.messages == [Message("assistant", [Text("A secret.")])]
    assert span.response.messages == [Message("assistant", [Text("I cannot say.")])]
    assert span.response.finish_reasons == ["GUARDRAIL_INTERVENED"]


def test_tokens_are_counted_without_a_model(recording: Recording) -> None:
    """Counting is no model call."""
    if not hasattr(runtime(), "count_tokens"):
        pytest.skip("this version of boto3 cannot count")
    PROVIDER.say(Turn(usage=Usage(input=12)))
    asked = {"converse": {"messages": CONVERSE["messages"]}}
    assert runtime().count_tokens(modelId=CLAUDE, input=asked)["inputTokens"] == 12
    span = recording.span()
    assert span.request is not None
    assert span.response is not None
    assert (span.kind, span.response.output) == (SpanKind.TASK, {"input_tokens": 12})
    assert span.request.messages == [Message("user", [Text(QUESTION)])]


def test_other_services_pass_untouched(recording: Recording) -> None:
    """Their calls and errors are their own."""
    with pytest.raises(botocore.exceptions.ClientError):
        client_of("bedrock").list_foundation_models()
    assert recording.spans() == []


def test_a_body_that_is_a_file_is_the_clients_to_read(recording: Recording) -> None:
    """What goes out of a file is not recorded; what comes back is."""
    PROVIDER.say(ANSWER)
    answer = runtime().invoke_model(modelId=CLAUDE, body=BytesIO(MESSAGES.encode()))
    json.load(answer["body"])
    span = recording.span()
    assert span.request is not None
    assert span.response is not None
    assert (span.request.messages, span.response.messages[0].text) == ([], ANSWER.text)
    assert PROVIDER.requests[-1].raw == MESSAGES.encode()
