"""The attribute names of AgentOps 0.4, for programs that set them on spans of their own.

Spans of ours carry the names of `agentops.domain.semconv` when they leave. These here are data of that older version
(https://docs.agentops.ai): whatever is set under them is understood by `agentops.domain.dialects`.
"""

from .agent import AgentAttributes
from .core import CoreAttributes
from .enum import LLMRequestTypeValues
from .instrumentation import InstrumentationAttributes
from .langchain import LangChainAttributes, LangChainAttributeValues
from .message import MessageAttributes
from .meters import Meters
from .resource import ResourceAttributes
from .span_attributes import SpanAttributes
from .span_kinds import AgentOpsSpanKindValues, SpanKind
from .status import ToolStatus
from .tool import ToolAttributes
from .workflow import WorkflowAttributes

SUPPRESS_LANGUAGE_MODEL_INSTRUMENTATION_KEY = "suppress_language_model_instrumentation"

__all__ = [
    "SUPPRESS_LANGUAGE_MODEL_INSTRUMENTATION_KEY",
    "AgentAttributes",
    "AgentOpsSpanKindValues",
    "CoreAttributes",
    "InstrumentationAttributes",
    "LLMRequestTypeValues",
    "LangChainAttributeValues",
    "LangChainAttributes",
    "MessageAttributes",
    "Meters",
    "ResourceAttributes",
    "SpanAttributes",
    "SpanKind",
    "ToolAttributes",
    "ToolStatus",
    "WorkflowAttributes",
]
