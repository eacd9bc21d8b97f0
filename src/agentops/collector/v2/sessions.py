"""Sessions, and what belongs to them besides events, as clients of v2 announce them.

What a process says of a session's tags replaces what it said before, and is joined to what other processes say. Our own
say which process they are; others are told apart by their tokens.
"""

from typing import Any, Final, cast

from msgspec import Struct

from agentops.collector.asked import Asked
from agentops.collector.ingestion import take_in
from agentops.collector.loglines import take_in_lines
from agentops.collector.problems import bad_request, refusing
from agentops.collector.v2.addressing import cost_of, holder_of, link_to, process_of, session_for, start_for
from agentops.domain import v2
from agentops.domain.foreign import at, text
from agentops.domain.spans import SessionRecord
from agentops.domain.states import SessionState

Body = dict[str, Any]

ACCEPTS: Final = ("frames", "gzip")
"""What is taken here beyond the original protocol: the frames of our own journals, and packed bodies."""


class Opened(Struct, frozen=True):
    """A session was announced.

    Attributes:
        jwt: the token with which to speak of it.
        session_url: where to look at it.
        token_cost: what it cost so far in USD.
        accepts: what else clients may send here.
    """

    jwt: str
    session_url: str
    token_cost: str
    status: str = "Success"
    accepts: tuple[str, ...] = ACCEPTS


class Updated(Struct, frozen=True):
    """A session was changed; `token_cost` is what it cost so far in USD."""

    session_url: str
    token_cost: str
    status: str = "success"


class Renewed(Struct, frozen=True):
    """A new token for a session."""

    jwt: str
    status: str = "success"


class Done(Struct, frozen=True):
    """It was taken."""

    status: str = "success"


def create_session(asked: Asked[None, Body]) -> Opened:
    """Take a session in, once or again, and give its token."""
    record = _session_in(asked)
    token = asked.services.access.token_for(asked.principal, record.session_id)
    take_in(asked, [record], journal=process_of([record]) or holder_of(asked, token))
    return Opened(token, link_to(asked, record.session_id), cost_of(asked, record.session_id))


def update_session(asked: Asked[None, Body]) -> Updated:
    """Change a session: its tags, its end."""
    record = _session_in(asked)
    take_in(asked, [record], journal=process_of([record]) or holder_of(asked))
    return Updated(link_to(asked, record.session_id), cost_of(asked, record.session_id))


def _session_in(asked: Asked[None, Body]) -> SessionRecord:
    """The session that a body tells of, with a start.

    Raises:
        RequestError: 400, if it tells of none.
    """
    said = at(asked.body, "session")
    fields = cast("Body", said) if isinstance(said, dict) else asked.body
    session_id = session_for(asked, text(fields, "session_id") or text(fields, "id"))
    with refusing():
        record = v2.read_session({**fields, "session_id": session_id})
        record.state = SessionState(record.state)
    record.session_id = session_id
    record.start = record.start or start_for(asked, session_id)
    return record


def create_agent(asked: Asked[None, Body]) -> Done:
    """Make an agent of a session known, also of a session that was not announced yet."""
    session_id = session_for(asked, text(asked.body, "session_id"))
    with refusing():
        agent = v2.read_agent(asked.body)
    take_in(asked, [SessionRecord(session_id=session_id, start=start_for(asked, session_id), agents=[agent])])
    return Done()


def create_thread(asked: Asked[None, Body]) -> Done:
    """Keep a thread of an agent: an event of the type `threads`, which counts as nothing."""
    session_id = session_for(asked, text(asked.body, "session_id"))
    identity = text(asked.body, "id")
    if not identity:
        raise bad_request("a thread has an id")
    fields = {"id": identity, "event_type": "threads", "agent_id": text(asked.body, "agent_id")}
    with refusing():
        record = v2.read_event(fields, session_id)
    take_in(asked, [] if record is None else [record])
    return Done()


def update_logs(asked: Asked[None, Body]) -> Done:
    """Add to what a session wrote. Text has no identity in this protocol: what is sent again is written again."""
    session_id = session_for(asked, text(asked.body, "session_id"))
    logs = text(asked.body, "logs")
    if logs is None:
        raise bad_request('expected {"logs": "..."}')
    take_in_lines(asked, logs, session_id)
    return Done()


def renew_token(asked: Asked[None, Body]) -> Renewed:
    """Give another token for a session."""
    session_id = session_for(asked, text(asked.body, "session_id"))
    return Renewed(asked.services.access.token_for(asked.principal, session_id))
