"""Observes `ddgs`: searches by way of many engines; `ddgs.DDGS` stands for the class in `ddgs.ddgs`."""

from typing import Final

from agentops.instrumentation.target import Instrumentation, Target
from agentops.plugins import hookimpl
from agentops_plugins._calls import tool

_METHODS: Final = {"text": "query", "images": "query", "news": "query", "videos": "query", "books": "query"}
"""By name, with the parameter that is passed first."""

INSTRUMENTATION: Final = Instrumentation(
    library="ddgs",
    versions=">=9,<10",
    captures="searches of texts, images, news, videos and books, extracts",
    targets=[
        Target(path=f"ddgs.ddgs:DDGS.{method}", reader=tool(f"ddgs.{method}", first), opaque=True)
        for method, first in (_METHODS | {"extract": "url"}).items()
    ],
)


@hookimpl
def agentops_instrumentation() -> Instrumentation:
    """The calls of `ddgs`."""
    return INSTRUMENTATION
