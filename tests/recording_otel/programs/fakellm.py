# ruff: noqa: D103 - a program as users write it
"""A client library: `ask` calls a model."""

from agentops.domain.genai import Request, Response, Usage
from agentops.instrumentation.target import Instrumentation, Reader, Target


def ask(prompt, then=None):
    """The answer, after whatever else happens inside the call."""
    if then is not None:
        then()
    return f"{prompt}?"


def read_request(arguments):
    return Request(operation="chat", provider="openai", model="gpt-4o", input=arguments.get("prompt", 0))


def read_response(answer):
    return Response(model="gpt-4o", output=answer, usage=Usage(input=10, output=5))


INSTRUMENTATION = Instrumentation(
    library="fakellm",
    targets=[Target(path="fakellm:ask", reader=Reader(read_request=read_request, read_response=read_response))],
    native_scopes=["fakellm.native"],
)
