"""The conformance kit: what keeps the contract passes, and whatever breaks it is told so."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

import pytest

from agentops.domain.genai import Message, Request, Response, Text, Usage
from agentops.domain.spans import SpanKind
from agentops.instrumentation.target import Arguments, Bridge, Emitter, Instrumentation, Reader, Target
from agentops.testing import Recording, conformance, record
from agentops.testing.conformance import Case, Ending, Expected, Probe, Situation
from agentops.testing.observing import put_in

WORDS = ["Hello", " to", " you"]
SITUATION = [Situation.ANSWERS]


class RefusedError(Exception):
    """The library does not want to."""


@dataclass(frozen=True)
class Answer:
    """What the library gives."""

    text: str


class Client:
    """The sync half of a small library."""

    def ask(self, question: str, *, stream: bool = False) -> Any:
        """An answer, or its words one by one."""
        if SITUATION[0] is Situation.REFUSES:
            raise RefusedError(question)
        return self.words() if stream else self.answer()

    def answer(self) -> Answer:
        """The whole answer."""
        return Answer("".join(WORDS))

    def words(self) -> Iterator[str]:
        """The answer's words."""
        yield WORDS[0]
        if SITUATION[0] is Situation.BREAKS:
            raise RefusedError
        yield from WORDS[1:]


class AsyncClient:
    """The async half of a small library."""

    async def ask(self, question: str, *, stream: bool = False) -> Any:
        """An answer, or its words one by one."""
        if SITUATION[0] is Situation.REFUSES:
            raise RefusedError(question)
        if SITUATION[0] is Situation.HANGS and not stream:
            await asyncio.sleep(60)
        return self.words() if stream else Answer("".join(WORDS))

    async def words(self) -> AsyncIterator[str]:
        """The answer's words."""
        yield WORDS[0]
        if SITUATION[0] is Situation.BREAKS:
            raise RefusedError
        if SITUATION[0] is Situation.HANGS:
            await asyncio.sleep(60)
        for word in WORDS[1:]:
            yield word


def prepare(situation: Situation) -> None:
    """Let the library meet a situation."""
    SITUATION[0] = situation


def read_request(arguments: Arguments) -> Request:
    """What the library was asked."""
    return Request(operation="chat", provider="acme", model="acme-1", stream=bool(arguments.get("stream")))


def read_response(answer: Any) -> Response:
    """What the library answered."""
    message = Message("assistant", [Text(answer if isinstance(answer, str) else answer.text)])
    return Response(messages=[message], usage=Usage(input=1, output=3))


READER = Reader(read_request=read_request, read_response=read_response, fold=lambda so_far, word: (so_far or "") + word)


def observing(reader: Reader, *methods: str) -> Instrumentation:
    """A plugin of this reader."""
    paths = [f"acme:{owner}.{method}" for owner in ("Client", "AsyncClient") for method in ("ask", *methods)]
    return Instrumentation(library="acme", targets=[Target(path=path, reader=reader) for path in paths])


GOOD = Probe(
    name="acme",
    instrumentation=observing(READER),
    client=Client,
    aclient=AsyncClient,
    call=lambda client: client.ask("Hi"),
    stream=lambda client: client.ask("Hi", stream=True),
    text_of=lambda word: word,
    prepare=prepare,
    expected=Expected(name="chat acme-1", model="acme-1", text="Hello to you", usage=Usage(input=1, output=3)),
)


@pytest.fixture(autouse=True)
def acme(monkeypatch: pytest.MonkeyPatch) -> None:
    """The small library, importable by its name."""
    module: Any = ModuleType("acme")
    module.Client, module.AsyncClient = Client, AsyncClient
    monkeypatch.setitem(sys.modules, "acme", module)
    prepare(Situation.ANSWERS)


@pytest.mark.parametrize("case", conformance.cases(GOOD), ids=str)
def test_a_plugin_that_keeps_the_contract_passes(case: Case) -> None:
    """In every case, with a recording of the case's own."""
    case.check()


