"""Ended spans that nobody has decoded yet: whoever sends them on as they are need not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, cast

from agentops.delivery.tended import TendedReader
from agentops.recording.decoding import Beginning, ended_record
from agentops.recording.frames import END, END_ID, PREFIX, Template

if TYPE_CHECKING:
    from agentops.domain.spans import Record, SpanRecord

COLLECTOR: Final = "collector"
"""The name of the cursor that spans are left unread for."""

_KIND_AT = PREFIX.size
_TEMPLATE = slice(12, 16)
"""Where the number of its template stands in a START."""


class UnreadSpan(NamedTuple):
    """A span that ended with nothing more to say than what came out, as the two frames that tell of it.

    Attributes:
        templates: those of its journal, with the ones that it refers to.
        beginning: how it began.
        offset: what to add to the times in `frame`.
        frame: how it ended.
    """

    templates: dict[int, Template]
    beginning: Beginning
    offset: int
    frame: bytes

    def read(self) -> SpanRecord:
        """The span.

        Raises:
            msgspec.DecodeError: if a frame is not what it should be; so do `struct.error` and `IndexError` say.
        """
        return ended_record(self.templates, self.beginning, self.offset, self.frame)


class UnreadReader(TendedReader):
    """Leaves the spans of which that is possible unread: all but model calls, which need a price.

    They come among the records as `UnreadSpan`, which only the destination knows that this reader is for.
    """

    _plain: dict[bytes, bool] | None = None

    def _take(self, frame: bytes, begun: dict[bytes, Beginning], records: list[Record]) -> None:
        kind = frame[_KIND_AT]
        if kind == END:
            span_id = frame[END_ID]
            beginning = begun.get(span_id)
            if beginning is not None and self._is_plain(beginning):
                del begun[span_id]
                span = UnreadSpan(
                    self._templates, beginning, 0 if self._scan is None else self._scan.file.offset, frame
                )
                records.append(cast("Record", span))
                return
        super()._take(frame, begun, records)

    def _is_plain(self, beginning: Beginning) -> bool:
        known = self._plain
        if known is None:
            known = self._plain = {}
        number = beginning.frame[_TEMPLATE]
        is_plain = known.get(number)
        if is_plain is None:
            template = self._known(beginning).get(int.from_bytes(number, "little"))
            is_plain = known[number] = template is not None and not template.genai
        return is_plain
