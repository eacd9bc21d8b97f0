"""A researcher looks cities up by a tool and hands over to a writer."""

import asyncio

from google.adk.agents import LlmAgent, SequentialAgent
from google.adk.runners import InMemoryRunner
from google.genai import types


def population(city: str) -> dict:
    """How many people live in a city."""
    if city != "Paris":
        return {"error": f"{city} is not known"}
    return {"result": "2100000"}


def population_of(city: str) -> dict:
    """How many people live in a city."""
    if city != "Paris":
        raise LookupError(f"{city} is not known")
    return {"result": "2100000"}


researcher = LlmAgent(
    name="researcher", model="gemini-2.5-flash", instruction="You look cities up.", tools=[population]
)
writer = LlmAgent(name="writer", model="gemini-2.5-flash", instruction="You write one sentence.")
crew = SequentialAgent(name="crew", sub_agents=[researcher, writer])
careless = LlmAgent(name="careless", model="gemini-2.5-flash", instruction="Be quick.", tools=[population_of])


async def ask(agent: LlmAgent) -> None:
    """Put the question, and print who answers what."""
    runner = InMemoryRunner(agent=agent, app_name="cities")
    session = await runner.session_service.create_session(app_name="cities", user_id="u1")
    question = types.Content(role="user", parts=[types.Part(text="How large are these cities: Paris, Atlantis?")])
    async for event in runner.run_async(user_id="u1", session_id=session.id, new_message=question):
        for part in event.content.parts if event.content else []:
            if part.text:
                print(event.author, part.text)


asyncio.run(ask(crew))
try:
    asyncio.run(ask(careless))
except LookupError as error:
    print("Failed:", error)
