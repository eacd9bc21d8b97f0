"""Calls of frameworks: in a block, with hooks of their own, answered by raising, and what they are recorded as."""

import asyncio
import contextlib
import gc
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Generator, Iterator
from typing import Any

import pytest
import wrapt
from opentelemetry import trace as otel

import agentops
from agentops.domain.genai import AgentRequest, AgentResponse, ToolRequest, ToolResponse
from agentops.domain.spans import SpanKind, SpanStatus
from agentops.instrumentation.observe import observe
from agentops.instrumentation.target import Arguments, Emission, Reader, Target
from agentops.testing import Recording


class Retry(Exception):  # noqa: N818 - no error
    """How a tool asks the model to try again."""


def observed(function: Any, **how: Any) -> Any:
    """A function of a framework, observed as an agent's run."""
    reader = Reader(
        read_request=lambda _arguments: AgentRequest(name="run"),
        read_response=lambda result: AgentResponse(output=str(result)),
        **how,
    )
    return wrapt.FunctionWrapper(function, observe(Target(path="m:f", reader=reader), "framework"))


@contextlib.contextmanager
def block() -> Generator[str]:
    """A run while the program is inside."""
    with agentops.span("before"):
        pass
    yield "running"
    with agentops.span("after"):
        pass


@contextlib.asynccontextmanager
async def later() -> AsyncGenerator[str]:
    """The same, with waiting."""
    with block() as running:
        yield running


def test_a_block_is_the_call(agentops_recording: Recording) -> None:
    """What happens on entering, inside and on leaving is part of it, what follows is not."""
    with agentops.session("session"):
        with observed(block, entered=True)() as running, agentops.span("inside"):
            pass
        with agentops.span("outside"):
            pass
    assert running == "running"
    assert agentops_recording.tree().splitlines() == [
        "session session",
        "  agent run",
        "    task before",
        "    task inside",
        "    task after",
        "  task outside",
    ]
    assert agentops_recording.span("run").output == "running"


def test_a_block_of_a_coroutine_is_the_call(agentops_recording: Recording) -> None:
    """Tasks that are started inside are part of it, whenever they run."""

    async def work() -> None:
        with agentops.span("inside"):
            await asyncio.sleep(0)

    async def main() -> None:
        async with observed(later, entered=True)():
            await asyncio.gather(work(), work())
        with agentops.span("outside"):
            pass

    with agentops.session("session"):
        asyncio.run(main())
    assert agentops_recording.tree().splitlines() == [
        "session session",
        "  agent run",
        "    task before",
        "    task inside",
        "    task inside",
        "    task after",
        "  task outside",
    ]


def test_what_leaves_a_block_by_an_exception_has_failed(agentops_recording: Recording) -> None:
    """The exception is the program's own, and goes on."""
    with agentops.session("session"), pytest.raises(KeyError), observed(block, entered=True)():
        raise KeyError("lost")
    run = agentops_recording.span("run")
    assert (run.status, run.error and run.error.type) == (SpanStatus.ERROR, "KeyError")


def test_a_block_that_is_never_entered_ends_with_its_manager(agentops_recording: Recording) -> None:
    """It is recorded as not brought to its end."""
    with agentops.session("session"):
        observed(block, entered=True)()
        gc.collect()
    assert agentops_recording.span("run").status is SpanStatus.INCOMPLETE


def test_a_step_is_what_its_reader_says(agentops_recording: Recording) -> None:
    """A team of agents is a workflow."""
    with agentops.session("session"):
        observed(lambda: "done", kind=SpanKind.WORKFLOW)()
    assert agentops_recording.tree().splitlines() == ["session session", "  workflow run"]


def test_an_answer_may_be_raised(agentops_recording: Recording) -> None:
    """What the callable says by raising is what came out; other exceptions are failures."""

    def tool(error: Exception) -> None:
        raise error

    reader = Reader(
        read_request=lambda arguments: ToolRequest(name=type(arguments.get("error", 0)).__name__),
        read_response=lambda result: ToolResponse(result=result),
        read_raised=lambda error: ToolResponse(result=str(error)) if isinstance(error, Retry) else None,
    )
    use = wrapt.FunctionWrapper(tool, observe(Target(path="m:f", reader=reader), "framework"))
    with agentops.session("session") as session:
        for error in (Retry("in metres, please"), KeyError("lost")):
            with pytest.raises(type(error)):
                use(error)
    spans = {span.name: span for span in agentops_recording.spans("tool")}
    assert (spans["Retry"].status, spans["Retry"].output) == (SpanStatus.OK, "in metres, please")
    assert (spans["KeyError"].status, session.analytics.errors) == (SpanStatus.ERROR, 1)


