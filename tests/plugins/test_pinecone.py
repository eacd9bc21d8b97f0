"""The plugin for `pinecone`: lookups in an index are retrieval, changes tool calls, embeddings model calls."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from loopback import answering

from agentops.domain.genai import Usage
from agentops.domain.spans import SpanKind, SpanStatus
from agentops.testing import Recording, record
from agentops_plugins import httpx as transport
from agentops_plugins.pinecone import INSTRUMENTATION

pinecone: Any = pytest.importorskip("pinecone")

VECTOR = [0.1] * 16
ANSWERS: dict[str, Any] = {
    "/query": {"matches": [{"id": "a", "score": 0.5, "metadata": {"text": "tides"}}], "namespace": "notes"},
    "/vectors/upsert": {"upsertedCount": 1},
    "/embed": {
        "model": "multilingual-e5-large",
        "vector_type": "dense",
        "data": [{"values": VECTOR, "vector_type": "dense"}],
        "usage": {"total_tokens": 5},
    },
    "/rerank": {
        "model": "bge-reranker-v2-m3",
        "data": [{"index": 0, "score": 0.9, "document": {"text": "tides"}}],
        "usage": {"rerank_units": 1},
    },
}


@pytest.fixture(name="client")
def make_client() -> Iterator[Any]:
    """A client of a service on this machine."""
    with answering(ANSWERS) as address:
        client = pinecone.Pinecone(api_key="any", host=address)
        yield client
        if hasattr(client, "close"):
            client.close()


@pytest.fixture(name="index")
def make_index(client: Any) -> Iterator[Any]:
    """An index there, named by its host."""
    settings = getattr(client, "_config", None) or client.config
    index = client.Index(host=settings.host)
    yield index
    index.close()


@pytest.fixture(name="recording")
def observe_pinecone() -> Iterator[Recording]:
    """What the plugin sees, and what that of its transport would."""
    plugins = [INSTRUMENTATION, *transport.INSTRUMENTATIONS]
    with record(plugins=False, strict=True) as opened, opened.observing.only(plugins):
        yield opened


def test_a_query_is_retrieval(recording: Recording, index: Any) -> None:
    """What was looked for and what was found, without the numbers of vectors; the request is no call of its own."""
    found = index.query(vector=VECTOR, top_k=1, namespace="notes", include_metadata=True)
    assert found.matches[0].id == "a"
    span = recording.span()
    assert span.kind is SpanKind.RETRIEVAL
    assert span.input == {"vector": {"$vector": 16}, "top_k": 1, "namespace": "notes", "include_metadata": True}
    (match,) = span.output["matches"]
    assert (match["id"], match["metadata"]) == ("a", {"text": "tides"})
    known = {name: span.attributes[name] for name in ("db.system.name", "db.namespace", "db.response.returned_rows")}
    assert known == {"db.system.name": "pinecone", "db.namespace": "notes", "db.response.returned_rows": 1}


def test_a_change_is_a_tool_call(recording: Recording, index: Any) -> None:
    """Vectors by their ids and metadata."""
    index.upsert(vectors=[{"id": "a", "values": VECTOR, "metadata": {"text": "tides"}}], namespace="notes")
    span = recording.span()
    assert span.kind is SpanKind.TOOL
    assert span.input["vectors"] == [{"id": "a", "values": {"$vector": 16}, "metadata": {"text": "tides"}}]
    assert span.output["upserted_count"] == 1


def test_an_embedding_is_a_model_call(recording: Recording, client: Any) -> None:
    """With its tokens."""
    client.inference.embed(model="multilingual-e5-large", inputs=["tides"], parameters={"input_type": "query"})
    span = recording.span()
    assert (span.kind, span.name) == (SpanKind.EMBEDDING, "embeddings multilingual-e5-large")
    assert span.request is not None
    assert span.response is not None
    assert (span.request.input, span.request.parameters) == (["tides"], {"parameters": {"input_type": "query"}})
    assert (span.response.usage, span.response.output) == (Usage(input=5), {"count": 1, "dimensions": 16})


def test_reranking_is_retrieval(recording: Recording, client: Any) -> None:
    """By index and score."""
    client.inference.rerank(model="bge-reranker-v2-m3", query="sea", documents=["tides"])
    span = recording.span()
    assert span.kind is SpanKind.RETRIEVAL
    assert span.response is not None
    assert span.response.output == [{"index": 0, "score": 0.9}]


def test_a_refusal_is_an_error(recording: Recording, index: Any) -> None:
    """The library's own exception."""
    with pytest.raises(Exception, match=r".") as raised:
        index.delete(ids=["a"])
    span = recording.span()
    assert span.status is SpanStatus.ERROR
    assert span.error is not None
    assert span.error.type.endswith(raised.type.__qualname__)


def test_async_clients_are_the_same(recording: Recording) -> None:
    """Lookups in an index, and embeddings."""
    make: Any = getattr(pinecone, "AsyncPinecone", None) or pinecone.PineconeAsyncio

    async def work(address: str) -> None:
        async with make(api_key="any", host=address) as client:
            settings = getattr(client, "_config", None) or client.config
            async with client.IndexAsyncio(host=settings.host) as index:
                assert (await index.query(vector=VECTOR, top_k=1)).matches[0].id == "a"
            await client.inference.embed(model="multilingual-e5-large", inputs=["tides"])

    with answering(ANSWERS) as address:
        asyncio.run(work(address))
    looked, embedded = recording.spans()
    assert (looked.kind, looked.output["matches"][0]["id"]) == (SpanKind.RETRIEVAL, "a")
    assert (embedded.kind, embedded.name) == (SpanKind.EMBEDDING, "embeddings multilingual-e5-large")
