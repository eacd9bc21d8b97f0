"""One span on one line: its sign, its name, what it cost."""

from dataclasses import dataclass
from decimal import Decimal

from rich.text import Text

from agentops.cli import formats
from agentops.cli.glyphs import Glyphs
from agentops.domain.spans import ErrorInfo, SpanKind, SpanRecord, SpanStatus

MODEL_KINDS = frozenset({SpanKind.LLM, SpanKind.EMBEDDING})
"""The kinds of span that call a model."""

_STYLES = {
    SpanStatus.ERROR: "bad",
    SpanStatus.RUNNING: "live",
    SpanStatus.CANCELLED: "unsure",
    SpanStatus.INCOMPLETE: "unsure",
    SpanStatus.INTERRUPTED: "unsure",
}
_REMARKS = {
    SpanStatus.RUNNING: "running",
    SpanStatus.CANCELLED: "cancelled",
    SpanStatus.INCOMPLETE: "not read to its end",
    SpanStatus.INTERRUPTED: "interrupted",
}


@dataclass(frozen=True, slots=True)
class Numbers:
    """The right-hand side of a span's line, each as text."""

    duration: str = ""
    tokens: str = ""
    cost: str = ""


def sign(span: SpanRecord, glyphs: Glyphs) -> tuple[str, str]:
    """The sign of a span and its style: coloured by kind while all is well, by status otherwise."""
    style = _STYLES.get(span.status, span.kind.value)
    match span.status:
        case SpanStatus.ERROR:
            return glyphs.failed, style
        case SpanStatus.RUNNING:
            return glyphs.running, style
        case SpanStatus.OK:
            return glyphs.done, style
        case _:
            return glyphs.stopped, style


def label(span: SpanRecord, glyphs: Glyphs) -> Text:
    """Sign, kind, name, and for a model call the model where the name does not say it."""
    mark, style = sign(span, glyphs)
    name = formats.one_line(span.name or span.span_id, 120)
    text = Text.assemble((mark, style), " ")
    if span.kind != SpanKind.SESSION:
        text.append(f"{span.kind.value} ", span.kind.value)
    text.append(name, "bold" if span.kind in {SpanKind.SESSION, SpanKind.AGENT} else "")
    model = model_of(span)
    if model and not any(known in name for known in _models_of(span)):
        text.append(f" {formats.one_line(model, 60)}", "faint")
    remark = _REMARKS.get(span.status)
    if remark:
        text.append(f" {remark}", style)
    return text


def numbers(span: SpanRecord, glyphs: Glyphs, *, now: int) -> Numbers:
    """How long it took (so far), and for a model call its tokens in and out and its cost."""
    took = span.duration if span.end is not None else max(0, now - span.start) / 1e9
    duration = formats.duration(took)
    if span.kind not in MODEL_KINDS:
        return Numbers(duration, cost=formats.cost(cost_of(span)) if span.cost is not None else "")
    if span.status == SpanStatus.RUNNING:
        return Numbers(duration)
    usage = span.response.usage if span.response is not None else None
    tokens = ""
    if usage is not None and usage.total is not None:
        tokens = f"{formats.count(usage.input_total)} {glyphs.arrow} {formats.count(usage.output_total)}"
    return Numbers(duration, tokens, formats.cost(cost_of(span)))


def model_of(span: SpanRecord) -> str | None:
    """The model that answered, or else the one that was asked."""
    answered = span.response.model if span.response is not None else None
    return answered or (span.request.model if span.request is not None else None)


def _models_of(span: SpanRecord) -> list[str]:
    models = (span.response and span.response.model, span.request and span.request.model)
    return [model for model in models if model]


def cost_of(span: SpanRecord) -> Decimal | None:
    """USD, None when unknown."""
    return None if span.cost is None else Decimal(span.cost)


def error_line(error: ErrorInfo, limit: int = 160) -> str:
    """What went wrong, on one line."""
    kind = error.type.rsplit(".", 1)[-1]
    code = "" if error.status_code is None else str(error.status_code)
    status = f" {code}" if code and code not in error.message else ""
    message = f": {error.message}" if error.message else ""
    return formats.one_line(f"{kind}{status}{message}", limit)
