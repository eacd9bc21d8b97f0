"""What is read of `pydantic-ai`, on stand-ins of its names and shapes; `tests/frameworks` runs the library itself."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from stand_ins import Put, record, told

import agentops
from agentops.testing import Recording
from agentops_plugins import pydantic_ai


def test_a_run_is_a_block_and_a_tool_may_ask_for_another_try(agentops_recording: Recording, put: Put) -> None:
    """A run is the block that it is entered by; a tool may ask for another try."""

    class ModelRetry(Exception):  # noqa: N818 - the library's name
        __module__ = "pydantic_ai.exceptions"

        @property
        def message(self) -> str:
            return str(self)

    class FunctionSchema:
        async def call(self, args_dict: dict[str, Any], ctx: Any) -> str:
            if args_dict["city"] != "Paris":
                raise ModelRetry("not known")
            return f"large, {ctx.retry}"

    class Agent:
        name = "ann"

        @contextlib.asynccontextmanager
        async def iter(self, _prompt: str) -> AsyncGenerator[Any]:
            yield record(result=record(output="done"))

    put("pydantic_ai.agent", {"Agent": Agent})
    put("pydantic_ai._function_schema", {"FunctionSchema": FunctionSchema})

    async def main() -> None:
        context = record(tool_name="population", tool_call_id="c1", retry=0)
        async with Agent().iter("How large?"):
            await FunctionSchema().call({"city": "Paris"}, context)
            with pytest.raises(ModelRetry):
                await FunctionSchema().call({"city": "Atlantis"}, context)

    with agentops_recording.observing.only([pydantic_ai.INSTRUMENTATION]), agentops.session("session"):
        asyncio.run(main())
    assert told(agentops_recording) == [
        ("agent", "ann", "How large?", "done", None),
        ("tool", "population", {"city": "Paris"}, "large, 0", None),
        ("tool", "population", {"city": "Atlantis"}, {"ModelRetry": "not known"}, None),
    ]
