"""What is read of `mem0ai`, on stand-ins of its names and shapes; `tests/frameworks` runs the library itself."""

import asyncio
from typing import Any

import pytest
from stand_ins import Put

import agentops
from agentops.testing import Recording
from agentops_plugins import mem0


@pytest.mark.parametrize("found", [{"results": [{"memory": "likes tides"}]}, [{"memory": "likes tides"}]])
def test_memories_on_a_server_are_looked_up_and_kept(agentops_recording: Recording, put: Put, found: Any) -> None:
    """What was found is the same in old and new versions; one that is not there is the error that it was."""

    class MemoryClient:
        def search(self, _query: str, **_kwargs: Any) -> Any:
            return found

        def delete(self, memory_id: str) -> Any:
            raise KeyError(memory_id)

    class AsyncMemoryClient:
        async def add(self, _messages: Any, **_kwargs: Any) -> Any:
            return found

    put("mem0.client.main", {"MemoryClient": MemoryClient, "AsyncMemoryClient": AsyncMemoryClient})
    with agentops_recording.observing.only([mem0.INSTRUMENTATION]), agentops.session("session"):
        assert MemoryClient().search("What does she like?", user_id="ann") is found
        assert asyncio.run(AsyncMemoryClient().add("I like tides", user_id="ann")) is found
        with pytest.raises(KeyError):
            MemoryClient().delete("m1")
    search, add, delete = agentops_recording.spans()
    memories = [{"memory": "likes tides"}]
    assert (search.kind, search.name, search.output) == ("retrieval", "search memories", memories)
    assert search.input == {"query": "What does she like?", "user_id": "ann"}
    assert search.attributes.get("db.response.returned_rows") == (1 if isinstance(found, dict) else None)
    assert (add.kind, add.name, add.output) == ("tool", "add memories", memories)
    assert (delete.input, delete.status) == ({"memory_id": "m1"}, "error")
