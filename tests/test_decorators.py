"""What decorated functions and blocks are recorded as: every decorator on every form."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from opentelemetry import trace

import agentops
from agentops.domain.genai import Message, Response, Text, Usage
from agentops.domain.spans import SpanKind, SpanRecord, SpanStatus
from agentops.errors import ConfigurationError
from agentops.testing.recording import Recording, record

KINDS = {
    "agent": SpanKind.AGENT,
    "workflow": SpanKind.WORKFLOW,
    "task": SpanKind.TASK,
    "operation": SpanKind.TASK,
    "tool": SpanKind.TOOL,
    "guardrail": SpanKind.GUARDRAIL,
}
USAGE = {"prompt_tokens": 1_000, "completion_tokens": 100}


@pytest.fixture(autouse=True, name="recording")
def listen() -> Iterator[Recording]:
    """What is recorded while the test runs."""
    with record(plugins=False, strict=True) as recording, agentops.session("session"):
        yield recording


def outlines(recording: Recording) -> list[tuple[str, str, Any, Any, str]]:
    """Kind, name, what went in, what came out and how it ended, of every span."""
    return [(span.kind, span.name, span.input, span.output, span.status) for span in recording.spans()]


def counts(recording: Recording) -> list[Any]:
    """The counts of the session, and its cost."""
    session = agentops.current_session()
    assert session is not None
    found = session.get_analytics()
    return [found[key] for key in ("LLM calls", "Tool calls", "Actions", "Errors", "Cost")]


@pytest.mark.parametrize("with_parentheses", [False, True])
@pytest.mark.parametrize("name", KINDS)
async def test_every_decorator_records_every_kind_of_function(
    name: str,
    with_parentheses: bool,  # noqa: FBT001 - a parameter of the test
    recording: Recording,
) -> None:
    """Functions, coroutines, generators and async generators: arguments by name, and what came out."""
    decorator: Any = getattr(agentops, name)
    decorate: Callable[[Any], Any] = decorator() if with_parentheses else decorator

    @decorate
    def plain(x: int, y: int = 2) -> int:
        return x + y

    @decorate
    async def coroutine(x: int) -> int:
        await asyncio.sleep(0)
        return x

    @decorate
    def generator(x: int) -> Generator[int, None, str]:
        yield x
        return "done"

    @decorate
    async def async_generator(x: int) -> AsyncGenerator[int]:
        yield x

    plain(1)
    plain(1, y=3)
    await coroutine(4)
    list(generator(5))
    async for _ in async_generator(6):
        pass
    kind = KINDS[name]
    assert outlines(recording) == [
        (kind, "plain", {"x": 1}, 3, "ok"),
        (kind, "plain", {"x": 1, "y": 3}, 4, "ok"),
        (kind, "coroutine", {"x": 4}, 4, "ok"),
        (kind, "generator", {"x": 5}, {"items": [5], "return": "done"}, "ok"),
        (kind, "async_generator", {"x": 6}, [6], "ok"),
    ]


def test_methods_of_every_kind_are_recorded_without_their_object(recording: Recording) -> None:
    """Methods, class methods, static methods, properties, in either order of the decorators."""

    class Shop:
        @agentops.tool
        def method(self, x: int) -> int:
            return x

        @agentops.tool
        @classmethod
        def of_class(cls, x: int) -> int:
            return x

        @staticmethod
        @agentops.tool
        def static(x: int) -> int:
            return x

        @agentops.tool
        @property
        def price(self) -> int:
            return 4

    shop = Shop()
    assert [shop.method(1), shop.of_class(2), Shop.static(3), shop.price] == [1, 2, 3, 4]
    assert [span.input for span in recording.spans()] == [{"x": 1}, {"x": 2}, {"x": 3}, {}]


def test_a_class_is_observed_where_it_is_called_from_outside(recording: Recording) -> None:
    """One span for what a program asks of an object, named like the class; which method it was is told."""

    @agentops.agent(name="researcher", version=3)
    @dataclass
    class Researcher:
        topic: str

        def run(self) -> str:
            return self.step()

        def step(self) -> str:
            return self.topic

    assert Researcher("bees").run() == "bees"
    span = recording.span("researcher")
    assert (span.kind, span.output, span.agent_name) == (SpanKind.AGENT, "bees", "researcher")
    assert span.attributes == {"operation.version": 3, "code.function.name": "run"}


def test_what_happens_inside_an_agent_is_attributed_to_it(recording: Recording) -> None:
    """To the innermost one."""

    @agentops.tool
    def search() -> None:
        pass

    @agentops.agent
    def researcher() -> None:
        search()

    @agentops.agent(name="editor")
    def outer() -> None:
        researcher()
        search()

    outer()
    assert [(span.name, span.agent_name) for span in recording.spans()] == [
        ("editor", "editor"),
        ("researcher", "researcher"),
        ("search", "researcher"),
        ("search", "editor"),
    ]


def test_blocks_say_the_same_as_decorators(recording: Recording) -> None:
    """`with agentops.tool("search", input=...) as span:`; what is noted on the span is kept."""
    with agentops.agent("researcher", version="1"), agentops.tool("search", input={"q": "bees"}, cost="0.25") as span:
        span.set_attribute("hits", 3)
        span.set_output(["a", "b"])
    assert outlines(recording) == [
        ("agent", "researcher", None, None, "ok"),
        ("tool", "search", {"q": "bees"}, ["a", "b"], "ok"),
    ]
    search = recording.span("search")
    assert (search.attributes, search.cost, search.agent_name) == ({"hits": 3}, "0.25", "researcher")
    assert counts(recording) == [0, 1, 0, 0, "0.250000"]


async def test_blocks_are_asynchronous_as_well(recording: Recording) -> None:
    """`async with`, several at once, and the same one again and again."""
    step = agentops.span("step", kind="action", owner="me")

    async def work() -> None:
        async with step:
            await asyncio.sleep(0)

    await asyncio.gather(work(), work())
    with step, step:
        pass
    spans = recording.spans()
    assert [(span.kind, span.name, span.attributes) for span in spans] == [("action", "step", {"owner": "me"})] * 4
    assert spans[3].parent_id == spans[2].span_id
    assert counts(recording)[2] == 4


def test_a_block_that_raises_is_an_error_and_the_exception_goes_on(recording: Recording) -> None:
    """With type, message and where it was raised."""
    error = LookupError("no luck")
    with pytest.raises(LookupError) as caught, agentops.span("step"):
        raise error
    assert caught.value is error
    span = recording.span("step")
    assert span.error is not None
    assert (span.status, span.error.type, span.error.message) == (SpanStatus.ERROR, "LookupError", "no luck")
    assert span.error.stacktrace is not None
    assert __file__ in span.error.stacktrace
    assert counts(recording)[3] == 1


async def test_one_block_may_be_open_in_several_tasks_and_threads(recording: Recording) -> None:
    """Each ends the span that it began, whichever ends first, and goes on where it was."""
    step = agentops.span("step")
    session = agentops.session("inner")

    @agentops.tool
    def work(number: int) -> None:
        pass

    async def use(number: int) -> None:
        around = trace.get_current_span()
        async with step as span:
            span.set_attribute("number", number)
            await asyncio.sleep(0.01 * (number + 1))
            await asyncio.to_thread(work, number)
        assert trace.get_current_span() is around
        async with session as own:
            await asyncio.sleep(0.01 * number)
            assert agentops.current_session() is own
        assert own.state == "SUCCEEDED"
        assert trace.get_current_span() is around

    await asyncio.gather(*map(use, range(3)))
    steps = {span.span_id: span.attributes["number"] for span in recording.spans() if span.name == "step"}
    assert sorted(steps.values()) == [0, 1, 2]
    works = [span for span in recording.spans() if span.name == "work"]
    assert [steps[span.parent_id or ""] for span in works] == [span.input["number"] for span in works]
    assert all(span.status is SpanStatus.OK for span in recording.spans())


@pytest.mark.parametrize("kind", [asyncio.CancelledError, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_what_is_cancelled_is_no_error(kind: type[BaseException], recording: Recording) -> None:
    """It is marked as cancelled, and counts nowhere."""

    @agentops.tool
    def work() -> None:
        raise kind

    with pytest.raises(kind):
        work()
    assert recording.span("work").status is SpanStatus.CANCELLED
    assert counts(recording) == [0, 1, 0, 0, "0.00"]


async def test_a_cancelled_task_ends_its_spans_as_cancelled(recording: Recording) -> None:
    """All that it was in."""

    @agentops.tool
    async def wait() -> None:
        await asyncio.sleep(60)

    @agentops.agent
    async def act() -> None:
        await wait()

    task = asyncio.create_task(act())
    await asyncio.sleep(0.01)
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    assert [span.status for span in recording.spans()] == [SpanStatus.CANCELLED] * 2
    assert counts(recording)[3] == 0


def test_an_error_counts_once_however_many_spans_it_passes(recording: Recording) -> None:
    """Functions, classes, blocks, coroutines: each span is in error, the session counts one."""

    @agentops.tool
    def work() -> None:
        raise LookupError("no luck")

    @agentops.task
    async def step() -> None:
        with agentops.span("block"):
            work()

    @agentops.agent
    def act() -> None:
        asyncio.run(step())

    def run() -> None:
        with agentops.workflow("flow"):
            act()

    with pytest.raises(LookupError):
        run()
    assert [span.status for span in recording.spans()] == [SpanStatus.ERROR] * 5
    assert [span.name for span in recording.spans() if span.counted_error] == ["work"]
    assert counts(recording)[3] == 1


def test_each_of_several_errors_counts(recording: Recording) -> None:
    """Caught ones too, and those raised from others."""

    @agentops.tool
    def work(number: int) -> None:
        raise LookupError(number)

    @agentops.agent
    def act() -> None:
        with contextlib.suppress(LookupError):
            work(1)
        try:
            work(2)
        except LookupError as error:
            raise ValueError("gave up") from error

    with pytest.raises(ValueError, match="gave up"):
        act()
    assert counts(recording)[3] == 3


@pytest.mark.parametrize("cost", [0.001, "0.001", 1])
def test_a_tool_with_a_price_adds_it_at_each_call(cost: float | str, recording: Recording) -> None:
    """USD, as a number or a decimal string; failed calls cost as well."""

    @agentops.tool(cost=cost)
    def search(number: int) -> None:
        if number == 2:
            raise LookupError

    for number in range(3):
        with contextlib.suppress(LookupError):
            search(number)
    session = agentops.current_session()
    assert session is not None
    assert float(session.analytics.cost) == pytest.approx(3 * float(cost))
    assert [float(span.cost or 0) for span in recording.spans()] == [float(cost)] * 3


def test_a_cost_that_is_no_amount_is_refused() -> None:
    """Where it is written, with what to write instead."""
    with pytest.raises(ConfigurationError, match="pass a number or a decimal string"):
        agentops.tool(cost="a lot")


def test_a_guardrail_says_what_it_checks(recording: Recording) -> None:
    """`spec` is `input` or `output`."""

    @agentops.guardrail(spec="input")
    def check(text: str) -> bool:
        return bool(text)

    check("hi")
    assert recording.span("check").attributes == {"agentops.guardrail.spec": "input"}


def test_further_attributes_may_be_anything(recording: Recording) -> None:
    """Unhashable ones, and objects, are kept as far as they are plain."""

    @agentops.agent(role="writer", tools=["search"], settings={"a": [1]}, client=object(), missing=None)
    def act() -> None:
        pass

    act()
    assert recording.span("act").attributes == {
        "role": "writer",
        "tools": ["search"],
        "settings": {"a": [1]},
        "client": {"$type": "object"},
    }


def test_what_cannot_be_decorated_is_refused() -> None:
    """A number is neither function nor class."""
    with pytest.raises(TypeError, match="functions and classes"):
        agentops.tool(3)


def test_an_unknown_kind_is_refused() -> None:
    """`agentops.span(kind=...)` takes the kinds there are."""
    with pytest.raises(ValueError, match="walk"):
        agentops.span("step", kind="walk")


# Model calls by hand


def the_call(recording: Recording) -> SpanRecord:
    """The only model call, which counts once, with its tokens and its price."""
    (span,) = recording.spans(SpanKind.LLM)
    assert counts(recording)[0] == 1
    assert span.response is not None
    assert span.response.usage == Usage(input=1_000, output=100)
    assert span.cost == "0.0035"
    assert counts(recording)[4] == "0.003500"
    return span


def said(span: SpanRecord) -> tuple[list[Message], list[Message]]:
    """What was asked and answered."""
    assert span.request is not None
    assert span.response is not None
    return span.request.messages, span.response.messages


ANSWER = {"choices": [{"message": {"content": "Paris."}}], "usage": USAGE, "model": "gpt-4o"}
ASKED = [Message("user", [Text("Where?")])]
ANSWERED = [Message("assistant", [Text("Paris.")])]


async def test_a_decorated_model_call_tells_prompt_answer_and_tokens(recording: Recording) -> None:
    """From what goes in and what comes out, for functions and coroutines."""

    @agentops.llm
    def ask(prompt: str) -> Any:
        return ANSWER

    ask("Where?")
    span = the_call(recording)
    assert said(span) == (ASKED, ANSWERED)
    assert (span.name, span.kind, span.input, span.output) == ("ask", SpanKind.LLM, None, None)


async def test_a_decorated_coroutine_tells_the_same(recording: Recording) -> None:
    """With messages, and settings beside them."""

    @agentops.llm(model="gpt-4o", name="asking", team="blue")
    async def ask(messages: list[Any], temperature: float = 1) -> Any:
        await asyncio.sleep(0)
        return SimpleNamespace(text="Paris.", usage=SimpleNamespace(input_tokens=1_000, output_tokens=100))

    await ask([{"role": "user", "content": "Where?"}], temperature=0.5)
    span = the_call(recording)
    assert said(span) == (ASKED, ANSWERED)
    assert span.request is not None
    assert (span.name, span.request.model, span.request.parameters) == ("asking", "gpt-4o", {"temperature": 0.5})
    assert span.attributes == {"team": "blue"}


async def test_a_decorated_generator_tells_what_it_gave(recording: Recording) -> None:
    """Chunks of a provider's stream."""

    @agentops.llm(model="gpt-4o")
    async def ask(prompt: str) -> AsyncGenerator[Any]:
        yield {"choices": [{"delta": {"content": "Par"}}]}
        yield {"choices": [{"delta": {"content": "is."}}]}
        yield {"choices": [], "usage": USAGE}

    async for _ in ask("Where?"):
        pass
    assert said(the_call(recording)) == (ASKED, ANSWERED)


