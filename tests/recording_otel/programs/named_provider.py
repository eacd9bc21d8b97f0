# ruff: noqa: D103 - a program as users write it
"""A program whose provider is named in the environment; prints when it came and what was recorded as JSON."""

import json
import sys

from opentelemetry import trace

import agentops

session = agentops.init(trace_name="session")
found = {"loaded by init": "opentelemetry.sdk.trace" in sys.modules}


@agentops.tool
def work():
    with trace.get_tracer("own").start_as_current_span("own"):
        pass


work()
found["is the SDK's"] = type(trace.get_tracer_provider()).__module__ == "opentelemetry.sdk.trace"
agentops.flush()
from agentops.client import get_assembly  # noqa: E402
from agentops.store.sqlite import SqliteStore  # noqa: E402

with SqliteStore(get_assembly().config.directory / "agentops.db") as store:
    found["recorded"] = sorted(span.name for span in store.spans(session.session_id) if span.kind != "session")
print(json.dumps(found))
