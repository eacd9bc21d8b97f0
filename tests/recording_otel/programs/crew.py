"""An agent of a framework that traces itself; prints what was recorded, and what the program's own exporter got.

The argument says whether the program has a tracer provider of its own (`provider`) or none (`alone`).
"""

import json
import sys

import fakecrew
import fakellm
from opentelemetry import trace

import agentops
from agentops.recording.otel import join
from agentops.testing.recording import record

exporter = None
if sys.argv[1] == "provider":
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)

with record(plugins=False, strict=True) as recording:
    recording.observing.start(fakellm.INSTRUMENTATION)
    recording.observing.start(fakecrew.INSTRUMENTATION)
    leave = join({"fakecrew.native": "agentops.plugin"})
    with agentops.session("session"):
        fakecrew.work("ann")
        fakecrew.hire("bob")
    leave()
    tree = recording.tree().splitlines()
theirs = [] if exporter is None else exporter.get_finished_spans()
print(json.dumps({"tree": tree, "theirs": [span.name for span in theirs]}))
