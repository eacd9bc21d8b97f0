"""A researcher looks cities up by a tool, and a writer says in a sentence what came of it."""

import asyncio

from semantic_kernel import Kernel
from semantic_kernel.agents import ChatCompletionAgent
from semantic_kernel.connectors.ai.open_ai import OpenAIChatCompletion
from semantic_kernel.functions import kernel_function


class Cities:
    """What is known of cities."""

    @kernel_function(description="How many people live in a city.")
    def population(self, city: str) -> int:
        """How many people live in a city."""
        if city != "Paris":
            raise LookupError(f"{city} is not known")
        return 2_100_000


service = OpenAIChatCompletion(ai_model_id="gpt-4o-mini")
researcher = ChatCompletionAgent(
    service=service, name="researcher", instructions="You look cities up.", plugins=[Cities()]
)
writer = ChatCompletionAgent(service=service, name="writer", instructions="You write one sentence.")


async def main() -> None:
    """Ask one after the other, once more piece by piece, and by a prompt."""
    found = await researcher.get_response(messages="How large are these cities: Paris, Atlantis?")
    print(found.message.content)
    async for written in writer.invoke(messages=found.message.content):
        print(written.message.content)
    async for piece in writer.invoke_stream(messages="Say it again."):
        print(piece.message.content, end="")
    print()
    kernel = Kernel()
    kernel.add_service(service)
    print(
        await kernel.invoke_prompt(
            "Write one sentence about {{$city}}.", function_name="praise", plugin_name="poet", city="Paris"
        )
    )


asyncio.run(main())
