"""Graphs of LangGraph as agents; their nodes are runs of LangChain, which its own plugin sees.

`invoke` and `ainvoke` iterate `stream` and `astream`, and so does everything that is built upon a graph.
https://reference.langchain.com/python/langgraph/graphs
"""

from typing import Any, Final

from agentops.domain import semconv
from agentops.domain.foreign import at, plain, text
from agentops.domain.genai import AgentRequest, AgentResponse
from agentops.instrumentation.target import Arguments, Instrumentation, Reader, Target
from agentops.plugins import hookimpl

_PAUSE: Final = "GraphBubbleUp"
"""The base of the exceptions with which a graph stops to go on later, or hands over to the graph around it."""
_MODE: Final = 2


def read_request(arguments: Arguments) -> AgentRequest:
    """The graph by its name, what goes in, and the thread that it goes on with."""
    config = arguments.get("config", 1)
    thread = at(config, "configurable", "thread_id")
    return AgentRequest(
        name=text(config, "run_name") or text(arguments.instance, "name") or "LangGraph",
        input=plain(arguments.get("input", 0)),
        attributes={} if thread is None else {semconv.CONVERSATION_ID: str(thread)},
    )


def keep_last(_earlier: Any, chunk: Any) -> Any:
    """A graph that streams its state gives the last one in the end; with several modes, each chunk says its own."""
    is_marked = isinstance(chunk, tuple) and len(chunk) == _MODE and isinstance(chunk[0], str)  # pyright: ignore[reportUnknownArgumentType] - the graph's
    return chunk[1] if is_marked else chunk  # pyright: ignore[reportUnknownVariableType] - as above


def read_response(last: Any) -> AgentResponse:
    """The state in which the graph came to its end."""
    return AgentResponse(output=plain(last))


def read_pause(error: BaseException) -> AgentResponse | None:
    """An interrupt, or a command to the graph around, is how a graph answers."""
    return AgentResponse() if any(each.__name__ == _PAUSE for each in type(error).__mro__) else None


GRAPH: Final = Reader(read_request=read_request, read_response=read_response, fold=keep_last, read_raised=read_pause)

INSTRUMENTATION = Instrumentation(
    library="langgraph",
    versions=">=0.3.30,<2",
    captures="graphs as agents, streams, interrupts",
    targets=[
        Target(path=f"{module}:Pregel.{method}", reader=GRAPH)
        for module in ("langgraph.pregel.main", "langgraph.pregel")  # the class has moved to `main` in 0.6
        for method in ("stream", "astream")
    ],
)


@hookimpl
def agentops_instrumentation() -> Instrumentation:
    """What this plugin observes."""
    return INSTRUMENTATION