def test_a_stream_of_texts_may_return_its_usage(recording: Recording) -> None:
    """Yielded pieces are the answer, what is returned says the tokens; one that is left is incomplete."""

    @agentops.llm(model="gpt-4o")
    def ask(prompt: str) -> Generator[str, None, Any]:
        yield "Par"
        yield "is."
        return {"usage": USAGE}

    list(ask("Where?"))
    assert said(the_call(recording)) == (ASKED, ANSWERED)
    stream = ask("Where?")
    next(stream)
    stream.close()
    left = recording.spans()[-1]
    assert (left.status, said(left)[1]) == (SpanStatus.INCOMPLETE, [Message("assistant", [Text("Par")])])


def test_a_model_call_may_be_a_block(recording: Recording) -> None:
    """Its input is the prompt, its output the answer."""
    with agentops.llm("asking", model="gpt-4o", input="Where?") as span:
        span.set_output(ANSWER)
    assert said(the_call(recording)) == (ASKED, ANSWERED)


def test_attributes_of_the_conventions_are_read(recording: Recording) -> None:
    """Tokens noted on the current span under OpenTelemetry's names count as well."""

    @agentops.llm(model="gpt-4o")
    def ask(prompt: str) -> str:
        span = trace.get_current_span()
        span.set_attributes({"gen_ai.usage.input_tokens": 1_000, "gen_ai.usage.output_tokens": 100, "own": 1})
        return "Paris."

    ask("Where?")
    span = the_call(recording)
    assert said(span) == (ASKED, ANSWERED)
    assert span.attributes == {"own": 1}


