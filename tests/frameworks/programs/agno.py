"""A researcher looks cities up by a tool, and a writer says in a sentence what came of it: alone and in a team."""

import asyncio
import logging

from agno.agent import Agent
from agno.models.openai import OpenAIChat
from agno.team import Team
from agno.workflow import Workflow

logging.disable(logging.CRITICAL)


def population(city: str) -> str:
    """How many people live in a city."""
    if city != "Paris":
        raise LookupError(f"{city} is not known")
    return "2100000"


QUESTION = "How large are these cities: Paris, Atlantis?"
researcher = Agent(name="researcher", model=OpenAIChat(id="gpt-4o-mini"), tools=[population], telemetry=False)
writer = Agent(name="writer", model=OpenAIChat(id="gpt-4o-mini"), telemetry=False)
teller = Agent(name="teller", model=OpenAIChat(id="gpt-4o-mini"), telemetry=False)
board = Team(name="board", members=[writer], model=OpenAIChat(id="gpt-4o-mini"), telemetry=False)

found = researcher.run(QUESTION)
print(found.content)
print("".join(event.content or "" for event in teller.run(found.content, stream=True)))


class Report(Workflow):
    """What one finds, the other writes down; as workflows are written in 1.x."""

    def run(self, question: str):
        """Ask one after the other."""
        return writer.run(researcher.run(question).content)


async def main() -> None:
    """Ask again without waiting."""
    found = await researcher.arun(QUESTION)
    print(found.content)
    stream = teller.arun(found.content, stream=True)
    stream = await stream if asyncio.iscoroutine(stream) else stream
    print("".join([event.content or "" async for event in stream]))
    if not is_first:
        print((await board.arun(found.content)).content)
        print((await report.arun(QUESTION)).content)


is_first = hasattr(Workflow, "run_workflow")
print(board.run(found.content).content)
if is_first:
    print(Report(session_id="s1").run(question=QUESTION).content)
else:
    report = Workflow(name="report", steps=[researcher, writer], telemetry=False)
    print(report.run(QUESTION).content)
asyncio.run(main())
if not is_first:
    for event in report.run(QUESTION, stream=True):
        print(event.event)
