# ruff: noqa: D103, E402 - a program as users write it
"""Calls of anthropic's client, which makes OpenTelemetry spans of its own; prints what its spans look like as JSON.

The first argument is `provider` or `alone`, the second whether anthropic is imported before `init`.
"""

import json
import sys

from opentelemetry import trace

import agentops

if sys.argv[2] == "early":
    import anthropic
exporter = None
if sys.argv[1] == "provider":
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)

from agentops.testing.provider import Provider, Turn, Usage

session = agentops.init(trace_name="session")
import anthropic

ASKED = {"model": "claude-x", "max_tokens": 100, "messages": [{"role": "user", "content": "Where?"}]}


def turn(_):
    return Turn("Paris.", usage=Usage(input=10, output=5))


with Provider(turn) as loopback, anthropic.Anthropic(base_url=loopback.anthropic_url, api_key="k") as client:
    client.messages.create(**ASKED)
    list(client.messages.create(**ASKED, stream=True))
    with client.messages.stream(**ASKED) as stream:
        stream.until_done()
theirs = [] if exporter is None else exporter.get_finished_spans()
print(
    json.dumps(
        {
            "theirs": [span.instrumentation_scope.name for span in theirs],
            "calls": session.analytics.llm_calls,
            "tools": session.analytics.tool_calls,
            "tokens": [session.analytics.input_tokens, session.analytics.output_tokens],
        }
    )
)
