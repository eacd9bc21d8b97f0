"""The plugin for `claude-agent-sdk`, with a small program in place of Claude's command line."""

import asyncio
import gc
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import agentops
from agentops.domain.genai import Usage
from agentops.domain.spans import SpanStatus
from agentops.testing import Recording, record
from agentops.testing.outline import drawn, line_of
from agentops_plugins.claude_agent_sdk import BRIDGE

sdk: Any = pytest.importorskip("claude_agent_sdk")
pytestmark = pytest.mark.filterwarnings("ignore")  # of what the library leaves open when a program ends

ANSWER = "Paris has 2100000 people."
TURN = """\
agent claude
  llm chat claude-sonnet-4-5
  tool population
  tool population [error] error: Atlantis is not known
  llm chat claude-sonnet-4-5
  tool Task
    llm chat claude-sonnet-4-5
  llm chat claude-sonnet-4-5"""


@pytest.fixture(name="recording")
def observe_claude() -> Iterator[Recording]:
    """What the plugin sees."""
    with record(plugins=False, strict=True) as opened, opened.observing.only([BRIDGE]):
        yield opened
    gc.collect()  # so that what the library leaves open is warned of here


@pytest.fixture(name="options")
def make_options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """What has the stand-in run, in one of its ways."""
    program = tmp_path / "claude"
    stand_in = Path(__file__).with_name("claude_stand_in.py")
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{stand_in}" "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("CLAUDE_AGENT_SDK_SKIP_VERSION_CHECK", "1")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    named = {"cli_path": str(program)} if hasattr(sdk.ClaudeAgentOptions, "cli_path") else {}
    return lambda way: sdk.ClaudeAgentOptions(env={"CLAUDE_STAND_IN": way}, **named)


async def ask(options: Any, prompt: Any = "How large?") -> list[Any]:
    """All messages of one question."""
    return [message async for message in sdk.query(prompt=prompt, options=options)]


def tree(recording: Recording) -> str:
    """The spans of the session, without it."""
    lines = drawn(recording.spans(), line_of).splitlines()
    return "\n".join(lines)


def test_a_turn_is_seen_with_its_model_calls_and_tools(recording: Recording, options: Any) -> None:
    """The parts of an answer are one call, the tools stand under whoever called them, and so do agents sent for."""
    messages = asyncio.run(ask(options("well")))
    assert messages[-1].result == ANSWER
    assert tree(recording) == TURN
    (turn,) = recording.spans("agent")
    assert (turn.input, turn.output) == ("How large?", ANSWER)
    assert turn.attributes["gen_ai.conversation.id"] == "s1"


def test_tokens_are_those_of_the_result(recording: Recording, options: Any) -> None:
    """The calls are told of before they are counted; what is missing is counted with the last."""
    with agentops.session("session") as session:
        asyncio.run(ask(options("well")))
    calls = [span.response.usage for span in recording.spans("llm") if span.response is not None]
    assert sorted(usage.output for usage in calls if usage is not None and usage.output) == [1, 1, 1, 47]
    assert Usage(input=10, output=47) in calls
    assert (session.analytics.llm_calls, session.analytics.output_tokens) == (4, 50)


def test_what_goes_in_is_what_was_asked_and_what_tools_said(recording: Recording, options: Any) -> None:
    """Each call has what is new since the one before."""
    asyncio.run(ask(options("well")))
    first, second, *_ = recording.spans("llm")
    assert first.request is not None
    assert second.request is not None
    assert first.request.messages[0].text == "How large?"
    assert "Atlantis is not known" in str(second.request.messages[0].parts)


def test_a_turn_without_an_answer_is_an_error(recording: Recording, options: Any) -> None:
    """It says which, and the program goes on as without agentops."""
    messages = asyncio.run(ask(options("badly")))
    (turn,) = recording.spans("agent")
    assert messages[-1].is_error
    assert turn.error is not None
    assert (turn.status, turn.error.message) == (SpanStatus.ERROR, "error_max_turns")


def test_a_command_line_that_goes_away_ends_the_turn(recording: Recording, options: Any) -> None:
    """The program gets the library's error, the turn the same; what was heard is kept."""
    with pytest.raises(Exception, match="exit code") as raised:
        asyncio.run(ask(options("away")))
    (turn,) = recording.spans("agent")
    assert turn.error is not None
    assert turn.error.type.endswith(type(raised.value).__name__)
    assert all(span.status is not SpanStatus.RUNNING for span in recording.spans())
    assert len(recording.spans("llm")) == 1


def test_a_program_that_reads_no_further_leaves_nothing_open(recording: Recording, options: Any) -> None:
    """The turn ends with what it came to."""

    async def peek() -> None:
        async with sdk.ClaudeSDKClient(options=options("well")) as client:
            await client.query("How large?")
            async for message in client.receive_messages():
                if type(message).__name__ == "AssistantMessage":
                    break

    asyncio.run(peek())
    assert [span.name for span in recording.spans("agent")] == ["claude"]
    assert all(span.status is not SpanStatus.RUNNING for span in recording.spans())


def test_a_client_is_asked_turn_by_turn(recording: Recording, options: Any) -> None:
    """Each question is a turn of its own, from when it is asked."""

    async def talk() -> list[Any]:
        answers: list[Any] = []
        async with sdk.ClaudeSDKClient(options=options("well")) as client:
            for question in ("How large?", "And now?"):
                await client.query(question)
                answers += [message async for message in client.receive_response()]
        return answers

    answers = asyncio.run(talk())
    assert [message.result for message in answers if hasattr(message, "result")] == [ANSWER, ANSWER]
    assert tree(recording) == f"{TURN}\n{TURN}"
    assert [turn.input for turn in recording.spans("agent")] == ["How large?", "And now?"]


def test_prompts_that_come_one_by_one_are_a_turn_too(recording: Recording, options: Any) -> None:
    """What was asked is not known then."""

    async def prompts() -> Any:
        yield {"type": "user", "message": {"role": "user", "content": "How large?"}}

    messages = asyncio.run(ask(options("well"), prompts()))
    assert messages[-1].result == ANSWER
    assert tree(recording) == TURN


def test_nothing_stays_when_it_is_taken_out() -> None:
    """The library's own functions are back."""
    module = sys.modules["claude_agent_sdk._internal.query"]
    before = module.Query.receive_messages, sdk.ClaudeSDKClient.query
    with record(plugins=False) as opened, opened.observing.only([BRIDGE]):
        assert module.Query.receive_messages is not before[0]
    assert (module.Query.receive_messages, sdk.ClaudeSDKClient.query) == before
