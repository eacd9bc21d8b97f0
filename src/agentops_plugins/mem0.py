"""Observes `mem0ai`: looking memories up is retrieval, keeping and changing them a tool call.

`Memory` works here, with models and a store that are seen for themselves inside the call; `MemoryClient` asks a server:
https://docs.mem0.ai/api-reference.
"""

from typing import Any, Final

from agentops.domain.foreign import at
from agentops.instrumentation.target import Instrumentation, Target
from agentops.plugins import hookimpl
from agentops_plugins._calls import brief
from agentops_plugins._database import collection

_LOOKUPS: Final = {
    "search": ("query",),
    "get": ("memory_id",),
    "get_all": (),
    "history": ("memory_id",),
}
"""What may be passed by position."""

_CHANGES: Final = {
    "add": ("messages",),
    "update": ("memory_id", "data"),
    "delete": ("memory_id",),
    "delete_all": (),
    "batch_update": ("memories",),
    "batch_delete": ("memories",),
    "reset": (),
}
_CLASSES: Final = {
    "mem0.memory.main": ("Memory", "AsyncMemory"),
    "mem0.client.main": ("MemoryClient", "AsyncMemoryClient"),
}


def _result(found: Any) -> Any:
    """What was found or done, which older versions give without the dictionary around it."""
    results = at(found, "results")
    return brief(found if results is None else results)


INSTRUMENTATION: Final = Instrumentation(
    library="mem0",
    distribution="mem0ai",
    versions=">=0.1.100,<3",
    captures="searches, lookups and changes of memories",
    targets=[
        Target(
            path=f"{module}:{name}.{method}",
            reader=collection(
                "mem0",
                method,
                *names,
                where=lambda _arguments: {"db.collection.name": "memories"},
                looks_up=method in _LOOKUPS,
                found=("results",),
                read_result=_result,
            ),
        )
        for module, classes in _CLASSES.items()
        for name in classes
        for method, names in (_LOOKUPS | _CHANGES).items()
    ],
)


@hookimpl
def agentops_instrumentation() -> Instrumentation:
    """The calls of `mem0`."""
    return INSTRUMENTATION
