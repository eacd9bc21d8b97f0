"""What is read of `smolagents`, on stand-ins of its names and shapes; `tests/frameworks` runs the library itself."""

import sys
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import pytest
from stand_ins import Put, record, told

import agentops
from agentops.domain.genai import ToolCall, Usage
from agentops.testing import Recording
from agentops_plugins import smolagents


class MessageRole(StrEnum):
    """Who speaks."""

    USER = "user"
    ASSISTANT = "assistant"


class FinalAnswerStep:
    """The last piece of a run; before 1.17 the answer is called otherwise."""

    def __init__(self, **answer: Any) -> None:
        vars(self).update(answer)


@pytest.fixture(name="session", autouse=True)
def observe_smolagents(agentops_recording: Recording, put: Put) -> Iterator[Any]:
    """The plugin, at work on stand-ins."""

    class MultiStepAgent:
        name = "ann"

        def run(self, task: str, *, stream: bool = False) -> Any:
            if stream:
                return iter([record(step_number=1), FinalAnswerStep(final_answer="done")])
            return iter("abc") if task == "Spell." else "done"

    class Tool:
        name = "population"
        inputs = dict.fromkeys(("city", "year"), "any")

        def __call__(self, *args: Any, sanitize_inputs_outputs: bool = False, **kwargs: Any) -> Any:
            return [*args, *kwargs.values(), sanitize_inputs_outputs]

    class TransformersModel:
        model_id = "own-1"
        last_input_token_count: int | None = None
        last_output_token_count: int | None = None

        def generate(self, _messages: list[Any]) -> Any:
            self.last_input_token_count, self.last_output_token_count = 7, 3
            call = record(id="c1", function=record(name="population", arguments={"city": "Paris"}))
            return record(role=MessageRole.ASSISTANT, content=None, tool_calls=[call])

        def generate_stream(self, _messages: list[Any]) -> Iterator[Any]:
            yield record(content="do", token_usage=None)
            yield record(content="ne", token_usage=record(input_tokens=8, output_tokens=2))

    put("smolagents.agents", {"MultiStepAgent": MultiStepAgent})
    put("smolagents.tools", {"Tool": Tool})
    put("smolagents.models", {"TransformersModel": TransformersModel})
    with agentops_recording.observing.only([smolagents.INSTRUMENTATION]), agentops.session("session") as session:
        yield session


def test_an_answer_may_be_anything(agentops_recording: Recording) -> None:
    """A stream is read to its last step; an answer that could be iterated stays as it is."""
    agent = sys.modules["smolagents.agents"].MultiStepAgent()
    assert agent.run("Find out.") == "done"
    assert len(list(agent.run("Find out.", stream=True))) == 2
    assert list(agent.run("Spell.")) == ["a", "b", "c"]
    assert [line[:4] for line in told(agentops_recording)[:2]] == [("agent", "ann", "Find out.", "done")] * 2


def test_a_tool_is_called_with_what_it_calls_its_inputs(agentops_recording: Recording) -> None:
    """By position, by name, or all in one dictionary."""
    tool = sys.modules["smolagents.tools"].Tool()
    assert tool("Paris", year=1900) == ["Paris", 1900, False]
    assert tool({"city": "Paris"}, sanitize_inputs_outputs=True) == [{"city": "Paris"}, True]
    assert [line[:3] for line in told(agentops_recording)] == [
        ("tool", "population", {"city": "Paris", "year": 1900}),
        ("tool", "population", {"city": "Paris"}),
    ]


def test_a_model_that_runs_here_is_told_of_by_its_class(agentops_recording: Recording, session: Any) -> None:
    """With the tokens that it says, or that it keeps."""
    model = sys.modules["smolagents.models"].TransformersModel()
    said = [record(role=MessageRole.USER, content=[{"type": "text", "text": "How large?"}])]
    model.generate(said)
    assert len(list(model.generate_stream(said))) == 2
    called, streamed = agentops_recording.spans("llm")
    assert called.request is not None
    assert called.response is not None
    assert streamed.response is not None
    assert (called.name, called.request.provider) == ("chat own-1", "transformers")
    assert (called.request.messages[0].role, called.request.messages[0].text) == ("user", "How large?")
    assert called.response.messages[0].parts == [ToolCall("population", {"city": "Paris"}, "c1")]
    assert (called.response.usage, streamed.response.usage) == (Usage(input=7, output=3), Usage(input=8, output=2))
    assert streamed.response.messages[0].text == "done"
    assert session.analytics.llm_calls == 2
