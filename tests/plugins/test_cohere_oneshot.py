"""What Cohere does beside chats, with its real clients: completions, embeddings, rankings, transcripts."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from agentops.domain.genai import Media, Message, Text
from agentops.domain.spans import SpanKind
from agentops.testing import Provider, Recording, Turn, record
from agentops_plugins.cohere import INSTRUMENTATION

cohere: Any = pytest.importorskip("cohere")

ANSWER = Turn("One two three four.")

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of asyncio.iscoroutinefunction, in the client


@pytest.fixture
def recording() -> Iterator[Recording]:
    """What the plugin sees."""
    with record(plugins=False, strict=True) as opened, opened.observing.only([INSTRUMENTATION]):
        yield opened


@pytest.fixture
def made(loopback_provider: Provider) -> Iterator[Callable[[str], Any]]:
    """Makes clients of the provider, which are closed when the test is over."""
    with ExitStack() as stack:
        yield lambda client: stack.enter_context(getattr(cohere, client)(api_key="k", base_url=loopback_provider.url))


@pytest.mark.parametrize("method", ["generate", "generate_stream"])
def test_completions_are_recorded(method: str, made: Any, loopback_provider: Provider, recording: Any) -> None:
    """The prompt and what was made of it."""
    loopback_provider.say(ANSWER)
    list(getattr(made("Client"), method)(prompt="One two", model="command", max_tokens=9))
    span = recording.span()
    assert (span.name, span.request.input) == ("text_completion command", "One two")
    assert span.request.parameters == {"max_tokens": 9}
    assert [message.text for message in span.response.messages] == [ANSWER.text]
    assert span.response.finish_reasons == ["COMPLETE"]


def test_embeddings_are_counted(made: Any, recording: Any) -> None:
    """How many, how long; what is billed is not called tokens."""
    texts = ["Paris", "Lyon"]
    made("ClientV2").embed(model="embed-v4.0", texts=texts, input_type="search_document", embedding_types=["float"])
    made("Client").embed(model="embed-v3", texts=["Paris"], input_type="search_document")
    new, old = recording.spans()
    assert (new.kind, new.request.input) == (SpanKind.EMBEDDING, texts)
    assert new.request.parameters == {"input_type": "search_document", "embedding_types": ["float"]}
    assert (new.response.output, new.response.usage) == ({"count": 2, "dimensions": 16}, None)
    assert old.response.output == {"count": 1, "dimensions": 16}


def test_pictures_that_are_embedded_are_described(made: Any, recording: Any) -> None:
    """By their size, alone or beside a text."""
    picture, settings = "data:image/png;base64,iVBORw0KGgo=", {"model": "embed-v4.0", "embedding_types": ["float"]}
    both = [{"type": "text", "text": "A dot."}, {"type": "image_url", "image_url": {"url": picture}}]
    made("ClientV2").embed(images=[picture], input_type="image", **settings)
    made("ClientV2").embed(inputs=[{"content": both}], input_type="image", **settings)
    alone, beside = recording.spans()
    assert (alone.request.messages, alone.request.input) == ([Message("user", [DOT])], None)
    assert beside.request.messages == [Message("user", [Text("A dot."), DOT])]


DOT = Media("image", "image/png", size=8)


def test_batches_of_embeddings_are_calls_of_their_own(made: Any, recording: Any) -> None:
    """More texts than go into one request are sent in several, from threads; each is recorded."""
    texts = [f"text {number}" for number in range(100)]
    made("Client").embed(model="embed-v3", texts=texts, input_type="clustering")
    assert sorted(span.response.output["count"] for span in recording.spans()) == [4, 96]


@pytest.mark.parametrize("client", ["ClientV2", "Client"])
def test_rankings_are_recorded(client: str, made: Any, recording: Any) -> None:
    """What was looked for, among what, and what came first."""
    asked = {"query": "capital", "documents": ["Nice", "Paris"]}
    made(client).rerank(model="rerank-v3.5", top_n=2, **asked)
    span = recording.span()
    assert (span.kind, span.request.input) == (SpanKind.RETRIEVAL, asked)
    assert span.response.output == [{"index": 1, "score": 0.9}, {"index": 0, "score": 0.45}]


def test_transcripts_are_recorded(recording: Any) -> None:
    """The size of what was heard, and what was said."""
    pytest.importorskip("cohere.audio")

    def answer(_request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"text": "Hello."})

    with httpx.Client(transport=httpx.MockTransport(answer)) as transport:
        client = cohere.ClientV2(api_key="k", httpx_client=transport)
        client.audio.transcriptions.create(model="transcribe", language="en", file=("a.wav", b"123456", "audio/wav"))
    span = recording.span()
    assert (span.name, span.request.parameters) == ("transcription transcribe", {"language": "en"})
    assert span.request.messages == [Message("user", [Media("audio", "audio/wav", size=6)])]
    assert span.response.messages == [Message("assistant", [Text("Hello.")])]
