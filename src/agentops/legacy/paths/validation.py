"""Did it arrive? The module of AgentOps 0.4."""

from agentops.legacy.validation import (
    ValidationError,
    check_llm_spans,
    print_validation_summary,
    validate_trace_spans,
)

__all__ = ["ValidationError", "check_llm_spans", "print_validation_summary", "validate_trace_spans"]
