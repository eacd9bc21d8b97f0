# ruff: noqa: D103 - a program as users write it
"""What OpenTelemetry's API says inside spans of ours; prints it as JSON. `provider` or `alone` is the argument."""

import json
import sys

from opentelemetry import propagate, trace

import agentops

if sys.argv[1] == "provider":
    from opentelemetry.sdk.trace import TracerProvider

    trace.set_tracer_provider(TracerProvider())
session = agentops.init(trace_name="session")
tracer = trace.get_tracer("own")


def headers():
    carrier = {}
    propagate.inject(carrier)
    return carrier.get("traceparent")


@agentops.tool
def work():
    context = trace.get_current_span().get_span_context()
    found = {"ours": [f"{context.trace_id:032x}", f"{context.span_id:016x}", headers()]}
    with tracer.start_as_current_span("theirs") as span:
        context = span.get_span_context()
        found["theirs"] = [f"{context.trace_id:032x}", f"{context.span_id:016x}", headers()]
        with agentops.span("deeper") as deeper:
            context = deeper.get_span_context()
            found["deeper"] = [f"{context.trace_id:032x}", f"{context.span_id:016x}", headers()]
    return found


found = work()
found["session"] = session.session_id.replace("-", "")
found["outside"] = headers() == found["ours"][2]
agentops.end_session("Success")
found["after"] = headers()
print(json.dumps(found))
