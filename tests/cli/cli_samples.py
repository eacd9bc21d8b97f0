"""Recorded sessions as the commands meet them."""

from pathlib import Path
from typing import Any

from agentops.domain import wire
from agentops.domain.genai import Message, Request, Response, Text, ToolCall, ToolResult, Usage
from agentops.domain.ids import session_id_of
from agentops.domain.spans import (
    AgentRecord,
    DropRecord,
    ErrorInfo,
    Record,
    SessionRecord,
    SpanEvent,
    SpanKind,
    SpanRecord,
    SpanStatus,
)
from agentops.store import LOCAL_STORE
from agentops.store.sqlite import SqliteStore

SECOND = 1_000_000_000
START = 1_763_629_923 * SECOND
"""2025-11-20 09:12:03 UTC."""

CREW = session_id_of(0x3F2A91C4_7B1E_4C55_9A10_5D3E0C2B7A01)
KILLED = session_id_of(0x77AB01FF_1111_4222_8333_444455556666)
RUNNING = session_id_of(0x8C11D0AA_0000_4000_8000_000000000001)


def span(number: int, kind: SpanKind, name: str, start: float, end: float | None, **more: Any) -> SpanRecord:
    """A span of the crew's session; times in seconds after its start."""
    return SpanRecord(
        session_id=more.pop("session_id", CREW),
        span_id=f"{number:016x}",
        kind=kind,
        name=name,
        start=START + round(start * SECOND),
        end=None if end is None else START + round(end * SECOND),
        **more,
    )


def parent(number: int) -> str:
    """The id of the span of this number."""
    return f"{number:016x}"


SEARCH_FAILED = ErrorInfo(type="urllib.error.HTTPError", message="HTTP Error 503: Service Unavailable", status_code=503)

CREW_SESSION = SessionRecord(
    session_id=CREW,
    name="research_crew",
    state="SUCCEEDED",
    start=START,
    end=START + 4_210_000_000,
    end_state="Success",
    tags=["demo", "crew"],
    agents=[AgentRecord(id="a1", name="researcher"), AgentRecord(id="a2", name="writer")],
    entrypoint="research_crew.py",
    process_id=4242,
)

CREW_SPANS = [
    span(1, SpanKind.SESSION, "research_crew", 0, 4.21),
    span(2, SpanKind.AGENT, "researcher", 0.1, 2.9, parent_id=parent(1), agent_name="researcher"),
    span(
        3,
        SpanKind.LLM,
        "chat gpt-4o-mini",
        0.12,
        0.94,
        parent_id=parent(2),
        request=Request(
            operation="chat",
            provider="openai",
            model="gpt-4o-mini",
            messages=[
                Message("system", [Text("You are a researcher.")]),
                Message("user", [Text("Which tidal power plants run today?")]),
            ],
            parameters={"temperature": 0.2},
        ),
        response=Response(
            id="chatcmpl-1",
            model="gpt-4o-mini-2024-07-18",
            messages=[Message("assistant", [ToolCall("search", {"query": "tidal power"}, id="call_1")])],
            finish_reasons=["tool_calls"],
            usage=Usage(input=1100, cache_read=120, output=340, reasoning=20),
        ),
        cost="0.000412",
    ),
    span(
        4,
        SpanKind.TOOL,
        "search",
        1.0,
        1.34,
        parent_id=parent(2),
        input={"query": "tidal power"},
        output="Two barrages:\nLa Rance, Sihwa Lake.",
    ),
    span(
        5,
        SpanKind.TOOL,
        "search",
        1.4,
        1.412,
        parent_id=parent(2),
        input={"query": "seabed"},
        status=SpanStatus.ERROR,
        error=SEARCH_FAILED,
        counted_error=True,
    ),
    span(6, SpanKind.AGENT, "writer", 3.0, 4.2, parent_id=parent(1), agent_name="writer"),
    span(
        7,
        SpanKind.LLM,
        "messages",
        3.01,
        4.19,
        parent_id=parent(6),
        request=Request(
            operation="chat",
            provider="anthropic",
            model="claude-sonnet-4-6",
            messages=[Message("tool", [ToolResult("La Rance", id="call_1")])],
            stream=True,
        ),
        response=Response(
            model="claude-sonnet-4-6",
            messages=[Message("assistant", [Text("Tidal power works.\nNow it has to get cheap.")])],
            finish_reasons=["stop"],
            usage=Usage(input=268, output=243),
        ),
        first_token=START + 3_400_000_000,
        cost="0.004449",
        events=[SpanEvent(name="first chunk", time=START + 3_400_000_000)],
        attributes={"app.topic": "tides"},
    ),
]

KILLED_SESSION = SessionRecord(
    session_id=KILLED, name="nightly", state="RUNNING", start=START - 3600 * SECOND, process_id=4711
)
KILLED_SPANS = [
    span(11, SpanKind.SESSION, "nightly", -3600, None, session_id=KILLED, status=SpanStatus.RUNNING),
    span(12, SpanKind.AGENT, "clerk", -3599, None, session_id=KILLED, parent_id=parent(11), status=SpanStatus.RUNNING),
    span(
        13, SpanKind.TOOL, "sort_mail", -3598, None, session_id=KILLED, parent_id=parent(12), status=SpanStatus.RUNNING
    ),
]

RUNNING_SESSION = SessionRecord(session_id=RUNNING, name="steady", state="RUNNING", start=START + 60 * SECOND)
RUNNING_SPANS = [
    span(21, SpanKind.SESSION, "steady", 60, None, session_id=RUNNING, status=SpanStatus.RUNNING),
]

DROPS = [DropRecord(reason="journal full", count=3, time=START)]

CREW_RECORDS: list[Record] = [CREW_SESSION, *CREW_SPANS]
EVERYTHING: list[Record] = [*CREW_RECORDS, KILLED_SESSION, *KILLED_SPANS, RUNNING_SESSION, *RUNNING_SPANS]


def contents(folder: Path) -> list[bytes]:
    """All that is known of every session in a store."""
    with SqliteStore(folder / LOCAL_STORE) as store:
        ids = sorted(session.session_id for session in store.sessions())
        return [
            wire.encode(record)
            for session_id in ids
            for record in (store.session(session_id), *store.spans(session_id), *store.logs(session_id))
        ]
