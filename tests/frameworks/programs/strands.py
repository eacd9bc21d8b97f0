"""A researcher looks cities up by a tool, and a writer says in a sentence what came of it."""

import asyncio
import os

from strands import Agent, tool
from strands.models.openai import OpenAIModel
from strands.multiagent import GraphBuilder

arguments = {"base_url": os.environ["OPENAI_BASE_URL"], "api_key": os.environ["OPENAI_API_KEY"]}
model = OpenAIModel(client_args=arguments, model_id="gpt-4o-mini")


@tool
def population(city: str) -> int:
    """How many people live in a city.

    Args:
        city: which.
    """
    if city != "Paris":
        raise LookupError(f"{city} is not known")
    return 2_100_000


researcher = Agent(
    model=model, name="researcher", system_prompt="You look cities up.", tools=[population], callback_handler=None
)
writer = Agent(model=model, name="writer", system_prompt="You write one sentence.", callback_handler=None)


async def main() -> None:
    """Let them work one after the other, then the writer alone, whole and piece by piece."""
    builder = GraphBuilder()
    builder.add_node(researcher, "researcher")
    builder.add_node(writer, "writer")
    builder.add_edge("researcher", "writer")
    builder.set_entry_point("researcher")
    done = await builder.build().invoke_async("How large are these cities: Paris, Atlantis?")
    print(done.status.value, [node.node_id for node in done.execution_order])
    print(str(await writer.invoke_async("Say it again.")).strip())
    async for event in writer.stream_async("And again."):
        print(event.get("data", ""), end="")
    print()


asyncio.run(main())
