"""agentops as its documentation shows it: `init()`, a session, decorated functions, the openai plugin.

`BENCH_DESTINATION` says where spans go: `otlp` (the default), `local` (the store on this machine), `both` of these,
`collector` (over the v2 protocol), `original` (over that protocol as an original server speaks it), or `away`
(the local store and a collector).
Complete in itself, so that it also serves harnesses that load adapters by file.
"""

import os
import tempfile
from pathlib import Path
from typing import Any

TIMEOUT = 60.0
"""Seconds that a flush may take."""


class Adapter:
    """agentops, with its defaults but for the destination."""

    thread_sessions = True
    supports_async = True
    supports_openai = True
    supports_session = True

    def __init__(self) -> None:
        self.destination = os.environ.get("BENCH_DESTINATION", "otlp")

    def set_env(self, url: str) -> None:
        """The settings a user would put into the environment."""
        os.environ.setdefault("AGENTOPS_DIR", tempfile.mkdtemp(prefix="agentops-bench-"))
        os.environ["AGENTOPS_AUTO_START_SESSION"] = "false"
        if self.destination in {"otlp", "both"}:
            os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = url
        if self.destination in {"collector", "original", "away"}:
            os.environ["AGENTOPS_API_ENDPOINT"] = f"{url}/original" if self.destination == "original" else url
        if self.destination in {"otlp", "collector", "original"}:
            os.environ["AGENTOPS_LOCAL_STORE"] = "false"

    def do_import(self) -> None:
        """The import line a user writes."""
        import agentops

        self.agentops = agentops

    def init(self, url: str) -> None:
        """To ready; the endpoint is in the environment."""
        del url
        self.agentops.init()

    def tool(self, function: Any) -> Any:
        """The function as a tool."""
        return self.agentops.tool(function)

    def task(self, function: Any) -> Any:
        """The function as a task."""
        return self.agentops.task(function)

    def agent(self, function: Any) -> Any:
        """The function as an agent."""
        return self.agentops.agent(function)

    def atool(self, function: Any) -> Any:
        """The coroutine function as a tool."""
        return self.agentops.tool(function)

    def session(self, function: Any) -> Any:
        """The function as a session."""
        return self.agentops.session(function)

    def asession(self, function: Any) -> Any:
        """The coroutine function as a session."""
        return self.agentops.session(function)

    def openai_client(self, make: Any) -> Any:
        """A client as the program makes it: `init()` has seen to the rest."""
        return make()

    def flush(self) -> None:
        """Wait until everything recorded is where it goes."""
        self.agentops.flush(TIMEOUT)

    def shutdown(self) -> None:
        """Nothing to do: it ends with the program."""

    def stored(self) -> int | None:
        """How many tool and model calls the local store holds; None where it is off."""
        if self.destination not in {"local", "both", "away"}:
            return None
        from agentops.store.sqlite import SqliteStore

        with SqliteStore(Path(os.environ["AGENTOPS_DIR"]) / "agentops.db") as store:
            return sum(session.llm_calls + session.tool_calls for session in store.sessions(limit=1_000_000))
