"""Records as bytes and back."""

from uuid import UUID

import pytest

from agentops.domain import wire
from agentops.domain.ids import SessionId, new_session_id
from agentops.domain.spans import SpanRecord


def test_a_kind_of_text_is_written_as_the_text_it_is() -> None:
    """Session ids, and whatever else programs derive from `str`, may stand anywhere in a record."""
    session_id = SessionId(new_session_id())
    assert session_id == UUID(session_id)
    record = SpanRecord(session_id=session_id, span_id="a" * 16, attributes={"of": session_id}, output=[session_id])
    found = wire.decode(wire.encode(record))
    assert isinstance(found, SpanRecord)
    assert (found.session_id, found.attributes, found.output) == (session_id, {"of": session_id}, [session_id])
    assert type(found.session_id) is str


def test_what_has_no_json_form_says_so() -> None:
    """Records are made of plain values only."""
    with pytest.raises(TypeError, match="object has no JSON form"):
        wire.to_json(object())
