"""Model calls that a framework tells of: counted where they are recorded further in, recorded where they are not."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import wrapt
from opentelemetry import trace as otel

from agentops.domain.genai import AgentRequest, Operation, Request, Response, ToolRequest, Usage
from agentops.domain.spans import SpanKind, SpanStatus
from agentops.instrumentation.emitter import SpanEmitter
from agentops.instrumentation.observe import observe
from agentops.instrumentation.propagation import install_propagation
from agentops.instrumentation.target import Arguments, Reader, Target
from agentops.testing import Recording

FRAMEWORK = SpanEmitter("framework")
ANSWERED = Response(usage=Usage(input=3, output=2))


def request(operation: Operation = Operation.CHAT) -> Request:
    """What a framework says of a model call."""
    return Request(operation=operation, provider="p", model="m")


def reading(arguments: Arguments) -> Request:
    """What is asked of the client: `chat`, or the operation that is named."""
    return request(arguments.get("operation", 0) or Operation.CHAT)


READER = Reader(read_request=reading, read_response=lambda _: ANSWERED, fold=lambda so_far, chunk: [so_far, chunk])


def observed(function: Any, **kind: Any) -> Any:
    """A function of a library, observed as a target."""
    return wrapt.FunctionWrapper(function, observe(Target(path="m:f", reader=READER, **kind), "library"))


@observed
def ask(operation: Operation = Operation.CHAT, *, fails: bool = False) -> str:
    """A client library's model call."""
    if fails:
        raise RuntimeError("overloaded")
    return "answer"


def refuse() -> None:
    """What goes wrong before any client is called."""
    raise RuntimeError("overloaded")


def lines(recording: Recording) -> list[str]:
    """The outline within the session."""
    return [line.removeprefix("  ") for line in recording.tree().splitlines()[1:]]


def totals(recording: Recording) -> tuple[int, int]:
    """The calls and tokens of the session's counts."""
    counts = recording.manager.registry.active()[0].telemetry.trace.analytics
    return counts.llm_calls, counts.input_tokens + counts.output_tokens


@pytest.mark.parametrize("makes_current", ["active", "stay"])
def test_a_call_recorded_further_in_is_the_only_one(agentops_recording: Recording, makes_current: str) -> None:
    """It stands where it was made, and carries what the framework knows of it."""
    step = FRAMEWORK.open(AgentRequest(name="step"))
    step.stay()
    call = FRAMEWORK.open(request(), attributes={"framework.role": "planner"}, fallback=True)
    if makes_current == "active":
        with call.active():
            ask()
    else:
        call.stay()
        ask()
    call.finish(ANSWERED)
    step.finish()
    assert lines(agentops_recording) == ["agent step", "  llm chat m"]
    (span,) = agentops_recording.spans("llm")
    assert (span.source, span.attributes) == ("library", {"framework.role": "planner"})
    assert totals(agentops_recording) == (1, 5)


def test_a_call_that_nobody_else_sees_is_recorded(agentops_recording: Recording) -> None:
    """With its true beginning, its first token and its answer, and nothing is written before it ends."""
    step = FRAMEWORK.open(AgentRequest(name="step"))
    call = FRAMEWORK.open(request(), parent=step, attributes={"a": 1}, fallback=True)
    other = FRAMEWORK.open(ToolRequest(name="later"), parent=step)
    call.answering()
    assert agentops_recording.spans("llm") == []
    call.finish(ANSWERED)
    other.finish()
    step.finish()
    assert lines(agentops_recording) == ["agent step", "  llm chat m", "  tool later"]
    (span,) = agentops_recording.spans("llm")
    assert (span.response, span.attributes, span.source) == (ANSWERED, {"a": 1}, "framework")
    assert span.first_token is not None
    assert span.end is not None
    assert span.start < span.first_token < span.end
    assert totals(agentops_recording) == (1, 5)


