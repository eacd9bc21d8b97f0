"""What is read of `google-adk`, on stand-ins of its names and shapes; `tests/frameworks` runs the library itself."""

import asyncio
import sys
from collections.abc import AsyncIterator
from typing import Any

from stand_ins import Put, exhaust, record, told

import agentops
from agentops.testing import Recording
from agentops_plugins import google_adk


def test_contents_are_read_as_their_texts(agentops_recording: Recording, put: Put) -> None:
    """Texts are read out of contents; a tool may say by a key that it failed."""
    content = record(parts=[record(text="How large?"), record(text=None)])

    async def _call_tool_async(_tool: Any, args: dict[str, str], _context: Any) -> dict[str, str]:
        return {"error": f"{args['city']} is not known"}

    class BaseAgent:
        name = "ann"

        async def run_async(self, _parent: Any) -> AsyncIterator[Any]:
            call = vars(sys.modules["google.adk.flows.llm_flows.tools._caller"])["_call_tool_async"]
            await call(record(name="population"), {"city": "Atlantis"}, record(function_call_id="c1"))
            yield record(content=record(parts=[record(text="large")]))

    class Runner:
        app_name = "cities"

        async def run_async(self, *, new_message: Any) -> AsyncIterator[Any]:
            async for event in BaseAgent().run_async(record(user_content=new_message)):
                yield event

    put("google.adk.flows.llm_flows.tools._caller", {"_call_tool_async": _call_tool_async})
    put("google.adk.agents.base_agent", {"BaseAgent": BaseAgent})
    put("google.adk.runners", {"Runner": Runner})
    with agentops_recording.observing.only([google_adk.INSTRUMENTATION]), agentops.session("session"):
        asyncio.run(exhaust(Runner().run_async(new_message=content)))
    failed = "Atlantis is not known"
    assert told(agentops_recording) == [
        ("workflow", "cities", "How large?", "large", None),
        ("agent", "ann", "How large?", "large", None),
        ("tool", "population", {"city": "Atlantis"}, {"error": failed}, failed),
    ]
