"""Sessions as the traces that AgentOps 0.4 knows: what its dashboard, its public API and its validation read."""

from agentops.collector.traces.addressing import session_of_trace, trace_id_of, trace_in_path
from agentops.collector.traces.measuring import SpanMetrics, TraceMetrics, measure_span, measure_trace
from agentops.collector.traces.spans import BriefSpan, SpanDetail, brief_span, span_detail, status_code

__all__ = [
    "BriefSpan",
    "SpanDetail",
    "SpanMetrics",
    "TraceMetrics",
    "brief_span",
    "measure_span",
    "measure_trace",
    "session_of_trace",
    "span_detail",
    "status_code",
    "trace_id_of",
    "trace_in_path",
]