def test_retries_inside_are_calls_of_their_own(agentops_recording: Recording) -> None:
    """Every one of them counts, and the one that the framework tells of does not."""
    call = FRAMEWORK.open(request(), fallback=True)
    with call.active():
        with pytest.raises(RuntimeError):
            ask(fails=True)
        ask()
    call.finish(ANSWERED)
    assert lines(agentops_recording) == ["llm chat m [error] RuntimeError: overloaded", "llm chat m"]


def test_a_failure_counts_once(agentops_recording: Recording) -> None:
    """What was raised further in passes through; without a call further in, it is the framework's."""
    for inner in (True, False):
        step = FRAMEWORK.open(AgentRequest(name="step"))
        call = FRAMEWORK.open(request(), parent=step, fallback=True)
        try:
            with call.active():
                ask(fails=True) if inner else refuse()
        except RuntimeError as error:
            call.fail(error)
            step.fail(error)
    failed = "llm chat m [error] RuntimeError: overloaded"
    step_failed = "agent step [error] RuntimeError: overloaded"
    assert lines(agentops_recording) == [step_failed, f"  {failed}"] * 2
    assert [span.source for span in agentops_recording.spans("llm")] == ["library", "framework"]
    assert sum(span.counted_error for span in agentops_recording.spans()) == 2


def test_frameworks_inside_frameworks_tell_of_one_call(agentops_recording: Recording) -> None:
    """Recorded by the client, or by the innermost of them where there is none."""
    for inner in (True, False):
        outer = FRAMEWORK.open(request(), attributes={"outer": 1}, fallback=True)
        with outer.active():
            middle = FRAMEWORK.open(request(), attributes={"middle": 1}, fallback=True)
            with middle.active():
                if inner:
                    ask()
            middle.finish(ANSWERED)
        outer.finish(ANSWERED)
    assert lines(agentops_recording) == ["llm chat m", "llm chat m"]
    assert [span.attributes for span in agentops_recording.spans("llm")] == [{"outer": 1, "middle": 1}] * 2


def test_what_is_no_model_call_of_its_kind_does_not_count(agentops_recording: Recording) -> None:
    """An embedding is none, and a call of a tool that works inside is the tool's."""
    call = FRAMEWORK.open(request(), fallback=True)
    with call.active():
        ask(Operation.EMBEDDINGS)
        tool = FRAMEWORK.open(ToolRequest(name="tool"))
        with tool.active():
            ask()
        tool.finish()
    call.finish(ANSWERED)
    assert lines(agentops_recording) == ["llm chat m", "embedding embeddings m", "tool tool", "  llm chat m"]


def test_threads_that_carry_the_context_belong_to_it(agentops_recording: Recording) -> None:
    """As plain threads do after `init`."""
    undo = install_propagation()
    try:
        call = FRAMEWORK.open(request(), fallback=True)
        call.stay()
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()
        call.finish(ANSWERED)
    finally:
        undo()
    assert [span.source for span in agentops_recording.spans("llm")] == ["library"]


async def test_what_stays_is_over_with_its_end_wherever_that_is(agentops_recording: Recording) -> None:
    """A callback that ends it in another task cannot undo what was current in the first."""
    call = FRAMEWORK.open(request(), fallback=True)
    call.stay()

    async def end() -> None:
        call.finish(ANSWERED)

    await asyncio.create_task(end())
    ask()
    assert [span.source for span in agentops_recording.spans("llm")] == ["framework", "library"]


def test_what_comes_after_stepping_aside_is_not_part_of_it(agentops_recording: Recording) -> None:
    """A stream's reader has its turn, and what it asks is its own."""
    call = FRAMEWORK.open(request(), fallback=True)
    call.stay()
    call.step_aside()
    ask()
    call.finish(ANSWERED)
    assert [span.source for span in agentops_recording.spans("llm")] == ["framework", "library"]


