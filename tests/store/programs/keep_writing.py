"""Writes batches of spans until it is killed, and says on stdout which ones were acknowledged.

Arguments: the store's file, a name for the journal.
"""

import sys
from pathlib import Path

from agentops.domain.genai import Message, Request, Response, Text
from agentops.domain.ids import new_session_id, new_span_id
from agentops.domain.spans import SpanKind, SpanRecord
from agentops.store.sqlite import SqliteStore


def batch(session_id: str, number: int) -> list[SpanRecord]:
    """Spans of which some are model calls."""
    records = []
    for at in range(40):
        start = (number * 40 + at) * 1000 + 1
        message = Message(role="user", parts=[Text(content=f"question {at % 7} of {session_id}")])
        is_call = at % 4 == 0
        records.append(
            SpanRecord(
                session_id=session_id,
                span_id=new_span_id(),
                kind=SpanKind.LLM if is_call else SpanKind.TOOL,
                name="work",
                start=start,
                end=start + 500,
                cost="0.001" if is_call else None,
                request=Request(operation="chat", provider="nobody", messages=[message]) if is_call else None,
                response=Response() if is_call else None,
                input=None if is_call else {"text": "x" * 200},
            )
        )
    return records


def main(path: str, journal: str) -> None:
    """Write for ever."""
    store = SqliteStore(Path(path))
    number = 0
    while True:
        session_id = new_session_id()
        for _ in range(5):
            records = batch(session_id, number)
            number += 1
            store.ingest(records, journal=journal)
            for record in records:
                sys.stdout.write(f"{record.session_id} {record.span_id}\n")
            sys.stdout.flush()
        if number % 3 == 0:
            store.index(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
