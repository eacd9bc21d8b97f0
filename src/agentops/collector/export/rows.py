"""Spans as flat rows, for tables: a value of a plain type for each column."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any, Final

from msgspec import Struct

from agentops.domain import wire
from agentops.domain.genai import Usage
from agentops.domain.spans import SessionRecord, SpanRecord
from agentops.errors import UnknownSessionError
from agentops.store.protocol import Store

_NO_USAGE: Final = Usage()


class Row(Struct, frozen=True):
    """A span and its session."""

    session: SessionRecord
    span: SpanRecord

    @property
    def usage(self) -> Usage:
        """The tokens of a model call."""
        response = self.span.response
        return (response.usage if response is not None else None) or _NO_USAGE


class Column(Struct, frozen=True):
    """A column: its name, the type of its values (`int`, `float`, `str`, `bool`, or `time`), and how to read one."""

    name: str
    kind: str
    read: Callable[[Row], Any]


def _model(row: Row) -> str | None:
    response, request = row.span.response, row.span.request
    return (response.model if response is not None else None) or (request.model if request is not None else None)


def _went_in(row: Row) -> str | None:
    request = row.span.request
    asked = None if request is None else request.messages or request.input
    return _text(row.span.input if asked is None else asked)


def _came_out(row: Row) -> str | None:
    response = row.span.response
    answered = None if response is None else response.messages or response.output
    return _text(row.span.output if answered is None else answered)


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else wire.to_legible_json(value).decode()


COLUMNS: Final = (
    Column("session_id", "str", lambda row: row.session.session_id),
    Column("session_name", "str", lambda row: row.session.name),
    Column("user", "str", lambda row: row.session.user),
    Column("tags", "str", lambda row: _text(row.session.tags or [])),
    Column("span_id", "str", lambda row: row.span.span_id),
    Column("parent_id", "str", lambda row: row.span.parent_id),
    Column("kind", "str", lambda row: row.span.kind.value),
    Column("name", "str", lambda row: row.span.name),
    Column("agent", "str", lambda row: row.span.agent_name),
    Column("start", "time", lambda row: row.span.start),
    Column("end", "time", lambda row: row.span.end),
    Column("duration", "float", lambda row: row.span.duration),
    Column("status", "str", lambda row: row.span.status.value),
    Column("error_type", "str", lambda row: None if row.span.error is None else row.span.error.type),
    Column("error_message", "str", lambda row: None if row.span.error is None else row.span.error.message),
    Column("counted_error", "bool", lambda row: row.span.counted_error),
    Column("provider", "str", lambda row: None if row.span.request is None else row.span.request.provider),
    Column("model", "str", _model),
    Column("input_tokens", "int", lambda row: row.usage.input_total),
    Column("cache_read_tokens", "int", lambda row: row.usage.cache_read),
    Column("cache_write_tokens", "int", lambda row: row.usage.cache_write),
    Column("output_tokens", "int", lambda row: row.usage.output_total),
    Column("reasoning_tokens", "int", lambda row: row.usage.reasoning),
    Column("cost", "money", lambda row: row.span.cost),
    Column("input", "str", _went_in),
    Column("output", "str", _came_out),
    Column("attributes", "str", lambda row: _text(row.span.attributes)),
)
"""Tokens are those of `Usage`, `input_tokens` and `output_tokens` in all; `duration` is in seconds, `cost` in USD.

What went in and came out of a model call are its messages, as JSON; lists and objects are JSON texts everywhere.
"""


def rows_of(store: Store, session_ids: Iterable[str]) -> Iterator[Row]:
    """All spans of sessions; sessions that are deleted meanwhile end early."""
    for session_id in session_ids:
        with suppress(UnknownSessionError):
            session = store.session(session_id)
            for span in store.spans(session_id):
                yield Row(session, span)
