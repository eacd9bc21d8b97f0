"""What others tell of calls that we record ourselves: the same again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops.domain.spans import MODEL_KINDS
from agentops.recording.context import current_span
from agentops.recording.span import Span

if TYPE_CHECKING:
    from agentops.recording.span import Outside

HANDMADE = "agentops"
"""The scope of decorators: a model call in it is the program's own word for what others may see more closely."""


def is_model_call(parent: Span | Outside) -> bool:
    """Whether this is a model call that we observe ourselves: one directly inside it is the same call."""
    return (
        isinstance(parent, Span)
        and parent.template.genai
        and parent.kind in MODEL_KINDS
        and parent.template.source != HANDMADE
    )


def told_by(parent: Span | Outside, native_to: str | None) -> Span | None:
    """The span of ours that tells what a library's own span under this one would say again; None where none does.

    That is a model call, or anything inside what the plugin of that library records. Where the library names another
    parent than the span that is current (that of a message, say), what is current counts as well.
    """
    if native_to is None:
        return None
    if isinstance(parent, Span) and is_model_call(parent):
        return parent
    for span in (parent, current_span()):
        above: object = span
        while isinstance(span, Span) and isinstance(above, Span):
            if above.template.source == native_to:
                return span
            above = above.parent
    return None
