"""OTLP coming in: requests of any OpenTelemetry SDK, protobuf or JSON, read into our records."""

from agentops.collector.otlp.decoding import MalformedError, Received, Signal, decode
from agentops.collector.otlp.logs import read_logs
from agentops.collector.otlp.metrics import read_metrics
from agentops.collector.otlp.refusals import Refusals
from agentops.collector.otlp.replies import encode_error, encode_reply
from agentops.collector.otlp.traces import read_traces

__all__ = [
    "MalformedError",
    "Received",
    "Refusals",
    "Signal",
    "decode",
    "encode_error",
    "encode_reply",
    "read_logs",
    "read_metrics",
    "read_traces",
]
