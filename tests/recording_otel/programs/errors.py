# ruff: noqa: D103 - a program as users write it
"""Exceptions that pass through spans of ours and of others; prints how many errors each constellation counts as JSON.

The argument says whether the program has a tracer provider of its own (`provider`) or none (`alone`).
"""

import contextlib
import json
import sys

from opentelemetry import trace
from opentelemetry.trace import Status, StatusCode

import agentops
from agentops.recording.otel import join
from agentops.testing.recording import record

if sys.argv[1] == "provider":
    from opentelemetry.sdk.trace import TracerProvider

    trace.set_tracer_provider(TracerProvider())


def theirs(name="theirs"):
    return trace.get_tracer("other").start_as_current_span(name)


@agentops.tool
def fail(kind=LookupError):
    raise kind("no luck")


def passing(*spans):
    with contextlib.ExitStack() as stack:
        for span in spans:
            stack.enter_context(span())
        fail()


def ours():
    return agentops.span("ours")


def handled_inside():
    with theirs(), contextlib.suppress(LookupError):
        fail()


def handled_and_another():
    with theirs():
        with contextlib.suppress(LookupError):
            fail()
        raise LookupError("no luck")


def told_by_hand():
    span = trace.get_tracer("other").start_span("theirs")
    with trace.use_span(span):
        try:
            fail()
        except LookupError as error:
            span.record_exception(error)
            span.set_status(Status(StatusCode.ERROR))
            raise
        finally:
            span.end()


def told_later():
    span = trace.get_tracer("other").start_span("theirs")
    with trace.use_span(span), contextlib.suppress(LookupError):
        fail()
    span.set_status(Status(StatusCode.ERROR, "it failed"))
    span.end()


def failing_alone():
    with theirs():
        raise LookupError("no luck")


def failing_in_ours():
    with ours(), theirs():
        raise LookupError("no luck")


CASES = {
    "theirs around ours": lambda: passing(theirs),
    "ours around theirs around ours": lambda: passing(ours, theirs),
    "many of each": lambda: passing(theirs, theirs, ours, ours, theirs, ours),
    "theirs alone": failing_alone,
    "ours around theirs": failing_in_ours,
    "handled inside": handled_inside,
    "handled, then another": handled_and_another,
    "told by hand": told_by_hand,
    "told later": told_later,
}


def observe(action):
    with record(plugins=False, strict=True) as recording:
        leave = join({})
        with agentops.session("session") as session, contextlib.suppress(LookupError):
            action()
        leave()
    counted = [span.name for span in recording.spans() if span.counted_error]
    return [session.analytics.errors, counted]


print(json.dumps({name: observe(action) for name, action in CASES.items()}))
