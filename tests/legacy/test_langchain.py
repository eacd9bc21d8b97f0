"""The handlers for LangChain's callbacks, with the real langchain-core and the real openai client below it."""

import asyncio
import gc
import inspect
import logging
from collections.abc import Callable
from typing import Any

import pytest
from langchain_core.agents import AgentAction, AgentFinish
from langchain_core.callbacks.manager import CallbackManager
from langchain_core.documents import Document
from langchain_core.language_models.fake import FakeListLLM
from langchain_core.language_models.fake_chat_models import FakeListChatModel, GenericFakeChatModel
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda, RunnableParallel
from langchain_core.tools import tool
from langchain_samples import LoopbackChat

import agentops
from agentops.domain.genai import Message, Part, Text, ToolCall, ToolResult, Usage
from agentops.domain.spans import SpanKind, SpanStatus
from agentops.legacy.callbacks.langchain import AsyncLangchainCallbackHandler, LangchainCallbackHandler, Observer
from agentops.testing import Provider, Recording, Turn

HANDLERS = (LangchainCallbackHandler, AsyncLangchainCallbackHandler)
both_handlers = pytest.mark.parametrize("handler", HANDLERS)


@pytest.fixture(autouse=True)
def no_callback_fails(caplog: pytest.LogCaptureFixture) -> Any:
    """LangChain logs what goes wrong in a handler, and goes on."""
    yield
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


@tool
def shout(word: str) -> str:
    """Say a word loudly."""
    return word.upper()


def exclaim(word: str) -> str:
    """A word with emphasis."""
    return f"{word}!"


def say_loudly(word: str) -> str:
    """A word, by a tool."""
    return str(shout.invoke({"word": word}))


def configured(handler: type[Observer]) -> RunnableConfig:
    """What a program gives LangChain."""
    return {"callbacks": [handler()]}  # pyright: ignore[reportReturnType] - the handlers are Observer and LangChain's class


def make_chain(model: Any) -> Runnable[Any, Any]:
    """Prompt, model, parser and a function that calls a tool."""
    prompt = ChatPromptTemplate.from_messages([("system", "Be brief."), ("user", "{question}")])
    return prompt | model | StrOutputParser() | RunnableLambda(lambda said: shout.invoke({"word": said}))


ASKED = {"question": "Why?"}
TREE = [
    "workflow RunnableSequence",
    "  task ChatPromptTemplate",
    "  llm chat gpt-x",
    "  task StrOutputParser",
    "  task RunnableLambda",
    "    tool shout",
]


def lines(recording: Recording) -> list[str]:
    """The outline of what lies within the session."""
    return [line.removeprefix("  ") for line in recording.tree().splitlines()[1:]]


async def read_events(chain: Runnable[Any, Any], config: RunnableConfig) -> str:
    """The last output of the events that LangChain streams."""
    last = ""
    async for event in chain.astream_events(ASKED, config, version="v2"):
        if event["event"] == "on_chain_end":
            last = event["data"].get("output", last)
    return last


async def read_stream(chain: Runnable[Any, Any], config: RunnableConfig) -> str:
    """The output of a chain that is streamed asynchronously."""
    return "".join([piece async for piece in chain.astream(ASKED, config)])


async def settled(result: Any) -> Any:
    """What a method of either kind gives."""
    return await result if inspect.isawaitable(result) else result


WAYS: dict[str, Callable[[Runnable[Any, Any], RunnableConfig], Any]] = {
    "invoke": lambda chain, config: chain.invoke(ASKED, config),
    "ainvoke": lambda chain, config: chain.ainvoke(ASKED, config),
    "stream": lambda chain, config: "".join(chain.stream(ASKED, config)),
    "astream": read_stream,
    "astream_events": read_events,
}


@both_handlers
@pytest.mark.parametrize("way", WAYS)
async def test_a_model_call_is_counted_once_where_the_client_makes_it(
    handler: type[Observer], way: str, agentops_recording: Recording, loopback_provider: Provider
) -> None:
    """In whatever way a chain is run, its model call is one LLM span: the client's."""
    loopback_provider.say(Turn("because", usage=Usage(input=7, output=1)))
    assert await settled(WAYS[way](make_chain(LoopbackChat()), configured(handler))) == "BECAUSE"
    assert sorted(lines(agentops_recording)) == sorted(
        TREE
    )  # streamed, the later steps begin before the model is asked
    call = agentops_recording.spans("llm")[0]
    assert (call.source, call.response.usage if call.response else None) == (
        "agentops.openai",
        Usage(input=7, output=1),
    )


