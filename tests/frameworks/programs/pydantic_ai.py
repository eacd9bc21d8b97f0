"""A researcher looks cities up by a tool, and asks a writer for a sentence by another."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import fields
from datetime import UTC, datetime
from urllib.request import Request, urlopen

from pydantic_ai import Agent, ModelRetry
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart
from pydantic_ai.models import Model, StreamedResponse

try:
    from pydantic_ai.usage import RequestUsage
except ImportError:  # before 1.0
    from pydantic_ai.usage import Usage

    def RequestUsage(input_tokens: int, output_tokens: int) -> Usage:  # noqa: N802 - as it is called today
        """Tokens of one request."""
        return Usage(request_tokens=input_tokens, response_tokens=output_tokens)


writer = Agent("openai:gpt-4o-mini", name="writer", system_prompt="You write one sentence.")
researcher = Agent("openai:gpt-4o-mini", name="researcher", system_prompt="You look cities up.", retries=2)


@researcher.tool_plain
def population(city: str) -> int:
    """How many people live in a city."""
    if city != "Paris":
        raise ModelRetry(f"{city} is not known")
    return 2_100_000


@researcher.tool_plain
async def sentence_about_the_population(city: str) -> str:
    """One sentence about it."""
    return (await writer.run(city)).output


careless = Agent("openai:gpt-4o-mini", name="careless")


@careless.tool_plain
def population_of(city: str) -> int:
    """How many people live in a city."""
    return {"Paris": 2_100_000}[city]


def fetch(body: bytes) -> dict:
    """Ask by HTTP alone."""
    address = os.environ["OPENAI_BASE_URL"] + "/chat/completions"
    with urlopen(Request(address, body, {"content-type": "application/json"})) as answer:
        return json.load(answer)


class Plain(Model):
    """A model that no client library is for."""

    model_name = "plain-1"
    system = "plain"

    async def request(self, messages: list[ModelMessage], *_settings: object) -> ModelResponse:
        """One answer."""
        text, tokens = await self.ask(messages)
        return ModelResponse(parts=[TextPart(text)], usage=tokens)

    @asynccontextmanager
    async def request_stream(
        self, messages: list[ModelMessage], _settings: object, parameters: object, *_context: object
    ) -> AsyncIterator[StreamedResponse]:
        """One answer, in two pieces."""
        answer = Pieces(parameters) if fields(Pieces)[0].init else Pieces()  # nothing is given before 1.0
        await answer.fill(self, messages)
        yield answer

    async def ask(self, messages: list[ModelMessage]) -> tuple[str, RequestUsage]:
        """What is said, and for how many tokens."""
        asked = [{"role": "user", "content": part.content} for message in messages for part in message.parts]
        said = await asyncio.to_thread(fetch, json.dumps({"model": self.model_name, "messages": asked}).encode())
        tokens = RequestUsage(
            input_tokens=said["usage"]["prompt_tokens"], output_tokens=said["usage"]["completion_tokens"]
        )
        return said["choices"][0]["message"]["content"], tokens


class Pieces(StreamedResponse):
    """An answer piece by piece."""

    model_name = "plain-1"
    provider_name = "plain"
    provider_url = None
    timestamp = datetime.now(UTC)

    async def fill(self, model: Plain, messages: list[ModelMessage]) -> None:
        """Have it answered."""
        self.text, self._usage = await model.ask(messages)

    async def _get_event_iterator(self) -> AsyncIterator[object]:
        for piece in (self.text[:9], self.text[9:]):
            events = self._parts_manager.handle_text_delta(vendor_part_id="text", content=piece)
            for event in events if hasattr(events, "__iter__") else [events]:  # before 1.0, it is one
                yield event


poet = Agent(Plain(), name="poet")


async def main() -> None:
    """Ask, have it written down piece by piece, ask one who is not careful, and a poet."""
    found = await researcher.run("How large are these cities: Paris, Atlantis?")
    print(found.output)
    async with writer.run_stream(found.output) as run:
        async for text in run.stream_text(delta=True):
            print(text, end="")
    print()
    try:
        await careless.run("How large are these cities: Paris, Atlantis?")
    except KeyError as error:
        print("Failed:", error)
    print((await poet.run("In verse.")).output)
    async with poet.run_stream("And again.") as run:
        async for text in run.stream_text(delta=True):
            print(text, end="")
    print()


asyncio.run(main())
