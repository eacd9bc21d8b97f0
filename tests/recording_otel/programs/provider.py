# ruff: noqa: D103, PLC0415, TRY301 - a program as users write it
"""A program that traces itself with OpenTelemetry's SDK; prints as JSON what its own exporter got.

The first argument says when it sets its provider up, the second whether agentops records as well.
"""

import json
import sys

from opentelemetry import trace
from opentelemetry.trace import set_tracer_provider

ORDER, RECORDED = sys.argv[1], sys.argv[2] == "recorded"


def init():
    if RECORDED:
        import agentops

        agentops.init(trace_name="session")


def provide():
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    return provider, exporter


def tool(function):
    if not RECORDED:
        return function
    import agentops

    return agentops.tool(function)


early = trace.get_tracer("early") if ORDER == "tracer first" else None
if ORDER == "init first":
    init()
    provider, exporter = provide()
    trace.set_tracer_provider(provider)
elif ORDER == "setter imported early":
    init()
    provider, exporter = provide()
    set_tracer_provider(provider)
elif ORDER == "tracer first":
    init()
    provider, exporter = provide()
    own = provider.get_tracer("own")
    set_tracer_provider(provider)
else:
    provider, exporter = provide()
    trace.set_tracer_provider(provider)
    init()
tracer = early or trace.get_tracer("own")


@tool
def search(query):
    with tracer.start_as_current_span("inside", attributes={"query": query}) as span:
        span.add_event("found", {"hits": 3})
        inner()
    return 3


@tool
def inner():
    return trace.get_current_span().get_span_context().is_valid


@tracer.start_as_current_span("decorated")
async def decorated():
    return search("bees")


with tracer.start_as_current_span("request", kind=trace.SpanKind.SERVER) as request:
    search("flowers")
try:
    with tracer.start_as_current_span("failing"):
        raise LookupError("no luck")
except LookupError:
    pass
import asyncio  # noqa: E402

asyncio.run(decorated())
linked = tracer.start_span("linked", links=[trace.Link(request.get_span_context(), {"why": "because"})])
linked.set_status(trace.Status(trace.StatusCode.OK))
linked.end()

spans = exporter.get_finished_spans()
names = {span.context.span_id: span.name for span in spans}
print(
    json.dumps(
        {
            "is theirs": trace.get_tracer_provider() is provider,
            "spans": [
                {
                    "name": span.name,
                    "kind": span.kind.name,
                    "attributes": dict(span.attributes),
                    "events": [event.name for event in span.events],
                    "links": len(span.links),
                    "status": span.status.status_code.name,
                    "scope": span.instrumentation_scope.name,
                }
                for span in spans
            ],
        }
    )
)
