"""A crew of a researcher, who looks cities up by a tool, and a writer, who says in a sentence what came of it."""

import os

from crewai import LLM, Agent, Crew, Task
from crewai.tools import tool


@tool("population")
def population(city: str) -> int:
    """How many people live in a city."""
    if city != "Paris":
        raise LookupError(f"{city} is not known")
    return 2_100_000


model = LLM(model="openai/gpt-4o-mini", base_url=os.environ["OPENAI_BASE_URL"])
researcher = Agent(role="researcher", goal="Look cities up.", backstory="A geographer.", tools=[population], llm=model)
writer = Agent(role="writer", goal="Write a sentence.", backstory="A poet.", llm=model)
crew = Crew(
    name="crew",
    agents=[researcher, writer],
    tasks=[
        Task(name="look up", description="How large are {cities}?", expected_output="Numbers.", agent=researcher),
        Task(name="write", description="Write it down.", expected_output="A sentence.", agent=writer),
    ],
)
print(crew.kickoff(inputs={"cities": "Paris, Atlantis"}))
