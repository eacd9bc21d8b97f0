"""Something is told, kept, looked up and forgotten: one way and without waiting."""

import asyncio
import inspect
from tempfile import mkdtemp

from mem0 import AsyncMemory, Memory


def configuration() -> dict:
    """Models that answer here, and a store in a folder of its own."""
    folder = mkdtemp()
    store = {"path": f"{folder}/store", "on_disk": True, "embedding_model_dims": 3}
    return {
        "vector_store": {"provider": "qdrant", "config": store},
        "history_db_path": f"{folder}/history.db",
        "llm": {"provider": "openai", "config": {"model": "gpt-4o-mini"}},
        "embedder": {"provider": "openai", "config": {"model": "text-embedding-3-small", "embedding_dims": 3}},
    }


def whose(method) -> dict:
    """Who is asked about, in the way that this version wants it."""
    named = "user_id" in inspect.signature(method).parameters
    return {"user_id": "ann"} if named else {"filters": {"user_id": "ann"}}


memory = Memory.from_config(configuration())
kept = memory.add("I like tides", user_id="ann")["results"]
print([each["memory"] for each in kept])
print([each["memory"] for each in memory.search("What does she like?", **whose(memory.search))["results"]])
print([each["memory"] for each in memory.get_all(**whose(memory.get_all))["results"]])
print(memory.get(kept[0]["id"])["memory"])
memory.delete(kept[0]["id"])
try:
    print(memory.search("What does she like?"))
except Exception as error:  # noqa: BLE001 - each version has its own
    print("Failed:", type(error).__name__)
for store in ("vector_store", "_telemetry_vector_store"):
    if hasattr(memory, store):
        getattr(memory, store).client.close()


async def main() -> None:
    """Once more."""
    memory = AsyncMemory.from_config(configuration())
    memory = await memory if inspect.isawaitable(memory) else memory
    kept = (await memory.add("I like tides", user_id="ann"))["results"]
    print([each["memory"] for each in kept])
    found = await memory.search("What does she like?", **whose(memory.search))
    print([each["memory"] for each in found["results"]])
    memory.vector_store.client.close()


asyncio.run(main())
