"""Asks Anthropic's models; the client has spans of its own, and the command line may name an instrumentation."""

import sys
from contextlib import suppress

from anthropic import Anthropic, BadRequestError
from opentelemetry import trace
from telemetry import exporting, observe_with


def write(client: Anthropic) -> None:
    """A message, one that is streamed, and one that is refused."""
    settings = {"model": "claude-sonnet-4-6", "max_tokens": 100}
    client.messages.create(system="Be kind.", messages=[{"role": "user", "content": "Write."}], **settings)
    with client.messages.stream(messages=[{"role": "user", "content": "Go on."}], **settings) as stream:
        print("".join(stream.text_stream))
    with suppress(BadRequestError):
        client.messages.create(messages=[{"role": "user", "content": "No."}], **settings)


with exporting():
    for each in sys.argv[1:]:
        observe_with(each)
    with trace.get_tracer("letter").start_as_current_span("letter"):
        write(Anthropic(max_retries=0))
