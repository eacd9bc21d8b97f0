"""Observes `httpx` and its successor `httpx2`: functions, clients and `.stream()` all end in `send`."""

from collections.abc import Sequence
from typing import Final

from agentops.instrumentation.target import Instrumentation, Target
from agentops.plugins import hookimpl
from agentops_plugins._http import exchange

INSTRUMENTATIONS: Final = [
    Instrumentation(
        library=library,
        targets=[
            Target(path=f"{library}:{client}.send", reader=exchange, opaque=True, outgoing=True)
            for client in ("Client", "AsyncClient")
        ],
        versions=versions,
        captures="HTTP requests outside of model calls",
    )
    for library, versions in (("httpx", ">=0.25,<1"), ("httpx2", ">=2,<3"))
]


@hookimpl
def agentops_instrumentation() -> Sequence[Instrumentation]:
    """The exchanges of both libraries."""
    return INSTRUMENTATIONS
