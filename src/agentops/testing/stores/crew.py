"""The sessions that a store is tried with: agents at work, in several languages, some of them failing."""

import random
from collections.abc import Iterable, Sequence
from typing import Final

from agentops.domain.genai import Message, Request, Response, Text, Tool, ToolCall, ToolResult, Usage
from agentops.domain.spans import (
    AgentRecord,
    ErrorInfo,
    LogRecord,
    LogSource,
    Record,
    SessionRecord,
    SpanEvent,
    SpanKind,
    SpanRecord,
    SpanStatus,
)

SECOND: Final = 1_000_000_000
DAY: Final = 86_400 * SECOND
START: Final = 20_600 * DAY + 7 * SECOND
"""When the first session begins."""

MODELS: Final = ("small-1", "large-2")
AGENTS: Final = ("planner", "研究员", "writer")
TAGS: Final = ("prod", "nightly", 'say "hi"', "naïve")
STATES: Final = (("SUCCEEDED", "Success"), ("FAILED", "Fail"), ("INDETERMINATE", "Indeterminate"), ("RUNNING", None))
WORDS: Final = (
    "The weather in Köln 🌧",
    "今天的天气很好",
    "الطقس جميل اليوم",
    "naïve façade",
    "100% of 'quotes' -- \\ \"",
)
_COSTS: Final = ("0.1", None, "0.00000125", "2")


def session_id_of(number: int) -> str:
    """The id of a session of ours."""
    return f"c0000000-0000-4000-8000-{number:012x}"


def span_id_of(session: int, number: int) -> str:
    """The id of a span of ours."""
    return f"{session:08x}{number + 1:08x}"


def start_of(session: int) -> int:
    """When a session of ours begins: two begin at the same moment, three on the same day."""
    return START + session // 3 * DAY + session // 2 % 2 * 3600 * SECOND


def crew(sessions: int = 12) -> list[Record]:
    """Everything that so many sessions record, in the order in which it happens."""
    return [record for number in range(sessions) for record in session_of(number)]


def session_of(number: int) -> list[Record]:
    """One session: its announcement, an agent that asks a model twice and uses a tool, what it logs, and its end."""
    start = start_of(number)
    spans = spans_of(number)
    state, end_state = STATES[number % len(STATES)]
    announced = SessionRecord(
        session_id=session_id_of(number),
        name=f"crew {number % 5}" if number % 6 else None,
        start=start,
        tags=sorted({TAGS[number % len(TAGS)], TAGS[number % 3]}) if number % 7 else [],
        agents=[AgentRecord(id=f"agent-{number % 3}", name=AGENTS[number % 3])],
        user=f"user-{number % 2}" if number % 5 else None,
        entrypoint="crew.py",
        process_id=7,
    )
    ended = SessionRecord(
        session_id=session_id_of(number),
        state=state,
        start=start,
        end=None if end_state is None else start + (number + 4) * SECOND,
        end_state=end_state,
        end_state_reason=None if end_state is None else WORDS[number % len(WORDS)],
    )
    return [announced, *spans, *lines_of(number), ended]


def spans_of(number: int) -> list[SpanRecord]:
    """The spans of a session."""
    agent = AGENTS[number % 3]
    root = _span(number, 0, SpanKind.AGENT, agent, seconds=4.0, agent_name=agent)
    question, answer = WORDS[number % len(WORDS)], f"answer {number}: {WORDS[(number + 1) % len(WORDS)]}"
    call = ToolCall(name="search", arguments={"query": question}, id=f"call-{number}")
    asked = [_said("system", "You are brief."), _said("user", question)]
    first = _model_call(number, 1, asked, Message("assistant", [call], finish_reason="tool_calls"))
    failed = number % 4 == 1
    tool = _span(
        number,
        2,
        SpanKind.TOOL,
        "search" if number % 2 else "fetch",
        seconds=0.25 * (number + 1),
        input={"query": question},
        output=None if failed else [question, number],
        status=SpanStatus.ERROR if failed else SpanStatus.OK,
        error=ErrorInfo(type="LookupError", message=f"nothing about {question}") if failed else None,
        counted_error=failed,
    )
    found = Message("tool", [ToolResult(f"found {question}", f"call-{number}")])
    asked = [*asked, Message("assistant", [call]), found]
    second = _model_call(number, 3, asked, _said("assistant", answer), finish_reason="stop")
    return [root, first, tool, second]


