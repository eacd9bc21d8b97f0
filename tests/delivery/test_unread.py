"""Spans that go from the journal to a collector of ours without being read: what arrives is what they are."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from delivery_samples import Recording

from agentops.delivery.compact import Composer
from agentops.delivery.tended import Attendants
from agentops.delivery.unread import UnreadReader, UnreadSpan
from agentops.domain import v2
from agentops.domain.ids import new_session_id
from agentops.domain.spans import Record, SpanKind, SpanRecord, SpanStatus
from agentops.recording.frames import ERROR
from agentops.recording.reading import JournalReader
from agentops.recording.recorder import Recorder
from agentops.recording.span import Span
from agentops.recording.trace import Trace


def ignore(records: Sequence[Record]) -> None:
    """Nobody watches."""


ATTENDANTS = Attendants(lambda: None, ignore)
Recorded = Callable[[Recorder, Trace], object]


def span(recorder: Recorder, trace: Trace, data: bytes = b"[[],{}]", result: bytes = b"null", **template: Any) -> Span:
    """Record a span that ended."""
    values: dict[str, Any] = {"name": "look", "kind": SpanKind.TOOL, "parameters": ("word", "times"), **template}
    opened = recorder.open(recorder.template(values.pop("name"), values.pop("kind"), **values), data, trace)
    assert opened is not None
    recorder.close(opened, result)
    return opened


def fails(recorder: Recorder, trace: Trace) -> None:
    """Record a span that failed without saying how."""
    opened = recorder.open(recorder.template("odd", SpanKind.TASK), b"", trace)
    assert opened is not None
    opened.status = ERROR
    recorder.close(opened, b"")


def goes_back(recorder: Recorder, trace: Trace) -> None:
    """Record a span during which the clock was set back."""
    opened = recorder.open(recorder.template("odd", SpanKind.TASK), b"", trace)
    assert opened is not None
    recorder.close(opened, b"", end=1)


CASES: dict[str, tuple[Recorded, bool]] = {
    "arguments by position": (lambda r, t: span(r, t, b'[["river",2],{}]', b'{"found":[1,2.5,null]}'), True),
    "arguments by name": (lambda r, t: span(r, t, b'[["river"],{"times":3}]', b"5"), True),
    "more arguments than names": (lambda r, t: span(r, t, b'[["a",2,3,4],{"x":1}]'), True),
    "arguments that were cut": (lambda r, t: span(r, t, b'{"$cut":9}', b"1"), False),
    "no arguments": (lambda r, t: span(r, t, b"", b""), True),
    "plain input": (lambda r, t: span(r, t, b'{"n": 1}', b'"x"', parameters=None), True),
    "other characters": (
        lambda r, t: span(r, t, '[["Öl \\"x\\""],{}]'.encode(), '"€"'.encode(), name="süß"),
        True,
    ),
    "what is no JSON": (lambda r, t: span(r, t, b"[[1],{}]", b'{"half'), False),
    "input that is no JSON": (lambda r, t: span(r, t, b"oh", b"1", parameters=None), False),
    "a constant cost": (lambda r, t: span(r, t, attributes={"cost": "0.1", "x": 1}), True),
    "another kind": (lambda r, t: span(r, t, kind=SpanKind.GUARDRAIL, source="mine"), True),
    "a failure": (fails, False),
    "a clock that went back": (goes_back, False),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_put_together_unread_is_what_is_read(case: str, tmp_path: Path) -> None:
    """The same record by both ways; where only reading tells, reading it is."""
    make, is_composed = CASES[case]
    recording = Recording(tmp_path)
    trace = Trace(new_session_id())
    make(recording.recorder, trace)
    (wanted,) = JournalReader(recording.journal.directory, "read").read()
    assert isinstance(wanted, SpanRecord)
    (unread,) = unread_records(recording)
    assert isinstance(unread, UnreadSpan)
    assert unread.read() == wanted
    composer = Composer()
    form = composer.form_of(unread)
    event = composer.compose(unread, form)
    assert (event is not None) == is_composed
    if event is not None:
        body = json.loads(event.body)
        assert v2.read_event(body) == wanted
        assert (event.id, event.event_type) == (v2.event_id_of(wanted), v2.events_of(wanted)[0].event_type)
        assert body["id"] == event.id


def unread_records(recording: Recording) -> list[Record]:
    """What a reader finds that leaves spans unread."""
    return UnreadReader(recording.journal.directory, "unread", ATTENDANTS, is_first=False).read()


def test_agents_and_parents_stand_in_the_event(tmp_path: Path) -> None:
    """A call inside an agent names both."""
    recording = Recording(tmp_path)
    recorder, trace = recording.recorder, Trace(new_session_id())
    agent = recorder.open(recorder.template("bob", SpanKind.AGENT), b"", trace)
    assert agent is not None
    trace.root = agent
    span(recorder, trace, b'[["x"],{}]')
    recorder.close(agent, b"")
    records = [record for record in JournalReader(recording.journal.directory, "read").read() if record]
    composer = Composer()
    for unread, wanted in zip(unread_records(recording), records, strict=True):
        assert isinstance(unread, UnreadSpan)
        form = composer.form_of(unread)
        event = composer.compose(unread, form)
        assert event is not None
        assert isinstance(wanted, SpanRecord)
        assert v2.read_event(json.loads(event.body)) == wanted
        assert form.agent == (wanted.agent_id, "bob")


def test_model_calls_are_read(tmp_path: Path) -> None:
    """They need a price."""
    recording = Recording(tmp_path)
    span(recording.recorder, Trace(new_session_id()), b"", b"", kind=SpanKind.LLM, genai=True)
    (record,) = unread_records(recording)
    assert isinstance(record, SpanRecord)
    assert record.status is SpanStatus.OK


def test_spans_that_run_are_read(tmp_path: Path) -> None:
    """They are told of when they end."""
    recording = Recording(tmp_path)
    trace = Trace(new_session_id())
    opened = recording.recorder.open(recording.recorder.template("slow", SpanKind.TOOL), b"", trace)
    assert opened is not None
    reader = UnreadReader(recording.journal.directory, "unread", ATTENDANTS, is_first=False)
    (running,) = reader.read()
    recording.recorder.close(opened, b"1")
    (ended,) = reader.read()
    assert isinstance(running, SpanRecord)
    assert isinstance(ended, SpanRecord)
    assert (running.status, ended.status) == (SpanStatus.RUNNING, SpanStatus.OK)
