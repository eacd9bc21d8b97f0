"""What is read of `semantic-kernel`, on stand-ins; `tests/frameworks` runs the library itself."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from stand_ins import Put, exhaust, record, told

import agentops
from agentops.testing import Recording
from agentops_plugins import semantic_kernel


def test_pieces_are_joined_and_a_prompt_is_no_tool(agentops_recording: Recording, put: Put) -> None:
    """A stream's pieces are joined; a prompt is no tool."""

    class KernelFunction:
        def __init__(self, *, is_prompt: bool) -> None:
            self.fully_qualified_name = self.name = "praise" if is_prompt else "Cities-population"
            self.is_prompt = is_prompt

        async def invoke(self, _kernel: Any, _arguments: Any) -> Any:
            return record(value=[record(content="large")] if self.is_prompt else 2)

    class ChatCompletionAgent:
        name = "ann"

        async def invoke_stream(self, messages: str) -> AsyncIterator[Any]:
            await KernelFunction(is_prompt=False).invoke("kernel", {"city": "Paris", "chat_history": messages})
            for piece in ("la", "rge"):
                yield record(message=record(content=piece))

    put("semantic_kernel.functions.kernel_function", {"KernelFunction": KernelFunction})
    path = "semantic_kernel.agents.chat_completion.chat_completion_agent"
    put(path, {"ChatCompletionAgent": ChatCompletionAgent})
    with agentops_recording.observing.only([semantic_kernel.INSTRUMENTATION]), agentops.session("session"):
        asyncio.run(exhaust(ChatCompletionAgent().invoke_stream(messages="How large?")))
        asyncio.run(KernelFunction(is_prompt=True).invoke("kernel", {"city": "Paris"}))
    assert told(agentops_recording) == [
        ("agent", "ann", "How large?", "large", None),
        ("tool", "Cities-population", {"city": "Paris"}, 2, None),
        ("task", "praise", {"city": "Paris"}, ["large"], None),
    ]