def test_the_cases_cover_every_way_and_every_end() -> None:
    """Each way of calling meets each situation that it can meet."""
    assert sorted(map(str, conformance.cases(GOOD))) == sorted(
        f"acme: {case}"
        for case in [
            *(f"{way} {how}" for way in ("value", "async value") for how in ("answers", "restored", "refuses")),
            *(
                f"{way} {how}"
                for way in ("stream", "async stream")
                for how in ("answers", "restored", "refuses", "breaks", "closed early", "dropped")
            ),
            "async value cancelled",
            "async stream cancelled",
        ]
    )


def test_a_probe_shows_only_the_cases_that_it_can() -> None:
    """No async client, no stream and no way to fail leave the plain calls."""
    cases = conformance.cases(replace(GOOD, aclient=None, stream=None, prepare=None))
    assert list(map(str, cases)) == ["acme: value answers", "acme: value restored"]


def test_a_case_may_use_a_recording_that_is_there(loopback_recording: Recording) -> None:
    """What that one observes is out of the way meanwhile, and back afterwards."""
    loopback_recording.observing.start(observing(READER))
    case(GOOD).check(loopback_recording)
    Client().ask("Hi")
    assert [span.name for span in loopback_recording.spans()] == ["chat acme-1"] * 2


@pytest.fixture
def loopback_recording() -> Iterator[Recording]:
    """A recording that observes nothing yet."""
    with record(plugins=False) as recording:
        yield recording


def case(probe: Probe, **changes: Any) -> Case:
    """The plain case of a probe, or another."""
    return replace(conformance.cases(probe)[0], **changes)


def fails(probe: Probe, complaint: str, **changes: Any) -> None:
    """The case complains in these words."""
    with pytest.raises(AssertionError, match=complaint):
        case(probe, **changes).check()


def test_a_fold_that_forgets_is_found() -> None:
    """Chunks must add up."""

    def forget(so_far: Any, word: str) -> str:
        return word

    forgetful = replace(READER, fold=forget)
    fails(replace(GOOD, instrumentation=observing(forgetful)), r"keeps the text ' you'", is_stream=True)
    fails(
        replace(GOOD, instrumentation=observing(replace(READER, fold=None))),
        r"keeps '' of the stream, not 'Hello'",
        is_stream=True,
        ending=Ending.CLOSED,
    )


def test_a_first_token_noted_late_is_found() -> None:
    """It is there when the first text is, not when the stream is over."""
    late = replace(READER, has_content=WORDS[-1].__eq__)
    fails(replace(GOOD, instrumentation=observing(late)), "when the program had it already", is_stream=True)


@pytest.mark.parametrize(
    ("expected", "complaint"),
    [
        (Expected(kind=SpanKind.TOOL), "of kind llm, not tool"),
        (Expected(name="ask"), "named 'chat acme-1', not 'ask'"),
        (Expected(model="acme-2"), "model is 'acme-1', not 'acme-2'"),
        (Expected(text="Hello"), "keeps the text 'Hello to you', not 'Hello'"),
        (Expected(usage=Usage(input=2)), "keeps Usage"),
        (Expected(output=3), "keeps the output None, not 3"),
    ],
)
def test_a_span_that_says_something_else_is_found(expected: Expected, complaint: str) -> None:
    """Each thing that is expected is compared."""
    fails(replace(GOOD, expected=expected), complaint)


def test_an_author_may_look_at_the_span() -> None:
    """`check` sees the span of an answered call, and what it raises fails the case."""

    def look(span: Any) -> None:
        raise AssertionError(f"seen {span.name}")

    fails(replace(GOOD, expected=Expected(check=look)), "seen chat acme-1")


def test_a_call_seen_twice_is_found() -> None:
    """Two targets on one way are two spans."""
    fails(replace(GOOD, instrumentation=observing(READER, "answer")), "one call is recorded as 2 spans")


def test_a_plugin_that_is_in_use_already_is_found() -> None:
    """The comparison without the plugin would be none."""
    stays = Bridge(library="acme", install=lambda emitter: lambda: None)
    with record(plugins=False) as recording:
        installed = put_in(observing(READER), "other")
        with pytest.raises(AssertionError, match="recorded without the plugin"):
            case(replace(GOOD, instrumentation=stays)).check(recording)
        installed.undo()


Wrap = Callable[[Callable[..., Any], Emitter], Callable[..., Any]]