@both_handlers
def test_a_model_that_nobody_observes_is_counted_from_the_callbacks(
    handler: type[Observer], agentops_recording: Recording
) -> None:
    """Prompt, answer, tool calls, tokens and model of a model call are read from what LangChain tells."""
    answer = AIMessage(
        "Let me look.",
        tool_calls=[{"name": "shout", "args": {"word": "x"}, "id": "call_1"}],
        usage_metadata={
            "input_tokens": 30,
            "output_tokens": 12,
            "total_tokens": 42,
            "input_token_details": {"cache_read": 20},
            "output_token_details": {"reasoning": 4},
        },
        response_metadata={"model_name": "gpt-x-1", "finish_reason": "tool_calls", "id": "resp_1"},
    )
    earlier = [
        SystemMessage("Be brief."),
        HumanMessage("Why?"),
        AIMessage("", tool_calls=[{"name": "shout", "args": {"word": "y"}, "id": "call_0"}]),
        ToolMessage("Y", tool_call_id="call_0", name="shout"),
    ]
    model = GenericFakeChatModel(messages=iter([answer]))
    model.bind(stop=["."]).invoke(earlier, {**configured(handler), "tags": ["a"], "metadata": {"user": "u1"}})
    call = agentops_recording.span()
    assert call.request is not None
    assert call.response is not None
    assert (call.kind, call.status, call.name) == (SpanKind.LLM, SpanStatus.OK, "chat")
    assert call.request.messages == [
        Message("system", [Text("Be brief.")]),
        Message("user", [Text("Why?")]),
        Message("assistant", [ToolCall("shout", {"word": "y"}, "call_0")]),
        Message("tool", [ToolResult("Y", "call_0", "shout")]),
    ]
    assert call.request.parameters["stop"] == ["."]
    said: list[Part] = [Text("Let me look."), ToolCall("shout", {"word": "x"}, "call_1")]
    assert call.response.messages == [Message("assistant", said, finish_reason="tool_calls")]
    assert (call.response.model, call.response.id) == ("gpt-x-1", "resp_1")
    assert call.response.usage == Usage(input=10, cache_read=20, output=8, reasoning=4)
    assert call.attributes["agentops.run.tags"] == ["a"]
    assert call.attributes["agentops.run.metadata"]["user"] == "u1"


@both_handlers
def test_a_completion_of_text_is_a_model_call(handler: type[Observer], agentops_recording: Recording) -> None:
    """Models that complete texts are recorded like chat models."""
    assert FakeListLLM(responses=["because"]).invoke("Why?", configured(handler)) == "because"
    call = agentops_recording.span()
    assert call.request is not None
    assert call.response is not None
    assert (call.kind, call.request.operation) == (SpanKind.LLM, "text_completion")
    assert call.request.messages == [Message("user", [Text("Why?")])]
    assert call.response.messages == [Message("assistant", [Text("because")])]


@both_handlers
def test_the_reader_of_a_stream_has_its_turn(
    handler: type[Observer], agentops_recording: Recording, loopback_provider: Provider
) -> None:
    """What a program does between the pieces of a streamed answer, and after them, is no part of the call."""
    loopback_provider.say(Turn("one two"))
    for _ in LoopbackChat().stream("Why?", configured(handler)):
        with agentops.span("reading"):
            pass
    with agentops.span("after"):
        pass
    assert lines(agentops_recording)[0] == "llm chat gpt-x"
    assert set(lines(agentops_recording)[1:]) == {"task reading", "task after"}


@both_handlers
async def test_the_reader_of_an_asynchronous_stream_has_its_turn(
    handler: type[Observer], agentops_recording: Recording, loopback_provider: Provider
) -> None:
    """The same where LangChain tells of the end in another task."""
    loopback_provider.say(Turn("one two"))
    async for _ in LoopbackChat().astream("Why?", configured(handler)):
        with agentops.span("reading"):
            pass
    with agentops.span("after"):
        pass
    assert lines(agentops_recording)[0] == "llm chat gpt-x"
    assert set(lines(agentops_recording)[1:]) == {"task reading", "task after"}


@both_handlers
def test_the_first_token_of_a_stream_is_timed(handler: type[Observer], agentops_recording: Recording) -> None:
    """A streamed answer says when its first piece came."""
    model = GenericFakeChatModel(messages=iter([AIMessage("one two three")]))
    assert "".join(str(piece.content) for piece in model.stream("Why?", configured(handler))) == "one two three"
    call = agentops_recording.span()
    assert call.first_token is not None
    assert call.end is not None
    assert call.start < call.first_token < call.end
    assert call.response is not None
    assert call.response.messages[0].text == "one two three"


@both_handlers
def test_an_abandoned_chain_leaves_nothing_current(
    handler: type[Observer], agentops_recording: Recording, loopback_provider: Provider
) -> None:
    """A chain whose reader leaves it ends, and what comes after stands beside it."""
    loopback_provider.say(Turn("one two three"))
    for _ in (ChatPromptTemplate.from_template("{question}") | LoopbackChat()).stream(ASKED, configured(handler)):
        break
    gc.collect()
    with agentops.span("after"):
        pass
    assert lines(agentops_recording)[-1] == "task after"
    assert SpanStatus.RUNNING not in {span.status for span in agentops_recording.spans()}