def lines_of(number: int) -> list[LogRecord]:
    """What a session writes."""
    start = start_of(number)
    printed = LogRecord(
        session_id=session_id_of(number), time=start + SECOND, number=1, body=f"printed {WORDS[number % 5]}\n"
    )
    logged = LogRecord(
        session_id=session_id_of(number),
        time=start + 2 * SECOND,
        number=2,
        span_id=span_id_of(number, 2),
        source=LogSource.LOGGING,
        severity=9 + 4 * (number % 3),
        severity_text=("INFO", "WARNING", "ERROR")[number % 3],
        logger="crew.work",
        body=f"logged {number}",
        attributes={"number": number},
    )
    return [printed, logged]


def long_session(spans: int) -> list[SpanRecord]:
    """Tool calls of one session, of which the later ones have the smaller ids."""
    return [
        _span(999, spans - number, SpanKind.TOOL, f"step {number % 7}", seconds=0.001, at=number * 0.001)
        for number in range(spans)
    ]


def beginning_of(record: SpanRecord) -> SpanRecord:
    """A span as it is known while it runs."""
    return SpanRecord(
        session_id=record.session_id,
        span_id=record.span_id,
        parent_id=record.parent_id,
        kind=record.kind,
        name=record.name,
        start=record.start,
        status=SpanStatus.RUNNING,
        agent_name=record.agent_name,
    )


def in_disorder(records: Sequence[Record], seed: int) -> list[list[Record]]:
    """Batches of the same records, some of them told twice and some of their beginnings too, in no order."""
    chance = random.Random(seed)  # noqa: S311 - the same disorder every time
    told = list(records)
    told += chance.sample(told, len(told) // 3)
    told += [beginning_of(record) for record in chance.sample(spans_in(records), len(told) // 4)]
    chance.shuffle(told)
    return [told[at : at + 17] for at in range(0, len(told), 17)]


def spans_in(records: Iterable[Record]) -> list[SpanRecord]:
    """The spans among records, by session and start, as a store gives them."""
    found = [record for record in records if isinstance(record, SpanRecord)]
    return sorted(found, key=lambda span: (span.session_id, span.start, span.span_id))


def _said(role: str, text: str) -> Message:
    return Message(role, [Text(text)])


def _span(session: int, number: int, kind: SpanKind, name: str, *, seconds: float, **more: object) -> SpanRecord:
    at = more.pop("at", number * 0.5)
    start = start_of(session) + round(float(str(at)) * SECOND)
    values: dict[str, object] = {
        "session_id": session_id_of(session),
        "span_id": span_id_of(session, number),
        "parent_id": span_id_of(session, 0) if number else None,
        "kind": kind,
        "name": name,
        "start": start,
        "end": start + round(seconds * SECOND),
        "agent_name": AGENTS[session % 3],
        "attributes": {"number": number},
        **more,
    }
    return SpanRecord(**values)  # pyright: ignore[reportArgumentType] - the fields that differ


def _model_call(session: int, number: int, asked: list[Message], said: Message, **more: str) -> SpanRecord:
    model = MODELS[(session + number // 2) % len(MODELS)]
    finish = more.get("finish_reason", said.finish_reason or "stop")
    said.finish_reason = finish
    return _span(
        session,
        number,
        SpanKind.LLM,
        f"chat {model}",
        seconds=0.5 + session / 10,
        cost=_COSTS[(session + number) % len(_COSTS)],
        events=[SpanEvent(name="chunk", time=start_of(session), attributes={"said": WORDS[session % 5]})],
        request=Request(
            operation="chat",
            provider="acme",
            model=model.partition("-")[0],
            messages=asked,
            tools=[Tool("search", "looks things up", {"type": "object"})],
        ),
        response=Response(
            id=f"response-{session}-{number}",
            model=model,
            messages=[said],
            finish_reasons=[finish],
            usage=Usage(input=10 + session, cache_read=3, output=5 + number) if (session + number) % 5 else None,
        ),
    )
