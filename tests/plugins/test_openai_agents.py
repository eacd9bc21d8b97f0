"""openai-agents as it traces itself: every kind of step, every way in which one may end."""

import asyncio
from collections.abc import Iterator
from typing import Any, Self

import pytest

from agentops.client import get_assembly
from agentops.domain.genai import ToolCall, Usage
from agentops.domain.redaction.withholding import Content
from agentops.domain.spans import SpanKind, SpanStatus
from agentops.recording.shield import Shield
from agentops.testing import Fault, Provider, Recording, Turn
from agentops_plugins import openai, openai_agents

agents: Any = pytest.importorskip("agents")
tracing: Any = pytest.importorskip("agents.tracing")
client: Any = pytest.importorskip("openai")

USAGE = Usage(input=3, cache_read=0, output=2, reasoning=0)


class Deaf(tracing.TracingProcessor):
    """A processor of the program's own."""

    def on_trace_start(self, trace: Any) -> None:
        """A workflow begins."""

    def on_trace_end(self, trace: Any) -> None:
        """A workflow has ended."""

    def on_span_start(self, span: Any) -> None:
        """A step begins."""

    def on_span_end(self, span: Any) -> None:
        """A step has ended."""

    def shutdown(self) -> None:
        """Nothing is held back."""

    def force_flush(self) -> None:
        """Nothing is held back."""


@pytest.fixture(autouse=True)
def recording(agentops_recording: Recording) -> Iterator[Recording]:
    """What is observed; the library tells nobody else."""
    provider: Any = tracing.get_trace_provider()
    before: dict[str, Any] = {**provider.__dict__}
    with agentops_recording.observing.only([*openai_agents.agentops_instrumentation(), openai.INSTRUMENTATION]):
        tracing.set_trace_processors([Deaf()])
        yield agentops_recording
    tracing.set_trace_processors([])
    provider.__dict__.update(before)


class Office:
    """An agent whose model is on this machine, and a loop in which it is asked."""

    def __init__(self, provider: Provider, **more: Any) -> None:
        self._runner = asyncio.Runner()
        self._connection = client.AsyncOpenAI(base_url=provider.openai_url, api_key="any", max_retries=0)
        self.agent = agents.Agent(name="clerk", model=agents.OpenAIResponsesModel("gpt-x", self._connection), **more)

    def ask(self, **options: Any) -> Any:
        """Run the agent, and give its answer."""
        return self._runner.run(agents.Runner.run(self.agent, "Hello?", **options)).final_output

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.run(self._connection.close())
        self._runner.close()


def lines(recording: Recording) -> list[str]:
    """The outline within the session."""
    return [line.removeprefix("  ") for line in recording.tree().splitlines()[1:]]


def test_a_tool_is_recorded_with_what_it_was_given(recording: Recording, loopback_provider: Provider) -> None:
    """The library tells that at the end of the call."""

    def count(word: str) -> int:
        """How long it is."""
        return len(word)

    loopback_provider.say(
        Turn(tool_calls=[ToolCall("count", {"word": "tide"})], usage=USAGE), Turn("Four.", usage=USAGE)
    )
    with Office(loopback_provider, tools=[agents.function_tool(count)]) as office:
        assert office.ask() == "Four."
    assert lines(recording) == [
        "workflow Agent workflow",
        "  agent clerk",
        "    llm chat gpt-x",
        "    tool count",
        "    llm chat gpt-x",
    ]
    tool = recording.span("count")
    assert tool.output == 4
    assert (tool.input, tool.attributes) == ({"word": "tide"}, {})


@pytest.mark.parametrize(
    ("content", "kept"), [(Content.NONE, None), (Content.REDACTED, {"word": "[REDACTED:4 characters]"})]
)
def test_what_a_tool_was_given_is_content(recording: Recording, content: Content, kept: Any) -> None:
    """Where content is masked or not recorded, neither is what the library tells at the end of the call."""
    assembly = get_assembly()
    assert assembly is not None
    recorder = assembly.recorder
    recorder.protect(Shield(content=content))
    try:
        with tracing.trace("office"), tracing.function_span("count", input='{"word": "tide"}'):
            pass
    finally:
        recorder.protect(Shield())
    tool = recording.span("count")
    assert (tool.input, tool.attributes) == (kept, {})