def test_model_calls_that_others_tell_of_count_as_well(agentops_recording: Recording) -> None:
    """A span that a library makes through OpenTelemetry is the call, if it is one inside."""
    call = FRAMEWORK.open(request(), attributes={"role": "planner"}, fallback=True)
    with call.active(), otel.get_tracer("native").start_as_current_span("chat m") as span:
        span.set_attributes({"gen_ai.operation.name": "chat", "gen_ai.request.model": "m", "gen_ai.system": "p"})
    call.finish(ANSWERED)
    (found,) = agentops_recording.spans("llm")
    assert (found.source, found.attributes["role"]) == ("native", "planner")


def test_a_target_may_be_a_frameworks_own_call(agentops_recording: Recording) -> None:
    """A value, a failure or a stream: recorded where nothing further in is, and plain transport is part of it."""
    send = observed(lambda: "body", outgoing=True)

    def answer(*, inner: bool) -> Any:
        send()
        return ask() if inner else "answer"

    generate = observed(answer, fallback=True)
    for inner in (True, False):
        assert generate(inner=inner) == "answer"

    def pieces(*, inner: bool) -> Iterator[str]:
        if inner:
            ask()
        yield "a"
        yield "b"

    stream = observed(pieces, fallback=True)
    for inner in (True, False):
        assert list(stream(inner=inner)) == ["a", "b"]
    spans = agentops_recording.spans()
    assert [span.kind for span in spans] == [SpanKind.LLM] * 4
    assert [span.first_token is not None for span in spans] == [False, False, False, True]


@pytest.mark.parametrize("inner", [True, False])
async def test_a_target_may_be_awaited_and_iterated_later(agentops_recording: Recording, *, inner: bool) -> None:
    """What runs between two pieces is the program's: a call that it makes there is its own."""

    async def generate() -> Any:
        await asyncio.sleep(0)
        return ask() if inner else "answer"

    async def pieces() -> AsyncIterator[str]:
        if inner:
            ask()
        yield "a"
        yield "b"

    assert await observed(generate, fallback=True)() == "answer"
    stream = observed(pieces, fallback=True)()
    assert await anext(stream) == "a"
    ask(Operation.TEXT_COMPLETION)
    await stream.aclose()
    calls = agentops_recording.spans("llm")
    assert [span.name for span in calls if span.status is SpanStatus.OK].count("text_completion m") == 1
    assert len(calls) == 3
    assert [span.status for span in calls].count(SpanStatus.INCOMPLETE) == (0 if inner else 1)


def test_a_cancelled_call_is_cancelled(agentops_recording: Recording) -> None:
    """The program's own end of it is no error."""
    call = FRAMEWORK.open(request(), fallback=True)
    call.fail(asyncio.CancelledError())
    (span,) = agentops_recording.spans("llm")
    assert (span.status, span.counted_error) == (SpanStatus.CANCELLED, False)


def test_inside_a_call_recorded_for_all_that_it_does_there_is_none(agentops_recording: Recording) -> None:
    """A library that is opaque stands for what frameworks tell of inside it."""

    def answer() -> str:
        FRAMEWORK.open(request(), fallback=True).finish(ANSWERED)
        return "answer"

    assert observed(answer, opaque=True)() == "answer"
    assert [span.source for span in agentops_recording.spans("llm")] == ["library"]


def test_a_library_that_tells_of_a_call_twice_tells_of_one(agentops_recording: Recording) -> None:
    """The outer one stands, where the answer is whole; a tool between the two makes calls of its own."""
    inner = observed(lambda: "answer", fallback=True)
    outer = observed(lambda: inner(), fallback=True)  # noqa: PLW0108 - as the library calls it

    def with_a_tool() -> str:
        tool = FRAMEWORK.open(ToolRequest(name="tool"))
        with tool.active():
            answer = inner()
        tool.finish()
        return answer

    outer()
    observed(with_a_tool, fallback=True)()
    assert lines(agentops_recording) == ["llm chat m", "llm chat m", "tool tool", "  llm chat m"]
