"""A pipeline of a researcher, who looks cities up, and a writer; then the writer once more, alone."""

from typing import Annotated

from haystack import Pipeline
from haystack.components.agents import Agent
from haystack.components.generators.chat import OpenAIChatGenerator
from haystack.dataclasses import ChatMessage
from haystack.tools import tool


@tool
def population(city: Annotated[str, "the city"]) -> int:
    """How many people live in a city."""
    if city != "Paris":
        raise LookupError(f"{city} is not known")
    return 2_100_000


researcher = Agent(chat_generator=OpenAIChatGenerator(model="gpt-4o-mini"), tools=[population])
writer = Agent(chat_generator=OpenAIChatGenerator(model="gpt-4o-mini"), system_prompt="You write one sentence.")

crew = Pipeline(metadata={"name": "crew"})
crew.add_component("researcher", researcher)
crew.add_component("writer", writer)
crew.connect("researcher.messages", "writer.messages")

question = ChatMessage.from_user("How large are these cities: Paris, Atlantis?")
print(crew.run({"researcher": {"messages": [question]}})["writer"]["messages"][-1].text)
writer.warm_up()
print(writer.run([ChatMessage.from_user("Say it again.")])["messages"][-1].text)
