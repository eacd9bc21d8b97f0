"""Observes `google.genai` for the Gemini API and for Vertex AI: every request of its own loops, and their functions.

Automatic function calling and continuation make several requests of one call, and give the program the counts of the
last; chats, streams and loops all end in one place, where bodies are JSON.
"""

from typing import Final

from agentops.domain.foreign import plain, text
from agentops.domain.genai import ToolRequest, ToolResponse
from agentops.domain.spans import ErrorInfo
from agentops.instrumentation.target import Instrumentation, Reader, Target
from agentops.plugins import hookimpl
from agentops_plugins._gemini_interactions import INTERACTION
from agentops_plugins._gemini_requests import choose


def _read_function_error(error: BaseException) -> ErrorInfo:
    """What the function itself raised; the library tells it to the model and goes on."""
    cause = error.__context__ or error
    return ErrorInfo(type=type(cause).__qualname__, message=str(cause))


_FUNCTION: Final = Reader(
    read_request=lambda arguments: ToolRequest(
        name=text(arguments.get("function_to_invoke", 1), "__name__") or "function",
        arguments=plain(arguments.get("args", 0)),
    ),
    read_response=lambda result: ToolResponse(result=plain(result)),
    read_error=_read_function_error,
)

_REQUESTS: Final = "google.genai._api_client:BaseApiClient"
_INTERACTIONS: Final = "google.genai._gaos.interactions"
_FUNCTIONS: Final = "google.genai._extra_utils:invoke_function_from_dict_args"

INSTRUMENTATION: Final = Instrumentation(
    library="google.genai",
    distribution="google-genai",
    versions=">=1.16,<4",
    captures="content, interactions, streams, tools, embeddings, images, token counts",
    targets=[
        *(
            Target(path=f"{_REQUESTS}.{name}", reader=choose)
            for name in ("request", "request_streamed", "async_request", "async_request_streamed")
        ),
        *(
            Target(path=f"{_INTERACTIONS}:{name}.create", reader=INTERACTION)
            for name in ("Interactions", "AsyncInteractions")
        ),
        Target(path=_FUNCTIONS, reader=_FUNCTION),
        Target(path=f"{_FUNCTIONS}_async", reader=_FUNCTION),
    ],
)


@hookimpl
def agentops_instrumentation() -> Instrumentation:
    """The calls of `google.genai`."""
    return INSTRUMENTATION
