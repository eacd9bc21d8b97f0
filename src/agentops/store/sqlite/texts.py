"""The text by which spans, messages and lines are found."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any, Final, cast

from agentops.domain.genai import Media, Message, Other, Reasoning, Refusal, Text, ToolCall, ToolResult
from agentops.domain.spans import SpanRecord

PADDING = "\n\n"
"""Ends every indexed text, so that its last characters too begin a piece of three."""


_STEERING: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")
"""What steers a terminal: colours, movements, titles (https://en.wikipedia.org/wiki/ANSI_escape_code)."""


def fold(text: str) -> str:
    """Text without differences of case, width and composition, in any language (Unicode NFKC and case folding)."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    else:
        text = text.lower()
    return text.replace("\0", " ")


def legible(text: str) -> str:
    """A text that can be written down and asked for: lone surrogates become question marks."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def folded_phrase(phrase: str) -> str:
    """What to look for in folded texts."""
    return fold(legible(phrase)).strip()


def plain_text_of_span(record: SpanRecord) -> str:
    """What a span says by itself: its name, what went in and what came out, without its messages."""
    request, response, error = record.request, record.response, record.error
    said = [record.name, *strings_in(record.input), *strings_in(record.output)]
    if request is not None:
        said.extend(strings_in(request.input))
    if response is not None:
        said.extend(strings_in(response.output))
    if error is not None:
        said.append(f"{error.type}: {error.message}")
    return "\n".join(said)


def plain_text_of_message(message: Message) -> str:
    """What a message says, tool calls and results included."""
    return "\n".join(string for part in message.parts for string in _strings_of_part(part))


def text_of_span(record: SpanRecord) -> str:
    """The text under which the index has a span."""
    return fold(plain_text_of_span(record)) + PADDING


def text_of_message(message: Message) -> str:
    """The text under which the index has a message."""
    return fold(plain_text_of_message(message)) + PADDING


def plain_text_of_log(body: str) -> str:
    """What a program wrote, without what steers a terminal."""
    return _STEERING.sub("", body) if "\x1b" in body else body


def text_of_log(body: str) -> str:
    """The text under which the index has what a program wrote."""
    return fold(plain_text_of_log(body)) + PADDING


def _strings_of_part(part: object) -> Iterator[str]:
    match part:
        case Text(content=content) | Refusal(content=content):
            yield content
        case Reasoning(content=str(content)):
            yield content
        case ToolCall(name=name, arguments=arguments):
            yield name
            yield from strings_in(arguments)
        case ToolResult(name=name, result=result):
            yield from strings_in(name)
            yield from strings_in(result)
        case Media(uri=str(uri)):
            yield uri
        case Other(content=content):
            yield from strings_in(content)
        case _:
            pass


def strings_in(value: Any) -> Iterator[str]:
    """Every text and number in a JSON value, keys included, outermost first."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in cast("dict[str, Any]", value).items():
            yield key
            yield from strings_in(item)
    elif isinstance(value, list):
        for item in cast("list[Any]", value):
            yield from strings_in(item)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield str(value)


def snippet(text: str, phrase: str, width: int = 160) -> str:
    """The text around the first place where the folded phrase stands, on one line."""
    folded = fold(text)
    at = folded.find(phrase)
    shown = text if len(folded) == len(text) else folded
    start = max(0, at - (width - len(phrase)) // 2)
    end = min(len(shown), start + max(width, len(phrase)))
    piece = " ".join(shown[start:end].split())
    return f"{'…' if start > 0 else ''}{piece}{'…' if end < len(shown) else ''}"
