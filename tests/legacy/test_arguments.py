"""The arguments that AgentOps 0.4 gives every decorator mean something on every one of ours."""

from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from decimal import Decimal
from typing import Any

import pytest

import agentops
from agentops.domain.spans import SpanKind, SpanRecord
from agentops.errors import ConfigurationError
from agentops.testing.recording import Recording, record

DECORATORS: list[Callable[..., Any]] = [
    *(agentops.agent, agentops.workflow, agentops.task, agentops.operation, agentops.tool, agentops.track_tool),
    *(agentops.guardrail, agentops.llm, agentops.session, agentops.trace, agentops.track_endpoint),
]
SESSIONS = {agentops.session, agentops.trace, agentops.track_endpoint}


@pytest.fixture
def recording() -> Iterator[Recording]:
    """What is recorded while the test runs."""
    with record(plugins=False, strict=True) as recording:
        yield recording


def recorded(recording: Recording, name: str = "named") -> SpanRecord:
    """The only span of this name."""
    (span,) = [span for kind in SpanKind for span in recording.spans(kind) if span.name == name]
    return span


@pytest.mark.parametrize("decorator", DECORATORS)
def test_every_decorator_takes_them_all(recording: Recording, decorator: Callable[..., Any]) -> None:
    """Name, version, tags, cost, spec and both captures, in one call, on a function."""

    @decorator(
        name="named", version=2, tags=["a"], cost=0.05, spec="input", capture_request=False, capture_response=False
    )
    def work(secret: str) -> str:
        return secret

    with agentops.Session("around") as session:
        assert work("s3cret") == "s3cret"
    span = recorded(recording)
    assert (span.input, span.output, span.cost) == ({} if span.kind is not SpanKind.LLM else None, None, "0.05")
    assert "s3cret" not in str(span)
    assert span.attributes["operation.version"] == 2
    assert span.attributes["agentops.guardrail.spec"] == "input"
    costs = {each.name: each.tags for each in recording.sessions()}
    if decorator in SESSIONS:
        assert costs["named"] == ["a"]
    else:
        assert span.attributes["agentops.tags"] == ["a"]
        assert session.token_cost == Decimal("0.05")


@pytest.mark.parametrize("decorator", DECORATORS)
def test_a_cost_that_is_none_is_refused_where_it_is_written(decorator: Callable[..., Any]) -> None:
    """Before any call, with what to pass."""
    with pytest.raises(ConfigurationError, match="cost='much' is no amount of USD"):
        decorator(cost="much")


@pytest.mark.parametrize("decorator", DECORATORS)
def test_tags_may_be_a_mapping(recording: Recording, decorator: Callable[..., Any]) -> None:
    """As 0.4 has them too: words `key:value`; what is no word is refused."""

    @decorator(tags={"team": "north"}, name="named")
    def work() -> None:
        """Nothing."""

    with agentops.Session():
        work()
    tags = {each.name: each.tags for each in recording.sessions()}
    assert tags.get("named", recorded(recording).attributes.get("agentops.tags")) == ["team:north"]
    with pytest.raises(ConfigurationError, match="tags are words"):
        decorator(tags=[7])


async def test_what_is_withheld_is_so_for_functions_of_every_kind(recording: Recording) -> None:
    """Coroutines, generators, asynchronous generators and methods of classes."""
    withheld: Any = agentops.task(capture_request=False)
    silent: Any = agentops.task(capture_response=False)

    @withheld
    async def coroutine(x: str) -> str:
        return x

    @silent
    def generator(x: str) -> Generator[str]:
        yield x

    @silent
    async def async_generator(x: str) -> AsyncGenerator[str]:
        yield x

    @agentops.task(capture_request=False, capture_response=False)
    class Crew:
        def run(self, x: str) -> str:
            return x

    with agentops.Session():
        assert (await coroutine("in"), list(generator("out")), Crew().run("both")) == ("in", ["out"], "both")
        assert [item async for item in async_generator("out")] == ["out"]
        next(generator("left"))
    assert [(span.name, span.input, span.output) for span in recording.spans()] == [
        ("coroutine", {}, "in"),
        ("generator", {"x": "out"}, None),
        ("Crew", {}, None),
        ("async_generator", {"x": "out"}, None),
        ("generator", {"x": "left"}, None),
    ]


def test_the_cost_of_a_model_call_is_what_the_program_says(recording: Recording) -> None:
    """Where the provider says none; it counts in the session."""

    @agentops.llm(model="mine", cost="0.25", tags=["a"])
    def ask(prompt: str) -> str:
        return prompt

    with agentops.Session() as session:
        ask("hi")
        with agentops.llm("block", cost=0.5) as call:
            call.set_output("ho")
    assert (session.token_cost, session.event_counts["llms"]) == (Decimal("0.75"), 2)
    assert [span.cost for span in recording.spans(SpanKind.LLM)] == ["0.25", "0.5"]


def test_further_arguments_are_attributes(recording: Recording) -> None:
    """As on all of our decorators."""
    with agentops.session("named", version=3, team="north"):
        pass
    assert recorded(recording).attributes == {"operation.version": 3, "team": "north"}
