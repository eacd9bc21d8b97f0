"""A researcher looks cities up by a tool, and a writer says in a sentence what came of it."""

import asyncio
import os

from ag2 import Agent
from ag2.config import OpenAIConfig, ZAIConfig

config = OpenAIConfig(model="gpt-4o-mini")


def population(city: str) -> int:
    """How many people live in a city."""
    if city != "Paris":
        raise LookupError(f"{city} is not known")
    return 2_100_000


researcher = Agent("researcher", "You look cities up.", config=config, tools=[population])
writer = Agent("writer", "You write one sentence.", config=config)
beyond = ZAIConfig(model="glm-5", api_key="key", base_url=os.environ["OPENAI_BASE_URL"])
poet = Agent("poet", "You write one sentence.", config=beyond)


async def main() -> None:
    """Ask one after the other, the last of them by a client that is not observed."""
    found = await researcher.ask("How large are these cities: Paris, Atlantis?")
    print(found.body)
    written = await writer.ask(found.body)
    print(written.body)
    print((await written.ask("Say it again.")).body)
    async with writer.run("And again.") as run:
        print((await run.result()).body)
    print((await poet.ask("In verse.")).body)


asyncio.run(main())
