"""Observes `redis`: its commands and pipelines, sync, async and of clusters, as the conventions for Redis name them.

https://opentelemetry.io/docs/specs/semconv/database/redis/
"""

from typing import Any, Final

from agentops.domain.foreign import at, count, flag, objects, text
from agentops.domain.genai import ToolRequest, ToolResponse
from agentops.instrumentation.target import Arguments, Instrumentation, Reader, Target
from agentops.plugins import hookimpl
from agentops_plugins._calls import brief, legible
from agentops_plugins._database import given, server

_SECRET: Final = frozenset({"AUTH", "HELLO", "ACL", "CONFIG", "MIGRATE"})
"""Commands whose arguments may be passwords."""

_QUEUES: Final = (("command_stack",), ("_command_stack",), ("_execution_strategy", "_command_queue"))
"""Where a pipeline keeps its commands: those of clusters by themselves, since 6 in what executes them."""

_SHOWN: Final = 20
"""So many commands of a pipeline are shown in the text of the query."""


def _words(command: Any) -> list[Any]:
    return [legible(word) for word in command]


def _shape(words: list[Any]) -> str:
    """A command with its first key and without its values."""
    name = str(words[0]).upper()
    key = [str(words[1])] if len(words) > 1 and name not in _SECRET else []
    return " ".join([name, *key, *("?" for _ in words[1 + len(key) :])])


def _given(words: list[Any]) -> Any:
    return brief(words[:1] if str(words[0]).upper() in _SECRET else words)


def _request(client: Any, name: str, shape: str, words: Any, **attributes: Any) -> ToolRequest:
    settings = at(client, "connection_pool", "connection_kwargs")
    namespace = count(settings, "db")
    known = {
        "db.system.name": "redis",
        "db.operation.name": name,
        "db.namespace": None if namespace is None else str(namespace),
        "db.query.text": shape,
        **(server(settings) if text(settings, "path") is None else {"server.address": text(settings, "path")}),
        **attributes,
    }
    return ToolRequest(name=name, arguments=words, attributes=given(known))


def _read_command(arguments: Arguments) -> ToolRequest:
    words = _words(arguments.args)
    name = str(words[0]).upper()
    return _request(arguments.instance, name, _shape(words), {"command": _given(words)})


def _read_pipeline(arguments: Arguments) -> ToolRequest:
    pipeline = arguments.instance
    queue = next((found for path in _QUEUES if (found := objects(pipeline, *path))), list[Any]())
    stack = [_words(at(queued, 0) or at(queued, "args")) for queued in queue]
    together = any(flag(pipeline, name) for name in ("transaction", "is_transaction", "explicit_transaction"))
    name = "MULTI" if together else "PIPELINE"
    shape = "\n".join(_shape(words) for words in stack[:_SHOWN] if words)
    commands = [_given(words) for words in stack if words]
    return _request(pipeline, name, shape, {"commands": commands}, **{"db.operation.batch.size": len(stack)})


def _read_answer(answer: Any) -> ToolResponse:
    return ToolResponse(result=brief(answer))


COMMAND: Final = Reader(read_request=_read_command, read_response=_read_answer)
PIPELINE: Final = Reader(read_request=_read_pipeline, read_response=_read_answer)

INSTRUMENTATION: Final = Instrumentation(
    library="redis",
    versions=">=5,<9",
    captures="commands, pipelines, transactions, clusters",
    targets=[
        Target(path=f"{module}:{cls}.{method}", reader=reader, opaque=True, outgoing=True)
        for home in ("redis", "redis.asyncio")
        for module, cls, method, reader in (
            (f"{home}.client", "Redis", "execute_command", COMMAND),
            (f"{home}.client", "Pipeline", "execute", PIPELINE),
            (f"{home}.cluster", "RedisCluster", "execute_command", COMMAND),
            (f"{home}.cluster", "ClusterPipeline", "execute", PIPELINE),
        )
    ],
)


@hookimpl
def agentops_instrumentation() -> Instrumentation:
    """The commands of `redis`."""
    return INSTRUMENTATION
