"""Plain functions observed as directly as Python allows: what most programs call most.

This says in place what `SpanForm.begin` and `finish`, `Recorder.open` and `close` and `Journal.append` say, in one
function around the call, because each call of a function of ours would cost as much as writing to the journal. A method
that is an attribute of an instance is looked up slowly where it is called at once, so it is taken first.
"""

from __future__ import annotations

from types import CoroutineType
from typing import TYPE_CHECKING, Any, Final

from agentops.domain.journal.frames import END_OK, END_REST, START_REST, TOOL, checksum, pack_end, pack_start
from agentops.instrumentation.forms import DICT
from agentops.recording.capture import encode_bounded, encode_call, encode_plain
from agentops.recording.context import SPAN_KEY, get_context, reset_context, set_context
from agentops.recording.guard import FAILURES, report
from agentops.recording.recorder import active
from agentops.recording.span import Span

if TYPE_CHECKING:
    from collections.abc import Callable

    from agentops.instrumentation.forms import SpanForm

_COLON: Final = ord(":")
_EQUALS: Final = ord("=")


def observe_directly(  # noqa: C901, PLR0915 - see the module
    function: Callable[..., Any], form: SpanForm, follow: Callable[[Any, Any, Any], Any]
) -> Callable[..., Any]:
    """The function, each call of it a span of the form; `follow` observes the coroutine that it may hand out."""

    def observed(*args: Any, **kwargs: Any) -> Any:  # noqa: C901, PLR0912, PLR0915 - see the module
        recorder = active.recorder
        if recorder is None or recorder is not form.recorder:
            recorder = form.bind()
            if recorder is None:
                return function(*args, **kwargs)
        try:
            if recorder.content:
                given = args[form.bound :] if form.bound else args
                try:
                    data = encode_plain((given, kwargs))
                    size = len(data)
                    if size > form.free_call or _COLON in data or _EQUALS in data:
                        data = form.arguments(recorder, given, kwargs, data)
                        size = len(data)
                except FAILURES:
                    data = recorder.shield.going_in(form.template, encode_call(given, kwargs))
                    size = len(data)
            else:
                data, size = b"", 0
            template = form.template
            context: Any = get_context()
            if type(context) is Span:
                parent, around = context, context.around
            else:
                parent, around = context.get(SPAN_KEY), context
            if type(parent) is not Span:
                span = recorder.open(template, data, is_clean=True)
            else:
                span = Span()
                span.recorder = recorder
                span.extra = None
                span.template = template
                span.trace = trace = parent.trace
                span.parent = parent
                span.agent = agent = template.agent or parent.agent
                ids = recorder.ids
                read_clock = recorder.read_clock
                span.id = span_id = ids.pop() if ids else recorder.new_id()
                frame = pack_start(
                    START_REST + size, checksum(data), template.head, agent,
                    trace.trace_id, span_id, parent.id, read_clock(),
                ) + data  # fmt: skip
                write = recorder.journal.write
                try:
                    write(frame)
                except ValueError:
                    recorder.journal.append_further(frame)
            if span is not None:
                span.around = around
                span.token = set_context(span)  # pyright: ignore[reportArgumentType] - it answers as a context does
        except FAILURES as error:
            report(f"beginning {form.name}", error)
            span = None
        if span is None:
            return function(*args, **kwargs)
        try:
            result: Any = function(*args, **kwargs)
        except BaseException as error:
            form.fail(span, error)
            raise
        if type(result) is CoroutineType:
            form.pause(span)
            return follow(result, form, span)
        try:
            try:  # noqa: SIM105 - `suppress` costs ten times as much
                reset_context(span.token)  # pyright: ignore[reportArgumentType] - begun and resumed spans have one
            except ValueError:  # ended in another task than it began in
                pass
            recorder = span.recorder
            if recorder is None:
                return result
            if recorder.content:
                try:
                    data = encode_plain(result)
                    size = len(data)
                    if size > form.free:
                        fields, room, knows = form.shape
                        if (
                            size > room
                            or _EQUALS in data
                            or type(result) is not DICT
                            or len(result) != fields
                            or not knows(result)
                            or data.count(b":") != fields
                        ):
                            data = form.result(recorder, result, data)
                            size = len(data)
                except FAILURES:
                    data = recorder.shield.data(encode_bounded(result))
                    size = len(data)
            else:
                data, size = b"", 0
            if span.extra is not None:
                recorder.close(span, data, is_clean=True)
                return result
            span.recorder = None
            read_clock = recorder.read_clock
            frame = pack_end(END_REST + size, checksum(data), END_OK, span.id, read_clock()) + data
            write = recorder.journal.write
            try:
                write(frame)
            except ValueError:
                recorder.journal.append_further(frame)
            counting = span.template.counting
            if counting is TOOL:
                span.trace.analytics.tool_calls += 1
            elif counting is not None:
                recorder.count(span)
        except FAILURES as error:
            report(f"finishing {form.name}", error)
        return result

    return observed
