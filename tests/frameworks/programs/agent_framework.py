"""A researcher looks cities up by a tool, and a writer says in a sentence what came of it."""

import asyncio
from typing import Annotated

from agent_framework import Agent, WorkflowBuilder
from agent_framework.openai import OpenAIChatCompletionClient


def population(city: Annotated[str, "which"]) -> int:
    """How many people live in a city."""
    if city != "Paris":
        raise LookupError(f"{city} is not known")
    return 2_100_000


client = OpenAIChatCompletionClient(model="gpt-4o-mini")
researcher = Agent(client=client, name="researcher", instructions="You look cities up.", tools=[population])
writer = Agent(client=client, name="writer", instructions="You write one sentence.")
crew = WorkflowBuilder(name="crew", start_executor=researcher).add_edge(researcher, writer).build()


async def main() -> None:
    """Let them work one after the other, then the writer alone, whole and piece by piece."""
    done = await crew.run("How large are these cities: Paris, Atlantis?")
    print([str(output) for output in done.get_outputs()])
    print((await writer.run("Say it again.")).text)
    async for update in writer.run("And again.", stream=True):
        print(update.text, end="")
    print()


asyncio.run(main())
