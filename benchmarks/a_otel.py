"""The baseline: a raw OpenTelemetry SDK span with three attributes, batched, exported by OTLP over HTTP.

Written by hand as the SDK's documentation shows it, carrying what a recorded call carries: its kind and name, the
arguments and the result as JSON.
"""

import functools
import json
from typing import Any


class Adapter:
    """OpenTelemetry's own TracerProvider, BatchSpanProcessor and OTLP exporter, in their defaults."""

    def set_env(self, url: str) -> None:
        """Nothing to set: the endpoint is passed."""

    def do_import(self) -> None:
        """The imports a user writes."""
        from opentelemetry import trace
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        self._parts = trace, TracerProvider, BatchSpanProcessor, OTLPSpanExporter

    def init(self, url: str) -> None:
        """A provider that sends to the sink."""
        trace, provider, processor, exporter = self._parts
        self.provider = provider()
        self.provider.add_span_processor(processor(exporter(endpoint=f"{url}/v1/traces")))
        trace.set_tracer_provider(self.provider)
        self.tracer = trace.get_tracer("benchmark")

    def tool(self, function: Any) -> Any:
        """A span around the call, with its input and output."""
        open_span, dumps, name = self.tracer.start_as_current_span, json.dumps, function.__name__

        @functools.wraps(function)
        def traced(*args: Any, **kwargs: Any) -> Any:
            given = {
                "gen_ai.operation.name": "execute_tool",
                "gen_ai.tool.call.arguments": dumps({"args": args, "kwargs": kwargs}, default=str),
            }
            with open_span(name, attributes=given) as span:
                result = function(*args, **kwargs)
                span.set_attribute("gen_ai.tool.call.result", dumps(result, default=str))
                return result

        return traced

    def session(self, function: Any) -> Any:
        """A root span around the call."""

        @functools.wraps(function)
        def traced(*args: Any) -> Any:
            with self.tracer.start_as_current_span("session"):
                return function(*args)

        return traced

    def flush(self) -> None:
        """Wait until everything was exported."""
        self.provider.force_flush()

    def shutdown(self) -> None:
        """Stop the exporter."""
        self.provider.shutdown()
