"""A researcher looks cities up by a tool and hands over to a writer."""

import asyncio
import json
import os
from urllib.request import Request, urlopen

from google.adk.agents import LlmAgent, SequentialAgent
from google.adk.models import BaseLlm, LlmResponse
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


def fetch(body: bytes) -> dict:
    """Ask by HTTP alone."""
    address = os.environ["OPENAI_BASE_URL"] + "/chat/completions"
    with urlopen(Request(address, body, {"content-type": "application/json"})) as answer:
        return json.load(answer)


class Plain(BaseLlm):
    """A model that no client library is for."""

    async def generate_content_async(self, llm_request: object, stream: bool = False) -> None:  # noqa: FBT001, FBT002 - as the base class has it
        """One piece."""
        asked = [{"role": "user", "content": content.parts[0].text} for content in llm_request.contents]
        said = await asyncio.to_thread(fetch, json.dumps({"model": self.model, "messages": asked}).encode())
        text, tokens = said["choices"][0]["message"]["content"], said["usage"]
        usage = types.GenerateContentResponseUsageMetadata(
            prompt_token_count=tokens["prompt_tokens"], candidates_token_count=tokens["completion_tokens"]
        )
        content = types.Content(role="model", parts=[types.Part(text=text)])
        yield LlmResponse(content=content, usage_metadata=usage)


poet = LlmAgent(name="poet", model=Plain(model="plain-1"), instruction="You write one sentence.")


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
asyncio.run(ask(poet))
try:
    asyncio.run(ask(careless))
except LookupError as error:
    print("Failed:", error)
