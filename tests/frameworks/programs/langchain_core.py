"""A researcher looks cities up by a tool, and a writer says in a sentence what came of it."""

import asyncio

from langchain_core.messages import HumanMessage, ToolMessage
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnableLambda
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI


@tool
def population(city: str) -> int:
    """How many people live in a city."""
    if city != "Paris":
        raise LookupError(f"{city} is not known")
    return 2_100_000


model = ChatOpenAI(model="gpt-4o-mini", stream_usage=True)


def research(question: str) -> dict[str, str]:
    """Ask the model until it needs no tool any more."""
    messages = [HumanMessage(question)]
    while True:
        answer = model.bind_tools([population]).invoke(messages)
        messages.append(answer)
        if not answer.tool_calls:
            return {"finding": answer.content}
        for call in answer.tool_calls:
            try:
                messages.append(population.invoke(call))
            except LookupError as error:
                messages.append(ToolMessage(str(error), tool_call_id=call["id"]))


researcher = RunnableLambda(research).with_config(run_name="researcher")
writer = ChatPromptTemplate.from_template("Write one sentence: {finding}") | model | StrOutputParser()
crew = (researcher | writer.with_config(run_name="writer")).with_config(run_name="crew")

print(crew.invoke("How large are these cities: Paris, Atlantis?"))
print("".join(writer.stream({"finding": "nothing"})))
print(asyncio.run(writer.ainvoke({"finding": "nothing"})))
