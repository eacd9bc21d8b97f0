"""Programs that send without a pause, and remember what was acknowledged."""

import random
import sqlite3
import threading
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import msgspec
from server_samples import SECONDS

from agentops.domain.events.identities import span_id_of
from agentops.domain.ids import new_session_id, new_span_id
from agentops.domain.spans import SpanKind
from agentops.store.sqlite import SqliteStore

START = 1_780_000_000_000_000_000

Name = tuple[str, str]
"""A span: its session and its id."""


class Batch(msgspec.Struct, frozen=True):
    """A request, and the spans that it brings."""

    path: str
    body: bytes
    names: frozenset[Name]


def otlp_batch(size: int = 5) -> Batch:
    """Spans of one trace as OTLP."""
    session_id, ids = new_session_id(), [new_span_id() for _ in range(size)]
    spans = [
        {
            "traceId": session_id.replace("-", ""),
            "spanId": span_id,
            "parentSpanId": "" if span_id == ids[0] else ids[0],
            "name": f"step {number}",
            "startTimeUnixNano": str(START + number),
            "endTimeUnixNano": str(START + number + 1000),
            "attributes": [
                {"key": "gen_ai.operation.name", "value": {"stringValue": "execute_tool"}},
                {"key": "gen_ai.tool.name", "value": {"stringValue": "search"}},
            ],
        }
        for number, span_id in enumerate(ids)
    ]
    body = {"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}
    return Batch("/v1/traces", msgspec.json.encode(body), frozenset((session_id, each) for each in ids))


def v2_batch(size: int = 5) -> Batch:
    """Events of one session as AgentOps sends them."""
    session_id, ids = new_session_id(), [str(uuid4()) for _ in range(size)]
    moment = "2026-06-01T12:00:00.000000+00:00"
    events = [
        {"event_type": "tools", "id": each, "session_id": session_id, "name": "search", "params": {"a": 1}}
        | {"init_timestamp": moment, "end_timestamp": moment}
        for each in ids
    ]
    names = frozenset((session_id, span_id_of(each)) for each in ids)
    return Batch("/v2/create_events", msgspec.json.encode({"events": events}), names)


class Sender:
    """Sends batches of either kind from a thread of its own, until its server is gone.

    Attributes:
        acknowledged: the spans that a server said it has.
        sent: all that were sent at all.
        refused: statuses of what was not acknowledged.
    """

    def __init__(self, seed: int) -> None:
        self.acknowledged: set[Name] = set()
        self.sent: set[Name] = set()
        self.refused: list[int] = []
        self._unsure: list[Batch] = []
        self._chance = random.Random(seed)

    def start(self, url: str) -> threading.Thread:
        """Send to this server."""
        thread = threading.Thread(target=self._send_all, args=(url,), name="sender")
        thread.start()
        return thread

    def _send_all(self, url: str) -> None:
        with httpx.Client(base_url=url, trust_env=False, timeout=SECONDS) as client:
            for _ in count():
                batch = self._next()
                try:
                    self.send(client, batch)
                except httpx.TransportError:
                    self._unsure.append(batch)
                    return

    def _next(self) -> Batch:
        """A new batch, or one of which nobody knows whether it came."""
        if self._unsure and self._chance.random() < 0.5:
            return self._unsure.pop()
        return self._chance.choice((otlp_batch, v2_batch))()

    def send(self, client: httpx.Client, batch: Batch) -> int:
        """Send a batch; the status of the answer."""
        self.sent |= batch.names
        answer = client.post(batch.path, content=batch.body, headers={"Content-Type": "application/json"})
        if answer.status_code == 200:
            said: Any = answer.json()
            assert said in ({}, {"status": "Success"})
            self.acknowledged |= batch.names
        else:
            self.refused.append(answer.status_code)
        return answer.status_code


def check_kept(path: Path, acknowledged: set[Name], sent: set[Name]) -> None:
    """Everything that was acknowledged is in the file once, nothing else is, and the counts are right."""
    held: list[Name] = []
    with SqliteStore(path, closing_budget=0) as store:
        for summary in store.sessions(limit=1_000_000):
            spans = list(store.spans(summary.session_id))
            held += [(span.session_id, span.span_id) for span in spans]
            tools = sum(span.kind is SpanKind.TOOL for span in spans)
            assert (summary.spans, summary.tool_calls, summary.errors) == (len(spans), tools, 0)
        assert sum(total.calls for total in store.totals()) == len(held)
    assert len(held) == len(set(held))
    assert acknowledged - set(held) == set()
    assert set(held) - sent == set()
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
