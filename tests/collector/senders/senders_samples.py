"""Programs of others that send OTLP, what a provider tells them, and what a collector should make of it."""

import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from msgspec.structs import asdict
from server_samples import RunningServer

from agentops.domain.genai import Message, Request, Response, Text, ToolCall, ToolResult, Usage
from agentops.domain.prices import in_use
from agentops.domain.spans import MODEL_KINDS, SpanKind, SpanRecord, SpanStatus
from agentops.store.protocol import SessionSummary
from agentops.testing.provider import Fault, Provider, Turn

PROGRAMS = Path(__file__).parent / "programs"
SECONDS = 90
CONTENT = {
    "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": "span_only",
    "ANTHROPIC_OPEN_TELEMETRY_TRACES_CONTENT_MODE": "content",
}
"""Instrumentations that keep messages to themselves by default are told not to."""


@dataclass(frozen=True)
class Call:
    """A model call, as the provider served it and as it should be stored."""

    model: str
    usage: Usage | None
    said: tuple[Any, ...] = ()
    answered: tuple[Any, ...] = ()
    failed: bool = False


RIVER = ToolCall(name="look_up", arguments={"word": "river"}, id="call_1")
BRIEF = ("system", Text("Be brief."))
ASKED = ("user", Text("Which river?"))
RESEARCH = (
    Call("gpt-4o-mini", Usage(input=40, output=12), (BRIEF, ASKED), (("assistant", RIVER),)),
    Call(
        "gpt-4o-mini",
        Usage(input=60, output=5, cache_read=32),
        (BRIEF, ASKED, ("assistant", RIVER), ("tool", ToolResult(result="The Danube.", id="call_1"))),
        (("assistant", Text("The Danube.")),),
    ),
    Call("text-embedding-3-small", Usage(input=3)),
    Call(
        "gpt-4o-mini",
        Usage(input=20, output=7, reasoning=2),
        (BRIEF, ("user", Text("How long is it?"))),
        (("assistant", Text("2850 km.")),),
    ),
    Call("gpt-4o-mini", None, (("user", Text("No.")),), failed=True),
)
"""The calls of `programs/research.py`."""

LETTER = (
    Call(
        "claude-sonnet-4-6",
        Usage(input=40, output=12),
        (("system", Text("Be kind.")), ("user", Text("Write."))),
        (("assistant", Text("Dear friend")),),
    ),
    Call(
        "claude-sonnet-4-6",
        Usage(input=60, output=5, cache_read=32, cache_write=8),
        (("user", Text("Go on.")),),
        (("assistant", Text("Yours")),),
    ),
    Call("claude-sonnet-4-6", None, (("user", Text("No.")),), failed=True),
)
"""The calls of `programs/letter.py`."""


def turns_of(calls: Iterable[Call]) -> list[Turn]:
    """What the provider has to say for these calls to happen."""
    return [Turn(fault=Fault.refused(400, message="No.")) if call.failed else _turn_of(call) for call in calls]


def _turn_of(call: Call) -> Turn:
    parts = [part for _, part in call.answered]
    return Turn(
        "".join(part.content for part in parts if isinstance(part, Text)),
        tool_calls=[part for part in parts if isinstance(part, ToolCall)],
        usage=call.usage,
    )


def run_program(server: RunningServer, provider: Provider, name: str, *words: str, **environment: str) -> str:
    """Run a program to its end, with its telemetry going to a collector; what it printed."""
    done = subprocess.run(
        [sys.executable, str(PROGRAMS / f"{name}.py"), *words],
        env=os.environ
        | provider.environment()
        | {"OTEL_EXPORTER_OTLP_ENDPOINT": server.url, "OTEL_SERVICE_NAME": "senders"}
        | CONTENT
        | environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


def stored(server: RunningServer) -> tuple[SessionSummary, list[SpanRecord]]:
    """The one session of a collector, and its spans by their start."""
    with server.store() as store:
        (session,) = store.sessions()
        return session, sorted(store.spans(session.session_id), key=lambda span: span.start)


def calls_in(spans: Iterable[SpanRecord]) -> list[Call]:
    """The model calls among spans."""
    return [_call_of(span) for span in spans if span.kind in MODEL_KINDS]


def _call_of(span: SpanRecord) -> Call:
    assert span.request is not None
    assert span.response is not None
    is_embedding = span.kind is SpanKind.EMBEDDING  # what is embedded is said in as many ways as there are dialects
    return Call(
        span.response.model or span.request.model or "",
        without_zeros(span.response.usage),
        () if is_embedding else _parts_of(span.request.messages),
        _parts_of(span.response.messages),
        failed=span.status is SpanStatus.ERROR,
    )


def _parts_of(messages: Sequence[Message]) -> tuple[Any, ...]:
    return tuple((message.role, part) for message in messages for part in message.parts)


def without_zeros(usage: Usage | None) -> Usage | None:
    """Tokens, without the buckets that some say are empty and others say nothing of."""
    return None if usage is None else Usage(**{name: count or None for name, count in asdict(usage).items()})


def cost_of(calls: Iterable[Call], provider: str) -> Decimal:
    """What calls cost, in USD."""
    costs = [
        in_use().cost_of_record(
            SpanRecord(
                session_id="",
                span_id="",
                kind=SpanKind.LLM,
                request=Request(operation="chat", provider=provider, model=call.model),
                response=Response(usage=call.usage),
            )
        )
        for call in calls
        if not call.failed
    ]
    assert None not in costs
    return sum(filter(None, costs), Decimal())


def check_counts(session: SessionSummary, calls: Sequence[Call], provider: str) -> None:
    """The counts of a session are those of these calls, each once."""
    usages = [call.usage for call in calls if call.usage is not None]
    assert (session.llm_calls, session.errors) == (len(calls), sum(call.failed for call in calls))
    assert session.input_tokens == sum(usage.input_total or 0 for usage in usages)
    assert session.output_tokens == sum(usage.output_total or 0 for usage in usages)
    assert Decimal(session.cost or 0) == cost_of(calls, provider)
