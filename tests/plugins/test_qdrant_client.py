"""The plugin for `qdrant_client`: looking up points is retrieval, changing them a tool call."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from loopback import answering

from agentops.domain.spans import SpanKind, SpanStatus
from agentops.testing import Recording, record
from agentops.testing.conformance import Case, Expected, Probe, cases
from agentops_plugins import httpx as transport
from agentops_plugins.qdrant_client import INSTRUMENTATION

qdrant: Any = pytest.importorskip("qdrant_client")
models: Any = pytest.importorskip("qdrant_client.models")

VECTOR = [0.1] * 16
POINTS = [models.PointStruct(id=1, vector=VECTOR, payload={"text": "tides"})]
CONFIG = models.VectorParams(size=16, distance=models.Distance.COSINE)
KEPT: dict[str, Any] = {}


@pytest.fixture(autouse=True)
def keep() -> Iterator[None]:
    """Clients with one point in a collection, made before anything is observed."""
    client, aclient = qdrant.QdrantClient(":memory:"), qdrant.AsyncQdrantClient(":memory:")
    client.create_collection("notes", vectors_config=CONFIG)
    client.upsert("notes", points=POINTS)

    async def fill() -> None:
        await aclient.create_collection("notes", vectors_config=CONFIG)
        await aclient.upsert("notes", points=POINTS)

    asyncio.run(fill())
    KEPT.update(client=client, aclient=aclient)
    yield
    client.close()
    asyncio.run(aclient.close())


@pytest.fixture(name="recording")
def observe_qdrant() -> Iterator[Recording]:
    """What the plugin sees, and what that of its transport would."""
    plugins = [INSTRUMENTATION, *transport.INSTRUMENTATIONS]
    with record(plugins=False, strict=True) as opened, opened.observing.only(plugins):
        yield opened


PROBE = Probe(
    name="qdrant_client",
    instrumentation=INSTRUMENTATION,
    client=lambda: KEPT["client"],
    aclient=lambda: KEPT["aclient"],
    call=lambda client: client.query_points("notes", query=VECTOR, limit=1),
    expected=Expected(kind=SpanKind.RETRIEVAL, name="query_points notes"),
)


@pytest.mark.parametrize("case", cases(PROBE), ids=str)
def test_qdrant_conforms(case: Case) -> None:
    """One span for a query, and the program notices nothing."""
    case.check()


def test_a_query_is_retrieval(recording: Recording) -> None:
    """What was looked for and what was found, without the numbers of vectors; collection and count are attributes."""
    KEPT["client"].query_points("notes", query=VECTOR, limit=1)
    span = recording.span()
    assert (span.kind, span.name) == (SpanKind.RETRIEVAL, "query_points notes")
    assert span.input == {"collection_name": "notes", "query": {"$vector": 16}, "limit": 1}
    (found,) = span.output["points"]
    assert (found["id"], found["payload"]) == (1, {"text": "tides"})
    assert span.attributes == {
        "db.system.name": "qdrant",
        "db.operation.name": "query_points",
        "db.collection.name": "notes",
        "db.response.returned_rows": 1,
    }


def test_a_change_is_a_tool_call(recording: Recording) -> None:
    """Points with their payloads, sync and async."""
    KEPT["client"].upsert(collection_name="notes", points=POINTS)
    asyncio.run(KEPT["aclient"].upsert("notes", points=POINTS))
    for span in recording.spans():
        assert (span.kind, span.name) == (SpanKind.TOOL, "upsert notes")
        assert span.input["points"] == [{"id": 1, "vector": {"$vector": 16}, "payload": {"text": "tides"}}]


def test_a_failure_is_an_error(recording: Recording) -> None:
    """Of a collection that is not there."""
    with pytest.raises(ValueError, match="nowhere"):
        KEPT["client"].scroll("nowhere")
    assert recording.span("scroll nowhere").status is SpanStatus.ERROR


def test_what_a_query_sends_is_part_of_it(recording: Recording) -> None:
    """With a server, that is named; its requests are no calls of their own."""
    answers: dict[str, Any] = {
        "/collections/notes/points/query": {"result": {"points": []}, "status": "ok", "time": 0.1}
    }
    with answering(answers) as address:
        client = qdrant.QdrantClient(url=address, check_compatibility=False)
        client.query_points("notes", query=VECTOR)
        client.close()
    span = recording.span()
    assert (span.attributes["server.address"], span.attributes["db.response.returned_rows"]) == ("127.0.0.1", 0)
