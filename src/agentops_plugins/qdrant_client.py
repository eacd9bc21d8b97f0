"""Observes `qdrant_client`: looking up points is retrieval, changing them a tool call; local mode included."""

from typing import Any, Final
from urllib.parse import urlsplit

from agentops.domain.foreign import at, count, text
from agentops.instrumentation.target import Arguments, Instrumentation, Target
from agentops.plugins import hookimpl
from agentops_plugins._database import collection

_LOOKUPS: Final[dict[str, tuple[tuple[str, ...], tuple[str | int, ...]]]] = {
    "query_points": (("query",), ("points",)),
    "query_points_groups": (("group_by", "query"), ("groups",)),
    "query_batch_points": (("requests",), ()),
    "scroll": (("scroll_filter",), (0,)),
    "retrieve": (("ids",), ()),
    "count": (("count_filter",), ()),
    "search": (("query_vector",), ()),
    "search_batch": (("requests",), ()),
    "search_groups": (("query_vector", "group_by"), ("groups",)),
    "recommend": (("positive", "negative"), ()),
    "discover": (("target", "context"), ()),
}
"""What is passed after the name of the collection, and where in the result what was found is listed.

The last five are gone since 1.16.
"""

_CHANGES: Final = {
    "upsert": "points",
    "delete": "points_selector",
    "update_vectors": "points",
    "set_payload": "payload",
    "overwrite_payload": "payload",
    "delete_payload": "keys",
    "upload_points": "points",
    "upload_collection": "vectors",
    "create_collection": "vectors_config",
    "delete_collection": "timeout",
}
"""What is passed after the name of the collection."""

_CLIENTS: Final = ("qdrant_client.qdrant_client:QdrantClient", "qdrant_client.async_qdrant_client:AsyncQdrantClient")


def _where(arguments: Arguments) -> dict[str, Any]:
    options = at(arguments.instance, "_init_options")
    host, address = text(options, "host"), urlsplit(text(options, "url") or "")
    return {
        "db.collection.name": text(arguments.get("collection_name", 0)),
        "server.address": host or address.hostname,
        "server.port": count(options, "port") if host else address.port,
    }


INSTRUMENTATION: Final = Instrumentation(
    library="qdrant_client",
    versions=">=1.14,<2",
    captures="queries, lookups, changes of points and collections",
    targets=[
        Target(
            path=f"{client}.{method}",
            reader=collection(
                "qdrant", method, "collection_name", *names, where=_where, looks_up=method in _LOOKUPS, found=found
            ),
            opaque=True,
        )
        for client in _CLIENTS
        for method, (names, found) in (
            *_LOOKUPS.items(),
            *((method, ((first,), ())) for method, first in _CHANGES.items()),
        )
    ],
)


@hookimpl
def agentops_instrumentation() -> Instrumentation:
    """The calls of `qdrant_client`."""
    return INSTRUMENTATION
