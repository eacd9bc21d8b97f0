"""What is read of `strands-agents`, on stand-ins; `tests/frameworks` runs the library itself."""

import asyncio
import sys
from collections.abc import AsyncIterator
from typing import Any

from stand_ins import Put, exhaust, record, told

import agentops
from agentops.testing import Recording
from agentops_plugins import strands


def test_the_last_event_of_each_stream_says_what_came_of_it(agentops_recording: Recording, put: Put) -> None:
    """The last event of each stream says what came of it; a model that is not observed is told of by its stream."""
    plain = type("Plain", (), {"__module__": "strands.models.plain", "config": {"model_id": "p-1"}})()

    async def stream_messages(_model: Any, _system: str, _messages: list[Any], _tools: list[Any]) -> AsyncIterator[Any]:
        yield {"data": "do"}
        said = {"role": "assistant", "content": [{"text": "done"}]}
        yield {"stop": ("end_turn", said, {"inputTokens": 3, "outputTokens": 2}, {})}

    async def run_tool(_agent: Any, _use: Any, _state: Any) -> AsyncIterator[Any]:
        yield {"status": "error", "content": [{"text": "not known"}], "toolUseId": "c1"}

    class Agent:
        name = "ann"

        async def stream_async(self, _prompt: str) -> AsyncIterator[Any]:
            await exhaust(sys.modules["strands.event_loop.streaming"].stream_messages(plain, "Be brief.", [], []))
            use = {"name": "population", "input": {"city": "Atlantis"}, "toolUseId": "c1"}
            await exhaust(sys.modules["strands.event_loop.event_loop"].run_tool(self, use, {}))
            yield {"data": "done"}
            yield {"result": record(message={"content": [{"text": "done"}]})}

    class Graph:
        async def invoke_async(self, _task: str) -> Any:
            await exhaust(Agent().stream_async("go on"))
            return record(status="completed")

    put("strands.event_loop.streaming", {"stream_messages": stream_messages})
    put("strands.event_loop.event_loop", {"run_tool": run_tool})
    put("strands.agent.agent", {"Agent": Agent})
    put("strands.multiagent.graph", {"Graph": Graph})
    with agentops_recording.observing.only([strands.INSTRUMENTATION]), agentops.session("session") as session:
        asyncio.run(Graph().invoke_async("How large?"))
    assert [line[:4] for line in told(agentops_recording) if line[0] != "llm"] == [
        ("workflow", "Graph", "How large?", "completed"),
        ("agent", "ann", "go on", "done"),
        ("tool", "population", {"city": "Atlantis"}, [{"text": "not known"}]),
    ]
    call = agentops_recording.spans("llm")[0]
    assert call.request is not None
    assert (call.name, call.request.provider, call.request.messages[0].text) == ("chat p-1", "plain", "Be brief.")
    analytics = session.analytics
    assert (analytics.llm_calls, analytics.input_tokens, analytics.output_tokens, analytics.errors) == (1, 3, 2, 1)
