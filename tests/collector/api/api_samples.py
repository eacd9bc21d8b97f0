"""Sessions to ask a collector about, and a client that believes nothing that its description does not promise."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import httpx
import jsonschema_rs
from server_samples import SECONDS, RunningServer

from agentops.domain.genai import Message, Request, Response, Text, Usage
from agentops.domain.ids import new_session_id
from agentops.domain.spans import (
    AgentRecord,
    ErrorInfo,
    LogRecord,
    LogSource,
    Record,
    SessionRecord,
    SpanKind,
    SpanRecord,
    SpanStatus,
)
from agentops.domain.states import EndState

START = 1_780_000_000_000_000_000
SECOND = 1_000_000_000


class Truth:
    """Holds every answer against the OpenAPI document of its server."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self._paths = [
            (re.compile(re.sub(r"\{\w+\}", r"[^/]+", path)), methods) for path, methods in document["paths"].items()
        ]
        self.checked: set[str] = set()

    def operation(self, method: str, path: str) -> dict[str, Any]:
        """What the document says of a request."""
        found = [methods for pattern, methods in self._paths if pattern.fullmatch(path) and method.lower() in methods]
        literal = [methods for methods in found if self.document["paths"].get(path) is methods]
        assert found, f"{method} {path} is not described"
        return (literal or found)[0][method.lower()]

    def check(self, response: httpx.Response) -> None:
        """An answer has a status, a media type and a form that were promised."""
        operation = self.operation(response.request.method, response.request.url.path)
        promised = operation["responses"].get(str(response.status_code))
        assert promised is not None, f"{response.request.url}: {response.status_code} is not described"
        content = self._resolved(promised).get("content", {})
        kind = response.headers.get("content-type", "").partition(";")[0]
        assert kind in content, f"{response.request.url}: {kind} is not described"
        self.checked.add(operation["operationId"])
        if kind == "application/json" and content[kind]["schema"]:
            self.validate(response.read(), content[kind]["schema"])

    def validate(self, data: bytes, schema: dict[str, Any]) -> None:
        """JSON is what its schema says."""
        whole = {**schema, "components": self.document["components"]}
        jsonschema_rs.Draft202012Validator(whole).validate(json.loads(data))

    def _resolved(self, said: dict[str, Any]) -> dict[str, Any]:
        if "$ref" in said:
            return self.document["components"]["responses"][said["$ref"].rpartition("/")[2]]
        return said


@dataclass
class Api:
    """Asks `/api/v1` of a collector, and checks every answer against the description."""

    server: RunningServer
    key: str | None = None
    truth: Truth = field(init=False)

    def __post_init__(self) -> None:
        headers = {} if self.key is None else {"X-Agentops-Api-Key": self.key}
        self.client = httpx.Client(
            base_url=f"{self.server.url}/api/v1/", trust_env=False, timeout=SECONDS, headers=headers
        )
        self.truth = Truth(httpx.get(f"{self.server.url}/openapi.json", trust_env=False).json())

    def close(self) -> None:
        """Ask no more."""
        self.client.close()

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        """The answer to a request."""
        response = self.client.request(method, path, **options)
        self.truth.check(response)
        return response

    def get(self, path: str, **query: Any) -> Any:
        """The JSON of an answer that is one."""
        response = self.ask("GET", path, params=query)
        assert response.status_code == 200, response.text
        return response.json()

    def status(self, method: str, path: str, **options: Any) -> int:
        """How a request is answered."""
        return self.ask(method, path, **options).status_code

    def pages(self, path: str, **query: Any) -> list[Any]:
        """All items of a list, read page by page."""
        found: list[Any] = []
        cursor: str | None = None
        while True:
            page = self.get(path, **query, **({} if cursor is None else {"cursor": cursor}))
            found += page["items"]
            cursor = page["next"]
            if cursor is None:
                return found


AskAs = Callable[[RunningServer, str | None], Api]
"""Asks a collector with a key, until the test ends."""


