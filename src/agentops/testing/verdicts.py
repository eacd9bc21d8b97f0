"""What is demanded of a plugin, and the words in which it is told what it broke."""

from agentops.domain.spans import SpanRecord, SpanStatus
from agentops.testing.probe import Probe
from agentops.testing.trials import Ending, Outcome


def require(holds: bool, demand: str) -> None:  # noqa: FBT001 - read as a sentence: require that it holds
    """Say what is wrong where something does not hold.

    Raises:
        AssertionError: if it does not.
    """
    if not holds:
        raise AssertionError(demand)


def compare(bare: Outcome, observed: Outcome, *, is_stream: bool) -> None:
    """The program must not notice the plugin: same classes, same objects, same chunks, same exceptions.

    Raises:
        AssertionError: if it could.
    """
    require(
        observed.kind is bare.kind,
        f"the program gets a {_name(observed.kind)} where the library gives a {_name(bare.kind)}",
    )
    require(
        is_stream or observed.is_untouched == bare.is_untouched,
        "the program does not get the very object that the library gave",
    )
    require(
        observed.chunks == bare.chunks,
        f"the stream gives {len(observed.chunks)} chunks ({_names(observed.chunks)}) "
        f"instead of {len(bare.chunks)} ({_names(bare.chunks)})",
    )
    require(observed.texts == bare.texts, f"the stream says {observed.texts} instead of {bare.texts}")
    require(
        type(observed.error) is type(bare.error),
        f"the program meets {observed.error!r} where the library raises {bare.error!r}",
    )
    require(
        observed.is_error_untouched == bare.is_error_untouched,
        "the program does not meet the very exception that the library raised",
    )


def check_span(span: SpanRecord, outcome: Outcome, probe: Probe, ending: Ending, *, is_stream: bool) -> None:
    """The span must say what the program knows: how the call went, and what was received.

    Raises:
        AssertionError: if it does not.
    """
    expected = probe.expected
    status = _status(outcome, ending)
    require(span.status is status, f"the span is {span.status}, not {status}")
    require(span.kind is expected.kind, f"the span is of kind {span.kind}, not {expected.kind}")
    if expected.name is not None:
        require(span.name == expected.name, f"the span is named {span.name!r}, not {expected.name!r}")
    if expected.model is not None:
        model = span.request.model if span.request is not None else None
        require(model == expected.model, f"the request's model is {model!r}, not {expected.model!r}")
    _check_error(span, outcome, status)
    if status is SpanStatus.OK:
        _check_answer(span, probe, is_stream=is_stream)
    elif is_stream and expected.text is not None:
        _check_part(span, outcome, probe)
    if is_stream and outcome.texts:
        first = span.first_token
        require(
            first is not None and span.start <= first <= (span.end or first),
            f"the first token came at {first}, which is not between the start {span.start} and the end {span.end}",
        )
        require(
            outcome.heard is None or first is None or first <= outcome.heard,
            f"the first token is noted at {first}, when the program had it already: at {outcome.heard}",
        )


def _status(outcome: Outcome, ending: Ending) -> SpanStatus:
    if ending is Ending.CANCELLED:
        return SpanStatus.CANCELLED
    if outcome.error is not None:
        return SpanStatus.ERROR
    return SpanStatus.OK if ending is Ending.READ else SpanStatus.INCOMPLETE


def _check_error(span: SpanRecord, outcome: Outcome, status: SpanStatus) -> None:
    if status is SpanStatus.ERROR:
        message = "" if span.error is None else span.error.message
        require(span.error is not None, f"the span does not say that {outcome.error!r} was raised")
        require(bool(message) or not str(outcome.error), f"the span does not say what {outcome.error!r} says")
        require(span.counted_error, "the failure does not count as an error of the session")
    else:
        require(not span.counted_error, "the call counts as an error of the session, though nothing failed")


def _check_answer(span: SpanRecord, probe: Probe, *, is_stream: bool) -> None:
    expected = probe.expected
    if expected.text is not None:
        require(_text(span) == expected.text, f"the span keeps the text {_text(span)!r}, not {expected.text!r}")
    usage = (expected.streamed_usage if is_stream else None) or expected.usage
    if usage is not None:
        kept = span.response.usage if span.response is not None else None
        require(kept == usage, f"the span keeps {kept}, not {usage}")
    if expected.output is not None:
        require(span.output == expected.output, f"the span keeps the output {span.output!r}, not {expected.output!r}")
    if expected.check is not None:
        expected.check(span)


def _check_part(span: SpanRecord, outcome: Outcome, probe: Probe) -> None:
    if probe.text_of is not None:
        require(_text(span) == outcome.text, f"the span keeps {_text(span)!r} of the stream, not {outcome.text!r}")
    else:
        whole = probe.expected.text or ""
        require(whole.startswith(_text(span)), f"the span keeps {_text(span)!r}, which is no beginning of {whole!r}")


def _text(span: SpanRecord) -> str:
    return "" if span.response is None else "".join(message.text for message in span.response.messages)


def _name(kind: type | None) -> str:
    return "nothing" if kind is None else kind.__qualname__


def _names(kinds: list[type]) -> str:
    return ", ".join(dict.fromkeys(map(_name, kinds))) or "none"
