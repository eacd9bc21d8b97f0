"""LangChain is seen by its own callbacks, with no handler given, and once however many handlers are given."""

import asyncio
import copy
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import openai
import pytest
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.language_models.fake_chat_models import FakeListChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import Runnable, RunnableLambda
from langchain_core.tools import tool
from langchain_core.tracers import context as hooks

from agentops.domain.genai import Usage
from agentops.domain.spans import SpanStatus
from agentops.legacy.callbacks.langchain import AsyncLangchainCallbackHandler, LangchainCallbackHandler
from agentops.testing import Provider, Recording, Turn
from agentops.testing.observing import put_in
from agentops_plugins.langchain_core import BRIDGE
from agentops_plugins.openai import INSTRUMENTATION

ASKED = {"question": "Why?"}


@pytest.fixture(autouse=True)
def observed(agentops_recording: Recording) -> Iterator[None]:
    """LangChain and the client below it, and nothing else."""
    with agentops_recording.observing.only([BRIDGE, INSTRUMENTATION]):
        yield


@tool
def shout(word: str) -> str:
    """Say a word loudly."""
    return word.upper()


class Loopback(BaseChatModel):
    """A chat model that asks the loopback provider through the real openai client."""

    @property
    def _llm_type(self) -> str:
        return "loopback"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        with openai.OpenAI(max_retries=0) as client:
            asked: Any = [{"role": "user", "content": message.content} for message in messages]
            answer = client.chat.completions.create(model="gpt-x", messages=asked)
        return ChatResult(generations=[ChatGeneration(message=AIMessage(answer.choices[0].message.content or ""))])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        with openai.OpenAI(max_retries=0) as client:
            asked: Any = [{"role": "user", "content": message.content} for message in messages]
            for chunk in client.chat.completions.create(model="gpt-x", messages=asked, stream=True):
                content = chunk.choices[0].delta.content if chunk.choices else None
                if content:
                    yield ChatGenerationChunk(message=AIMessageChunk(content=content))


def shout_message(message: Any) -> Any:
    """Say a message loudly, by the tool."""
    return shout.invoke({"word": message.content})


def make_chain(model: Any) -> Runnable[Any, Any]:
    """Prompt, model and a function that calls a tool."""
    prompt = ChatPromptTemplate.from_messages([("user", "{question}")])
    return prompt | model | RunnableLambda(shout_message)


TREE = [
    "workflow RunnableSequence",
    "  task ChatPromptTemplate",
    "  llm chat gpt-x",
    "  task shout_message",
    "    tool shout",
]


def lines(recording: Recording) -> list[str]:
    """The outline of what lies within the session."""
    return [line.removeprefix("  ") for line in recording.tree().splitlines()[1:]]


async def read(stream: AsyncIterator[Any]) -> str:
    """The whole of a stream."""
    return "".join([str(piece) async for piece in stream])


@pytest.mark.parametrize("way", ["invoke", "ainvoke", "stream", "astream"])
def test_a_chain_is_seen_with_no_handler(way: str, agentops_recording: Recording, loopback_provider: Provider) -> None:
    """In whatever way a chain is run, its steps are spans, and its model call is the client's, counted once."""
    loopback_provider.say(Turn("because", usage=Usage(input=7, output=1)))
    chain = make_chain(Loopback())
    ways: dict[str, Any] = {
        "invoke": lambda: chain.invoke(ASKED),
        "ainvoke": lambda: asyncio.run(chain.ainvoke(ASKED)),
        "stream": lambda: "".join(chain.stream(ASKED)),
        "astream": lambda: asyncio.run(read(chain.astream(ASKED))),
    }
    assert ways[way]() == "BECAUSE"
    assert sorted(lines(agentops_recording)) == sorted(TREE)  # streamed, the last step begins before the model is asked
    assert len(loopback_provider.requests) == 1


@pytest.mark.parametrize("handler", [LangchainCallbackHandler, AsyncLangchainCallbackHandler])
@pytest.mark.parametrize("way", ["invoke", "ainvoke"])
def test_a_handler_given_by_hand_doubles_nothing(
    way: str, handler: Any, agentops_recording: Recording, loopback_provider: Provider
) -> None:
    """A program that passes the handler of earlier versions has each run once."""
    loopback_provider.say(Turn("because"))
    config: Any = {"callbacks": [handler()]}
    chain = make_chain(Loopback())
    result = asyncio.run(chain.ainvoke(ASKED, config)) if way == "ainvoke" else chain.invoke(ASKED, config)
    assert result == "BECAUSE"
    assert lines(agentops_recording) == TREE


def test_runs_in_threads_are_seen(agentops_recording: Recording) -> None:
    """A chain that runs in a thread of the program's own is seen like any other."""
    thread = threading.Thread(target=lambda: FakeListChatModel(responses=["a"]).invoke("Why?"))
    thread.start()
    thread.join()
    assert lines(agentops_recording) == ["llm chat"]


def test_a_batch_of_prompts_is_counted_where_the_client_asks(
    agentops_recording: Recording, loopback_provider: Provider
) -> None:
    """Several prompts that LangChain tells of before it asks the first are as many model calls as were made."""
    loopback_provider.say(Turn("a"), Turn("b"))
    Loopback().generate([[AIMessage("1")], [AIMessage("2")]])
    assert lines(agentops_recording) == ["llm chat gpt-x", "llm chat gpt-x"]


def test_a_failing_tool_is_one_error(agentops_recording: Recording) -> None:
    """What a tool raises reaches the program as it is, and counts once."""

    @tool
    def break_down(word: str) -> str:
        """Never works."""
        raise RuntimeError(word)

    with pytest.raises(RuntimeError, match="broken"):
        (RunnableLambda(str) | break_down).invoke("broken")
    failed = [span for span in agentops_recording.spans() if span.status is SpanStatus.ERROR]
    assert [(span.name, span.counted_error) for span in failed] == [("RunnableSequence", False), ("break_down", True)]


def test_a_copied_configuration_goes_on_recording_the_same_runs(agentops_recording: Recording) -> None:
    """Programs may copy a configuration with the handlers in it, in the middle of a run."""

    def go_on(word: str, config: Any) -> str:
        return RunnableLambda(str.upper).with_config(run_name="inner").invoke(word, copy.deepcopy(config))

    assert RunnableLambda(go_on).with_config(run_name="outer").invoke("x") == "X"
    assert lines(agentops_recording) == ["workflow outer", "  task inner"]


def test_nothing_is_left_when_observing_ends() -> None:
    """The hook is taken out of LangChain again."""
    registered: list[Any] = hooks._configure_hooks  # pyright: ignore[reportPrivateUsage] # noqa: SLF001 - that is the promise
    before = list(registered)
    installed = put_in(BRIDGE, "langchain_core")
    assert len(registered) == len(before) + 1
    installed.undo()
    assert registered == before
