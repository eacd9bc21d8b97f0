"""What was said: the messages, inputs and outputs of a span as lines of text."""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec
from rich.text import Text

from agentops.cli import formats
from agentops.domain import genai
from agentops.domain.spans import SpanRecord

_LABEL_WIDTH = 11
_NARROWEST = 20
_STYLES = {"system": "faint", "developer": "faint", "user": "bold", "assistant": "llm", "tool": "tool"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """What stands under a span in the tree: where the process died, and with `full` everything that was said."""

    full: bool
    died: str | None = None
    limit: int = 120

    def __call__(self, span: SpanRecord, width: int) -> Sequence[Text]:
        """The lines under one span."""
        lines = [Text("the process died here", "unsure")] if span.span_id == self.died else []
        if self.full:
            lines += labelled(said(span), min(width, self.limit))
        return lines


def said(span: SpanRecord) -> Iterator[tuple[str, str]]:
    """Who or what, and the text: request and answer of a model call, input and output of any other span."""
    if span.request is not None:
        for message in span.request.messages:
            yield message.role, message_text(message)
        if span.request.input is not None:
            yield "input", value_text(span.request.input)
    elif span.input is not None:
        yield "input", value_text(span.input)
    if span.response is not None:
        for message in span.response.messages:
            yield message.role, message_text(message)
        if span.response.output is not None:
            yield "output", value_text(span.response.output)
    elif span.output is not None:
        yield "output", value_text(span.output)


def labelled(entries: Iterator[tuple[str, str]], width: int) -> list[Text]:
    """Entries in two columns, the second wrapped to the width."""
    lines: list[Text] = []
    room = max(_NARROWEST, width - _LABEL_WIDTH)
    for name, text in entries:
        style = _STYLES.get(name, "heading")
        head = formats.one_line(name, _LABEL_WIDTH - 1).ljust(_LABEL_WIDTH)
        for line in wrapped(text, room):
            lines.append(Text.assemble((head, style), line))
            head = " " * _LABEL_WIDTH
    return lines


def wrapped(text: str, width: int) -> list[str]:
    """Lines of at most `width` characters, the text's own line breaks kept and its control characters made visible."""
    lines: list[str] = []
    for line in formats.visible(text).expandtabs(4).splitlines() or [""]:
        lines += textwrap.wrap(line, width, replace_whitespace=False) or [""]
    return lines


def message_text(message: genai.Message) -> str:
    """The parts of a message, one under the other."""
    return "\n".join(part_text(part) for part in message.parts)


def part_text(part: genai.Part) -> str:
    """A part of a message as text."""
    match part:
        case genai.Text() | genai.Refusal():
            return part.content
        case genai.Reasoning():
            return f"(thinking) {part.content}" if part.content else "(thinking, encrypted by the provider)"
        case genai.ToolCall():
            return f"{'server tool' if part.server else 'call'} {part.name}({value_text(part.arguments)})"
        case genai.ToolResult():
            return f"{'error' if part.is_error else 'result'} {value_text(part.result)}"
        case genai.Media():
            where = part.uri or part.file_id or (formats.size(part.size) if part.size is not None else "")
            return f"[{' '.join(word for word in (part.modality, part.mime_type, where) if word)}]"
        case genai.Other():
            return f"[{part.kind}] {value_text(part.content)}"


def value_text(value: genai.Json) -> str:
    """A JSON value as text: strings as they are, short values on one line, others indented."""
    if isinstance(value, str):
        return value
    line = msgspec.json.encode(value).decode()
    return line if len(line) <= _LONGEST_LINE else msgspec.json.format(line, indent=2)


_LONGEST_LINE = 90