def message(role: str, text: str) -> Message:
    """A message of one text."""
    return Message(role=role, parts=[Text(content=text)])


def call(session_id: str, number: int, **changes: Any) -> SpanRecord:
    """A model call that took a second."""
    asked = [message("system", "Be brief."), message("user", f"question {number}")]
    values: dict[str, Any] = {
        "session_id": session_id,
        "span_id": f"{number:016x}",
        "kind": SpanKind.LLM,
        "name": "chat small",
        "start": START + number * SECOND,
        "end": START + (number + 1) * SECOND,
        "cost": "0.0125",
        "request": Request(operation="chat", provider="nobody", model="small", messages=asked),
        "response": Response(
            model="small", messages=[message("assistant", f"answer {number}")], usage=Usage(input=10, output=5)
        ),
    }
    return SpanRecord(**(values | changes))


def work(session_id: str, number: int, **changes: Any) -> SpanRecord:
    """A tool call that took a millisecond."""
    values: dict[str, Any] = {
        "session_id": session_id,
        "span_id": f"{number:016x}",
        "kind": SpanKind.TOOL,
        "name": "search",
        "start": START + number * SECOND,
        "end": START + number * SECOND + SECOND // 1000,
        "input": {"query": f"town {number}"},
        "output": ["sunny", number],
    }
    return SpanRecord(**(values | changes))


def line(session_id: str, number: int, **changes: Any) -> LogRecord:
    """Something that was written."""
    values: dict[str, Any] = {
        "session_id": session_id,
        "time": START + number * SECOND,
        "number": number,
        "body": f"line {number}\n",
    }
    return LogRecord(**(values | changes))


def crew(session_id: str | None = None) -> list[Record]:
    """A session with everything in it: agents, calls, an error, lines, odd characters."""
    session_id = session_id or new_session_id()
    return [
        SessionRecord(
            session_id=session_id,
            name="crew",
            state="FAILED",
            start=START,
            end=START + 9 * SECOND,
            end_state=EndState.FAIL,
            end_state_reason="no luck",
            tags=["night", "größe"],
            agents=[AgentRecord(id="a-1", name="scout"), AgentRecord(id="a-2", name="idle")],
            host_env={"OS": {"Hostname": "box"}},
            user="ada",
        ),
        SpanRecord(
            session_id=session_id,
            span_id=f"{1:016x}",
            kind=SpanKind.AGENT,
            name="scout",
            agent_id="a-1",
            agent_name="scout",
            start=START,
            end=START + 8 * SECOND,
        ),
        call(session_id, 2, parent_id=f"{1:016x}", agent_id="a-1", agent_name="scout"),
        work(session_id, 3, parent_id=f"{1:016x}", agent_id="a-1", agent_name="scout", output="日本は晴れ"),
        work(
            session_id,
            4,
            parent_id=f"{1:016x}",
            name="=cmd()",
            status=SpanStatus.ERROR,
            error=ErrorInfo(type="ValueError", message="-1 is no town"),
            counted_error=True,
            attributes={"deep": {"list": [1, 2.5, None, "日本"]}},
        ),
        call(session_id, 5, end=None, status=SpanStatus.RUNNING, response=None, cost=None),
        line(session_id, 2, span_id=f"{2:016x}"),
        line(session_id, 3, span_id=f"{3:016x}", source=LogSource.LOGGING, severity=17, body="it broke", logger="crew"),
    ]


def session_of(records: Sequence[Record]) -> str:
    """The id of the session that records are of."""
    first = records[0]
    assert isinstance(first, SessionRecord)
    return first.session_id


def spans_of(records: Sequence[Record]) -> list[SpanRecord]:
    """The spans among records."""
    return [record for record in records if isinstance(record, SpanRecord)]


def decimal(text: str | None) -> Decimal | None:
    """An amount of money in an answer."""
    return None if text is None else Decimal(text)