def bridging(wrap: Wrap, *, comes_out: bool = True) -> Probe:
    """The library with a bridge that puts a wrapper of its own around `ask`."""

    def install(emitter: Emitter) -> Callable[[], None]:
        original = Client.ask
        Client.ask = wrap(original, emitter)

        def undo() -> None:
            Client.ask = original

        return undo if comes_out else lambda: None

    return replace(GOOD, instrumentation=Bridge(library="acme", install=install), aclient=None)


REQUEST = Request(operation="chat", provider="acme", model="acme-1")


def recording_wrapper(original: Callable[..., Any], emitter: Emitter) -> Callable[..., Any]:
    """A wrapper that does what it should, for values."""

    def ask(*args: Any, **kwargs: Any) -> Any:
        emission = emitter.open(REQUEST)
        try:
            answer = original(*args, **kwargs)
        except RefusedError as error:
            emission.fail(error)
            raise
        emission.finish(read_response(answer))
        return answer

    return ask


@pytest.mark.parametrize("situation", [Situation.ANSWERS, Situation.REFUSES])
def test_a_bridge_can_be_proven_too(situation: Situation) -> None:
    """Without targets there is nothing to look at from below; the rest is demanded all the same."""
    case(bridging(recording_wrapper), situation=situation).check()


def test_a_bridge_that_stays_is_found() -> None:
    """After it was taken out nothing may be recorded."""
    original = Client.ask
    fails(
        bridging(recording_wrapper, comes_out=False), "after the plugin was taken out|recorded as 2 spans", twice=True
    )
    Client.ask = original


def test_a_call_that_never_ends_is_found() -> None:
    """A span that was opened has to be closed."""

    def wrap(original: Callable[..., Any], emitter: Emitter) -> Callable[..., Any]:
        def ask(*args: Any, **kwargs: Any) -> Any:
            emitter.open(REQUEST)
            return original(*args, **kwargs)

        return ask

    fails(bridging(wrap), "the span ended 0 times")


def test_a_result_of_another_kind_is_found() -> None:
    """The program gets what the library gave."""

    def wrap(original: Callable[..., Any], emitter: Emitter) -> Callable[..., Any]:
        def ask(*args: Any, **kwargs: Any) -> dict[str, Any]:
            answer: Answer = original(*args, **kwargs)
            return {"text": answer.text}

        return ask

    fails(bridging(wrap), "gets a dict where the library gives a Answer")


def test_another_exception_is_found() -> None:
    """Errors pass as they are."""

    def wrap(original: Callable[..., Any], emitter: Emitter) -> Callable[..., Any]:
        def ask(*args: Any, **kwargs: Any) -> Any:
            try:
                return original(*args, **kwargs)
            except RefusedError as error:
                raise RuntimeError from error

        return ask

    fails(bridging(wrap), "meets RuntimeError.* where the library raises RefusedError", situation=Situation.REFUSES)


def test_a_missing_chunk_is_found() -> None:
    """Streams give all that the library gives."""

    def wrap(original: Callable[..., Any], emitter: Emitter) -> Callable[..., Any]:
        def ask(*args: Any, **kwargs: Any) -> Any:
            return (word for word in original(*args, **kwargs) if word != " to")

        return ask

    fails(bridging(wrap), r"gives 2 chunks \(str\) instead of 3", is_stream=True)


def test_a_failure_that_is_not_told_is_found() -> None:
    """A refused call is an error, with the reason."""

    def wrap(original: Callable[..., Any], emitter: Emitter) -> Callable[..., Any]:
        def ask(*args: Any, **kwargs: Any) -> Any:
            emitter.open(REQUEST).finish()
            return original(*args, **kwargs)

        return ask

    fails(bridging(wrap), "the span is ok, not error", situation=Situation.REFUSES)


def test_a_span_that_stays_current_is_found() -> None:
    """What runs after the call is not part of it."""
    stack = ExitStack()

    def wrap(original: Callable[..., Any], emitter: Emitter) -> Callable[..., Any]:
        def ask(*args: Any, **kwargs: Any) -> Any:
            emission = emitter.open(REQUEST)
            stack.enter_context(emission.active())
            answer = original(*args, **kwargs)
            emission.finish(read_response(answer))
            return answer

        return ask

    with stack:
        fails(bridging(wrap), "still the current span")
