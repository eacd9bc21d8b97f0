"""A researcher looks cities up by a tool, and asks a writer for a sentence by another."""

import asyncio

from pydantic_ai import Agent, ModelRetry

writer = Agent("openai:gpt-4o-mini", name="writer", system_prompt="You write one sentence.")
researcher = Agent("openai:gpt-4o-mini", name="researcher", system_prompt="You look cities up.", retries=2)


@researcher.tool_plain
def population(city: str) -> int:
    """How many people live in a city."""
    if city != "Paris":
        raise ModelRetry(f"{city} is not known")
    return 2_100_000


@researcher.tool_plain
async def sentence_about_the_population(city: str) -> str:
    """One sentence about it."""
    return (await writer.run(city)).output


careless = Agent("openai:gpt-4o-mini", name="careless")


@careless.tool_plain
def population_of(city: str) -> int:
    """How many people live in a city."""
    return {"Paris": 2_100_000}[city]


async def main() -> None:
    """Ask, have it written down piece by piece, and ask one who is not careful."""
    found = await researcher.run("How large are these cities: Paris, Atlantis?")
    print(found.output)
    async with writer.run_stream(found.output) as run:
        async for text in run.stream_text(delta=True):
            print(text, end="")
    print()
    try:
        await careless.run("How large are these cities: Paris, Atlantis?")
    except KeyError as error:
        print("Failed:", error)


asyncio.run(main())
