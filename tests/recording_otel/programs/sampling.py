# ruff: noqa: D103 - a program as users write it
"""A program that samples its own spans; prints as JSON what its exporter got and what agentops has.

The first argument is the share of traces that its sampler takes, or `off`; the second says when the provider is set.
"""

import json
import sys

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBasedTraceIdRatio

import agentops

SHARE, ORDER = sys.argv[1], sys.argv[2]
sampler = ALWAYS_OFF if SHARE == "off" else ParentBasedTraceIdRatio(float(SHARE))
exporter = InMemorySpanExporter()


def provide():
    provider = TracerProvider(sampler=sampler)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)


if ORDER == "before":
    provide()
agentops.init(auto_start_session=False)
if ORDER == "after":
    provide()
tracer = trace.get_tracer("own")


@agentops.tool
def search():
    with tracer.start_as_current_span("inside"):
        inner()


@agentops.tool
def inner():
    return 1


sessions = []
for _ in range(200):
    with agentops.session("one") as session:
        sessions.append(session)
        with tracer.start_as_current_span("outside"):
            search()
agentops.flush(10)
exported = {}
for span in exporter.get_finished_spans():
    exported.setdefault(f"{span.context.trace_id:032x}", []).append(span.name)
print(json.dumps({"exported": exported, "sessions": [session.session_id for session in sessions]}))
