"""A researcher looks cities up by a tool, and a writer says in a sentence what came of it."""

import asyncio

from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.base import TaskResult
from autogen_agentchat.conditions import MaxMessageTermination, TextMentionTermination
from autogen_agentchat.teams import RoundRobinGroupChat
from autogen_ext.models.openai import OpenAIChatCompletionClient


async def population(city: str) -> int:
    """How many people live in a city."""
    if city != "Paris":
        raise LookupError(f"{city} is not known")
    return 2_100_000


async def main() -> None:
    """Let the team work, then the writer alone, whole and piece by piece."""
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
    await client.close()


asyncio.run(main())
