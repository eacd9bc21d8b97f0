"""The plugin for `chromadb`: looking up documents is retrieval, changing them a tool call."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from loopback import answering

from agentops.domain.spans import SpanKind, SpanStatus
from agentops.testing import Recording, record
from agentops.testing.conformance import Case, Expected, Probe, cases
from agentops_plugins.chromadb import INSTRUMENTATION

chromadb: Any = pytest.importorskip("chromadb")

VECTOR = [0.1] * 16
KEPT: dict[str, Any] = {}

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(autouse=True, scope="module")
def keep() -> Iterator[None]:
    """A collection with one document, made before anything is observed."""
    settings = chromadb.config.Settings(anonymized_telemetry=False, allow_reset=True)
    client = chromadb.EphemeralClient(settings)
    KEPT["notes"] = client.create_collection("notes", embedding_function=None)
    KEPT["notes"].add(ids=["a"], embeddings=[VECTOR], documents=["tides"])
    yield
    client.reset()


@pytest.fixture(name="recording")
def observe_chroma() -> Iterator[Recording]:
    """What the plugin sees."""
    with record(plugins=False, strict=True) as opened, opened.observing.only([INSTRUMENTATION]):
        yield opened


PROBE = Probe(
    name="chromadb",
    instrumentation=INSTRUMENTATION,
    client=lambda: KEPT["notes"],
    call=lambda notes: notes.get(ids=["a"]),
    expected=Expected(kind=SpanKind.RETRIEVAL, name="get notes"),
)


@pytest.mark.parametrize("case", cases(PROBE), ids=str)
def test_chroma_conforms(case: Case) -> None:
    """One span for a lookup, and the program notices nothing."""
    case.check()


def test_a_query_is_retrieval(recording: Recording) -> None:
    """What was looked for and what was found, without the numbers of vectors; collection and count are attributes."""
    KEPT["notes"].query(query_embeddings=[VECTOR], n_results=1)
    span = recording.span()
    assert (span.kind, span.name) == (SpanKind.RETRIEVAL, "query notes")
    assert span.input == {"query_embeddings": [{"$vector": 16}], "n_results": 1}
    assert (span.output["ids"], span.output["documents"]) == ([["a"]], [["tides"]])
    assert span.attributes == {
        "db.system.name": "chroma",
        "db.operation.name": "query",
        "db.collection.name": "notes",
        "db.namespace": "default_database",
        "db.response.returned_rows": 1,
    }


def test_a_change_is_a_tool_call(recording: Recording) -> None:
    """Documents with their ids; those passed by position too."""
    KEPT["notes"].upsert(["b"], [[-0.1] * 16], documents=["ebb"])
    span = recording.span("upsert notes")
    assert span.kind is SpanKind.TOOL
    assert span.input == {"ids": ["b"], "embeddings": [{"$vector": 16}], "documents": ["ebb"]}


def test_a_failure_is_an_error(recording: Recording) -> None:
    """Of what the collection does not take."""
    with pytest.raises(Exception, match=r".") as raised:
        KEPT["notes"].add(ids=["c"], embeddings=[[0.1, 0.2]])
    span = recording.span("add notes")
    assert span.status is SpanStatus.ERROR
    assert span.error is not None
    assert span.error.type.endswith(raised.type.__qualname__)


def test_an_async_collection_is_the_same(recording: Recording) -> None:
    """That of a server: lookups and changes, once each."""
    tenant, known = "/api/v2/tenants/default_tenant", "1b2e0c9a-5a55-4b8e-9a5c-6a6ad5c4f0d1"
    database = f"{tenant}/databases/default_database"
    place = {"tenant": "default_tenant", "database": "default_database"}
    about: dict[str, Any] = {
        "metadata": None,
        "dimension": 16,
        "version": 0,
        "log_position": 0,
        "configuration_json": {},
    }
    found = {"ids": [["a"]], "documents": [["tides"]], "distances": [[0.0]], "metadatas": [[None]]}
    answers: dict[str, Any] = {
        "/api/v2/auth/identity": {"user_id": "", "tenant": "default_tenant", "databases": ["default_database"]},
        "/api/v2/pre-flight-checks": {"max_batch_size": 100},
        tenant: {"name": "default_tenant"},
        database: {"id": known, "name": "default_database", "tenant": "default_tenant"},
        f"{database}/collections/notes": {"id": known, "name": "notes", **place, **about},
        f"{database}/collections/{known}/query": {**found, "include": ["documents"]},
        f"{database}/collections/{known}/add": {},
    }

    async def work(port: int) -> None:
        settings = chromadb.config.Settings(anonymized_telemetry=False)
        client = await chromadb.AsyncHttpClient(host="127.0.0.1", port=port, settings=settings)
        notes = await client.get_collection("notes", embedding_function=None)
        assert (await notes.query(query_embeddings=[VECTOR], n_results=1))["ids"] == [["a"]]
        await notes.add(ids=["b"], embeddings=[VECTOR])

    with answering(answers) as address:
        asyncio.run(work(int(address.rpartition(":")[2])))
    looked, added = recording.spans()
    assert (looked.kind, looked.name, looked.output["ids"]) == (SpanKind.RETRIEVAL, "query notes", [["a"]])
    assert (added.kind, added.name) == (SpanKind.TOOL, "add notes")
