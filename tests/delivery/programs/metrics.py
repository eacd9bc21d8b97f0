"""Records a little and prints, as JSON, what a meter provider collected of it.

The first argument says who has one: `before` and `after`: the program, before or after `init`; `again`: recording is
ended and begun anew with the same provider; `late`: the program, when metrics were exported already; `none`: nobody.
"""

import json
import sys

from opentelemetry import metrics
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

import agentops

order = sys.argv[1]
reader = InMemoryMetricReader()


def provide():
    """Set the provider."""
    metrics.set_meter_provider(MeterProvider([reader]))


def record():
    """Record a tool call and an event, and deliver them."""
    with agentops.session("one") as session:
        agentops.tool(name="search")(lambda: 1)()
        session.record(agentops.LLMEvent(model="gpt-4o", prompt_tokens=1_000, completion_tokens=100))
    agentops.flush()


if order in {"before", "again"}:
    provide()
agentops.init()
if order == "after":
    provide()
if order == "late":
    agentops.flush()
    provide()
record()
if order == "again":
    agentops.shutdown()
    agentops.init()
    record()
provider = metrics.get_meter_provider()
data = reader.get_metrics_data() if order != "none" else None
points = {}
for scope in [] if data is None else data.resource_metrics[0].scope_metrics:
    for metric in scope.metrics:
        for point in metric.data.data_points:
            names = [str(value) for _, value in sorted(point.attributes.items())]
            value = point.value if hasattr(point, "value") else point.count
            points[" ".join([scope.scope.name, metric.name, *names])] = value
print(json.dumps({"provider": type(provider).__name__, "points": points}))
