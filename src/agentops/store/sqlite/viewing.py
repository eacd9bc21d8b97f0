"""Looking into a session: its tree, single spans, and its chat."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from agentops.domain.genai import Message, Reasoning
from agentops.domain.spans import SpanRecord
from agentops.store.protocol import ChatMessage, SpanSummary
from agentops.store.sqlite.bodies import MESSAGE, Stored, read_contents, read_message
from agentops.store.sqlite.costs import read_cost
from agentops.store.sqlite.readers import Reading

_AT_ONCE: Final = 512

_encode: Final = msgspec.msgpack.Encoder().encode


def read_tree(reading: Reading, sid: int) -> list[SpanSummary]:
    """All spans of a session by start time, in brief."""
    return [
        SpanSummary(
            span_id=span_id,
            parent_id=parent_id,
            kind=kind,
            name=name,
            model=model or None,
            start=started,
            end=ended,
            status=status,
            error=error > 0,
            input_tokens=input_tokens,
            output_tokens=output_tokens,
            cost=None if cost is None else read_cost(cost),
            agent=agent,
            repeats=repeats > 0,
        )
        for (
            span_id,
            parent_id,
            kind,
            name,
            model,
            started,
            ended,
            status,
            error,
            input_tokens,
            output_tokens,
            cost,
            agent,
            repeats,
        ) in reading.rows("tree_of_session", (sid,))
    ]


def read_span(reading: Reading, statement: str, parameters: Sequence[Any]) -> SpanRecord | None:
    """The span that a statement finds, whole."""
    row = reading.one(statement, parameters)
    return None if row is None else reading.whole([Stored(*row)])[0]


def read_chat(reading: Reading, sid: int) -> list[ChatMessage]:
    """The chat of a session, each message where it appeared first.

    Calls of a conversation send what was said before again, some of it left out: a message is new where a call holds
    it more often than any call before did. What tells messages apart is who says what aloud: how an answer finished,
    what was thought before it and what the speaker is called is lost when it is sent again.
    """
    calls = [(*rest, read_contents(contents)) for *rest, contents in reading.rows("chat_of_session", (sid,))]
    messages = _read_messages(reading, {mid for *_, (asked, answered, _) in calls for mid in (*asked, *answered)})
    seen = Counter[bytes]()
    chat: list[ChatMessage] = []
    for span_id, started, ended, model, agent, (asked, answered, _) in calls:
        held = Counter[bytes]()
        for position, mid in enumerate((*asked, *answered)):
            if mid not in messages:
                continue
            message, said = messages[mid]
            held[said] += 1
            if held[said] <= seen[said]:
                continue
            seen[said] = held[said]
            is_answer = position >= len(asked)
            chat.append(
                ChatMessage(
                    message=message,
                    span_id=span_id,
                    time=(ended or started) if is_answer else started,
                    answered=is_answer,
                    model=model or None,
                    agent=agent,
                )
            )
    return chat


def _read_messages(reading: Reading, mids: Iterable[int]) -> dict[int, tuple[Message, bytes]]:
    """Messages by row, each with who says what in it."""
    wanted = sorted(mids)
    found: dict[int, tuple[Message, bytes]] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        for mid, (kind, body) in reading.messages(set(wanted[start : start + _AT_ONCE])).items():
            if kind == MESSAGE:
                message = read_message(body)
                said = [part for part in message.parts if not isinstance(part, Reasoning)]
                found[mid] = message, _encode((message.role, said or message.parts))
    return found
