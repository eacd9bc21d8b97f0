"""A span as it is recorded, sent and stored: one shape from the journal to the dashboard; and what else is recorded."""

from enum import StrEnum, nonmember
from typing import Any, Final

from msgspec import Struct

from agentops.domain.genai import Json, Request, Response


class SpanKind(StrEnum):
    """What a span is about.

    The words that only AgentOps 0.4 has (`SpanKind.OPERATION`, `SpanKind.CHAIN`, ...) are text and no kinds: wherever a
    kind is asked for, they stand for the one that is recorded, as `SpanKind("operation")` is `SpanKind.TASK`.
    """

    SESSION = "session"
    AGENT = "agent"
    WORKFLOW = "workflow"
    TASK = "task"
    TOOL = "tool"
    LLM = "llm"
    EMBEDDING = "embedding"
    RETRIEVAL = "retrieval"
    GUARDRAIL = "guardrail"
    ACTION = "action"

    OPERATION = nonmember("operation")
    CHAIN = nonmember("chain")
    TEXT = nonmember("text")
    HTTP = nonmember("http")
    UNKNOWN = nonmember("unknown")
    AGENT_ACTION = nonmember("agent.action")
    AGENT_THINKING = nonmember("agent.thinking")
    AGENT_DECISION = nonmember("agent.decision")
    LLM_CALL = nonmember("llm.call")
    WORKFLOW_STEP = nonmember("workflow.step")

    @classmethod
    def _missing_(cls, value: object) -> "SpanKind | None":
        word = getattr(value, "value", value)
        return KIND_OF.get(word) if isinstance(word, str) else None


KIND_OF: Final = {kind.value: kind for kind in SpanKind} | {
    "operation": SpanKind.TASK,
    "chain": SpanKind.TASK,
    "text": SpanKind.TASK,
    "http": SpanKind.TASK,
    "unknown": SpanKind.TASK,
    "agent.action": SpanKind.ACTION,
    "agent.thinking": SpanKind.TASK,
    "agent.decision": SpanKind.TASK,
    "llm.call": SpanKind.LLM,
    "workflow.step": SpanKind.TASK,
}
"""Every word for a kind, and the kind that it is recorded as."""

MODEL_KINDS: Final = frozenset({SpanKind.LLM, SpanKind.EMBEDDING})
"""The kinds that are model calls: they have usage and a price."""


class SpanStatus(StrEnum):
    """How a span stands or ended."""

    RUNNING = "running"
    OK = "ok"
    ERROR = "error"
    CANCELLED = "cancelled"
    """The program gave up on it: task cancellation, KeyboardInterrupt, a generator closed from outside."""
    INCOMPLETE = "incomplete"
    """A stream that was not read to its end."""
    INTERRUPTED = "interrupted"
    """Its process died while it was running."""


class ErrorInfo(Struct, kw_only=True, omit_defaults=True):
    """What went wrong, as the exception or the provider said it."""

    type: str
    message: str = ""
    status_code: int | None = None
    code: str | None = None
    request_id: str | None = None
    stacktrace: str | None = None


class SpanEvent(Struct, kw_only=True, omit_defaults=True):
    """Something that happened at one moment of a span; `time` is Unix nanoseconds."""

    name: str
    time: int
    attributes: dict[str, Any] = {}


class SpanLink(Struct, kw_only=True, omit_defaults=True):
    """A span of another trace that this one has to do with (hexadecimal ids)."""

    trace_id: str
    span_id: str


class SpanRecord(Struct, kw_only=True, omit_defaults=True, tag_field="record", tag="span"):
    """One stretch of work of one session.

    Times are Unix nanoseconds. A running span has no `end`; a record may come twice, first running, then ended
    (the second may then lack what only the first carried: `input`, `request`): readers merge by
    `(session_id, span_id)`, later values winning and absent ones kept.
    """

    session_id: str
    span_id: str
    parent_id: str | None = None
    kind: SpanKind = SpanKind.TASK
    name: str = ""
    start: int = 0
    end: int | None = None
    status: SpanStatus = SpanStatus.OK
    error: ErrorInfo | None = None
    counted_error: bool = False
    """Whether this error counts in the session: an exception that passes through several spans counts once."""
    input: Json = None
    output: Json = None
    request: Request | None = None
    response: Response | None = None
    first_token: int | None = None
    """When the first content of a stream came, Unix nanoseconds."""
    cost: str | None = None
    """USD as a decimal string; None is unknown."""
    agent_id: str | None = None
    agent_name: str | None = None
    event_type: str | None = None
    """The type under which `session.record` was told of it."""
    source: str = "agentops"
    """The instrumentation scope that saw it."""
    attributes: dict[str, Any] = {}
    events: list[SpanEvent] = []
    links: list[SpanLink] = []
    thread: str | None = None

    @property
    def duration(self) -> float | None:
        """Seconds from start to end; None while running."""
        return None if self.end is None else max(0, self.end - self.start) / 1e9


class AgentRecord(Struct, kw_only=True, omit_defaults=True):
    """A named actor of a session."""

    id: str
    name: str


class SessionRecord(Struct, kw_only=True, omit_defaults=True, tag_field="record", tag="session"):
    """What is known of a session besides its spans; a later record of the same id replaces its non-None fields.

    Several processes may share a session: `start` is the earliest, `tags` and `agents` are united, and only the
    record of the process that ends the session carries `end`, a terminal `state` and `end_state`.
    """

    session_id: str
    name: str | None = None
    state: str = "RUNNING"
    start: int = 0
    end: int | None = None
    end_state: str | None = None
    end_state_reason: str | None = None
    tags: list[str] | None = None
    agents: list[AgentRecord] = []
    host_env: dict[str, Any] | None = None
    video: str | None = None
    entrypoint: str | None = None
    """The command line or function that ran."""
    process_id: int | None = None
    inherited: bool = False
    """Whether this process joined a session that another one started."""
    user: str | None = None
    """Whom the session served, as the program names them; the first name known stays."""


class LogSource(StrEnum):
    """Where something was written."""

    STDOUT = "stdout"
    STDERR = "stderr"
    LOGGING = "logging"


class LogRecord(Struct, kw_only=True, omit_defaults=True, tag_field="record", tag="log"):
    """What the program wrote at one moment, and in which session and span it did.

    Of a stream these are whole lines, with the characters that end them, or the part of a line that somebody else went
    on with. The records of one stream in the order of `(time, number)` are what was written to it.

    Attributes:
        time: Unix nanoseconds.
        number: counts the records of one process, so that two of the same moment stay two and stay in order.
        severity: as OpenTelemetry numbers it, from 1 (trace) to 24 (fatal); None for streams, which have none.
            https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber
        severity_text: the level as the program calls it.
        logger: the name of the logger.
        attributes: what the program gave along with it, and where in the code it was logged.
        error: the exception that was logged.
    """

    session_id: str
    time: int
    number: int = 0
    span_id: str | None = None
    source: LogSource = LogSource.STDOUT
    severity: int | None = None
    severity_text: str | None = None
    body: str = ""
    logger: str | None = None
    attributes: dict[str, Any] = {}
    error: ErrorInfo | None = None

    @property
    def lines(self) -> int:
        """How many lines it has, a begun one included."""
        return self.body.count("\n") + (not self.body.endswith("\n"))


class DropRecord(Struct, kw_only=True, omit_defaults=True, tag_field="record", tag="drop"):
    """Spans or lines that could not be kept, and why; they are counted and shown, never silent."""

    reason: str
    count: int
    time: int = 0


Record = SpanRecord | SessionRecord | LogRecord | DropRecord
