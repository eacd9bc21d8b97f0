"""The handler for DSPy's callbacks, with the real dspy, which is large: `make matrix ARGS=dspy` installs it."""

import asyncio
import gc
import importlib
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from agentops.domain.genai import Message, Text, Usage
from agentops.domain.spans import SpanKind, SpanStatus
from agentops.testing import Provider, ReceivedRequest, Recording, Turn

dspy: Any = pytest.importorskip("dspy")
pytestmark = pytest.mark.filterwarnings("ignore")  # dspy and litellm warn of themselves

ANSWER = "[[ ## answer ## ]]\nParis\n\n[[ ## completed ## ]]"


@pytest.fixture(scope="module", autouse=True)
def leftovers() -> Iterator[None]:
    """The clients that litellm keeps for later are let go of here, where it may be said that nobody closed them."""
    yield
    importlib.import_module("litellm").in_memory_llm_clients_cache.flush_cache()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gc.collect()


@pytest.fixture(autouse=True)
def configured(agentops_recording: Recording, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A handler that DSPy calls while the test runs; litellm, which DSPy calls, takes the prices in its own package."""
    monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    handler = importlib.import_module("agentops.integration.callbacks.dspy").DSPyCallbackHandler(cache=False)
    with dspy.context(callbacks=[handler]):
        yield handler
    assert handler.active_spans == {}


def lines(recording: Recording) -> list[str]:
    """The outline of what lies within the session."""
    return [line.removeprefix("  ") for line in recording.tree().splitlines()[1:]]


def model(provider: Provider, **more: Any) -> Any:
    """A model of DSPy that is answered by the loopback provider."""
    return dspy.LM("openai/gpt-x", api_base=provider.openai_url, api_key="any", cache=False, num_retries=0, **more)


def test_a_model_call_is_counted_once_where_the_client_makes_it(
    agentops_recording: Recording, loopback_provider: Provider
) -> None:
    """A module, the writing of its prompt, the client's model call, and the reading of the answer."""
    loopback_provider.say(Turn(ANSWER, usage=Usage(input=9, output=4)))
    with dspy.context(lm=model(loopback_provider, engine="litellm")):
        assert dspy.Predict("question -> answer")(question="Capital of France?").answer == "Paris"
    assert lines(agentops_recording) == [
        "workflow Predict",
        "  task ChatAdapter.format",
        "  llm chat gpt-x",
        "  task ChatAdapter.parse",
    ]
    call = agentops_recording.spans("llm")[0]
    assert call.response is not None
    assert (call.source, call.response.usage) == ("agentops.openai", Usage(input=9, output=4))
    module = agentops_recording.span("Predict")
    assert module.output == {"answer": "Paris"}


class Canned(dspy.BaseLM):
    """A model that nobody observes."""

    def __init__(self, answers: list[str]) -> None:
        dspy.BaseLM.__init__(self, model="own/canned")
        self.answers = answers

    def forward(self, prompt: Any = None, messages: Any = None, **kwargs: Any) -> Any:
        """The next answer, in the shape of the OpenAI API."""
        from types import SimpleNamespace  # noqa: PLC0415 - as the other imports of this class

        answer = self.answers.pop(0)
        if answer == "broken":
            raise RuntimeError("broken")
        message = SimpleNamespace(content=answer, tool_calls=None)
        choice = SimpleNamespace(message=message, finish_reason="stop")
        usage = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
        return SimpleNamespace(id="r1", choices=[choice], usage=usage, model="canned-1", _hidden_params={})


def test_a_model_that_nobody_observes_is_counted_from_the_callbacks(agentops_recording: Recording) -> None:
    """Prompt, answer and tokens of a model call are read from what DSPy tells and notes."""
    with dspy.context(lm=Canned([ANSWER])):
        assert dspy.Predict("question -> answer")(question="Capital of France?").answer == "Paris"
    (call,) = agentops_recording.spans("llm")
    assert call.request is not None
    assert call.response is not None
    assert (call.name, call.request.provider, call.request.model) == ("chat canned", "own", "canned")
    assert "Capital of France?" in call.request.messages[-1].text
    assert call.response.messages == [Message("assistant", [Text(ANSWER)])]
    assert call.response.usage == Usage(input=7, output=3)


def test_an_agent_and_its_tools(agentops_recording: Recording) -> None:
    """A module that decides by itself is an agent, and what it calls are tools with their arguments."""

    def look_up(word: str) -> str:
        return f"about {word}"

    step = "[[ ## next_thought ## ]]\nlook\n\n[[ ## next_tool_name ## ]]\n{}\n\n[[ ## next_tool_args ## ]]\n{}\n"
    answers = [step.format("look_up", '{"word": "Paris"}'), step.format("finish", "{}")]
    answers.append(f"[[ ## reasoning ## ]]\nlooked\n\n{ANSWER}")
    with dspy.context(lm=Canned(answers)):
        assert dspy.ReAct("question -> answer", tools=[look_up])(question="Capital?").answer == "Paris"
    outer = agentops_recording.spans()[0]
    assert (outer.kind, outer.name) == (SpanKind.AGENT, "ReAct")
    looked = agentops_recording.span("look_up")
    assert (looked.kind, looked.input, looked.output) == (SpanKind.TOOL, {"word": "Paris"}, "about Paris")
    assert len(agentops_recording.spans("llm")) == 3


def test_a_failure_counts_once(agentops_recording: Recording) -> None:
    """What the model raises passes through its module to the program, and is one error."""
    with dspy.context(lm=Canned(["broken"] * 2), adapter=dspy.JSONAdapter()), pytest.raises(Exception, match="broken"):
        dspy.Predict("question -> answer")(question="Capital?")
    failed = [span for span in agentops_recording.spans() if span.status is SpanStatus.ERROR]
    assert failed[0].name == "Predict"
    assert not failed[0].counted_error
    assert {span.kind for span in failed if span.counted_error} == {SpanKind.LLM}


async def test_runs_at_the_same_time_do_not_mix(agentops_recording: Recording) -> None:
    """Modules in concurrent tasks each have their own model call."""

    def answer(request: ReceivedRequest) -> Turn:
        return Turn(ANSWER.replace("Paris", request.last_message.split("?")[0][-1]))

    ask = dspy.Predict("question -> answer")
    with Provider(answer) as provider, dspy.context(lm=model(provider)):
        answers = await asyncio.gather(*(ask.acall(question=f"What of {letter}?") for letter in "abc"))
    assert [each.answer for each in answers] == ["a", "b", "c"]
    for module in (span for span in agentops_recording.spans() if span.name == "Predict"):
        inside = [span for span in agentops_recording.spans() if span.parent_id == module.span_id]
        assert [span.name for span in inside] == ["ChatAdapter.format", "chat gpt-x", "ChatAdapter.parse"]
    assert len(agentops_recording.spans("llm")) == 3


def test_the_handler_takes_what_it_took() -> None:
    """Its arguments are those of AgentOps 0.4."""
    import inspect  # noqa: PLC0415 - the other tests do without

    handler = importlib.import_module("agentops.integration.callbacks.dspy").DSPyCallbackHandler
    assert list(inspect.signature(handler).parameters) == ["api_key", "tags", "cache", "auto_session"]