class Hooked:
    """A result that calls back when the library works for it, and when it is over."""

    def __init__(self) -> None:
        self.run: Emission | None = None

    def pull(self, then: Callable[[], Any]) -> None:
        """The library works."""
        assert self.run is not None
        with self.run.active():
            then()

    def over(self, error: Exception | None = None) -> None:
        """It is done."""
        assert self.run is not None
        if error is None:
            self.run.finish(AgentResponse(output="all of it"))
        else:
            self.run.fail(error)


def attend(result: Any, run: Emission) -> bool:
    """Hold on to the hooks of a result, if it has some."""
    if not isinstance(result, Hooked):
        return False
    result.run = run
    return True


def work() -> None:
    """What a library does for a result."""
    with agentops.span("pull"):
        pass


ENDS: list[tuple[Callable[[Any], object], SpanStatus]] = [
    (lambda result: result.over(), SpanStatus.OK),
    (lambda result: result.over(KeyError("lost")), SpanStatus.ERROR),
    (lambda _result: None, SpanStatus.INCOMPLETE),
]


@pytest.mark.parametrize(("ends", "status"), ENDS, ids=["over", "failed", "dropped"])
def test_a_result_with_hooks_says_itself_how_it_goes(
    ends: Callable[[Hooked], None], status: SpanStatus, agentops_recording: Recording
) -> None:
    """The program gets the very object; the call goes on until its hook is called, or nobody has it any more."""
    made: list[Any] = []

    def start() -> Hooked:
        made.append(Hooked())
        return made[0]

    with agentops.session("session"):
        result = observed(start, attend=attend)()
        assert result is made.pop()
        result.pull(work)
        with agentops.span("outside"):
            pass
        ends(result)
        del result
        gc.collect()
    assert agentops_recording.tree().splitlines()[1:4:2] == ["  agent run" + ended(status), "  task outside"]
    assert agentops_recording.span("run").status is status
    assert agentops_recording.span("pull").parent_id == agentops_recording.span("run").span_id


def ended(status: SpanStatus) -> str:
    """How an outline says that something did not end well."""
    return {SpanStatus.OK: "", SpanStatus.INCOMPLETE: " [incomplete]"}.get(status, " [error] KeyError: 'lost'")


def test_a_result_without_hooks_is_read_as_it_is(agentops_recording: Recording) -> None:
    """The same method gives either."""
    with agentops.session("session"):
        observed(lambda: "plain", attend=attend)()
    assert agentops_recording.span("run").output == "plain"


def test_arguments_are_read_before_a_block_is_entered(agentops_recording: Recording) -> None:
    """The call begins where it is made."""

    def read(arguments: Arguments) -> AgentRequest:
        return AgentRequest(name=arguments.get("name", 0))

    reader = Reader(read_request=read, read_response=lambda result: AgentResponse(output=result), entered=True)

    def opened(_name: str) -> contextlib.AbstractContextManager[str]:
        return block()

    run: Any = wrapt.FunctionWrapper(opened, observe(Target(path="m:f", reader=reader), "framework"))
    with agentops.session("session"):
        manager = run("ann")
        with manager:
            pass
    assert agentops_recording.span("ann").kind is SpanKind.AGENT


def test_what_a_library_makes_current_across_a_block_is_put_back(agentops_recording: Recording) -> None:
    """A library that opens a span of its own on entering and ends it on leaving finds the span it began in."""

    @contextlib.contextmanager
    def traced() -> Generator[None]:
        with otel.get_tracer("framework").start_as_current_span("native"):
            yield

    with agentops.session("session"):
        with observed(traced, entered=True)(), agentops.span("inside"):
            pass
        with agentops.span("outside"):
            pass
    assert agentops_recording.tree().splitlines() == [
        "session session",
        "  agent run",
        "    task native",
        "      task inside",
        "  task outside",
    ]


def test_a_run_that_is_left_early_leaves_nothing_current(agentops_recording: Recording) -> None:
    """Though the library had a span of its own open, and ends it when its generator is closed."""

    async def events() -> AsyncIterator[int]:
        with otel.get_tracer("framework").start_as_current_span("native"):
            yield 1
            yield 2

    def steps() -> Iterator[int]:
        with otel.get_tracer("framework").start_as_current_span("native"):
            yield 1
            yield 2

    async def main() -> None:
        stream = observed(events)()
        await anext(stream)
        await stream.aclose()
        with agentops.span("outside"):
            pass

    with agentops.session("session"):
        asyncio.run(main())
        stream = observed(steps)()
        next(stream)
        stream.close()
        with agentops.span("outside"):
            pass
    assert agentops_recording.tree().splitlines() == [
        "session session",
        "  agent run [incomplete]",
        "    task native",
        "  task outside",
        "  agent run [incomplete]",
        "    task native",
        "  task outside",
    ]
