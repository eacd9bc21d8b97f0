"""A researcher looks cities up and hands over to a writer; a guardrail reads the question first."""

import asyncio

from agents import (
    Agent,
    GuardrailFunctionOutput,
    RunContextWrapper,
    Runner,
    TResponseInputItem,
    function_tool,
    input_guardrail,
)


@function_tool
def population(city: str) -> int:
    """How many people live in a city."""
    if city != "Paris":
        raise LookupError(f"{city} is not known")
    return 2_100_000


@input_guardrail
async def about_cities(
    context: RunContextWrapper[None], agent: Agent[None], question: str | list[TResponseInputItem]
) -> GuardrailFunctionOutput:
    """Only questions about cities are answered."""
    return GuardrailFunctionOutput(output_info="a city", tripwire_triggered="cities" not in str(question))


writer = Agent(name="writer", instructions="You write one sentence.", model="gpt-4o-mini")
researcher = Agent(
    name="researcher",
    instructions="You look cities up.",
    model="gpt-4o-mini",
    tools=[population],
    handoffs=[writer],
    input_guardrails=[about_cities],
)


async def main() -> None:
    """Ask once, then once more piece by piece."""
    whole = await Runner.run(researcher, "How large are these cities: Paris, Atlantis?")
    print(whole.last_agent.name, whole.final_output)
    streamed = Runner.run_streamed(writer, "Say it again.")
    async for _event in streamed.stream_events():
        pass
    print(streamed.final_output)


asyncio.run(main())
