"""Journals to deliver from, and destinations that behave in different ways."""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from agentops.delivery.destination import DeliveryError
from agentops.delivery.tended import Attendants
from agentops.domain.genai import Message, Request, Response, Text, Usage
from agentops.domain.ids import new_session_id, new_span_id
from agentops.domain.spans import Record, SpanKind, SpanRecord
from agentops.recording.journal import Journal
from agentops.recording.reading import JournalReader
from agentops.recording.recorder import Recorder

START = 1_780_000_000_000_000_000
SECOND = 1_000_000_000
SESSION = "0a000000-0000-4000-8000-000000000001"


def ignore(records: Sequence[Record]) -> None:
    """Nobody watches."""


UNATTENDED = Attendants(lambda: None, ignore)
"""A journal that nobody tends or watches."""


def tool_span(number: int = 0, session_id: str = SESSION, **changes: Any) -> SpanRecord:
    """A tool call."""
    values: dict[str, Any] = {
        "session_id": session_id,
        "span_id": new_span_id(),
        "kind": SpanKind.TOOL,
        "name": "search",
        "start": START + number * SECOND,
        "end": START + number * SECOND + SECOND // 2,
        "input": {"query": "weather"},
        "output": "fine",
    }
    return SpanRecord(**{**values, **changes})


def llm_span(number: int = 0, session_id: str = SESSION, **changes: Any) -> SpanRecord:
    """A model call whose price is not known yet."""
    values: dict[str, Any] = {
        "kind": SpanKind.LLM,
        "name": "chat gpt-4o-mini",
        "input": None,
        "output": None,
        "first_token": START + number * SECOND + SECOND // 4,
        "request": Request(
            operation="chat",
            provider="openai",
            model="gpt-4o-mini",
            messages=[Message(role="user", parts=[Text(content="question")])],
        ),
        "response": Response(
            id="r-1",
            model="gpt-4o-mini",
            messages=[Message(role="assistant", parts=[Text(content="answer")], finish_reason="stop")],
            finish_reasons=["stop"],
            usage=Usage(input=1000, output=100),
        ),
    }
    return tool_span(number, session_id, **{**values, **changes})


class Recording:
    """A journal of this process, and readers of it."""

    def __init__(self, root: Path, name: str = "mine") -> None:
        self.journal = Journal(root / "journals", name)
        self.recorder = Recorder(self.journal)

    def add(self, *records: Record) -> None:
        """Record something."""
        for record in records:
            self.recorder.add(record)

    def add_tool_spans(self, count: int) -> list[SpanRecord]:
        """Record so many tool calls of a new session."""
        session_id = new_session_id()
        spans = [tool_span(number, session_id) for number in range(count)]
        self.add(*spans)
        return spans

    def open_reader(self, cursor: str) -> JournalReader:
        """A reader of the journal."""
        return JournalReader(self.journal.directory, cursor)


class Collecting:
    """Keeps what it is given; `refusing` says for how many more times it refuses first."""

    def __init__(self, name: str = "collecting", refusing: int = 0) -> None:
        self.name = name
        self.records: list[Record] = []
        self.refusing = refusing
        self.offered = 0
        self.is_closed = False
        self.on_offer: Callable[[], None] = lambda: None

    def deliver(self, records: Sequence[Record]) -> None:
        """Keep them, or refuse."""
        self.offered += 1
        self.on_offer()
        if self.refusing:
            self.refusing -= 1
            raise DeliveryError("not now", retry_after=0.01)
        self.records.extend(records)

    def close(self, timeout: float) -> None:
        """Remember it."""
        self.is_closed = True


class Hanging(Collecting):
    """Does not answer before it is released."""

    def __init__(self, name: str = "hanging") -> None:
        super().__init__(name)
        self.is_asked = threading.Event()
        self.release = threading.Event()
        self.on_offer = self._hang

    def _hang(self) -> None:
        self.is_asked.set()
        self.release.wait(30)
