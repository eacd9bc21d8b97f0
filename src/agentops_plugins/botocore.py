"""Observes Amazon Bedrock's models through `boto3`; every other service of AWS passes untouched.

Clients are classes made at run time: all of them, also those made before, end in `BaseClient._make_api_call`.
"""

from typing import Final

from agentops.instrumentation.target import Instrumentation, Target
from agentops.plugins import hookimpl
from agentops_plugins._bedrock import reader_for

INSTRUMENTATION: Final = Instrumentation(
    library="botocore",
    distribution="boto3",
    targets=[Target(path="botocore.client:BaseClient._make_api_call", reader=reader_for(("_raw_stream",)))],
    versions=">=1.38,<2",
    captures="Bedrock: Converse, InvokeModel, streams, tools, embeddings, guardrails, token counts",
)


@hookimpl
def agentops_instrumentation() -> Instrumentation:
    """The calls of `bedrock-runtime`."""
    return INSTRUMENTATION
