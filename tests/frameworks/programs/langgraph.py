"""A graph of a researcher, who looks cities up, and a writer, who waits for leave to write."""

import json
from operator import add
from typing import Annotated, TypedDict

from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, StateGraph
from langgraph.types import Command, interrupt
from openai import OpenAI

client = OpenAI()


@tool
def population(city: str) -> int:
    """How many people live in a city."""
    if city != "Paris":
        raise LookupError(f"{city} is not known")
    return 2_100_000


class State(TypedDict):
    """What the agents say to each other."""

    messages: Annotated[list, add]


OFFERED = {"name": "population", "parameters": {"type": "object", "properties": {"city": {"type": "string"}}}}


def think(state: State) -> Command:
    """The researcher's model decides: another tool, or done."""
    tools = [{"type": "function", "function": OFFERED}]
    answer = client.chat.completions.create(model="gpt-4o-mini", messages=state["messages"], tools=tools)
    said = answer.choices[0].message.model_dump(exclude_none=True)
    return Command(update={"messages": [said]}, goto="look_up" if said.get("tool_calls") else "__end__")


def look_up(state: State) -> dict:
    """The tools that the model asked for."""
    results = []
    for call in state["messages"][-1]["tool_calls"]:
        try:
            found = population.invoke(json.loads(call["function"]["arguments"]))
        except LookupError as error:
            found = error
        results.append({"role": "tool", "tool_call_id": call["id"], "content": str(found)})
    return {"messages": results}


def write(state: State) -> dict:
    """The writer asks for leave, then writes."""
    if interrupt("May I write?") != "yes":
        return {}
    asked = [{"role": "user", "content": "Write one sentence."}]
    answer = client.chat.completions.create(model="gpt-4o-mini", messages=asked)
    return {"messages": [{"role": "assistant", "content": answer.choices[0].message.content}]}


research = StateGraph(State)
research.add_node("think", think, destinations=("look_up", "__end__"))
research.add_node("look_up", look_up)
research.add_edge(START, "think")
research.add_edge("look_up", "think")

crew = StateGraph(State)
crew.add_node("researcher", research.compile(name="research"))
crew.add_node("writer", write)
crew.add_edge(START, "researcher")
crew.add_edge("researcher", "writer")
graph = crew.compile(checkpointer=InMemorySaver(), name="crew")

thread = {"configurable": {"thread_id": "t1"}}
question = {"role": "user", "content": "How large are these cities: Paris, Atlantis?"}
stopped = graph.invoke({"messages": [question]}, thread)
print(stopped["messages"][-1]["content"])
for update in graph.stream(Command(resume="yes"), thread, stream_mode="updates"):
    print(update["writer"]["messages"][-1]["content"])