def test_a_failure_counts_once(recording: Recording, loopback_provider: Provider) -> None:
    """What the provider refuses passes through the agent and its workflow to the program."""
    loopback_provider.say(Turn(fault=Fault.refused(400, message="No.")))
    with Office(loopback_provider) as office, pytest.raises(client.BadRequestError):
        office.ask()
    failed = [span for span in recording.spans() if span.status is SpanStatus.ERROR]
    assert {span.kind for span in failed} >= {SpanKind.AGENT, SpanKind.LLM}
    assert [span.kind for span in failed if span.counted_error] == [SpanKind.LLM]


def test_a_guardrail_that_strikes_is_told(recording: Recording, loopback_provider: Provider) -> None:
    """The guardrail says that it was triggered; that is no failure of its own."""

    async def never(*_: Any) -> Any:
        return agents.GuardrailFunctionOutput(output_info=None, tripwire_triggered=True)

    loopback_provider.say(Turn("Never heard.", usage=USAGE, latency=0.05))
    guardrail = agents.InputGuardrail(guardrail_function=never, name="never")
    with (
        Office(loopback_provider, input_guardrails=[guardrail]) as office,
        pytest.raises(agents.InputGuardrailTripwireTriggered),
    ):
        office.ask()
    struck = recording.span("never")
    assert (struck.kind, struck.output, struck.status) == (SpanKind.GUARDRAIL, {"triggered": True}, SpanStatus.OK)


def test_a_model_that_nobody_observes_is_recorded_as_the_library_tells_it(recording: Recording) -> None:
    """A program's own model with a span of its own, inside a workflow of a group."""
    with tracing.trace("Work", group_id="thread-1"), tracing.generation_span(model="own-1") as span:
        span.span_data.output = [{"role": "assistant", "content": "Done."}]
        span.span_data.usage = {"input_tokens": 3, "output_tokens": 2}
    assert lines(recording) == ["workflow Work", "  llm chat own-1"]
    (call,) = recording.spans("llm")
    assert call.response is not None
    assert (call.response.messages[0].text, call.response.usage) == ("Done.", Usage(input=3, output=2))
    assert recording.span("Work").attributes["gen_ai.conversation.id"] == "thread-1"


def test_a_run_in_an_exception_handler_does_not_fail(recording: Recording, loopback_provider: Provider) -> None:
    """What the program is handling meanwhile is not what ends the agent."""
    loopback_provider.say(Turn("Calm.", usage=USAGE))
    with Office(loopback_provider) as office:
        try:
            raise ValueError("the program's own")  # noqa: TRY301 - handled where it is raised
        except ValueError:
            office.ask()
    assert {span.status for span in recording.spans()} == {SpanStatus.OK}


@pytest.mark.parametrize("by", ["setting", "hand", "run"])
def test_without_tracing_a_run_is_an_agent(
    recording: Recording, loopback_provider: Provider, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    """Switched off, by whatever means, the model calls still stand under the agent that the program ran."""
    loopback_provider.say(Turn("Quiet.", usage=USAGE))
    options: dict[str, Any] = {}
    if by == "setting":
        monkeypatch.setenv("OPENAI_AGENTS_DISABLE_TRACING", "1")
        provider = (
            tracing.get_trace_provider()
        )  # older ones read the setting when they are made, others when they trace
        is_read_late = hasattr(provider, "_env_disabled")
        monkeypatch.setattr(provider, *(("_env_disabled", None) if is_read_late else ("_disabled", True)))
    elif by == "hand":
        tracing.set_tracing_disabled(disabled=True)
    else:
        options["run_config"] = agents.RunConfig(tracing_disabled=True)
    with Office(loopback_provider) as office:
        assert office.ask(**options) == "Quiet."
    assert lines(recording) == ["agent clerk", "  llm chat gpt-x"]
    assert recording.span("clerk").output == "Quiet."
