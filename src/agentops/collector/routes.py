"""A route as data: what is asked where, who may ask, and what is answered."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, Literal

from msgspec import Struct

from agentops.collector.access import Scope
from agentops.collector.asked import Asked
from agentops.collector.problems import OWN_WORDING, Wording

Answer = Callable[[Asked[Any, Any]], Any]
"""Answers a request: with a value to be written as JSON, a `Content` or a `Stream`.

A plain function runs on a thread and may read and write; a coroutine function runs on the event loop and may not.
"""

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]


class Tag(StrEnum):
    """What a route is about: how the documentation groups it."""

    SESSIONS = "Sessions"
    SPANS = "Spans"
    AGGREGATES = "Aggregates"
    ANNOTATIONS = "Scores, notes and tags"
    LIVE = "Live"
    EXPORT = "Export"
    SQL = "SQL"
    PROJECT = "Project"
    OTLP = "OpenTelemetry"
    V2 = "AgentOps v2"
    V3 = "AgentOps v3 and v4"
    PUBLIC = "AgentOps public"
    OPERATIONS = "Operations"


class Route(Struct, frozen=True, kw_only=True):
    """One thing that can be asked.

    Attributes:
        method: the HTTP method.
        path: with names in braces for its variable parts.
        answer: who answers.
        summary: what it does, in one line for the documentation.
        tag: what it is about.
        scope: what the key must allow; None lets everybody in, also without a key.
        unauthorized: with which status whoever shows no key or token that holds is turned away.
        query: the fields that may stand behind the question mark; None is none.
        body: the type of the JSON that is sent, `bytes` for whatever is sent, None for nothing.
        media_types: of a body that is bytes, for the documentation.
        reply: the type of the JSON that is answered, None where it is something else.
        status: of the answer, unless it says otherwise.
        replies: media types of an answer that is no JSON.
        problems: how it tells of them.
        refusals: statuses with which it refuses, besides those that follow from all this.
        is_ingest: whether it takes recordings in: its threads are others than those that read.
        is_listed: whether the documentation shows it.
    """

    method: Method
    path: str
    answer: Answer
    summary: str
    tag: Tag
    scope: Scope | None = Scope.READ
    unauthorized: int = 401
    query: type[Struct] | None = None
    body: Any = None
    media_types: tuple[str, ...] = ()
    reply: Any = None
    status: int = 200
    replies: tuple[str, ...] = ()
    problems: Wording = OWN_WORDING
    refusals: tuple[int, ...] = ()
    is_ingest: bool = False
    is_listed: bool = True