@both_handlers
async def test_what_follows_an_awaited_chain_stands_beside_it(
    handler: type[Observer], agentops_recording: Recording
) -> None:
    """Two chains in one task are neighbours, and so is what the task does then."""
    config = configured(handler)
    model = FakeListChatModel(responses=["a", "b"])
    await model.ainvoke("1", config)
    await model.ainvoke("2", config)
    with agentops.span("after"):
        pass
    assert lines(agentops_recording) == ["llm chat", "llm chat", "task after"]


@both_handlers
async def test_runs_at_the_same_time_do_not_mix(
    handler: type[Observer], agentops_recording: Recording, loopback_provider: Provider
) -> None:
    """Chains in concurrent tasks, in a batch and in parallel branches each have their own spans."""
    chain = make_chain(LoopbackChat())
    config = configured(handler)
    await asyncio.gather(*(chain.ainvoke({"question": f"q{number}"}, config) for number in range(3)))
    await asyncio.to_thread(chain.batch, [{"question": "b1"}, {"question": "b2"}], config)
    await RunnableParallel(left=chain, right=chain).ainvoke({"question": "p"}, config)
    sequences = [span for span in agentops_recording.spans() if span.name == "RunnableSequence"]
    assert len(sequences) == 7
    for sequence in sequences:
        inside = [span for span in agentops_recording.spans() if span.parent_id == sequence.span_id]
        assert [span.name for span in inside] == [
            "ChatPromptTemplate",
            "chat gpt-x",
            "StrOutputParser",
            "RunnableLambda",
        ]
        assert inside[1].request is not None
        assert inside[0].input["question"] == inside[1].request.messages[-1].text
    assert len(agentops_recording.spans("llm")) == 7


@both_handlers
def test_what_a_function_of_a_chain_does_stands_under_it(
    handler: type[Observer], agentops_recording: Recording
) -> None:
    """Decorated functions inside a chain, and chains inside decorated functions, nest as they are called."""
    config = configured(handler)
    inner = RunnableLambda(exclaim).with_config(run_name="inner")

    @agentops.task
    def work(word: str) -> str:
        return inner.invoke(word)

    assert RunnableLambda(work).with_config(run_name="outer").invoke("x", config) == "x!"
    assert lines(agentops_recording) == [
        "workflow outer",
        "  task work",
        "    task inner",
    ]


class Shelf(BaseRetriever):
    """Finds one document."""

    def _get_relevant_documents(self, query: str, *, run_manager: Any) -> list[Document]:
        return [Document(page_content=f"about {query}", metadata={"page": 1})]


@both_handlers
def test_a_retriever_is_recorded_with_what_it_found(handler: type[Observer], agentops_recording: Recording) -> None:
    """A search is a retrieval with its query and its documents."""
    Shelf().invoke("rivers", configured(handler))
    search = agentops_recording.span()
    assert (search.kind, search.name, search.input) == (SpanKind.RETRIEVAL, "Shelf", "rivers")
    assert search.output[0]["page_content"] == "about rivers"


@both_handlers
def test_a_tool_is_recorded_with_its_arguments_and_result(
    handler: type[Observer], agentops_recording: Recording
) -> None:
    """A tool has the arguments by their names, and the content of the message that LangChain makes of its result."""
    shout.invoke({"name": "shout", "args": {"word": "x"}, "id": "call_1", "type": "tool_call"}, configured(handler))
    called = agentops_recording.span()
    assert (called.kind, called.name, called.input, called.output) == (SpanKind.TOOL, "shout", {"word": "x"}, "X")


@both_handlers
@pytest.mark.parametrize("way", ["invoke", "ainvoke"])
async def test_a_failure_counts_once(handler: type[Observer], way: str, agentops_recording: Recording) -> None:
    """An exception passes through tool, function and chain to the program, and is one error."""

    @tool
    def break_down(word: str) -> str:
        """Never works."""
        raise RuntimeError(word)

    chain = RunnableLambda(str) | RunnableLambda(lambda word: break_down.invoke({"word": word}))
    with pytest.raises(RuntimeError, match="broken"):
        await settled(getattr(chain, way)("broken", configured(handler)))
    failed = [span for span in agentops_recording.spans() if span.status is SpanStatus.ERROR]
    assert [span.name for span in failed] == ["RunnableSequence", "RunnableLambda", "break_down"]
    assert [span.counted_error for span in failed] == [False, False, True]


