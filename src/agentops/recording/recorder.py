"""The recorder: turns calls into spans, counts them in their session and appends them to the journal."""

from __future__ import annotations

import os
from itertools import count
from typing import TYPE_CHECKING, Any, Final

import msgspec
from opentelemetry import trace as otel

from agentops.domain import wire
from agentops.domain.journal.frames import (
    END,
    END_REST,
    OTHERS,
    START_REST,
    TOOL,
    Template,
    checksum,
    end_more,
    head_of,
    pack_end,
    pack_start,
    record_frame,
)
from agentops.domain.redaction.withholding import Content
from agentops.domain.spans import DropRecord, SpanKind, SpanRecord
from agentops.recording.capture import encode
from agentops.recording.clock import Clock
from agentops.recording.context import SPAN_KEY, TRACE_KEY, get_context
from agentops.recording.guard import guarded
from agentops.recording.passing import Passing, behind
from agentops.recording.shield import Shield
from agentops.recording.span import NOWHERE, Outside, Span, outside_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentops.domain.spans import Record
    from agentops.recording.journal import Journal
    from agentops.recording.late import LateJournal
    from agentops.recording.trace import Trace

COUNTED: Final = frozenset({SpanKind.LLM, SpanKind.EMBEDDING, SpanKind.TOOL, SpanKind.ACTION})
COST: Final = "cost"
"""The attribute of a template that is its cost."""
TEMPLATE_LIMIT: Final = 10_000
"""Templates of one process; beyond it, calls of the same kind share one and carry their names themselves."""
IDS_AT_A_TIME: Final = 512


