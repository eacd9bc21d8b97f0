"""What is read of `ag2`, and `autogen` as it was called, on stand-ins; `tests/frameworks` runs the library itself."""

import asyncio
from typing import Any

from stand_ins import Put, record, told

import agentops
from agentops.testing import Recording
from agentops_plugins import ag2


def test_the_event_of_a_tool_holds_what_it_raised(agentops_recording: Recording, put: Put) -> None:
    """The event that a tool gives back holds what it raised."""

    class FunctionTool:
        name = "population"

        async def __call__(self, _event: Any, _context: Any) -> Any:
            parts = [record(content="not known")]
            return record(result=record(parts=parts), error=LookupError("Atlantis"))

    class AgentRun:
        def __init__(self) -> None:
            self._AgentRun__agent = record(name="ann")
            self._AgentRun__trigger = record(parts=[record(content="How large?")])

        async def result(self) -> Any:
            await FunctionTool()(record(arguments='{"city": "Atlantis"}', id="c1"), None)
            return record(body="done")

    put("ag2.agent", {"AgentRun": AgentRun})
    put("ag2.tools.final.function_tool", {"FunctionTool": FunctionTool})
    with agentops_recording.observing.only(ag2.INSTRUMENTATIONS), agentops.session("session"):
        asyncio.run(AgentRun().result())
    assert told(agentops_recording) == [
        ("agent", "ann", "How large?", "done", None),
        ("tool", "population", {"city": "Atlantis"}, "not known", "LookupError: Atlantis"),
    ]


def test_a_conversation_is_between_two(agentops_recording: Recording, put: Put) -> None:
    """A conversation is between two; a function says itself whether it went well."""

    class ConversableAgent:
        def __init__(self, name: str) -> None:
            self.name = name

        def initiate_chat(self, recipient: "ConversableAgent", message: str) -> Any:
            recipient.generate_reply([{"role": "user", "content": message}])
            self.execute_function({"name": "population", "arguments": '{"city": "Atlantis"}'}, call_id="c1")
            return record(summary="done")

        def generate_reply(self, _messages: list[Any]) -> Any:
            return {"content": "large"}

        def execute_function(self, _func_call: dict[str, Any], call_id: str | None = None) -> Any:
            return False, {"content": f"not known {call_id}"}

    put("autogen.agentchat.conversable_agent", {"ConversableAgent": ConversableAgent})
    with agentops_recording.observing.only(ag2.INSTRUMENTATIONS), agentops.session("session"):
        ConversableAgent("bob").initiate_chat(ConversableAgent("ann"), message="How large?")
    assert told(agentops_recording) == [
        ("workflow", "bob and ann", "How large?", "done", None),
        ("agent", "ann", "How large?", "large", None),
        ("tool", "population", {"city": "Atlantis"}, "not known c1", "not known c1"),
    ]