@both_handlers
def test_a_model_that_refuses_is_one_error(
    handler: type[Observer], agentops_recording: Recording, loopback_provider: Provider
) -> None:
    """The provider's refusal is recorded by the client and passes through LangChain uncounted."""
    from openai import RateLimitError  # noqa: PLC0415 - the other tests do without

    from agentops.testing import Fault  # noqa: PLC0415 - as above

    loopback_provider.say(Turn(fault=Fault.refused(429, message="Slow down.")))
    with pytest.raises(RateLimitError):
        LoopbackChat().invoke("Why?", configured(handler))
    assert [(span.kind, span.counted_error) for span in agentops_recording.spans()] == [(SpanKind.LLM, True)]


@both_handlers
def test_a_chain_that_decides_is_an_agent(handler: type[Observer], agentops_recording: Recording) -> None:
    """Where LangChain tells of an agent's decisions, the chain is the agent and they are moments of it."""
    manager = CallbackManager.configure(inheritable_callbacks=[handler()])  # pyright: ignore[reportArgumentType]
    run = manager.on_chain_start({"name": "decider"}, {"question": "Why?"})
    run.on_agent_action(AgentAction(tool="shout", tool_input={"word": "x"}, log=""))
    run.on_agent_finish(AgentFinish({"output": "X"}, ""))
    run.on_text("thinking")
    run.on_chain_end({"output": "X"})
    decider = agentops_recording.span()
    assert (decider.kind, decider.name) == (SpanKind.AGENT, "decider")
    assert [(event.name, event.attributes) for event in decider.events] == [
        ("agent action", {"tool": "shout", "input": {"word": "x"}}),
        ("agent finish", {"returns": {"output": "X"}}),
        ("text", {"text": "thinking"}),
    ]


@both_handlers
def test_hidden_runs_are_not_shown(handler: type[Observer], agentops_recording: Recording) -> None:
    """What a framework does for itself has no span; what happens in it belongs to the run around."""
    hidden = RunnableLambda(say_loudly).with_config(tags=["langsmith:hidden"])
    (RunnableLambda(str) | hidden).invoke("x", configured(handler))
    assert lines(agentops_recording) == [
        "workflow RunnableSequence",
        "  task str",
        "  tool shout",
    ]


@both_handlers
def test_a_cached_answer_costs_nothing(handler: type[Observer], agentops_recording: Recording) -> None:
    """An answer from LangChain's cache is recorded with the tokens that it once took and no cost."""
    from langchain_core.caches import InMemoryCache  # noqa: PLC0415 - the other tests do without

    usage: Any = {"input_tokens": 3, "output_tokens": 1, "total_tokens": 4}
    model = GenericFakeChatModel(messages=iter([AIMessage("a", usage_metadata=usage)]), cache=InMemoryCache())
    model.invoke("Why?")
    model.invoke("Why?", configured(handler))
    call = agentops_recording.spans()[-1]
    assert call.response is not None
    assert (call.response.usage, call.cost) == (Usage(input=3, output=1), "0")


@pytest.mark.parametrize(
    "place", ["agentops.integration.callbacks.langchain", "agentops.partners.langchain_callback_handler", "agentops"]
)
def test_the_handlers_are_where_programs_look_for_them(place: str) -> None:
    """Both handlers can be imported from the places of both generations of AgentOps."""
    from importlib import import_module  # noqa: PLC0415 - the other tests do without

    module = import_module(place)
    assert module.LangchainCallbackHandler is LangchainCallbackHandler
    assert module.AsyncLangchainCallbackHandler is AsyncLangchainCallbackHandler


@both_handlers
@pytest.mark.parametrize(
    ("arguments", "named", "tags"),
    [
        (("a key", ["one", "two"]), {}, {"one", "two"}),
        (("a key",), {"tags": ["one"]}, {"one"}),
        (("a key", "http://127.0.0.1:9", 5000, 512, ["three"]), {}, {"three"}),
        ((), {"default_tags": ["four"], "max_queue_size": 100}, {"four"}),
    ],
)
def test_arguments_of_both_generations_begin_to_record(
    handler: type[Observer], arguments: tuple[Any, ...], named: dict[str, Any], tags: set[str]
) -> None:
    """Where the program did not call `init`, making a handler does, with the key, collector and tags that it got."""
    made = handler(*arguments, **named)
    session = agentops.current_session()
    assert session is not None
    assert (set(session.tags), made.session_id) == (tags, session.session_id)
    assert agentops.get_api_key() == (arguments[0] if arguments else None)
    assert made.current_session_ids == [session.session_id]


@both_handlers
def test_a_handler_without_a_session_leaves_recording_alone(handler: type[Observer]) -> None:
    """`auto_session=False`, by name or as 0.4's third argument, begins nothing."""
    handler(auto_session=False)
    handler("a key", ["tag"], False)  # noqa: FBT003 - as programs of 0.4 call it
    assert agentops.get_client().initialized is False
