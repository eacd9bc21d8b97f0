"""Observes `tavily`: searches of the web, and what it reads there; a search that arranges another is seen once."""

from typing import Final

from agentops.instrumentation.target import Instrumentation, Target
from agentops.plugins import hookimpl
from agentops_plugins._calls import tool

_METHODS: Final = {
    "search": "query",
    "qna_search": "query",
    "get_search_context": "query",
    "get_company_info": "query",
    "extract": "urls",
    "crawl": "url",
    "map": "url",
    "research": "input",
}
"""By name, with the parameter that is passed first."""

INSTRUMENTATION: Final = Instrumentation(
    library="tavily",
    distribution="tavily-python",
    versions=">=0.5,<0.9",
    captures="searches, extracts, crawls, maps, research",
    targets=[
        Target(path=f"{client}.{method}", reader=tool(f"tavily.{method}", first), opaque=True)
        for client in ("tavily.tavily:TavilyClient", "tavily.async_tavily:AsyncTavilyClient")
        for method, first in _METHODS.items()
    ],
)


@hookimpl
def agentops_instrumentation() -> Instrumentation:
    """The calls of `tavily`."""
    return INSTRUMENTATION