def test_what_is_not_recognised_is_kept_as_it_is(recording: Recording) -> None:
    """Other arguments and other results; tokens are unknown then, and not none."""

    @agentops.llm
    def ask(question: str) -> Any:
        return {"score": 0.5}

    ask("Where?")
    (span,) = recording.spans(SpanKind.LLM)
    assert span.request is not None
    assert span.response is not None
    assert (span.request.input, span.response.output) == ({"question": "Where?"}, {"score": 0.5})
    assert (span.response.usage, span.cost) == (None, None)
    assert counts(recording) == [1, 0, 0, 0, "0.00"]


def test_a_model_call_that_fails_is_one_error(recording: Recording) -> None:
    """What was asked is kept."""

    @agentops.llm(model="gpt-4o")
    def ask(prompt: str) -> None:
        raise TimeoutError("too slow")

    with pytest.raises(TimeoutError):
        ask("Where?")
    (span,) = recording.spans(SpanKind.LLM)
    assert span.request is not None
    assert (span.status, span.request.messages, span.response) == (SpanStatus.ERROR, ASKED, None)
    assert counts(recording) == [1, 0, 0, 1, "0.00"]


def test_a_model_call_inside_a_model_call_is_one(recording: Recording) -> None:
    """The innermost counts; the ones around it are actions without tokens of their own."""

    @agentops.llm(model="gpt-4o")
    def inner(prompt: str) -> Any:
        return ANSWER

    @agentops.llm(model="gpt-4o")
    def outer(prompt: str) -> Any:
        return inner(prompt)

    outer("Where?")
    assert said(the_call(recording)) == (ASKED, ANSWERED)
    around = recording.span("outer")
    assert around.response is not None
    assert (around.kind, around.cost, around.response.usage, said(around)) == (
        SpanKind.ACTION,
        None,
        None,
        (ASKED, ANSWERED),
    )
    assert counts(recording) == [1, 0, 1, 0, "0.003500"]


def test_contents_are_left_out_where_nobody_wants_them(recording: Recording) -> None:
    """Tokens and prices are counted all the same."""
    recording.recorder.content = False

    @agentops.llm(model="gpt-4o")
    def ask(prompt: str) -> Any:
        return ANSWER

    ask("Where?")
    with agentops.llm("asking", model="gpt-4o", input="Where?") as span:
        span.set_output("Paris.")
    first, second = recording.spans()
    assert second.request is not None
    assert (said(first), second.request.messages, second.response) == (([], []), [], Response())
    assert (first.cost, first.output, second.output) == ("0.0035", None, None)
