"""The names under which our spans carry what they know when they leave as OpenTelemetry spans.

GenAI semantic conventions: https://github.com/open-telemetry/semantic-conventions-genai (client-inference.md,
gen-ai-agent-spans.md, non-normative/migration.md); general ones: https://opentelemetry.io/docs/specs/semconv/.
What they have no name for stands under `agentops.`.
"""

from typing import Final

OPERATION: Final = "gen_ai.operation.name"
PROVIDER: Final = "gen_ai.provider.name"
CONVERSATION_ID: Final = "gen_ai.conversation.id"

REQUEST_MODEL: Final = "gen_ai.request.model"
REQUEST_STREAM: Final = "gen_ai.request.stream"
REQUEST_PARAMETERS: Final = {
    "temperature": "gen_ai.request.temperature",
    "top_p": "gen_ai.request.top_p",
    "top_k": "gen_ai.request.top_k",
    "max_tokens": "gen_ai.request.max_tokens",
    "max_completion_tokens": "gen_ai.request.max_tokens",
    "max_output_tokens": "gen_ai.request.max_tokens",
    "seed": "gen_ai.request.seed",
    "stop": "gen_ai.request.stop_sequences",
    "stop_sequences": "gen_ai.request.stop_sequences",
    "frequency_penalty": "gen_ai.request.frequency_penalty",
    "presence_penalty": "gen_ai.request.presence_penalty",
    "n": "gen_ai.request.choice.count",
    "reasoning_effort": "gen_ai.request.reasoning.level",
    "previous_response_id": "gen_ai.request.previous_response.id",
    "encoding_format": "gen_ai.request.encoding_formats",
    "topP": "gen_ai.request.top_p",
    "topK": "gen_ai.request.top_k",
    "maxTokens": "gen_ai.request.max_tokens",
    "maxOutputTokens": "gen_ai.request.max_tokens",
    "stopSequences": "gen_ai.request.stop_sequences",
    "frequencyPenalty": "gen_ai.request.frequency_penalty",
    "presencePenalty": "gen_ai.request.presence_penalty",
    "candidateCount": "gen_ai.request.choice.count",
}
"""The conventions' names for settings of a call, by the providers' own."""

LIST_PARAMETERS: Final = frozenset({"gen_ai.request.stop_sequences", "gen_ai.request.encoding_formats"})
"""Those of them whose values are lists, even of one."""

RESPONSE_ID: Final = "gen_ai.response.id"
RESPONSE_MODEL: Final = "gen_ai.response.model"
FINISH_REASONS: Final = "gen_ai.response.finish_reasons"
TIME_TO_FIRST_CHUNK: Final = "gen_ai.response.time_to_first_chunk"
"""Seconds."""

INPUT_TOKENS: Final = "gen_ai.usage.input_tokens"
"""Cached tokens included."""
OUTPUT_TOKENS: Final = "gen_ai.usage.output_tokens"
"""Reasoning tokens included."""
CACHE_READ_TOKENS: Final = "gen_ai.usage.cache_read.input_tokens"
CACHE_WRITE_TOKENS: Final = ("gen_ai.usage.cache_creation.input_tokens", "gen_ai.usage.cache_write.input_tokens")
"""The name up to version 1.41 of the conventions, and the one after."""
REASONING_TOKENS: Final = "gen_ai.usage.reasoning.output_tokens"

INPUT_MESSAGES: Final = "gen_ai.input.messages"
OUTPUT_MESSAGES: Final = "gen_ai.output.messages"
TOOL_DEFINITIONS: Final = "gen_ai.tool.definitions"

TOOL_NAME: Final = "gen_ai.tool.name"
TOOL_ARGUMENTS: Final = "gen_ai.tool.call.arguments"
LATE_ARGUMENTS: Final = "agentops.tool.arguments"
"""In the journal: what a tool was called with, told when it ended; the input of its record."""
TOOL_RESULT: Final = "gen_ai.tool.call.result"
AGENT_ID: Final = "gen_ai.agent.id"
AGENT_NAME: Final = "gen_ai.agent.name"
WORKFLOW_NAME: Final = "gen_ai.workflow.name"

EXECUTE_TOOL: Final = "execute_tool"
INVOKE_AGENT: Final = "invoke_agent"
INVOKE_WORKFLOW: Final = "invoke_workflow"

ERROR_TYPE: Final = "error.type"
EXCEPTION: Final = "exception"
EXCEPTION_TYPE: Final = "exception.type"
EXCEPTION_MESSAGE: Final = "exception.message"
EXCEPTION_STACKTRACE: Final = "exception.stacktrace"
SERVER_ADDRESS: Final = "server.address"
HTTP_STATUS: Final = "http.response.status_code"
SESSION_ID: Final = "session.id"
SERVICE_NAME: Final = "service.name"
THREAD_NAME: Final = "thread.name"
CODE_FUNCTION: Final = "code.function.name"
LOG_STREAM: Final = "log.iostream"

VERSION: Final = "operation.version"
"""Of a decorated agent, workflow, task or tool, as AgentOps 0.4 names it."""
GUARDRAIL_SPEC: Final = "agentops.guardrail.spec"
"""What a guardrail checks, `input` or `output`."""

SPAN_KIND: Final = "agentops.span.kind"
STATUS: Final = "agentops.span.status"
ENTITY_NAME: Final = "agentops.entity.name"
ENTITY_INPUT: Final = "agentops.entity.input"
ENTITY_OUTPUT: Final = "agentops.entity.output"
EVENT_TYPE: Final = "agentops.event.type"
COST: Final = "agentops.cost.usd"
SESSION_NAME: Final = "agentops.session.name"
"""Of a session's own span."""
SESSION_TAGS: Final = "agentops.tags"
SESSION_END_STATE: Final = "agentops.session.end_state"
"""Of the root of a session's trace, as AgentOps 0.4 names them."""
USER_ID: Final = "user.id"
RUN_TAGS: Final = "agentops.run.tags"
RUN_METADATA: Final = "agentops.run.metadata"
"""What a program said of a run of a framework."""

TOKEN_USAGE: Final = "gen_ai.client.token.usage"  # noqa: S105 - tokens of models
OPERATION_DURATION: Final = "gen_ai.client.operation.duration"
OPERATION_FIRST_CHUNK: Final = "gen_ai.client.operation.time_to_first_chunk"
TOOL_DURATION: Final = "gen_ai.execute_tool.duration"
AGENT_DURATION: Final = "gen_ai.invoke_agent.duration"
"""Metrics of the conventions (gen-ai-metrics.md)."""
TOKEN_TYPE: Final = "gen_ai.token.type"  # noqa: S105 - the same

SESSIONS_STARTED: Final = "agentops.sessions.started"
SESSIONS_ACTIVE: Final = "agentops.sessions.active"
SESSIONS_ENDED: Final = "agentops.sessions.ended"
SPANS_ENDED: Final = "agentops.spans.ended"
SPANS_DROPPED: Final = "agentops.spans.dropped"
EVENTS_RECORDED: Final = "agentops.events.recorded"
DELIVERED: Final = "agentops.delivery.records"
DELIVERY_FAILURES: Final = "agentops.delivery.failures"
DELIVERY_PENDING: Final = "agentops.delivery.pending"
DELIVERY_LAG: Final = "agentops.delivery.lag"
ERRORS: Final = "agentops.errors"
COST_TOTAL: Final = "agentops.cost"
"""Metrics of ours."""
SESSION_STATE: Final = "agentops.session.state"
DESTINATION: Final = "agentops.destination"
DROP_REASON: Final = "agentops.drop.reason"
