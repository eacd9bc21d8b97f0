"""Frameworks that call AgentOps from inside: their calls, as they make them, with a key and without.

The programs make the calls of CrewAI 0.102 and 0.130, CAMEL 0.2.90, AgentStack's templates, AutoGen's runtime logging
and tutorials with LangChain, in the order in which these make them.
"""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agentops.domain.spans import SpanKind, SpanRecord
from agentops.store.protocol import SessionSummary
from agentops.store.sqlite import SqliteStore
from agentops.testing import Provider, Turn, Usage

PROGRAMS = Path(__file__).parent / "programs"
with_and_without_key = pytest.mark.parametrize("key", ["dummy", None])


@dataclass(frozen=True)
class Recorded:
    """What a program left in the store: its sessions, oldest first, and their spans."""

    sessions: list[SessionSummary]
    spans: list[list[SpanRecord]]

    def counts(self, number: int = 0) -> tuple[int, int, int, int]:
        """Model calls, tool calls, actions and errors of a session."""
        session = self.sessions[number]
        return session.llm_calls, session.tool_calls, session.actions, session.errors

    def ends(self) -> list[tuple[str | None, str | None]]:
        """How the sessions ended, and why."""
        return [(session.end_state, session.end_state_reason) for session in self.sessions]

    def named(self, name: str, number: int = 0) -> SpanRecord:
        """The span of a name in a session."""
        return next(span for span in self.spans[number] if span.name == name)


def run(program: str, directory: Path, *arguments: str, key: str | None) -> Recorded:
    """Run a program to its end and read what it left; it must print nothing and leave no file where it ran."""
    folder = directory.parent / "elsewhere"
    folder.mkdir()
    environment = {**os.environ, **({} if key is None else {"AGENTOPS_API_KEY": key})}
    command = [sys.executable, str(PROGRAMS / f"{program}.py"), *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert list(folder.iterdir()) == []
    with SqliteStore(directory / "agentops.db") as store:
        sessions = sorted(store.sessions(), key=lambda session: session.start)
        return Recorded(sessions, [list(store.spans(session.session_id)) for session in sessions])


@with_and_without_key
def test_crewai_by_its_listener(key: str | None, data_directory: Path) -> None:
    """Each kickoff is a session of its own, with its agents and tools, and ends as the crew says.

    CrewAI makes the evaluator known by the id of the agent that it evaluates, which keeps its name.
    """
    found = run("crewai_listener", data_directory, key=key)
    assert found.ends() == [("Success", "Finished Execution")] * 2
    assert [found.counts(number) for number in (0, 1)] == [(0, 1, 0, 0)] * 2
    assert [{agent.name for agent in session.agents} for session in found.sessions] == [{"Researcher", "Writer"}] * 2


@with_and_without_key
def test_crewai_by_functions(key: str | None, data_directory: Path) -> None:
    """Tools and errors are recorded, agents stay pydantic models, and the crew ends the session."""
    found = run("crewai_direct", data_directory, key=key)
    assert found.ends() == [("Success", "Finished Execution")]
    assert found.counts() == (0, 1, 0, 1)
    assert found.sessions[0].tags == ["crew"]
    assert found.named("search").kind is SpanKind.TOOL


def test_crewai_does_not_end_what_the_program_keeps(data_directory: Path) -> None:
    """With `skip_auto_end_session` the session goes on until the program ends it."""
    found = run("crewai_direct", data_directory, "skip", key="dummy")
    assert found.ends() == [("Fail", "Said the program")]


def test_camel_with_a_key(data_directory: Path) -> None:
    """Model backends, toolkits and agents of CAMEL record what they do."""
    found = run("camel", data_directory, key="dummy")
    assert found.counts() == (1, 1, 0, 0)
    assert found.ends()[0][0] == "Success"
    call = next(span for span in found.spans[0] if span.kind is SpanKind.LLM)
    assert call.request is not None
    assert call.response is not None
    assert (call.request.model, call.response.usage) == ("mistral-large-2", Usage(input=10, output=3))
    assert found.named("add").output == 3


def test_camel_without_a_key(data_directory: Path) -> None:
    """Without a key CAMEL leaves AgentOps alone, and the program's own session is all there is."""
    found = run("camel", data_directory, key=None)
    assert found.counts() == (0, 0, 0, 0)


@with_and_without_key
def test_agentstack(key: str | None, data_directory: Path) -> None:
    """`init` twice is one session, which ends with the enum member that 0.3 refused."""
    found = run("agentstack", data_directory, key=key)
    assert found.ends() == [("Success", None)]
    assert found.counts() == (0, 1, 1, 0)
    assert set(found.sessions[0].tags) == {"agentstack", "crewai"}


@with_and_without_key
def test_autogen(key: str | None, data_directory: Path, loopback_provider: Provider) -> None:
    """A completion is counted once, where it was made: by the openai client, or as AutoGen tells of it."""
    loopback_provider.say(Turn("Because.", usage=Usage(input=5, output=2)))
    found = run("autogen", data_directory, key=key)
    calls = {span.source for span in found.spans[0] if span.kind is SpanKind.LLM}
    assert calls == {"agentops.openai", "agentops"}
    assert found.counts() == (2, 1, 2, 0)
    assert found.named("search").output == "found x"
    assert [agent.name for agent in found.sessions[0].agents] == ["assistant"]
    assert found.ends()[0][0] == "Indeterminate"


@with_and_without_key
@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("langchain_0_3", {"counts": (1, 1, 0, 0), "tags": {"Langchain Example"}}),
        ("langchain_0_4", {"counts": (1, 0, 0, 0), "tags": {"rollout", "langchain"}}),
    ],
)
def test_langchain(program: str, expected: dict[str, Any], key: str | None, data_directory: Path) -> None:
    """Handlers made as either generation makes them record into the session of the program."""
    found = run(program, data_directory, key=key)
    assert found.counts() == expected["counts"]
    assert set(found.sessions[0].tags) == expected["tags"]
    assert found.ends()[0][0] == "Success"
