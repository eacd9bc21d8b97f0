"""Traffic of Bedrock, recorded by other projects, through the real client: what is recorded is what was said."""

import json
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from recorded_traffic import AT_HAND, Recording, Replay, recordings, told

from agentops.domain.genai import Usage
from agentops.domain.spans import SpanKind, SpanRecord, SpanStatus
from agentops.testing import record
from agentops_plugins import aiobotocore
from agentops_plugins.botocore import INSTRUMENTATION

errors = pytest.importorskip("botocore.exceptions")

pytestmark = AT_HAND

PROMPTS = frozenset({"prompt", "inputText", "texts", "messages"})
"""What of a body is no setting."""


def billed(usage: Usage) -> dict[str, int | None]:
    """Tokens as Bedrock counts them: input is without what was cached, and InvokeModel says no total."""
    return {
        "input": usage.input,
        "output": usage.output,
        "total": None,
        "cached_read": usage.cache_read,
        "cache_write": usage.cache_write,
        "reasoning": usage.reasoning,
    }


def expected(recording: Recording) -> dict[str, Any]:
    """What the span must tell; the name of an error is its code, and the truth leaves out the ids of embeddings."""
    truth = recording.truth
    kept = {
        key: truth[key]
        for key in truth
        if key not in {"provider", "op", "request", "stream_events", "n_choices", "results"}
    }
    error = truth["error"]
    told_of = error and {"status": error["status"], "code": error["type"], "message": error["message"]}
    if truth["embeddings"]:
        kept["response_id"] = json.loads(recording.exchange["response"]["body"]["string"])["id"]
    return {**kept, "error": told_of, "tools": truth["request"]["tools"]}


def call(recording: Recording, client: Any) -> None:
    """Make the call and read whatever comes."""
    model, truth = recording.truth["request_model"], recording.truth
    if recording.endpoint == "converse":
        client.converse(modelId=model, **recording.body)
    elif truth["stream"]:
        list(client.invoke_model_with_response_stream(modelId=model, body=json.dumps(recording.body))["body"])
    else:
        json.load(client.invoke_model(modelId=model, body=json.dumps(recording.body))["body"])


def check(span: SpanRecord, recording: Recording, host: str = "bedrock-runtime.us-east-1.amazonaws.com") -> None:
    """The span tells the truth of the answer, and of the request."""
    truth, body = recording.truth, recording.body
    assert told(span, billed) == expected(recording)
    assert span.status is (SpanStatus.ERROR if truth["error"] else SpanStatus.OK)
    assert span.kind is (SpanKind.EMBEDDING if truth["embeddings"] else SpanKind.LLM)
    assert span.request is not None
    assert span.request.provider == truth["provider"]
    assert span.request.server_address == host
    assert span.request.parameters == {key: value for key, value in body.items() if key not in PROMPTS}
    asked = truth["request"]["params"].keys() - PROMPTS
    assert {key: span.request.parameters[key] for key in asked} == {
        key: truth["request"]["params"][key] for key in asked
    }
    if "messages" in body:
        assert len(span.request.messages) == truth["request"]["n_messages"]
    elif body:  # one was not kept
        assert span.request.input == next(body[key] for key in PROMPTS if key in body)
    assert (span.first_token is not None) == bool(truth["stream"] and not truth["error"])


@pytest.fixture(name="client")
def make_client() -> Any:
    """A client that does not try twice."""
    config = pytest.importorskip("botocore.config").Config(retries={"total_max_attempts": 1})
    keys = {"aws_access_key_id": "any", "aws_secret_access_key": "any"}
    boto3 = pytest.importorskip("boto3")
    return boto3.client("bedrock-runtime", region_name="us-east-1", config=config, **keys)


@pytest.mark.parametrize("recording", list(recordings("bedrock")))
def test_recorded_traffic_is_told_truly(recording: Recording, client: Any) -> None:
    """Answered, refused and streamed."""
    with record(plugins=False, strict=True) as recorded, recorded.observing.only([INSTRUMENTATION]):
        with Replay()(recording):
            if recording.truth["error"]:
                with pytest.raises(errors.ClientError):
                    call(recording, client)
            else:
                call(recording, client)
        check(recorded.span(), recording)


@contextmanager
def played(recording: Recording) -> Generator[str]:
    """An address where the exchange is answered: vcrpy has no bodies for aiohttp that could be read in portions."""
    answer = recording.exchange["response"]
    body = answer["body"]["string"]
    data = body if isinstance(body, bytes) else body.encode()

    class Player(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("content-length") or 0))
            self.send_response(answer["status"]["code"])
            for name, values in answer["headers"].items():
                if name.lower() not in {"connection", "content-length", "transfer-encoding"}:
                    self.send_header(name, values if isinstance(values, str) else values[0])
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that http.server calls
            pass

    with HTTPServer(("127.0.0.1", 0), Player) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


async def acall(recording: Recording, client: Any) -> None:
    """The same with an async client."""
    model, truth = recording.truth["request_model"], recording.truth
    if recording.endpoint == "converse":
        await client.converse(modelId=model, **recording.body)
    elif truth["stream"]:
        given = await client.invoke_model_with_response_stream(modelId=model, body=json.dumps(recording.body))
        events: AsyncIterator[Any] = given["body"]
        async for _ in events:
            pass
    else:
        given = await client.invoke_model(modelId=model, body=json.dumps(recording.body))
        json.loads(await given["body"].read())


@pytest.mark.parametrize("recording", list(recordings("bedrock")))
async def test_recorded_traffic_is_told_truly_async(recording: Recording) -> None:
    """With `aiobotocore`, in the environments that have it."""
    session = pytest.importorskip("aiobotocore.session").get_session()
    config = pytest.importorskip("aiobotocore.config").AioConfig(retries={"total_max_attempts": 1})
    keys = {"aws_access_key_id": "any", "aws_secret_access_key": "any", "region_name": "us-east-1"}
    seen = [INSTRUMENTATION, aiobotocore.INSTRUMENTATION]
    with record(plugins=False, strict=True) as recorded, recorded.observing.only(seen), played(recording) as address:
        async with session.create_client("bedrock-runtime", endpoint_url=address, config=config, **keys) as client:
            if recording.truth["error"]:
                with pytest.raises(errors.ClientError):
                    await acall(recording, client)
            else:
                await acall(recording, client)
        check(recorded.span(), recording, "127.0.0.1")
