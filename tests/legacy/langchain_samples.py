"""A chat model of LangChain that asks the loopback provider through the real openai client."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import openai
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult

ROLES = {"human": "user", "ai": "assistant", "system": "system"}


class LoopbackChat(BaseChatModel):
    """What `ChatOpenAI` is, in a few lines: the calls are those of the openai client."""

    model: str = "gpt-x"

    @property
    def _llm_type(self) -> str:
        return "loopback"

    def _asked(self, messages: list[BaseMessage], *, stream: bool) -> dict[str, Any]:
        asked = [{"role": ROLES[message.type], "content": message.content} for message in messages]
        more: dict[str, Any] = {"stream": True, "stream_options": {"include_usage": True}} if stream else {}
        return {"model": self.model, "messages": asked, **more}

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        with openai.OpenAI(max_retries=0) as client:
            return result_of(client.chat.completions.create(**self._asked(messages, stream=False)))

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        async with openai.AsyncOpenAI(max_retries=0) as client:
            return result_of(await client.chat.completions.create(**self._asked(messages, stream=False)))

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        with openai.OpenAI(max_retries=0) as client:
            make: Any = client.chat.completions.create
            chunks = make(**self._asked(messages, stream=True))
            for chunk in chunks:
                yield from pieces_of(chunk)

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        async with openai.AsyncOpenAI(max_retries=0) as client:
            make: Any = client.chat.completions.create
            chunks = await make(**self._asked(messages, stream=True))
            async for chunk in chunks:
                for piece in pieces_of(chunk):
                    yield piece


def pieces_of(chunk: Any) -> Iterator[ChatGenerationChunk]:
    """The text of a chunk of the openai client as LangChain has it, if there is any."""
    if chunk.choices and chunk.choices[0].delta.content:
        yield ChatGenerationChunk(message=AIMessageChunk(content=chunk.choices[0].delta.content))


def result_of(answer: Any) -> ChatResult:
    """An answer of the openai client as LangChain has it."""
    usage = answer.usage
    message = AIMessage(
        answer.choices[0].message.content,
        usage_metadata={
            "input_tokens": usage.prompt_tokens,
            "output_tokens": usage.completion_tokens,
            "total_tokens": usage.total_tokens,
        },
        response_metadata={"model_name": answer.model, "finish_reason": answer.choices[0].finish_reason},
    )
    return ChatResult(generations=[ChatGeneration(message=message)])
