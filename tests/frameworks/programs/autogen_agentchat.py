"""A researcher looks cities up by a tool, and a writer says in a sentence what came of it."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from urllib.request import Request, urlopen

from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.base import TaskResult
from autogen_agentchat.conditions import MaxMessageTermination, TextMentionTermination
from autogen_agentchat.teams import RoundRobinGroupChat
from autogen_core import FunctionCall
from autogen_core.models import ChatCompletionClient, CreateResult, LLMMessage, RequestUsage
from autogen_ext.models.openai import OpenAIChatCompletionClient


async def population(city: str) -> int:
    """How many people live in a city."""
    if city != "Paris":
        raise LookupError(f"{city} is not known")
    return 2_100_000


def fetch(body: bytes) -> dict:
    """Ask by HTTP alone."""
    address = os.environ["OPENAI_BASE_URL"] + "/chat/completions"
    with urlopen(Request(address, body, {"content-type": "application/json"})) as answer:
        return json.load(answer)


class Plain(ChatCompletionClient):
    """A model that no client library is for, and that calls a tool where it has one."""

    model = "plain-1"
    model_info = {  # noqa: RUF012 - as the base class has it
        "vision": False,
        "function_calling": True,
        "json_output": False,
        "family": "unknown",
        "structured_output": False,
    }
    capabilities = model_info

    async def create(self, messages: list[LLMMessage], tools: tuple = (), **_settings: object) -> CreateResult:
        """One answer."""
        asked = [{"role": "user", "content": str(message.content)} for message in messages]
        said = await asyncio.to_thread(fetch, json.dumps({"model": self.model, "messages": asked}).encode())
        tokens = RequestUsage(said["usage"]["prompt_tokens"], said["usage"]["completion_tokens"])
        content = said["choices"][0]["message"]["content"]
        if tools:
            content = [FunctionCall(id="1", name="population", arguments='{"city": "Paris"}')]
        return CreateResult(
            finish_reason="function_calls" if tools else "stop", content=content, usage=tokens, cached=False
        )

    async def create_stream(self, messages: list[LLMMessage], **settings: object) -> AsyncIterator[str | CreateResult]:
        """One answer, as one piece."""
        result = await self.create(messages, **settings)
        yield result.content
        yield result

    async def close(self) -> None:
        """Nothing is open."""

    def actual_usage(self) -> RequestUsage:
        """Nobody asks."""
        return RequestUsage(0, 0)

    total_usage = actual_usage

    def count_tokens(self, *_messages: object, **_settings: object) -> int:
        """Nobody asks."""
        return 0

    remaining_tokens = count_tokens


async def main() -> None:
    """Let the team work, then the writer alone, whole and piece by piece, then poets."""
    client = OpenAIChatCompletionClient(model="gpt-4o-mini")
    researcher = AssistantAgent("researcher", client, tools=[population], system_message="You look cities up.")
    writer = AssistantAgent("writer", client, system_message="You write one sentence.")
    team = RoundRobinGroupChat(
        [researcher, writer], termination_condition=TextMentionTermination("known.") | MaxMessageTermination(30)
    )
    found = await team.run(task="How large are these cities: Paris, Atlantis?")
    print(found.stop_reason, [message.source for message in found.messages])
    print((await writer.run(task="Say it again.")).messages[-1].content)
    async for message in writer.run_stream(task="And again."):
        print("the end" if isinstance(message, TaskResult) else message.content)
    poet = AssistantAgent("poet", Plain(), model_client_stream=True)
    print((await poet.run(task="In verse.")).messages[-1].content)
    caller = AssistantAgent("caller", Plain(), tools=[population])
    print((await caller.run(task="Of Paris.")).messages[-1].content)
    await client.close()


asyncio.run(main())
