"""Observes Amazon Bedrock's models through `aiobotocore` and `aioboto3`; every other service passes untouched.

Bodies read from aiohttp's `ClientResponse.content`; aiobotocore 3 keeps the response in `_raw_stream`, a body of 2
stands in for it. With its httpx transport the body of InvokeModel is not seen: tokens are told by the headers.
"""

from typing import Final

from agentops.instrumentation.target import Instrumentation, Target
from agentops.plugins import hookimpl
from agentops_plugins._bedrock import reader_for

INSTRUMENTATION: Final = Instrumentation(
    library="aiobotocore",
    targets=[
        Target(
            path="aiobotocore.client:AioBaseClient._make_api_call",
            reader=reader_for(("_raw_stream.content", "content")),
        )
    ],
    versions=">=2.23,<4",
    captures="Bedrock: Converse, InvokeModel, streams, tools, embeddings, guardrails, token counts",
)


@hookimpl
def agentops_instrumentation() -> Instrumentation:
    """The calls of `bedrock-runtime`."""
    return INSTRUMENTATION
