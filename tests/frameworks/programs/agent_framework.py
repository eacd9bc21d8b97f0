"""A researcher looks cities up by a tool, and a writer says in a sentence what came of it."""

import asyncio
import json
import os
from typing import Annotated
from urllib.request import Request, urlopen

from agent_framework import Agent, BaseChatClient, ChatResponse, Message, WorkflowBuilder
from agent_framework.openai import OpenAIChatCompletionClient


def population(city: Annotated[str, "which"]) -> int:
    """How many people live in a city."""
    if city != "Paris":
        raise LookupError(f"{city} is not known")
    return 2_100_000


client = OpenAIChatCompletionClient(model="gpt-4o-mini")
researcher = Agent(client=client, name="researcher", instructions="You look cities up.", tools=[population])
writer = Agent(client=client, name="writer", instructions="You write one sentence.")
crew = WorkflowBuilder(name="crew", start_executor=researcher).add_edge(researcher, writer).build()


def fetch(body: bytes) -> dict:
    """Ask by HTTP alone."""
    address = os.environ["OPENAI_BASE_URL"] + "/chat/completions"
    with urlopen(Request(address, body, {"content-type": "application/json"})) as answer:
        return json.load(answer)


class Plain(BaseChatClient):
    """A model that no client library is for."""

    model = "plain-1"

    async def _inner_get_response(self, *, messages: list[Message], **_settings: object) -> ChatResponse:
        asked = [{"role": "user", "content": message.text} for message in messages]
        said = await asyncio.to_thread(fetch, json.dumps({"model": self.model, "messages": asked}).encode())
        tokens = said["usage"]
        usage = {"input_token_count": tokens["prompt_tokens"], "output_token_count": tokens["completion_tokens"]}
        text = said["choices"][0]["message"]["content"]
        return ChatResponse(messages=[Message(role="assistant", contents=[text])], usage_details=usage)


poet = Agent(client=Plain(), name="poet", instructions="You write one sentence.")


async def main() -> None:
    """Let them work one after the other, then the writer alone, whole and piece by piece."""
    done = await crew.run("How large are these cities: Paris, Atlantis?")
    print([str(output) for output in done.get_outputs()])
    print((await writer.run("Say it again.")).text)
    print((await poet.run("In verse.")).text)
    async for update in writer.run("And again.", stream=True):
        print(update.text, end="")
    print()


asyncio.run(main())