class Recorder:
    """Where every span of the process begins and ends.

    Attributes:
        journal: what it appends to.
        clock: what it reads.
        ids: span ids for the spans to come, taken from the end.
        find_trace: gives the session of code that no other one is current for.
        shield: what everything passes before it is appended.
        content: whether what goes in and comes out is recorded.
        start_session: opens a session where none is; None where spans outside sessions are not recorded.
    """

    def __init__(
        self, journal: Journal | LateJournal, clock: Clock | None = None, bits: Callable[[int], int] | None = None
    ) -> None:
        """Record into a journal.

        Args:
            journal: where to.
            clock: what time it is.
            bits: gives span ids, for tests; random ones if None.
        """
        self.journal: Journal | LateJournal = journal
        self.clock = clock or Clock()
        journal.use_clock(self.clock)
        self.read_clock = self.clock.read
        self.ids: list[bytes] = []
        self._bits = bits
        self.find_trace: Callable[[], Trace | None] = lambda: None
        self.shield = Shield()
        self.content = True
        self.start_session: Callable[[], Trace | None] | None = None
        self._templates: dict[Any, Template] = {}
        self._numbers = count(1)

    def protect(self, shield: Shield) -> None:
        """Let everything pass this shield, from the first span on."""
        self.shield = shield
        self.content = shield.content is not Content.NONE
        shield.on_failure = self._tell_of_failure

    def _tell_of_failure(self) -> None:
        drop = DropRecord(reason="a redaction rule failed", count=1, time=self.clock.now())
        self.journal.append(record_frame(wire.encode(drop)))

    def renew(self, journal: Journal | LateJournal) -> None:
        """Go on in another journal, which is told of every template; ids start afresh, as the process may be new."""
        self.journal = journal
        self.ids = []
        journal.use_clock(self.clock)
        for template in list(self._templates.values()):
            journal.define(template)

    def template(  # noqa: PLR0913 - the constants of a span
        self,
        name: str,
        kind: SpanKind,
        *,
        parameters: tuple[str, ...] | None = None,
        genai: bool = False,
        source: str = "agentops",
        attributes: dict[str, Any] | None = None,
    ) -> Template:
        """The template of these constants, written to the journal when it is new."""
        key = (name, kind, parameters, genai, source, encode(attributes) if attributes else None)
        known = self._templates.get(key)
        if known is not None:
            return known
        if len(self._templates) >= TEMPLATE_LIMIT:
            key = (kind, genai, source)
            if key in self._templates:
                return self._templates[key]
            name, parameters, attributes = str(kind), None, None
        number = next(self._numbers)
        cost = (attributes or {}).get(COST)
        kept = {key: value for key, value in (attributes or {}).items() if key != COST}
        template = Template(
            id=number,
            name=self.shield.text(name),
            kind=kind,
            parameters=parameters,
            genai=genai,
            source=source,
            attributes=self._clean_attributes(kept) if kept else {},
            head=head_of(number),
            agent=number.to_bytes(4, "little") if kind is SpanKind.AGENT else b"",
            cost=cost,
            counting=TOOL if kind is SpanKind.TOOL and cost is None else OTHERS if kind in COUNTED or cost else None,
        )
        journal = self.journal
        journal.define(template)  # before another thread finds it and refers to it
        template = self._templates.setdefault(key, template)
        if self.journal is not journal:  # renewed meanwhile
            self.journal.define(template)
        return template

    def _clean_attributes(self, attributes: dict[str, Any]) -> dict[str, Any]:
        clean: dict[str, Any] = msgspec.json.decode(self.shield.details(encode({"attributes": attributes})))
        return clean.get("attributes", {})

    def open(
        self, template: Template, data: bytes, trace: Trace | None = None, *, is_clean: bool = False
    ) -> Span | None:
        """Begin a span under the current one, of the current session; `data` is what goes in, as JSON.

        `is_clean` says that it has passed the shield.

        None where no session is open and none may be started.
        """
        context = get_context()
        parent = context.get(SPAN_KEY)
        if trace is not None:
            parent = trace.root or NOWHERE
        elif type(parent) is Span:
            trace = parent.trace
        else:
            trace, parent = self.surroundings()
            if trace is None:
                return None
            if trace.waiting:
                trace.touch()
        if data and not is_clean:
            data = self.shield.going_in(template, data)
        span = Span()
        span.recorder = self
        span.extra = None
        span.template = template
        span.trace = trace
        span.parent = parent
        span.agent = agent = template.agent or parent.agent
        span.id = span_id = self.ids.pop() if self.ids else self.new_id()
        size = START_REST + len(data)
        start = self.clock.read()
        head = pack_start(size, checksum(data), template.head, agent, trace.trace_id, span_id, parent.id, start)
        self.journal.append(head + data)
        return span

    def new_id(self) -> bytes:
        """A span id, and more of them for later."""
        if self._bits is not None:
            return self._bits(64).to_bytes(8, "big")
        random = os.urandom(8 * IDS_AT_A_TIME)
        self.ids = [random[start : start + 8] for start in range(8, len(random), 8)]
        return random[:8]

    def surroundings(self) -> tuple[Trace | None, Span | Outside]:
        """The session that a span begins in here, which may be started for it, and what it is under."""
        context = get_context()
        parent: object = context.get(SPAN_KEY)
        if isinstance(parent, Passing):
            parent = parent.standing()
        if not isinstance(parent, Span):
            parent = behind(parent) or parent
        if isinstance(parent, Span):
            return parent.trace, parent
        trace: Trace | None = context.get(TRACE_KEY) or self.find_trace()  # pyright: ignore[reportAssignmentType] - ours
        if trace is None and self.start_session is not None:
            with guarded("starting a session"):
                trace = self.start_session()
        if trace is None:
            return None, NOWHERE
        outside = outside_of(parent) if isinstance(parent, otel.Span) else None
        return trace, outside or trace.root or NOWHERE

    def close(self, span: Span, data: bytes, end: int | None = None, *, is_clean: bool = False) -> None:
        """End a span; `data` is what came out, as JSON, and `end` Unix nanoseconds, now if None.

        `is_clean` says that the data has passed the shield.
        """
        if span.recorder is None:
            return
        span.recorder = None
        clock = self.clock
        ended = clock.read() if end is None else end - clock.offset
        extra = span.extra
        if data and not is_clean:
            data = self.shield.coming_out(span.template, data)
        if extra is None:
            size = END_REST + len(data)
            status = bytes((END, span.status, 0, 0))
            self.journal.append(pack_end(size, checksum(data), status, span.id, ended) + data)
        else:
            details = self.shield.details(wire.to_legible_json(extra))
            self.journal.append(end_more(span.status, span.id, ended, data, details))
        self.count(span)

    def count(self, span: Span) -> None:
        """Add an ended span to its session's counts."""
        template, analytics, extra = span.template, span.trace.analytics, span.extra
        if extra is None:
            analytics.count(template.kind)
        else:
            analytics.count(extra.kind or template.kind)
            if extra.counted_error:
                analytics.errors += 1
        if template.cost is not None:
            analytics.add_call(None, None, None, self.clock.now(), template.cost)

    def add(self, record: Record, trace: Trace | None = None) -> None:
        """Append a whole record; a span's is counted in its session."""
        if trace is not None and trace.waiting:
            trace.touch()
        self.journal.append(record_frame(self.shield.record(record)))
        if trace is not None and isinstance(record, SpanRecord):
            trace.analytics.add(record)


class Active:
    """The recorder in use.

    Attributes:
        recorder: None before the first `init`, in a forked child until it records, and after recording was ended.
        relay: what observed libraries are recorded by where there is none, for programs that use our plugins as
            instrumentations of OpenTelemetry's.
        wake: gives the recorder where there is none, or None where nothing is to be recorded.
    """

    __slots__ = ("recorder", "relay", "wake")

    def __init__(self) -> None:
        self.recorder: Recorder | None = None
        self.relay: Recorder | None = None
        self.wake: Callable[[], Recorder | None] = lambda: None


active = Active()
