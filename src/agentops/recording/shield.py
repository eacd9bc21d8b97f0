"""What stands between the program and the journal: nothing reaches the disk before it has passed here."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from agentops.domain import wire
from agentops.domain.redaction.masking import mask, mask_request, mask_response
from agentops.domain.redaction.redactor import FAILED, Redactor
from agentops.domain.redaction.structures import clean_exchange, clean_record
from agentops.domain.redaction.suspicion import FREE, FREE_CALL, is_suspect
from agentops.domain.redaction.withholding import Content, mask_attributes, withheld
from agentops.domain.spans import LogRecord, SessionRecord, SpanRecord
from agentops.recording.capture import SIZE_LIMIT, encode_plain
from agentops.recording.guard import FAILURES, logger

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from agentops.domain.journal.frames import Template
    from agentops.domain.redaction.redactor import Rule
    from agentops.domain.spans import Record

_decode = msgspec.json.Decoder().decode
_ALL: Final = -1
_SAID: Final = ("name", "end_state_reason", "tags", "agents", "host_env", "video", "entrypoint")
"""What of a session may hold anything; the rest is ids, words of ours, and numbers."""
_SAID_KEPT: Final = 64

Result = TypeVar("Result")


class Shield:
    """Takes secrets, and content where that is not wanted, out of what is recorded.

    Attributes:
        content: how much of what goes into calls and comes out is recorded.
        sees_all: whether all that is recorded is read, and not only what may hold a secret.
        free: JSON of so many bytes needs no look.
        free_call: arguments of so many bytes need none, where neither `:` nor `=` is in them.
        whole: JSON of more bytes is always handed to the shield.
        failures: values that were dropped because a rule failed.
        on_failure: called once for each payload in which one did.
    """

    def __init__(
        self, rules: Sequence[Rule] = (), *, has_defaults: bool = True, content: Content = Content.FULL
    ) -> None:
        """Apply the default rules, unless they are off, and then the user's own."""
        self.content = content
        self.failures = 0
        self.on_failure: Callable[[], None] = lambda: None
        self._redactor = Redactor([self._guard(rule) for rule in rules], has_defaults=has_defaults)
        self._inside = threading.local()
        self._is_logged = False
        self._said: dict[bytes, bytes] = {}
        self._masks = content is Content.REDACTED
        self.sees_all = bool(rules) or self._masks
        self._is_idle = self._redactor.is_idle and not self._masks
        self.free = self.free_call = self.whole = _ALL
        if not self.sees_all:
            self.whole = SIZE_LIMIT
            self.free, self.free_call = (SIZE_LIMIT, SIZE_LIMIT) if self._is_idle else (FREE, FREE_CALL)

    def _guard(self, rule: Rule) -> Rule:
        """A user's rule that fails by dropping the text, and is not asked about what it does itself."""

        def guarded(text: str) -> str:
            inside = self._inside
            if getattr(inside, "rule", False):
                return FAILED
            inside.rule = True
            try:
                clean = rule(text)
                if type(clean) is str:
                    return clean.encode("utf-8", "replace").decode()
                self._note(TypeError(f"a redaction rule gave {type(clean).__name__}, not text"))
            except FAILURES as error:
                self._note(error)
            finally:
                inside.rule = False
            return FAILED

        return guarded

    def _note(self, error: BaseException) -> None:
        self.failures += 1
        if not self._is_logged:
            self._is_logged = True
            logger.warning("a redaction rule failed, what it could not read is not recorded: %r", error)

    def _may_pass(self, data: bytes) -> bool:
        return not data or self._is_idle or not (self.sees_all or is_suspect(data))

    def is_secret_parameter(self, parameters: Sequence[str]) -> bool:
        """Whether arguments are secrets by the names of their parameters."""
        return self._redactor.has_secret(parameters)

    def text(self, text: str) -> str:
        """A text without secrets."""
        if self._is_idle:
            return text
        return self._work(lambda: self._redactor.text(text), lambda: FAILED)

    def data(self, data: bytes) -> bytes:
        """A value as JSON without secrets."""
        return data if self._may_pass(data) else self._rewrite(data, self._redactor.value, mask)

    def going_in(self, template: Template, data: bytes) -> bytes:
        """What goes into a call, as JSON."""
        if template.genai:
            return data if self._may_pass(data) else self._rewrite(data, self._clean_exchange, mask_request)
        parameters = template.parameters
        if parameters is None:
            return self.data(data)
        if self._may_pass(data) and not (data and self.is_secret_parameter(parameters)):
            return data
        return self._rewrite(
            data,
            lambda call: self._redactor.arguments(call, parameters),
            lambda call: [[mask(item) for item in call[0]], mask(call[1])],
            b"[[%s],{}]" % encode_plain(FAILED),
        )

    def coming_out(self, template: Template, data: bytes) -> bytes:
        """What comes out of a call, as JSON."""
        if not template.genai:
            return self.data(data)
        return data if self._may_pass(data) else self._rewrite(data, self._clean_exchange, mask_response)

    def details(self, data: bytes) -> bytes:
        """What else is known of a span, or a template: the fields of a record, as JSON."""
        return data if self._may_pass(data) else self._rewrite(data, self._clean_record, _as_it_is, b"{}")

    def record(self, record: Record) -> bytes:
        """A whole record as JSON."""
        if isinstance(record, SessionRecord):
            return self._session(record)
        if self.content is Content.NONE and isinstance(record, SpanRecord):
            record = withheld(record)
        data = wire.encode(record)
        if self._may_pass(data):
            return data
        is_masked = self._masks and isinstance(record, SpanRecord)
        return self._rewrite(data, self._clean_record, _mask_record if is_masked else _as_it_is, _bare(record))

    def _session(self, record: SessionRecord) -> bytes:
        """A session. What is said of one is mostly what was said of the one before: each is looked through once."""
        said = {name: value for name in _SAID if (value := getattr(record, name))}
        data = wire.to_legible_json(said)
        clean = self._said.get(data)
        if clean is None:
            failures = self.failures
            clean = self.details(data)
            if len(self._said) >= _SAID_KEPT:
                self._said.clear()
            if failures == self.failures:
                self._said[data] = clean
        bare = _bare(record)
        return bare if len(clean) <= len(b"{}") else b"%b,%b" % (bare[:-1], clean[1:])

    def _clean_exchange(self, exchange: Any) -> Any:
        return clean_exchange(exchange, self._redactor.value)

    def _clean_record(self, record: Any) -> Any:
        return clean_record(record, self._redactor.value)

    def _rewrite(
        self, data: bytes, clean: Callable[[Any], Any], hide: Callable[[Any], Any], otherwise: bytes | None = None
    ) -> bytes:
        def rewrite() -> bytes:
            value = clean(_decode(data))
            return wire.to_legible_json(hide(value) if self._masks else value)

        return self._work(rewrite, lambda: encode_plain(FAILED) if otherwise is None else otherwise)

    def _work(self, work: Callable[[], Result], otherwise: Callable[[], Result]) -> Result:
        before = self.failures
        try:
            return work()
        except FAILURES as error:  # too deep, not to be read: it is not recorded
            self._note(error)
            return otherwise()
        finally:
            if self.failures != before:
                self.on_failure()


