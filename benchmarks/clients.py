"""The largest client libraries, each with a transport that answers in this process.

What a model would say is asked of the loopback provider once, and given again to every call after that: the wire is
the provider's, and neither sockets nor a server are measured.
"""

import io
from collections.abc import Callable, Iterator
from typing import Any, Final, Protocol

from agentops.domain.genai import Usage
from agentops.testing.provider import Provider, Turn

CHUNKS: Final = 50
MODEL: Final = "gpt-4o-mini"
SYSTEM: Final = "You are a helpful assistant who answers briefly."
QUESTION: Final = "What is the capital of France? Answer in one sentence please."
ANSWER: Final = Turn(
    " ".join(f"word{number}" for number in range(CHUNKS)), usage=Usage(input=42, output=CHUNKS), times=None
)


class Ask(Protocol):
    """Asks once, with a word that tells the call from others; a stream is read to its end."""

    def __call__(self, marker: str, *, stream: bool) -> None:
        """Ask."""
        ...


def httpx2_client() -> Any:
    """A client of `httpx2` that goes out once for each path and kind of answer."""
    import httpx2

    wire = httpx2.HTTPTransport()
    known: dict[tuple[str, bool], tuple[int, Any, bytes]] = {}

    class Replay(httpx2.BaseTransport):
        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            key = (request.url.path, b'"stream":true' in request.content)
            if key not in known:
                answer = wire.handle_request(request)
                known[key] = (answer.status_code, answer.headers, answer.read())
            status, headers, content = known[key]
            return httpx2.Response(status, headers=headers, content=content)

    return httpx2.Client(transport=Replay())


def openai(provider: Provider) -> Ask:
    """Chat completions."""
    from openai import OpenAI

    client = OpenAI(api_key="any", base_url=provider.openai_url, http_client=httpx2_client(), max_retries=0)

    def ask(marker: str, *, stream: bool) -> None:
        messages: Any = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": f"{marker} {QUESTION}"}]
        create = client.chat.completions.create
        if not stream:
            create(model=MODEL, messages=messages, temperature=0.2)
            return
        usage: Any = {"include_usage": True}
        exhaust(create(model=MODEL, messages=messages, temperature=0.2, stream=True, stream_options=usage))

    return ask


def anthropic(provider: Provider) -> Ask:
    """Messages."""
    from anthropic import Anthropic

    client = Anthropic(
        api_key="any",
        base_url=provider.anthropic_url,
        http_client=httpx2_client(),
        max_retries=0,
        open_telemetry=False,  # what it traces by itself is not ours
    )

    def ask(marker: str, *, stream: bool) -> None:
        messages: Any = [{"role": "user", "content": f"{marker} {QUESTION}"}]
        given: Any = {"model": MODEL, "max_tokens": 100, "system": SYSTEM, "messages": messages}
        if stream:
            exhaust(client.messages.create(**given, stream=True))
        else:
            client.messages.create(**given)

    return ask


def google_genai(provider: Provider) -> Ask:
    """Contents of Gemini."""
    from google.genai import Client
    from google.genai.types import GenerateContentConfig, HttpOptions

    options = HttpOptions(base_url=provider.gemini_url, httpx_client=httpx2_client())
    client = Client(api_key="any", http_options=options)
    settings = GenerateContentConfig(temperature=0.2, system_instruction=SYSTEM)

    def ask(marker: str, *, stream: bool) -> None:
        given: Any = {"model": MODEL, "contents": f"{marker} {QUESTION}", "config": settings}
        if stream:
            exhaust(client.models.generate_content_stream(**given))
        else:
            client.models.generate_content(**given)

    return ask


def mistralai(provider: Provider) -> Ask:
    """Chat completions."""
    from mistralai.client import Mistral

    client = Mistral(api_key="any", server_url=provider.mistral_url, client=httpx2_client())

    def ask(marker: str, *, stream: bool) -> None:
        messages: Any = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": f"{marker} {QUESTION}"}]
        if stream:
            exhaust(client.chat.stream(model=MODEL, messages=messages, temperature=0.2))
        else:
            client.chat.complete(model=MODEL, messages=messages, temperature=0.2)

    return ask


def botocore(provider: Provider) -> Ask:
    """Converse of Bedrock."""
    import boto3
    from botocore.awsrequest import AWSResponse

    client = boto3.client(
        "bedrock-runtime",
        region_name="us-east-1",
        endpoint_url=provider.bedrock_url,
        aws_access_key_id="any",
        aws_secret_access_key="any",
    )
    endpoint = client._endpoint  # noqa: SLF001 - there is no other place for a transport of one's own
    wire = endpoint.http_session
    known: dict[str, tuple[int, Any, bytes]] = {}

    class Body(io.BytesIO):
        def stream(self, size: int = 1 << 16) -> Iterator[bytes]:
            while piece := self.read(size):
                yield piece

    class Replay:
        def send(self, request: Any) -> AWSResponse:
            if request.url not in known:
                answer = wire.send(request)
                content = answer.content or b"".join(answer.raw.stream())
                known[request.url] = (answer.status_code, answer.headers, content)
            status, headers, content = known[request.url]
            return AWSResponse(request.url, status, headers, Body(content))

    endpoint.http_session = Replay()

    def ask(marker: str, *, stream: bool) -> None:
        given: Any = {
            "modelId": MODEL,
            "system": [{"text": SYSTEM}],
            "messages": [{"role": "user", "content": [{"text": f"{marker} {QUESTION}"}]}],
            "inferenceConfig": {"temperature": 0.2},
        }
        if stream:
            exhaust(client.converse_stream(**given)["stream"])
        else:
            client.converse(**given)

    return ask


CLIENTS: Final[dict[str, Callable[[Provider], Ask]]] = {
    "openai": openai,
    "anthropic": anthropic,
    "google-genai": google_genai,
    "mistralai": mistralai,
    "boto3": botocore,
}


def exhaust(stream: Any) -> None:
    """Read a stream to its end."""
    for _ in stream:
        pass
