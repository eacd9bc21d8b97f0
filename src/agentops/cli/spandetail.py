"""Everything about one span."""

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from agentops.cli import content, formats, spanline, terminal
from agentops.cli.glyphs import glyphs_for
from agentops.domain.genai import Request, Response, Usage
from agentops.domain.spans import SpanRecord

_LABEL_WIDTH = 16


def print_span(console: Console, span: SpanRecord) -> None:
    """A span with its facts, what was said, its attributes and events."""
    glyphs = glyphs_for(console)
    width = terminal.bounded(console)
    console.print(spanline.label(span, glyphs), soft_wrap=True)
    console.print()
    _print_facts(console, facts(span), width)
    _print_section(console, "Said", content.labelled(content.said(span), width))
    _print_section(console, "Attributes", list(_pairs(span.attributes, width)))
    for event in span.events:
        moment = formats.duration((event.time - span.start) / 1e9)
        heading = f"Event {formats.one_line(event.name, 80)} after {moment}"
        _print_section(console, heading, list(_pairs(event.attributes, width)), empty=True)
    if span.error is not None and span.error.stacktrace:
        lines = [Text(line, "faint") for line in formats.visible(span.error.stacktrace).splitlines()]
        _print_section(console, "Traceback", lines)


def facts(span: SpanRecord) -> Iterator[tuple[str, str]]:
    """What is known of a span in a word or two each; what is unknown is not there."""
    yield "span", span.span_id
    yield "parent", span.parent_id or "none"
    yield "session", span.session_id
    yield "status", span.status.value
    if span.error is not None:
        yield "error", spanline.error_line(span.error, 1000)
        yield from _known({"error code": span.error.code, "request id": span.error.request_id})
    yield "started", formats.timestamp(span.start)
    yield "took", formats.duration(span.duration) if span.end is not None else "still running"
    if span.first_token is not None:
        yield "first token", f"after {formats.duration((span.first_token - span.start) / 1e9)}"
    yield from _known({"agent": span.agent_name, "event type": span.event_type, "thread": span.thread})
    yield "seen by", span.source
    if span.request is not None:
        yield from _request_facts(span.request)
    if span.response is not None:
        yield from _response_facts(span.response)
    if span.kind in spanline.MODEL_KINDS:
        yield "cost", f"${span.cost}" if span.cost is not None else "unknown"


def _request_facts(request: Request) -> Iterator[tuple[str, str]]:
    yield "operation", request.operation
    yield from _known({"provider": request.provider, "model asked": request.model, "server": request.server_address})
    if request.stream:
        yield "stream", "yes"
    for name, value in request.parameters.items():
        yield name, formats.one_line(content.value_text(value), 300)
    if request.tools:
        yield "tools offered", ", ".join(tool.name for tool in request.tools)


def _response_facts(response: Response) -> Iterator[tuple[str, str]]:
    yield from _known({"model": response.model, "response id": response.id, "request id": response.request_id})
    if response.finish_reasons:
        yield "finished", ", ".join(response.finish_reasons)
    if response.usage is not None:
        yield from _usage_facts(response.usage)


def _usage_facts(usage: Usage) -> Iterator[tuple[str, str]]:
    buckets = {
        "input": usage.input,
        "cache read": usage.cache_read,
        "cache write": usage.cache_write,
        "output": usage.output,
        "reasoning": usage.reasoning,
    }
    known = [f"{count:,} {name}" for name, count in buckets.items() if count is not None]
    if known:
        yield "tokens", ", ".join(known)


def _known(values: dict[str, str | None]) -> Iterator[tuple[str, str]]:
    return ((name, value) for name, value in values.items() if value)


def _print_facts(console: Console, entries: Iterator[tuple[str, str]], width: int) -> None:
    for name, text in entries:
        head = name[: _LABEL_WIDTH - 1].ljust(_LABEL_WIDTH)
        for line in content.wrapped(text, width - _LABEL_WIDTH):
            console.print(Text.assemble((head, "heading"), line), soft_wrap=True)
            head = " " * _LABEL_WIDTH


def _print_section(console: Console, title: str, lines: list[Text], *, empty: bool = False) -> None:
    if not lines and not empty:
        return
    console.print()
    console.print(Text(title, "bold"))
    for line in lines:
        console.print(Text.assemble("  ", line), soft_wrap=True)


def _pairs(attributes: dict[str, object], width: int) -> Iterator[Text]:
    longest = min(40, max((len(name) for name in attributes), default=0))
    for name in sorted(attributes):
        value = formats.one_line(content.value_text(attributes[name]), max(40, width - longest - 4))
        yield Text.assemble((formats.visible(name).ljust(longest), "heading"), "  ", value)
