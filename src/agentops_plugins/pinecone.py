"""Observes `pinecone`: lookups in an index are retrieval, changes tool calls; it embeds and reranks with models."""

from typing import Any, Final
from urllib.parse import urlsplit

from agentops.domain.foreign import at, count, objects, text
from agentops.domain.genai import Operation, Request, Response, Usage
from agentops.instrumentation.target import Arguments, Instrumentation, Reader, Target
from agentops.plugins import hookimpl
from agentops_plugins._calls import brief
from agentops_plugins._database import collection

_LOOKUPS: Final[dict[str, tuple[tuple[str, ...], tuple[str | int, ...]]]] = {
    "query": ((), ("matches",)),
    "query_namespaces": (("vector", "namespaces", "metric", "top_k"), ("matches",)),
    "fetch": (("ids", "namespace"), ()),
    "search": (("namespace", "query", "rerank", "fields"), ("result", "hits")),
}
"""What may be passed by position, and where in the result what was found is listed."""

_CHANGES: Final[dict[str, tuple[tuple[str, ...], tuple[str | int, ...]]]] = {
    "upsert": (("vectors", "namespace"), ()),
    "upsert_records": (("namespace", "records"), ()),
    "update": (("id", "values"), ()),
    "delete": (("ids", "delete_all", "namespace"), ()),
}

_INDEXES: Final = (
    "pinecone.index:Index",
    "pinecone.async_client.async_index:AsyncIndex",
    "pinecone.grpc:GrpcIndex",
    "pinecone.db_data.index:Index",  # until 8
    "pinecone.db_data.index_asyncio:_IndexAsyncio",
    "pinecone.grpc.index_grpc:GRPCIndex",
)
_INFERENCES: Final = (
    "pinecone.client.inference:Inference",
    "pinecone.async_client.inference:AsyncInference",
    "pinecone.inference.inference:Inference",  # until 8
    "pinecone.inference.inference_asyncio:AsyncioInference",
)


def _where(arguments: Arguments) -> dict[str, Any]:
    index = arguments.instance
    host = text(index, "_host") or text(index, "_config", "host") or text(index, "config", "host") or ""
    address = urlsplit(host if "://" in host else f"//{host}")
    name = (address.hostname or "").partition(".")[0]
    return {
        "db.collection.name": name or None,
        "db.namespace": text(arguments.kwargs.get("namespace")),
        "server.address": address.hostname,
        "server.port": address.port,
    }


def _request(operation: Operation, asked: Any, arguments: Arguments, used: tuple[str, ...]) -> Request:
    model = arguments.get("model", 0)
    return Request(
        operation=operation,
        provider="pinecone",
        model=text(model) or text(model, "value"),
        input=brief(asked),
        parameters=brief({name: value for name, value in arguments.kwargs.items() if name not in used}),
    )


def _read_embed(arguments: Arguments) -> Request:
    return _request(Operation.EMBEDDINGS, arguments.get("inputs", 1), arguments, ("model", "inputs"))


def _read_embedded(result: Any) -> Response:
    data = objects(result, "data")
    counts: dict[str, int] = {"count": len(data)}
    dimensions = len(objects(data, 0, "values"))
    if dimensions:
        counts["dimensions"] = dimensions
    return Response(
        model=text(result, "model"), usage=Usage(input=count(result, "usage", "total_tokens")), output=counts
    )


def _read_rerank(arguments: Arguments) -> Request:
    asked = {"query": arguments.get("query", 1), "documents": arguments.get("documents", 2)}
    return _request(Operation.RERANK, asked, arguments, ("model", "query", "documents"))


def _read_reranked(result: Any) -> Response:
    ranks = [{"index": at(rank, "index"), "score": at(rank, "score")} for rank in objects(result, "data")]
    return Response(model=text(result, "model"), output=ranks)


_EMBED: Final = Reader(read_request=_read_embed, read_response=_read_embedded)
_RERANK: Final = Reader(read_request=_read_rerank, read_response=_read_reranked)

INSTRUMENTATION: Final = Instrumentation(
    library="pinecone",
    versions=">=7,<11",
    captures="queries, lookups, changes of vectors and records, embeddings, reranking",
    targets=[
        Target(
            path=f"{index}.{method}",
            reader=collection("pinecone", method, *names, where=_where, looks_up=method in _LOOKUPS, found=found),
            opaque=True,
        )
        for index in _INDEXES
        for method, (names, found) in (_LOOKUPS | _CHANGES).items()
    ]
    + [
        Target(path=f"{inference}.{method}", reader=reader, opaque=True)
        for inference in _INFERENCES
        for method, reader in (("embed", _EMBED), ("rerank", _RERANK))
    ],
)


@hookimpl
def agentops_instrumentation() -> Instrumentation:
    """The calls of `pinecone`."""
    return INSTRUMENTATION