def _as_it_is(value: Any) -> Any:
    return value


def _mask_record(record: Any) -> Any:
    masked = {name: mask(value) if name in ("input", "output") else value for name, value in record.items()}
    if "request" in record:
        masked["request"] = mask_request(record["request"])
    if "response" in record:
        masked["response"] = mask_response(record["response"])
    if "attributes" in record:
        masked["attributes"] = mask_attributes(record["attributes"])
    if "events" in record:
        masked["events"] = [
            event
            if event["name"] == "exception"
            else {**event, "attributes": mask_attributes(event.get("attributes", {}))}
            for event in record["events"]
        ]
    return masked


def _bare(record: Record) -> bytes:
    """What stays of a record that cannot be cleaned: that it was."""
    if isinstance(record, SpanRecord):
        record = SpanRecord(
            session_id=record.session_id, span_id=record.span_id, parent_id=record.parent_id, kind=record.kind,
            name=FAILED, start=record.start, end=record.end, status=record.status, counted_error=record.counted_error,
            cost=record.cost,
        )  # fmt: skip
    elif isinstance(record, SessionRecord):
        record = SessionRecord(
            session_id=record.session_id, state=record.state, start=record.start, end=record.end,
            end_state=record.end_state, process_id=record.process_id, inherited=record.inherited,
        )  # fmt: skip
    elif isinstance(record, LogRecord):
        record = LogRecord(
            session_id=record.session_id, time=record.time, number=record.number, source=record.source, body=FAILED
        )
    return wire.encode(record)
