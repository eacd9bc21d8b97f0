"""A span that is current for as long as it goes on, and then no more, wherever it was made current."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

from opentelemetry import trace as otel

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextvars import Token

    from opentelemetry.context.context import Context
    from opentelemetry.trace import SpanContext, Status, StatusCode
    from opentelemetry.util import types

    from agentops.recording.span import Span

_retold: Final[WeakKeyDictionary[otel.Span, Span]] = WeakKeyDictionary()
"""Spans of others that tell of what we record ourselves, and the span of ours in whose stead each is current."""


def stand_for(theirs: otel.Span, ours: Span) -> None:
    """A span of somebody else's is not recorded: what happens in it is under ours."""
    _retold[theirs] = ours


def behind(theirs: object) -> Span | None:
    """The span of ours for which somebody else's stands; None where it is recorded itself, or is none."""
    if theirs is None:
        return None
    try:
        return _retold.get(theirs)  # pyright: ignore[reportArgumentType, reportCallIssue] - whatever it is
    except TypeError:  # of a class that knows no weak references
        return None


class Passing(otel.Span):
    """Stands for a span where it was made current, until that ends or steps aside; from then on for what was before.

    Callbacks need that: the one that tells of an end may run in another task than the one that told of the beginning,
    and cannot undo there what that one did here.

    Attributes:
        span: what it stands for.
        around: what was current before; another such one only if that stands.
        stays: whether the span has not stepped aside.
        token: of the context in which it was made current.
    """

    token: Token[Context] | None = None

    def __init__(self, span: Span, around: object) -> None:
        """Stand for a span, where something else (a span of anybody's, or nothing) was current before."""
        self.span = span
        while isinstance(around, Passing) and not around.stands:
            around = around.around
        self.around = around if isinstance(around, otel.Span) else None
        self.stays = True

    @property
    def stands(self) -> bool:
        """Whether it is the span that is current."""
        return self.stays and self.span.recorder is not None

    def standing(self) -> otel.Span | None:
        """What is current now: the span, or what was before it."""
        found: otel.Span | None = self
        while isinstance(found, Passing):
            found = found.span if found.stands else found.around
        return found

    def _target(self) -> otel.Span:
        return self.standing() or otel.INVALID_SPAN

    def get_span_context(self) -> SpanContext:
        """The ids of what is current now."""
        return self._target().get_span_context()

    def is_recording(self) -> bool:
        """Whether what is current now is being recorded."""
        return self._target().is_recording()

    def set_attribute(self, key: str, value: types.AttributeValue) -> None:
        """Note an attribute on what is current now."""
        self._target().set_attribute(key, value)

    def set_attributes(self, attributes: Mapping[str, types.AttributeValue]) -> None:
        """Note several attributes on what is current now."""
        self._target().set_attributes(attributes)

    def add_event(self, name: str, attributes: types.Attributes = None, timestamp: int | None = None) -> None:
        """Note a moment of what is current now."""
        self._target().add_event(name, attributes, timestamp)

    def update_name(self, name: str) -> None:
        """Rename what is current now."""
        self._target().update_name(name)

    def set_status(self, status: Status | StatusCode, description: str | None = None) -> None:
        """Say how what is current now went."""
        self._target().set_status(status, description)

    def record_exception(
        self,
        exception: BaseException,
        attributes: types.Attributes = None,
        timestamp: int | None = None,
        escaped: bool = False,  # noqa: FBT001, FBT002 - OpenTelemetry's signature
    ) -> None:
        """Note an exception on what is current now."""
        self._target().record_exception(exception, attributes, timestamp, escaped)

    def end(self, end_time: int | None = None) -> None:
        """End what is current now."""
        self._target().end(end_time)
