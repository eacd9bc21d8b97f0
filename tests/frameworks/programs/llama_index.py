"""A workflow of a researcher, who looks cities up and hands over, and a writer; then a question to an index."""

import asyncio
import os

from llama_index.core import MockEmbedding, Settings, SummaryIndex
from llama_index.core.agent.workflow import AgentWorkflow, FunctionAgent
from llama_index.core.schema import Document
from llama_index.llms.openai import OpenAI

Settings.embed_model = MockEmbedding(embed_dim=2)
Settings.llm = OpenAI(model="gpt-4o-mini", api_base=os.environ["OPENAI_BASE_URL"])
model = OpenAI(
    model="gpt-4o-mini",
    api_base=os.environ["OPENAI_BASE_URL"],
    additional_kwargs={"stream_options": {"include_usage": True}},
)


def population(city: str) -> int:
    """How many people live in a city."""
    if city != "Paris":
        raise LookupError(f"{city} is not known")
    return 2_100_000


researcher = FunctionAgent(
    name="researcher",
    description="Looks cities up.",
    system_prompt="You look cities up.",
    tools=[population],
    llm=model,
)
writer = FunctionAgent(
    name="writer",
    description="Writes a sentence.",
    system_prompt="You write one sentence.",
    tools=[],
    llm=model,
    can_handoff_to=[],
)
crew = AgentWorkflow(agents=[researcher, writer], root_agent="researcher")


async def main() -> None:
    """Ask the crew, then the writer alone."""
    print(await crew.run(user_msg="How large are these cities: Paris, Atlantis?"))
    print(await writer.run(user_msg="Say it again."))


asyncio.run(main())
index = SummaryIndex.from_documents([Document(text="Paris has 2100000 people.")])
print(index.as_query_engine().query("How large is Paris?"))
