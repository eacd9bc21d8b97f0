"""Answers that models gave in a session, for the time travel of AgentOps 0.3 (`agentops timetravel <session id>`).

Its client takes the text of a chat completion for each list of messages, and answers with it instead of asking.
"""

from collections.abc import Iterator
from typing import Any

from agentops.collector.asked import Asked
from agentops.collector.replies import JSON, Stream, to_json
from agentops.collector.v2.export import chat
from agentops.collector.v2.statistics import session_in_path
from agentops.domain import v2
from agentops.domain.spans import SpanRecord


def replay_session(asked: Asked[None, None]) -> Stream:
    """What was asked and answered in each model call of a session, by time."""
    session_id = session_in_path(asked)
    asked.store.session(session_id)
    return Stream(_listed(asked, session_id), JSON)


def _listed(asked: Asked[None, None], session_id: str) -> Iterator[bytes]:
    before = b"["
    with asked.services.projects.lease(asked.principal.project) as store:
        for record in store.spans(session_id):
            for event in v2.events_of(record):
                if isinstance(event, v2.Llm) and isinstance(event.completion, dict):
                    answer = to_json(_completion(event, record)).decode()
                    yield before + to_json({"prompt": chat(event.prompt) or {}, "returns": answer})
                    before = b","
    yield b"[]" if before == b"[" else b"]"


def _completion(event: v2.Llm, record: SpanRecord) -> dict[str, Any]:
    """An answer as Chat Completions has it (https://platform.openai.com/docs/api-reference/chat/object)."""
    response = record.response
    reasons = response.finish_reasons if response else []
    return {
        "id": (response and response.id) or event.id,
        "object": "chat.completion",
        "created": event.started // 1_000_000_000,
        "model": event.model or "",
        "choices": [{"index": 0, "finish_reason": reasons[0] if reasons else "stop", "message": event.completion}],
    }
