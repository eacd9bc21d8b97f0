"""Observes `chromadb`: looking up documents in a collection is retrieval, changing them a tool call.

The embeddings that a collection makes of texts are what its embedding function calls, and are recorded as such.
"""

from typing import Any, Final

from agentops.domain.foreign import text
from agentops.instrumentation.target import Arguments, Instrumentation, Target
from agentops.plugins import hookimpl
from agentops_plugins._database import collection

_LOOKUPS: Final[dict[str, tuple[tuple[str, ...], tuple[str | int, ...]]]] = {
    "query": (("query_embeddings", "query_texts", "query_images", "query_uris"), ("ids", 0)),
    "get": (("ids", "where", "limit", "offset"), ("ids",)),
    "search": (("searches",), ("ids", 0)),
    "count": ((), ()),
}
"""What may be passed by position, and where in the result what was found is listed."""

_RECORDS: Final = ("ids", "embeddings", "metadatas", "documents", "images", "uris")
_CHANGES: Final = {
    "add": _RECORDS,
    "upsert": _RECORDS,
    "update": _RECORDS,
    "delete": ("ids", "where", "where_document"),
}


def _where(arguments: Arguments) -> dict[str, Any]:
    of = arguments.instance
    return {"db.collection.name": text(of, "name"), "db.namespace": text(of, "database")}


INSTRUMENTATION: Final = Instrumentation(
    library="chromadb",
    versions=">=1.0,<2",
    captures="queries, lookups, changes of documents",
    targets=[
        Target(
            path=f"chromadb.api.models.{cls}:{cls}.{method}",
            reader=collection("chroma", method, *names, where=_where, looks_up=method in _LOOKUPS, found=found),
            opaque=True,
        )
        for cls in ("Collection", "AsyncCollection")
        for method, (names, found) in (
            *_LOOKUPS.items(),
            *((method, (names, ())) for method, names in _CHANGES.items()),
        )
    ],
)


@hookimpl
def agentops_instrumentation() -> Instrumentation:
    """The calls of `chromadb`."""
    return INSTRUMENTATION
