"""What is read of `autogen-agentchat`, on stand-ins; `tests/frameworks` runs the library itself."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from stand_ins import Put, exhaust, record, told

import agentops
from agentops.testing import Recording
from agentops_plugins import autogen_agentchat


def test_an_agent_in_a_team_is_asked_what_the_others_said(agentops_recording: Recording, put: Put) -> None:
    """An agent in a team is asked what the others have said."""
    said = record(source="user", content="How large?")

    class BaseTool:
        name = "population"

        async def run_json(self, args: dict[str, str], _cancellation: None = None, call_id: str | None = None) -> str:
            return f"{args['city']} is large {call_id}"

    class ChatAgentContainer:
        def __init__(self) -> None:
            self._agent = record(name="ann")
            self._message_buffer = [said]

        async def handle_request(self, _message: Any, _context: Any) -> None:
            await BaseTool().run_json({"city": "Paris"}, None, "c1")

    class BaseGroupChat:
        async def run_stream(self, *, task: str) -> AsyncIterator[Any]:
            await ChatAgentContainer().handle_request(task, None)
            yield said
            yield record(messages=[said, record(source="ann", content="large")])

    put("autogen_core.tools._base", {"BaseTool": BaseTool})
    put("autogen_agentchat.teams._group_chat._chat_agent_container", {"ChatAgentContainer": ChatAgentContainer})
    put("autogen_agentchat.teams._group_chat._base_group_chat", {"BaseGroupChat": BaseGroupChat})
    with agentops_recording.observing.only([autogen_agentchat.INSTRUMENTATION]), agentops.session("session"):
        asyncio.run(exhaust(BaseGroupChat().run_stream(task="How large?")))
    assert told(agentops_recording) == [
        ("workflow", "BaseGroupChat", "How large?", "large", None),
        ("agent", "ann", [{"source": "user", "content": "How large?"}], None, None),
        ("tool", "population", {"city": "Paris"}, "Paris is large c1", None),
    ]
