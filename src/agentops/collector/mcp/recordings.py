"""What is looked into: a store on this machine, or a collector elsewhere."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Final, Protocol, TypeVar
from urllib.parse import quote

import msgspec
import requests
from msgspec import Struct

from agentops.domain.spans import SpanRecord
from agentops.errors import AgentOpsError
from agentops.store.protocol import Page, SearchHit, SessionFilter, SessionSummary, SpanSummary, Table

Answer = TypeVar("Answer")

_SECONDS: Final = 60.0
_LAST: Final = "last"


class Recordings(Protocol):
    """The questions that are asked; a `Store` answers them all, see there for what they mean and raise."""

    def page(self, where: SessionFilter | None = None, *, cursor: str | None = None, limit: int = 50) -> Page:
        """Sessions, the latest first."""
        ...

    def find(self, prefix: str) -> SessionSummary:
        """The session whose id begins so, or the latest for `last`."""
        ...

    def tree(self, session_id: str) -> list[SpanSummary]:
        """All spans of a session by start time, in brief."""
        ...

    def span(self, session_id: str, span_id: str) -> SpanRecord:
        """One span, whole."""
        ...

    def search(self, phrase: str, *, limit: int = 50) -> list[SearchHit]:
        """Spans that hold the phrase, newest first."""
        ...

    def query(self, sql: str, parameters: Sequence[Any] = (), *, rows: int = 1000, seconds: float = 2.0) -> Table:
        """What one SELECT over the documented views finds."""
        ...


class RemoteError(AgentOpsError):
    """A collector did not answer what was asked."""


class _Detail(Struct):
    summary: SessionSummary


class _Tree(Struct):
    spans: list[SpanSummary]


class _Hits(Struct):
    items: list[SearchHit]


class RemoteRecordings:
    """Those of a collector, asked over its API; every question raises RemoteError where it has no answer."""

    def __init__(self, url: str, key: str | None) -> None:
        self._root = f"{url.rstrip('/')}/api/v1"
        self._http = requests.Session()
        if key:
            self._http.headers["X-Agentops-Api-Key"] = key

    def page(self, where: SessionFilter | None = None, *, cursor: str | None = None, limit: int = 50) -> Page:
        """Sessions, the latest first."""
        asked: dict[str, Any] = {} if where is None else msgspec.structs.asdict(where)
        return self._get("sessions", Page, cursor=cursor, limit=limit, **asked)

    def find(self, prefix: str) -> SessionSummary:
        """The session of this id, or the latest for `last`."""
        if prefix != _LAST:
            return self._get(f"sessions/{quote(prefix, safe='')}", _Detail).summary
        latest = self.page(limit=1).items
        if not latest:
            raise RemoteError("nothing is recorded there yet")
        return latest[0]

    def tree(self, session_id: str) -> list[SpanSummary]:
        """All spans of a session by start time, in brief."""
        return self._get(f"sessions/{quote(session_id, safe='')}/tree", _Tree).spans

    def span(self, session_id: str, span_id: str) -> SpanRecord:
        """One span, whole."""
        return self._get(f"sessions/{quote(session_id, safe='')}/spans/{quote(span_id, safe='')}", SpanRecord)

    def search(self, phrase: str, *, limit: int = 50) -> list[SearchHit]:
        """Spans that hold the phrase, newest first."""
        return self._get("search", _Hits, text=phrase, limit=limit).items

    def query(self, sql: str, parameters: Sequence[Any] = (), *, rows: int = 1000, seconds: float = 2.0) -> Table:
        """What one SELECT over the documented views finds."""
        asked = {"sql": sql, "parameters": list(parameters), "rows": rows, "seconds": seconds}
        return self._read(lambda: self._http.post(f"{self._root}/sql", json=asked, timeout=_SECONDS), Table)

    def _get(self, path: str, kind: type[Answer], **query: Any) -> Answer:
        given = {name: _spelt(value) for name, value in query.items() if value is not None}
        return self._read(lambda: self._http.get(f"{self._root}/{path}", params=given, timeout=_SECONDS), kind)

    def _read(self, ask: Callable[[], requests.Response], kind: type[Answer]) -> Answer:
        try:
            answer = ask()
            if not answer.ok:
                raise RemoteError(f"the collector answers {answer.status_code}: {_reason(answer)}")
            return msgspec.json.decode(answer.content, type=kind)
        except requests.RequestException as error:
            raise RemoteError(f"the collector cannot be reached: {error}") from error
        except msgspec.MsgspecError as error:
            raise RemoteError(f"this is no answer of a collector of agentops: {error}") from error


def _spelt(value: Any) -> str | int | float:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, Decimal) else value


def _reason(answer: requests.Response) -> str:
    try:
        return str(msgspec.json.decode(answer.content, type=dict[str, Any])["message"])
    except (msgspec.MsgspecError, KeyError):
        return answer.reason
