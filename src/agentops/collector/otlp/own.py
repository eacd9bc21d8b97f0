"""What spans say besides when agentops itself has sent them (`agentops.domain.conventions`)."""

from typing import Any, Final

from agentops.domain import semconv
from agentops.domain.foreign import count, text
from agentops.domain.spans import MODEL_KINDS, SpanRecord, SpanStatus

_REPEATED: Final = frozenset(
    {
        semconv.STATUS,
        semconv.COST,
        semconv.EVENT_TYPE,
        semconv.SESSION_NAME,
        semconv.AGENT_ID,
        semconv.AGENT_NAME,
        semconv.OPERATION,
        semconv.TIME_TO_FIRST_CHUNK,
        semconv.TOOL_NAME,
        semconv.WORKFLOW_NAME,
        semconv.ERROR_TYPE,
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
        record.status = SpanStatus(text(attributes, semconv.STATUS) or "")
    except ValueError:
        return
    record.counted_error = record.status is SpanStatus.ERROR
    record.event_type = text(attributes, semconv.EVENT_TYPE)
    if record.kind in MODEL_KINDS and record.request is not None and record.response is not None:
        record.request.input, record.input = record.input, None
        record.response.output, record.output = record.output, None
        record.attributes.pop(semconv.SERVER_ADDRESS, None)
    said = (record.session_id, record.session_id.replace("-", ""))
    record.attributes = {
        name: value
        for name, value in record.attributes.items()
        if name not in _REPEATED and not (name in _IDS and value in said)
    }
    if record.error is not None:
        record.error.status_code = count(record.attributes.pop(semconv.HTTP_STATUS, None))
        record.events = [
            event for event in record.events if event.name != semconv.EXCEPTION or event.time != record.end
        ]


_IDS: Final = frozenset({semconv.SESSION_ID, semconv.CONVERSATION_ID})
