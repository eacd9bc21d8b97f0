"""A researcher looks cities up by a tool, and a writer says in a sentence what came of it."""

import asyncio
import json
import os
from urllib.request import Request, urlopen

from strands import Agent, tool
from strands.models.model import Model
from strands.models.openai import OpenAIModel
from strands.multiagent import GraphBuilder

arguments = {"base_url": os.environ["OPENAI_BASE_URL"], "api_key": os.environ["OPENAI_API_KEY"]}
model = OpenAIModel(client_args=arguments, model_id="gpt-4o-mini")


@tool
def population(city: str) -> int:
    """How many people live in a city.

    Args:
        city: which.
    """
    if city != "Paris":
        raise LookupError(f"{city} is not known")
    return 2_100_000


researcher = Agent(
    model=model, name="researcher", system_prompt="You look cities up.", tools=[population], callback_handler=None
)
writer = Agent(model=model, name="writer", system_prompt="You write one sentence.", callback_handler=None)


def fetch(body: bytes) -> dict:
    """Ask by HTTP alone."""
    address = os.environ["OPENAI_BASE_URL"] + "/chat/completions"
    with urlopen(Request(address, body, {"content-type": "application/json"})) as answer:
        return json.load(answer)


class Plain(Model):
    """A model that no client library is for."""

    config = {"model_id": "plain-1"}  # noqa: RUF012 - as the base class has it

    def update_config(self, **settings: object) -> None:
        """Nothing can be set."""

    def get_config(self) -> dict:
        """What it is called."""
        return self.config

    async def structured_output(self, *_args: object, **_settings: object) -> None:
        """It does not have any."""

    async def stream(self, messages: list, *_args: object, **_settings: object) -> None:
        """One piece."""
        asked = [{"role": said["role"], "content": said["content"][0]["text"]} for said in messages]
        body = json.dumps({"model": "plain-1", "messages": asked}).encode()
        said = await asyncio.to_thread(fetch, body)
        yield {"messageStart": {"role": "assistant"}}
        yield {"contentBlockStart": {"start": {}}}
        yield {"contentBlockDelta": {"delta": {"text": said["choices"][0]["message"]["content"]}}}
        yield {"contentBlockStop": {}}
        yield {"messageStop": {"stopReason": "end_turn"}}
        tokens = {"inputTokens": said["usage"]["prompt_tokens"], "outputTokens": said["usage"]["completion_tokens"]}
        usage = tokens | {"totalTokens": said["usage"]["total_tokens"]}
        yield {"metadata": {"usage": usage, "metrics": {"latencyMs": 1}}}


poet = Agent(model=Plain(), name="poet", system_prompt="You write one sentence.", callback_handler=None)


async def main() -> None:
    """Let them work one after the other, then the writer alone, whole and piece by piece."""
    builder = GraphBuilder()
    builder.add_node(researcher, "researcher")
    builder.add_node(writer, "writer")
    builder.add_edge("researcher", "writer")
    builder.set_entry_point("researcher")
    done = await builder.build().invoke_async("How large are these cities: Paris, Atlantis?")
    print(done.status.value, [node.node_id for node in done.execution_order])
    print(str(await writer.invoke_async("Say it again.")).strip())
    print(str(await poet.invoke_async("In verse.")).strip())
    async for event in writer.stream_async("And again."):
        print(event.get("data", ""), end="")
    print()


asyncio.run(main())
