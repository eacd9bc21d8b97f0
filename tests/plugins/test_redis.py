"""The plugin for `redis`: commands and pipelines as they went over the wire, with their keys and without passwords."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from redis_server import serve

import agentops
from agentops.domain.spans import SpanKind, SpanStatus
from agentops.testing import Recording, record
from agentops_plugins.redis import INSTRUMENTATION

redis: Any = pytest.importorskip("redis")
aredis: Any = pytest.importorskip("redis.asyncio")
cluster: Any = pytest.importorskip("redis.cluster")
acluster: Any = pytest.importorskip("redis.asyncio.cluster")


@pytest.fixture(name="port", scope="module")
def serve_redis() -> Iterator[int]:
    """A server of the tests' own."""
    with serve() as port:
        yield port


@pytest.fixture(name="recording")
def observe_redis() -> Iterator[Recording]:
    """What the plugin sees."""
    with record(plugins=False, strict=True) as opened, opened.observing.only([INSTRUMENTATION]):
        yield opened


def test_a_command_is_a_tool_call(recording: Recording, port: int) -> None:
    """By its name, with its key and without its value where that is no content."""
    with agentops.span("work"), redis.Redis(host="127.0.0.1", port=port) as client:
        client.set("answer", "42")
        assert client.get("answer") == b"42"
    stored, read = recording.spans()[1:]
    assert (stored.kind, stored.name, stored.status) == (SpanKind.TOOL, "SET", SpanStatus.OK)
    assert stored.input == {"command": ["SET", "answer", "42"]}
    assert stored.attributes == {
        "db.system.name": "redis",
        "db.operation.name": "SET",
        "db.namespace": "0",
        "db.query.text": "SET answer ?",
        "server.address": "127.0.0.1",
        "server.port": port,
    }
    assert (read.name, read.output) == ("GET", "42")


def test_a_pipeline_is_one_call(recording: Recording, port: int) -> None:
    """All its commands at once; as a transaction it is called so."""
    with agentops.span("work"), redis.Redis(host="127.0.0.1", port=port) as client:
        for transaction in (True, False):
            with client.pipeline(transaction=transaction) as pipeline:
                assert pipeline.set("k", "v").get("k").execute() == [True, b"v"]
    together, apart = recording.spans()[1:]
    assert (together.name, apart.name) == ("MULTI", "PIPELINE")
    assert together.input == {"commands": [["SET", "k", "v"], ["GET", "k"]]}
    assert together.output == [True, "v"]
    assert apart.attributes["db.query.text"] == "SET k ?\nGET k"
    assert apart.attributes["db.operation.batch.size"] == 2


def test_async_commands_are_the_same(recording: Recording, port: int) -> None:
    """Commands and pipelines of `redis.asyncio`."""

    async def work() -> None:
        async with aredis.Redis(host="127.0.0.1", port=port) as client:
            await client.set("k", "v")
            async with client.pipeline(transaction=False) as pipeline:
                assert await pipeline.get("k").execute() == [b"v"]

    with agentops.span("work"):
        asyncio.run(work())
    assert [(span.name, span.output) for span in recording.spans()[1:]] == [("SET", True), ("PIPELINE", ["v"])]


def test_a_cluster_is_seen_like_a_server(recording: Recording, port: int) -> None:
    """Its commands and pipelines, once each, whichever node they go to."""
    with agentops.span("work"), cluster.RedisCluster(host="127.0.0.1", port=port) as client:
        assert client.set("k", "v")
        assert client.pipeline().set("k", "w").get("k").execute() == [True, b"w"]
    assert _told(recording) == [("SET", "SET k ?", True), ("PIPELINE", "SET k ?\nGET k", [True, "w"])]


def test_an_async_cluster_is_seen_like_a_server(recording: Recording, port: int) -> None:
    """Commands and pipelines of `redis.asyncio.cluster`."""

    async def work() -> None:
        async with acluster.RedisCluster(host="127.0.0.1", port=port) as client:
            assert await client.set("k", "v")
            assert await client.pipeline().set("k", "w").get("k").execute() == [True, b"w"]

    with agentops.span("work"):
        asyncio.run(work())
    assert _told(recording) == [("SET", "SET k ?", True), ("PIPELINE", "SET k ?\nGET k", [True, "w"])]


def _told(recording: Recording) -> list[tuple[str, Any, Any]]:
    """The calls for keys: what else a client asks a cluster as it begins is left out."""
    told = [(span.name, span.attributes.get("db.query.text"), span.output) for span in recording.spans()[1:]]
    return [each for each in told if each[0] in {"SET", "GET", "PIPELINE", "MULTI"}]


def test_a_refusal_is_an_error(recording: Recording, port: int) -> None:
    """The program gets its exception, the span its words."""
    with agentops.span("work"), redis.Redis(host="127.0.0.1", port=port) as client:  # noqa: SIM117 - one more is too long
        with pytest.raises(redis.ResponseError, match="WRONGTYPE"):
            client.lpush("k", "v")
    span = recording.span("LPUSH")
    assert span.status is SpanStatus.ERROR
    assert span.error is not None
    assert span.error.type == "redis.exceptions.ResponseError"


def test_passwords_are_not_kept(recording: Recording, port: int) -> None:
    """Nothing of what follows AUTH, whoever sends it."""
    with agentops.span("work"), redis.Redis(host="127.0.0.1", port=port) as client:
        client.execute_command("AUTH", "user", "hunter2")
    span = recording.span("AUTH")
    assert span.input == {"command": ["AUTH"]}
    assert span.attributes["db.query.text"] == "AUTH ? ?"


def test_without_a_session_nothing_is_recorded(recording: Recording, port: int) -> None:
    """A store of the program's web server starts no session."""
    with redis.Redis(host="127.0.0.1", port=port) as client:
        client.set("k", "v")
    assert recording.sessions() == []
