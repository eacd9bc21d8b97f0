"""Sessions, spans and messages to put into stores, and what a store should then say of them."""

import sqlite3
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from agentops.domain.genai import Message, Request, Response, Text, Tool, ToolCall, Usage
from agentops.domain.ids import new_session_id, new_span_id
from agentops.domain.spans import ErrorInfo, SpanEvent, SpanKind, SpanLink, SpanRecord, SpanStatus
from agentops.domain.tellings import count
from agentops.store.protocol import SessionSummary

START = 1_780_000_000_000_000_000
SECOND = 1_000_000_000
DAY = 86_400 * SECOND


def tool_span(session_id: str, number: int = 0, **changes: Any) -> SpanRecord:
    """A tool call that took one millisecond."""
    start = START + number * SECOND
    values: dict[str, Any] = {
        "session_id": session_id,
        "span_id": new_span_id(),
        "kind": SpanKind.TOOL,
        "name": "search",
        "start": start,
        "end": start + SECOND // 1000,
        "input": {"query": f"weather in town {number}"},
        "output": "fine",
    }
    return SpanRecord(**{**values, **changes})


def said(role: str, text: str) -> Message:
    """A message of one text."""
    return Message(role=role, parts=[Text(content=text)])


def llm_span(session_id: str, number: int = 0, *, asked: Iterable[Message] = (), **changes: Any) -> SpanRecord:
    """A model call of a known price."""
    start = START + number * SECOND
    values: dict[str, Any] = {
        "session_id": session_id,
        "span_id": new_span_id(),
        "kind": SpanKind.LLM,
        "name": "chat small",
        "start": start,
        "end": start + SECOND,
        "first_token": start + SECOND // 4,
        "cost": "0.0000375",
        "request": Request(
            operation="chat",
            provider="nobody",
            model="small",
            messages=list(asked) or [said("system", "You are brief."), said("user", f"question {number}")],
            tools=[Tool(name="search", description="looks things up", parameters={"type": "object"})],
            parameters={"temperature": 0.5},
        ),
        "response": Response(
            id=f"answer-{number}",
            model="small-1",
            messages=[
                Message(
                    role="assistant",
                    parts=[Text(content=f"answer {number}"), ToolCall(name="search", arguments={"query": "x"}, id="1")],
                    finish_reason="stop",
                )
            ],
            finish_reasons=["stop"],
            usage=Usage(input=10, cache_read=5, output=3, reasoning=2),
        ),
    }
    return SpanRecord(**{**values, **changes})


def whole_span(session_id: str) -> SpanRecord:
    """A span with every field set."""
    return llm_span(
        session_id,
        parent_id=new_span_id(),
        status=SpanStatus.ERROR,
        error=ErrorInfo(
            type="APIError", message="no", status_code=500, code="x", request_id="r", stacktrace="at line 1"
        ),
        counted_error=True,
        input={"a": [1, 2.5, None, True]},
        output=["b"],
        agent_id="agent-1",
        agent_name="researcher",
        event_type="llms",
        source="openai",
        attributes={"k": "v", "n": 3},
        events=[SpanEvent(name="chunk", time=START, attributes={"i": 1})],
        links=[SpanLink(trace_id="0" * 31 + "1", span_id="0" * 15 + "2")],
        thread="MainThread",
    )


def running(record: SpanRecord) -> SpanRecord:
    """The same span as it was when it began."""
    return SpanRecord(
        session_id=record.session_id,
        span_id=record.span_id,
        parent_id=record.parent_id,
        kind=record.kind,
        name=record.name,
        start=record.start,
        status=SpanStatus.RUNNING,
        input=record.input,
        request=record.request,
    )


def session_of(count: int, **changes: Any) -> list[SpanRecord]:
    """So many tool calls of a new session."""
    session_id = new_session_id()
    return [tool_span(session_id, number, **changes) for number in range(count)]


def counts_of(summary: SessionSummary) -> dict[str, Any]:
    """The counts in a summary."""
    return {
        "spans": summary.spans,
        "llm_calls": summary.llm_calls,
        "tool_calls": summary.tool_calls,
        "actions": summary.actions,
        "errors": summary.errors,
        "input_tokens": summary.input_tokens,
        "output_tokens": summary.output_tokens,
        "cost": summary.cost or Decimal(0),
        "unpriced": summary.unpriced,
    }


def expected_counts(records: Iterable[SpanRecord]) -> dict[str, Any]:
    """The counts that the domain's own analytics give for these spans."""
    whole = list(records)
    analytics = count(whole)
    return {
        "spans": len(whole),
        "llm_calls": analytics.llm_calls,
        "tool_calls": analytics.tool_calls,
        "actions": analytics.actions,
        "errors": analytics.errors,
        "input_tokens": analytics.input_tokens,
        "output_tokens": analytics.output_tokens,
        "cost": analytics.cost,
        "unpriced": analytics.unpriced,
    }


def by_start(records: Iterable[SpanRecord]) -> list[SpanRecord]:
    """Spans in the order in which a store gives them."""
    return sorted(records, key=lambda record: (record.start, record.span_id))


TABLES = (
    "sessions",
    "session_details",
    "session_journals",
    "spans",
    "bodies",
    "messages",
    "session_messages",
    "daily",
    "message_terms",
    "span_terms",
    "logs",
    "log_terms",
)


def table_sizes(path: Path) -> dict[str, int]:
    """How many rows each table of a store holds."""
    connection = sqlite3.connect(path)
    try:
        return {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in TABLES}
    finally:
        connection.close()


def check_integrity(path: Path) -> str:
    """What SQLite says of the file as a whole."""
    connection = sqlite3.connect(path)
    try:
        return str(connection.execute("PRAGMA integrity_check").fetchone()[0])
    finally:
        connection.close()
