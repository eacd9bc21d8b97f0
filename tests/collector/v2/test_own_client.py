"""A program that records with this package and sends to a real collector: both stores hold the same."""

import os
import subprocess
import sys
from pathlib import Path

from server_samples import RunningServer, StartServer

from agentops.store import LOCAL_STORE
from agentops.store.sqlite import SqliteStore
from agentops.testing import Provider

PROGRAM = """
import asyncio
import os
import sys

import openai

import agentops
from agentops import ActionEvent, ErrorEvent, LLMEvent, ToolEvent

agentops.init(default_tags=["default"], auto_start_session=False)


@agentops.tool(cost=0.05)
def search(phrase):
    return [phrase, {"rivers": 2}]


@agentops.tool
async def fail(phrase):
    raise ValueError(f"no {phrase}")


@agentops.agent(name="researcher")
class Researcher:
    def work(self, phrase):
        found = search(phrase)
        client = openai.OpenAI()
        client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": phrase}])
        list(client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "s"}], stream=True))
        return found


session = agentops.start_session(tags=["first"])
print("written on stdout")
Researcher().work("river")
session.record(ActionEvent(action_type="look up", params={"x": 1}, returns="ok"))
session.record(LLMEvent(model="gpt-4o", prompt="hi", completion="ho", prompt_tokens=8, completion_tokens=3))
session.record(ToolEvent(name="hammer", returns=[1], logs={"a": 1}))
session.record(agentops.Event(event_type="of_its_own", returns="x"))
try:
    asyncio.run(fail("luck"))
except ValueError as error:
    session.record(ErrorEvent(exception=error))
session.create_agent("named by hand")
session.set_tags(["second", "third"])
session.end_session("Fail", "no luck")

other = agentops.start_session(tags=["other"])
search("lake")
other.end_session("Success")
"""


def run(server: RunningServer, folder: Path, **settings: str) -> None:
    """Run the program to its good end."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AGENTOPS_", "OTEL_"))}
    with Provider() as provider:
        environment = kept | provider.environment()
        environment |= {"AGENTOPS_DIR": str(folder), "AGENTOPS_API_ENDPOINT": server.url} | settings
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, timeout=60, check=False
        )
    assert done.returncode == 0, done.stderr


def test_the_collector_holds_what_the_local_store_holds(start_server: StartServer, tmp_path: Path) -> None:
    """Every session, span and line, with nothing lost on the way."""
    server = start_server(data=tmp_path / "server")
    run(server, tmp_path / "program")
    with SqliteStore(tmp_path / "program" / LOCAL_STORE) as local, server.store() as remote:
        known = local.sessions()
        assert len(known) == 2
        assert remote.sessions() == known
        for session in known:
            assert remote.session(session.session_id) == local.session(session.session_id)
            assert list(remote.spans(session.session_id)) == list(local.spans(session.session_id))
            assert list(remote.logs(session.session_id)) == list(local.logs(session.session_id))


def test_a_collector_with_keys_takes_only_what_comes_with_one(start_server: StartServer, tmp_path: Path) -> None:
    """It goes to the project of the key; what nobody may send waits on the program's machine."""
    server = start_server(data=tmp_path / "server", keys={"team": "the key of the team"})
    run(server, tmp_path / "program", AGENTOPS_API_KEY="the key of the team")
    run(server, tmp_path / "stranger", AGENTOPS_API_KEY="another key")
    with server.store("team") as team, server.store() as default:
        assert len(team.sessions()) == 2
        assert default.sessions() == []
    with SqliteStore(tmp_path / "stranger" / LOCAL_STORE) as local:
        assert len(local.sessions()) == 2
