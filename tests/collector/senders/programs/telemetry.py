"""OpenTelemetry as a program sets it up: everything goes where `OTEL_EXPORTER_OTLP_*` say."""

from collections.abc import Iterator
from contextlib import contextmanager
from pkgutil import resolve_name

from opentelemetry import metrics, trace
from opentelemetry._logs import set_logger_provider
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

INSTRUMENTORS = {
    "openllmetry": "opentelemetry.instrumentation.openai:OpenAIInstrumentor",
    "openllmetry-anthropic": "opentelemetry.instrumentation.anthropic:AnthropicInstrumentor",
    "openinference": "openinference.instrumentation.openai:OpenAIInstrumentor",
    "genai": "opentelemetry.instrumentation.genai.openai:OpenAIInstrumentor",
}


@contextmanager
def exporting() -> Iterator[None]:
    """Export spans, log records and metrics of the block, and be done with it at its end."""
    spans, lines = TracerProvider(), LoggerProvider()
    spans.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    lines.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter()))
    points = MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter())])
    trace.set_tracer_provider(spans)
    set_logger_provider(lines)
    metrics.set_meter_provider(points)
    yield
    for provider in (spans, lines, points):
        provider.shutdown()


def observe_with(name: str) -> None:
    """Switch one instrumentation on."""
    resolve_name(INSTRUMENTORS[name])().instrument()
