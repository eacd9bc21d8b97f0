"""A researcher looks cities up by a tool, and a writer says in a sentence what came of it."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from urllib.request import Request, urlopen

from semantic_kernel import Kernel
from semantic_kernel.agents import ChatCompletionAgent
from semantic_kernel.connectors.ai.chat_completion_client_base import ChatCompletionClientBase
from semantic_kernel.connectors.ai.completion_usage import CompletionUsage
from semantic_kernel.connectors.ai.open_ai import OpenAIChatCompletion
from semantic_kernel.contents import ChatHistory, ChatMessageContent, StreamingChatMessageContent
from semantic_kernel.functions import kernel_function


class Cities:
    """What is known of cities."""

    @kernel_function(description="How many people live in a city.")
    def population(self, city: str) -> int:
        """How many people live in a city."""
        if city != "Paris":
            raise LookupError(f"{city} is not known")
        return 2_100_000


service = OpenAIChatCompletion(ai_model_id="gpt-4o-mini")
researcher = ChatCompletionAgent(
    service=service, name="researcher", instructions="You look cities up.", plugins=[Cities()]
)
writer = ChatCompletionAgent(service=service, name="writer", instructions="You write one sentence.")


def fetch(body: bytes) -> dict:
    """Ask by HTTP alone."""
    address = os.environ["OPENAI_BASE_URL"] + "/chat/completions"
    with urlopen(Request(address, body, {"content-type": "application/json"})) as answer:
        return json.load(answer)


class Plain(ChatCompletionClientBase):
    """A model that no client library is for."""

    ai_model_id: str = "plain-1"

    async def _inner_get_chat_message_contents(
        self, chat_history: ChatHistory, _settings: object
    ) -> list[ChatMessageContent]:
        text, usage = await self.ask(chat_history)
        return [ChatMessageContent(role="assistant", content=text, metadata={"usage": usage})]

    async def _inner_get_streaming_chat_message_contents(
        self, chat_history: ChatHistory, *_settings: object
    ) -> AsyncIterator[list[StreamingChatMessageContent]]:
        text, usage = await self.ask(chat_history)
        for piece, metadata in ((text[:9], {}), (text[9:], {"usage": usage})):
            yield [StreamingChatMessageContent(role="assistant", choice_index=0, content=piece, metadata=metadata)]

    async def ask(self, chat_history: ChatHistory) -> tuple[str, CompletionUsage]:
        """What is said, and for how many tokens."""
        asked = [{"role": "user", "content": message.content} for message in chat_history.messages]
        said = await asyncio.to_thread(fetch, json.dumps({"model": self.ai_model_id, "messages": asked}).encode())
        tokens = said["usage"]
        usage = CompletionUsage(prompt_tokens=tokens["prompt_tokens"], completion_tokens=tokens["completion_tokens"])
        return said["choices"][0]["message"]["content"], usage


poet = ChatCompletionAgent(service=Plain(), name="poet", instructions="You write one sentence.")


async def main() -> None:
    """Ask one after the other, once more piece by piece, by a prompt, and a poet."""
    found = await researcher.get_response(messages="How large are these cities: Paris, Atlantis?")
    print(found.message.content)
    async for written in writer.invoke(messages=found.message.content):
        print(written.message.content)
    async for piece in writer.invoke_stream(messages="Say it again."):
        print(piece.message.content, end="")
    print()
    kernel = Kernel()
    kernel.add_service(service)
    print(
        await kernel.invoke_prompt(
            "Write one sentence about {{$city}}.", function_name="praise", plugin_name="poet", city="Paris"
        )
    )
    print((await poet.get_response(messages="In verse.")).message.content)
    async for piece in poet.invoke_stream(messages="And again."):
        print(piece.message.content, end="")
    print()


asyncio.run(main())
