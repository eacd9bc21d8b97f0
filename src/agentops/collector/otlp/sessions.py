"""What the spans of a trace tell of the session that it is."""

from collections.abc import Iterator
from typing import Final

from agentops.collector.otlp.origins import Origin
from agentops.collector.otlp.spans import USER, Read
from agentops.domain.dialects import Reading
from agentops.domain.foreign import text
from agentops.domain.spans import AgentRecord, Record, SessionRecord, SpanKind, SpanRecord, SpanStatus
from agentops.domain.states import EndState
from agentops.domain.v2 import read_agent

_HOST_NAMES: Final = ("host.", "os.", "cpu.", "memory.")
_TAGS: Final = "agentops.tags"
_END_STATE: Final = "agentops.session.end_state"
_SERVICE: Final = "service.name"
_SUFFIX: Final = ".session"
"""What AgentOps 0.4 puts behind the names of sessions."""


class Trace:
    """What one request says of one trace.

    Attributes:
        spans: by id.
    """

    def __init__(self, session_id: str) -> None:
        self.session_id = session_id
        self.spans: dict[str, SpanRecord] = {}
        self._roots: list[SessionRecord] = []
        self._origin: Origin | None = None
        self._tags: dict[str, None] = {}
        self._agents: dict[str, AgentRecord] = {}
        self._user: str | None = None

    def add(self, read: Read, origin: Origin) -> None:
        """Take a span in."""
        record, reading = read.record, read.reading
        if record.span_id in self.spans:
            return
        self.spans[record.span_id] = record
        self._origin = self._origin or origin
        if self._user is None and USER in record.attributes:
            self._user = text(record.attributes[USER])
        if reading is not None:
            if reading.tags:
                self._tags.update(dict.fromkeys(reading.tags))
            if record.kind is SpanKind.AGENT or record.agent_name or record.agent_id:
                self._add_agent(record)
        if record.parent_id is None:
            self._roots.append(session_of(record, reading, origin))
        elif reading is not None and (reading.tags or reading.end_state):
            keep_words(record, reading)
        if origin.service is not None and not origin.is_ours:
            record.attributes.setdefault(_SERVICE, origin.service)

    def _add_agent(self, record: SpanRecord) -> None:
        name = record.agent_name or (record.name if record.kind is SpanKind.AGENT else None)
        if name or record.agent_id:
            agent = read_agent({"id": record.agent_id, "name": name})
            known = self._agents.get(agent.id)
            if known is None or known.name == known.id:
                self._agents[agent.id] = agent

    def records(self) -> Iterator[Record]:
        """The session, as far as this request knows it, then the spans."""
        yield from self._sessions()
        yield from self.spans.values()

    def _sessions(self) -> list[SessionRecord]:
        """What is told of the session; the record that is to prevail comes last."""
        if not self.spans or self._origin is None:
            return []
        sessions = self._told_by_roots() or [self._joined(self._origin)]
        sessions[-1].tags = list(self._tags) or None
        sessions[-1].agents = list(self._agents.values())
        sessions[-1].user = self._user
        return sessions

    def _told_by_roots(self) -> list[SessionRecord]:
        """Of several roots the first names the session, and the one that ends last says how it ended."""
        if not self._roots:
            return []
        first = min(self._roots, key=lambda root: root.start)
        last = max(self._roots, key=lambda root: root.end or 0)
        return [first] if first is last else [last, first]

    def _joined(self, origin: Origin) -> SessionRecord:
        """The session of spans whose root is elsewhere or is to come: whatever the root says prevails."""
        return SessionRecord(
            session_id=self.session_id,
            name=origin.service,
            start=min(record.start for record in self.spans.values()),
            host_env=origin.host_env(),
            process_id=origin.process_id,
            entrypoint=origin.entrypoint,
            inherited=True,
        )


def session_of(root: SpanRecord, reading: Reading | None, origin: Origin) -> SessionRecord:
    """The session that a span without a parent tells of: it began and ended with it."""
    end_state, reason = end_of(root, reading)
    host_env = origin.host_env() or {}
    on_root = {name: value for name, value in root.attributes.items() if name.startswith(_HOST_NAMES)}
    if on_root:
        host_env = {**host_env, "Resource": {**host_env.get("Resource", {}), **on_root}}
    return SessionRecord(
        session_id=root.session_id,
        name=_name_of(root) or origin.service,
        state=str(end_state.state),
        start=root.start,
        end=root.end,
        end_state=end_state.value,
        end_state_reason=reason,
        host_env=host_env or None,
        process_id=origin.process_id,
        entrypoint=origin.entrypoint,
    )


def _name_of(root: SpanRecord) -> str:
    return root.name.removesuffix(_SUFFIX) if root.kind is SpanKind.SESSION else root.name


def end_of(root: SpanRecord, reading: Reading | None) -> tuple[EndState, str | None]:
    """How the session of a root ended, and why: what its author said, else by how the span ended.

    Words that are no end state (AgentOps 0.4 writes `Shutdown`, `Unknown`, `Reinitialized`) leave it open, and are the
    reason.
    """
    said = reading.end_state if reading is not None else None
    if said:
        try:
            return EndState.of(said), None
        except ValueError:
            return EndState.INDETERMINATE, said
    if root.status in (SpanStatus.OK, SpanStatus.INCOMPLETE):
        return EndState.SUCCESS, None
    failed = root.status is SpanStatus.ERROR
    why = root.error.message or root.error.type if root.error is not None else str(root.status)
    return EndState.FAIL if failed else EndState.INDETERMINATE, why


def keep_words(record: SpanRecord, reading: Reading) -> None:
    """Leave on a span inside a session what only a session has a place for."""
    if reading.tags:
        record.attributes.setdefault(_TAGS, reading.tags)
    if reading.end_state:
        record.attributes.setdefault(_END_STATE, reading.end_state)
