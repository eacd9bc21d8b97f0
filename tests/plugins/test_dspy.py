"""DSPy is seen by its own callbacks, whatever the program configures; DSPy is large: `make matrix` installs it."""

from collections.abc import Iterator
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest

from agentops.domain.genai import Usage
from agentops.testing import Recording
from agentops.testing.observing import put_in
from agentops_plugins.dspy import BRIDGE

dspy: Any = pytest.importorskip("dspy")
pytestmark = pytest.mark.filterwarnings("ignore")  # dspy and litellm warn of themselves

ANSWER = "[[ ## answer ## ]]\nParis\n\n[[ ## completed ## ]]"
TREE = ["workflow Predict", "  task ChatAdapter.format", "  llm chat canned", "  task ChatAdapter.parse"]


@pytest.fixture(autouse=True)
def observed(agentops_recording: Recording, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """DSPy and nothing else; litellm, which DSPy calls, takes the prices in its own package."""
    monkeypatch.setenv("LITELLM_LOCAL_MODEL_COST_MAP", "True")
    with agentops_recording.observing.only([BRIDGE]):
        yield


class Canned(dspy.BaseLM):
    """A model that nobody observes."""

    def __init__(self) -> None:
        dspy.BaseLM.__init__(self, model="own/canned")

    def forward(self, prompt: Any = None, messages: Any = None, **kwargs: Any) -> Any:
        """Always the same answer, in the shape of the OpenAI API."""
        message = SimpleNamespace(content=ANSWER, tool_calls=None)
        choice = SimpleNamespace(message=message, finish_reason="stop")
        usage = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
        return SimpleNamespace(id="r1", choices=[choice], usage=usage, model="canned-1", _hidden_params={})


def ask() -> Any:
    """One module that asks one model."""
    return dspy.Predict("question -> answer")(question="Capital of France?").answer


def lines(recording: Recording) -> list[str]:
    """The outline of what lies within the session."""
    return [line.removeprefix("  ") for line in recording.tree().splitlines()[1:]]


def test_a_program_that_configures_its_own_callbacks_is_seen(agentops_recording: Recording) -> None:
    """Its callbacks replace those that DSPy knew of, and both are told; what it configured it finds as it was."""
    told: list[Any] = []
    kind: Any = import_module("dspy.utils.callback").BaseCallback
    theirs = kind()
    theirs.on_module_start = lambda **call: told.append(call)  # pyright: ignore[reportUnknownLambdaType]
    with dspy.context(lm=Canned(), callbacks=[theirs]):
        assert dspy.settings.callbacks == [theirs]
        assert ask() == "Paris"
    assert lines(agentops_recording) == TREE
    assert told
    (call,) = agentops_recording.spans("llm")
    assert call.response is not None
    assert call.response.usage == Usage(input=7, output=3)


def test_a_handler_given_by_hand_doubles_nothing(agentops_recording: Recording) -> None:
    """A program that configures the handler of earlier versions has each call once."""
    handler = import_module("agentops.integration.callbacks.dspy").DSPyCallbackHandler()
    with dspy.context(lm=Canned(), callbacks=[handler]):
        assert ask() == "Paris"
    assert lines(agentops_recording) == TREE


def test_nothing_is_left_when_observing_ends() -> None:
    """DSPy's settings are asked as they were."""
    settings: Any = import_module("dspy.dsp.utils.settings").Settings
    with_ours = settings.get
    installed = put_in(BRIDGE, "dspy")
    assert settings.get is not with_ours
    installed.undo()
    assert settings.get is with_ours
