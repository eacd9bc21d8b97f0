"""What spans say besides when agentops itself has sent them (`agentops.domain.conventions`)."""

from typing import Any, Final

from agentops.domain.foreign import count, text
from agentops.domain.spans import MODEL_KINDS, SpanRecord, SpanStatus

STATUS: Final = "agentops.span.status"
"""Only our own spans have it."""

_EXCEPTION: Final = "exception"
_REPEATED: Final = frozenset(
    {
        STATUS,
        "agentops.cost.usd",
        "agentops.event.type",
        "agentops.session.name",
        "gen_ai.agent.id",
        "gen_ai.agent.name",
        "gen_ai.operation.name",
        "gen_ai.response.time_to_first_chunk",
        "gen_ai.tool.name",
        "gen_ai.workflow.name",
        "error.type",
    }
)
"""Attributes that say what the fields of the record say."""


def restore(record: SpanRecord, attributes: dict[str, Any]) -> None:
    """Give a record of one of our own spans what its attributes tell of it, and leave those out that repeat it.

    Args:
        record: as its dialects read it.
        attributes: all that the span had.
    """
    try:
        record.status = SpanStatus(text(attributes, STATUS) or "")
    except ValueError:
        return
    record.counted_error = record.status is SpanStatus.ERROR
    record.event_type = text(attributes, "agentops.event.type")
    if record.kind in MODEL_KINDS and record.request is not None and record.response is not None:
        record.request.input, record.input = record.input, None
        record.response.output, record.output = record.output, None
    said = {record.session_id, record.session_id.replace("-", "")}
    record.attributes = {
        name: value
        for name, value in record.attributes.items()
        if name not in _REPEATED and not (name in _IDS and value in said)
    }
    if record.error is not None:
        record.error.status_code = count(record.attributes.pop("http.response.status_code", None))
        record.events = [event for event in record.events if event.name != _EXCEPTION or event.time != record.end]


_IDS: Final = frozenset({"session.id", "gen_ai.conversation.id"})
