"""The row of a session, and how records of the session change it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

import msgspec
from msgspec import Struct, field

from agentops.domain.spans import AgentRecord, SessionRecord
from agentops.domain.states import SessionState
from agentops.store.protocol import SessionSummary
from agentops.store.sqlite.costs import read_cost, write_cost
from agentops.store.sqlite.rows import moment
from agentops.store.sqlite.transaction import LAST_REVISION, LAST_SESSION, Transaction

read_tags = msgspec.json.Decoder(list[str]).decode
_decode_agents = msgspec.json.Decoder(list[AgentRecord]).decode
_encode = msgspec.json.Encoder().encode
_TERMINAL: Final = frozenset(state.value for state in SessionState if state.is_terminal)

_BY_HAND: Final = -1
"""The part of a session that no journal has: the tags that somebody gave it afterwards."""


class SessionRow(Struct, kw_only=True):
    """The columns of `sessions`, as Python values."""

    session_id: str
    sid: int
    name: str | None = None
    state: str = SessionState.RUNNING.value
    started: int
    ended: int | None = None
    last: int
    end_state: str | None = None
    end_state_reason: str | None = None
    tags: list[str] = field(default_factory=list[str])
    agents: list[AgentRecord] = field(default_factory=list[AgentRecord])
    announced: bool = False
    interrupted: bool = False
    spans: int = 0
    llm_calls: int = 0
    tool_calls: int = 0
    actions: int = 0
    errors: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: Decimal | None = None
    priced: int = 0
    unpriced: int = 0
    user: str | None = None

    @property
    def is_over(self) -> bool:
        """Whether it ended by itself: not running, nor cut off."""
        return self.state in _TERMINAL and not self.interrupted

    def values(self, revision: int) -> tuple[Any, ...]:
        """The columns in the order of `change_session`."""
        return (
            self.name,
            self.state,
            self.started,
            self.ended,
            self.last,
            self.end_state,
            self.end_state_reason,
            _encode(self.tags).decode(),
            _encode(self.agents).decode(),
            self.announced,
            self.interrupted,
            self.spans,
            self.llm_calls,
            self.tool_calls,
            self.actions,
            self.errors,
            self.input_tokens,
            self.output_tokens,
            write_cost(self.cost),
            self.priced,
            self.unpriced,
            self.user,
            revision,
            self.sid,
        )

    def summary(self) -> SessionSummary:
        """The session as lists show it."""
        return SessionSummary(
            session_id=self.session_id,
            name=self.name,
            state=self.state,
            start=self.started,
            end=self.ended,
            last=self.last,
            duration=max(0, (self.last if self.ended is None else self.ended) - self.started) / 1e9,
            end_state=self.end_state,
            end_state_reason=self.end_state_reason,
            tags=self.tags,
            agents=self.agents,
            spans=self.spans,
            llm_calls=self.llm_calls,
            tool_calls=self.tool_calls,
            actions=self.actions,
            errors=self.errors,
            input_tokens=self.input_tokens,
            output_tokens=self.output_tokens,
            cost=self.cost,
            unpriced=self.unpriced,
            user=self.user,
            interrupted=self.interrupted,
        )


_TAGS, _AGENTS, _ANNOUNCED, _INTERRUPTED, _COST = 9, 10, 11, 12, 20


def read_row(columns: Sequence[Any]) -> SessionRow:
    """The row that `find_session` and its like found."""
    values = list(columns)
    values[_TAGS] = read_tags(values[_TAGS])
    values[_AGENTS] = _decode_agents(values[_AGENTS])
    values[_ANNOUNCED] = bool(values[_ANNOUNCED])
    values[_INTERRUPTED] = bool(values[_INTERRUPTED])
    values[_COST] = read_cost(values[_COST])
    return SessionRow(**dict(zip(SessionRow.__struct_fields__, values, strict=True)))


def open_session(transaction: Transaction, session_id: str, started: int) -> tuple[SessionRow, bool]:
    """The row of a session, and whether there was none: then it is to be written as a new one."""
    found = transaction.run("find_session", (session_id,)).fetchone()
    if found is not None:
        return read_row(found), False
    start = moment(started)
    sid = transaction.next_number(LAST_SESSION)
    return SessionRow(session_id=session_id, sid=sid, started=start, last=start), True


def write_session(transaction: Transaction, row: SessionRow, *, is_new: bool = False) -> None:
    """Write the row of a session, which is a change that those who follow hear of."""
    values = row.values(transaction.next_number(LAST_REVISION))
    if is_new:
        transaction.run("add_session", (*values, row.session_id))
    else:
        transaction.run("change_session", values)


def announce(transaction: Transaction, row: SessionRow, record: SessionRecord, jid: int) -> None:
    """Take in what a record says of its session; `jid` is the journal it came from."""
    start = moment(record.start)
    if start:
        row.started = min(row.started, start) if row.announced and row.started else start
    row.announced = True
    if record.name and not (record.inherited and row.name):
        row.name = record.name
    row.user = row.user or record.user
    row.last = max(row.last, start, moment(record.end or 0))
    agents = {agent.id: agent for agent in (*row.agents, *record.agents)}
    row.agents = list(agents.values())
    row.tags = _united_tags(transaction, row, record, jid)
    _write_details(transaction, row.sid, record)
    if record.state in _TERMINAL:
        end = moment(record.end or row.last)
        if not row.is_over or end > (row.ended or 0):
            row.state, row.ended, row.interrupted = record.state, end, False
            row.end_state, row.end_state_reason = record.end_state, record.end_state_reason
            row.last = max(row.last, end)
    elif not row.interrupted and not row.is_over:
        row.state = record.state


def _united_tags(transaction: Transaction, row: SessionRow, record: SessionRecord, jid: int) -> list[str]:
    """The tags of all processes; what one process says replaces what it said before."""
    parts = {part: (inherited, tags) for part, inherited, tags in transaction.run("read_parts", (row.sid,))}
    inherited, known = parts.get(jid, (1, "[]"))
    own = read_tags(known)
    if record.tags is not None:
        own = list(dict.fromkeys(record.tags if jid else [*own, *record.tags]))
    parts[jid] = (int(inherited and record.inherited), _encode(own).decode())
    transaction.run("write_part", (row.sid, jid, *parts[jid]))
    if _BY_HAND in parts:
        return row.tags
    return list(dict.fromkeys(tag for jid in sorted(parts) for tag in read_tags(parts[jid][1])))


def tag_by_hand(transaction: Transaction, row: SessionRow, tags: Sequence[str]) -> None:
    """Give a session tags that prevail over whatever its processes say."""
    row.tags = list(dict.fromkeys(tags))
    transaction.run("write_part", (row.sid, _BY_HAND, 1, _encode(row.tags).decode()))


class Details(Struct, omit_defaults=True):
    """What is kept of a session beside its row."""

    host_env: dict[str, Any] | None = None
    video: str | None = None
    entrypoint: str | None = None
    process_id: int | None = None


def read_details(body: str | None) -> Details:
    """The details in a row of `session_details`."""
    return Details() if body is None else msgspec.json.decode(body, type=Details)


def read_record(row: SessionRow, body: str | None) -> SessionRecord:
    """What a row and its details say of a session."""
    details = read_details(body)
    return SessionRecord(
        session_id=row.session_id,
        name=row.name,
        state=row.state,
        start=row.started,
        end=row.ended,
        end_state=row.end_state,
        end_state_reason=row.end_state_reason,
        tags=row.tags,
        agents=row.agents,
        host_env=details.host_env,
        video=details.video,
        entrypoint=details.entrypoint,
        process_id=details.process_id,
        user=row.user,
    )


def _write_details(transaction: Transaction, sid: int, record: SessionRecord) -> None:
    found = transaction.run("read_details", (sid,)).fetchone()
    details = read_details(found[0] if found else None)
    before = msgspec.structs.replace(details)
    for name in Details.__struct_fields__:
        said = getattr(record, name)
        if said is not None and not (record.inherited and getattr(details, name) is not None):
            setattr(details, name, said)
    if details != before:
        transaction.run("write_details", (sid, _encode(details).decode()))
