"""What a loopback collector knows: sessions, agents, events, tokens, and how it is to go wrong."""

import time
from base64 import urlsafe_b64encode
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count
from threading import RLock
from typing import Any

import msgspec

from agentops.domain.foreign import objects, text
from agentops.domain.journal import read_request
from agentops.domain.spans import SessionRecord, SpanRecord
from agentops.testing.collector.telling import Body, Told, told_by
from agentops.testing.provider.request import ReceivedRequest
from agentops.testing.provider.turn import Fault


@dataclass(slots=True)
class Planned:
    """A fault that is to come: how often, and at which path; None is any."""

    fault: Fault
    times: int
    path: str | None


@dataclass(frozen=True, slots=True)
class Veto:
    """Events that are refused: those of which `of` says so, alone or with the request that they came in."""

    of: Callable[[Body], bool]
    status: int
    alone: bool


class RefusedError(Exception):
    """A request is answered with an error."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(slots=True)
class Register:
    """The memory that all connections of a collector share; see `Collector` for what the fields are."""

    api_key: str | None = None
    accepts: tuple[str, ...] = ()
    token_seconds: float | None = None
    clock: Callable[[], float] = time.time
    requests: list[ReceivedRequest] = field(default_factory=list[ReceivedRequest])
    sessions: dict[str, Body] = field(default_factory=dict[str, Body])
    agents: dict[str, Body] = field(default_factory=dict[str, Body])
    events: dict[str, Body] = field(default_factory=dict[str, Body])
    logs: list[Body] = field(default_factory=list[Body])
    running: dict[str, SpanRecord] = field(default_factory=dict[str, SpanRecord])
    records: dict[str, SessionRecord] = field(default_factory=dict[str, SessionRecord])
    arrivals: int = 0
    faults: list[Planned] = field(default_factory=list[Planned])
    veto: Veto | None = None
    tokens: dict[str, str] = field(default_factory=dict[str, str])
    numbers: Iterable[int] = field(default_factory=count)
    lock: Any = field(default_factory=RLock)

    def next_fault(self, path: str) -> Fault | None:
        """The fault that is due at this path, which is then one less."""
        with self.lock:
            for planned in self.faults:
                if planned.times and planned.path in {None, path}:
                    planned.times -= 1
                    return planned.fault
        return None

    def answer(self, request: ReceivedRequest) -> Any:
        """What is replied to a request; what was in it is known from then on.

        Raises:
            RefusedError: if it is answered with an error.
        """
        handle = _ROUTES.get(request.path)
        if handle is None:
            raise RefusedError(404, f"no such route: {request.path}")
        if handle is not Register.take_frames and not isinstance(request.body, dict):
            raise RefusedError(400, "expected a JSON object")
        if self.api_key is not None and request.headers.get("x-agentops-api-key", self.api_key) != self.api_key:
            raise RefusedError(401, "unknown API key")
        with self.lock:
            return handle(self, request)

    def create_session(self, request: ReceivedRequest) -> Any:
        """Announce a session, once or again."""
        self._need_key(request)
        session_id = self._take_session(_session_of(request))
        reply: Body = {"status": "Success", **self._given(session_id)}
        return reply | ({"accepts": list(self.accepts)} if self.accepts else {})

    def _given(self, session_id: str) -> Body:
        url = f"http://127.0.0.1/sessions?session_id={session_id}"
        return {"jwt": self._new_token(session_id), "session_url": url}

    def update_session(self, request: ReceivedRequest) -> Any:
        """Change a session."""
        self._session_of_token(request)
        self._take_session(_session_of(request))
        return {"status": "success", "token_cost": "0.00"}

    def create_agent(self, request: ReceivedRequest) -> Any:
        """Make an agent known."""
        session_id = self._session_of_token(request)
        agent = {"session_id": session_id, **request.body}
        self.agents[agent["id"]] = agent
        return {"status": "success"}

    def create_events(self, request: ReceivedRequest) -> Any:
        """Take events of the token's session."""
        session_id = self._session_of_token(request)
        return self._take(
            Told(events=[{**event, "session_id": session_id} for event in objects(request.get("events"))])
        )

    def take_frames(self, request: ReceivedRequest) -> Any:
        """Take in whatever frames tell, of any sessions."""
        self._need_key(request)
        if "frames" not in self.accepts:
            raise RefusedError(404, f"no such route: {request.path}")
        try:
            records = read_request(request.raw)
        except ValueError as error:
            raise RefusedError(400, str(error)) from error
        told = told_by(records, self.records, self._counts())
        new = [text(session, "session_id") or "" for session in told.sessions]
        new = [session_id for session_id in new if session_id not in self.sessions]
        reply = self._take(told)
        sessions = [{"session_id": session_id, **self._given(session_id)} for session_id in new]
        return {"sessions": sessions, **(reply if isinstance(reply, dict) else {"status": "success"})}

    def _take(self, told: Told) -> Any:
        """Take everything in, but for what is refused."""
        refused = [event for event in told.events if self.veto is not None and self.veto.of(event)]
        if self.veto is not None and refused and not self.veto.alone:
            raise RefusedError(self.veto.status, "one of the events is not acceptable")
        for session in told.sessions:
            self._take_session(session)
        self.agents.update((agent["id"], agent) for agent in told.agents)
        self.logs += told.logs
        self.running.update((span.span_id, span) for span in told.running)
        for event in told.events:
            self.running.pop(event.get("span_id", ""), None)
            if event not in refused:
                self.arrivals += 1
                self.events.setdefault(event["id"], event)
        if not refused:
            return "Success"
        return {"status": "partial", "refused": [{"id": event["id"], "reason": "not acceptable"} for event in refused]}

    def _counts(self) -> Mapping[str, Counter[str]]:
        counts = defaultdict[str, Counter[str]](Counter)
        for event in self.events.values():
            counts[event["session_id"]][event["event_type"]] += 1
        return counts

    def reauthorize(self, request: ReceivedRequest) -> Any:
        """Give a new token for a session."""
        self._need_key(request)
        session_id = text(request.body, "session_id")
        if session_id not in self.sessions:
            raise RefusedError(404, "no such session")
        return {"status": "success", "jwt": self._new_token(session_id)}

    def _take_session(self, body: Mapping[str, Any]) -> str:
        session_id = text(body, "session_id")
        if not session_id:
            raise RefusedError(400, "a session has an id")
        known = self.sessions.get(session_id, {})
        earliest = min(filter(None, [known.get("init_timestamp"), body.get("init_timestamp")]), default=None)
        self.sessions[session_id] = {**known, **body, "init_timestamp": earliest}
        return session_id

    def _need_key(self, request: ReceivedRequest) -> None:
        if self.api_key is not None and "x-agentops-api-key" not in request.headers:
            raise RefusedError(401, "an API key is needed")

    def _new_token(self, session_id: str) -> str:
        """A token in the form of a JWT; its signature is checked by nobody."""
        number = next(iter(self.numbers))
        ends = {} if self.token_seconds is None else {"exp": self.clock() + self.token_seconds}
        claims = msgspec.json.encode({"session_id": session_id, "number": number, **ends})
        token = ".".join(urlsafe_b64encode(part).decode().rstrip("=") for part in (b"{}", claims, b"loopback"))
        self.tokens[token] = session_id
        return token

    def _session_of_token(self, request: ReceivedRequest) -> str:
        """The session of the token; as the original does, a request without one is a bad one."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer":
            raise RefusedError(400, "missing token")
        if token not in self.tokens:
            raise RefusedError(401, "Expired Token")
        return self.tokens[token]


def _session_of(request: ReceivedRequest) -> Mapping[str, Any]:
    found = request.get("session")
    return found if isinstance(found, dict) else {}  # pyright: ignore[reportUnknownVariableType] - JSON


_ROUTES: dict[str, Callable[[Register, ReceivedRequest], Any]] = {
    "/v2/create_session": Register.create_session,
    "/v2/update_session": Register.update_session,
    "/v2/create_agent": Register.create_agent,
    "/v2/create_events": Register.create_events,
    "/v2/frames": Register.take_frames,
    "/v2/reauthorize_jwt": Register.reauthorize,
}
