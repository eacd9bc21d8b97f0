"""What coding agents are offered, asked by the protocol's own client over standard input and output."""

import os
import re
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from mcp.client import Client
from mcp.client.stdio import StdioServerParameters
from mcp_types import TextContent
from server_samples import RunningServer, StartServer

from agentops.domain.genai import Message, Request, Response, Text, Usage
from agentops.domain.ids import session_id_of
from agentops.domain.spans import ErrorInfo, Record, SessionRecord, SpanKind, SpanRecord, SpanStatus
from agentops.store import LOCAL_STORE
from agentops.store.sqlite import SqliteStore

SECOND = 1_000_000_000
START = 1_763_629_923 * SECOND
"""2025-11-20 09:12:03 UTC."""

SESSION = session_id_of(0x3F2A91C4_7B1E_4C55_9A10_5D3E0C2B7A01)
ROOT, CALL, TOOL = "000000000000000a", "000000000000000b", "000000000000000c"


def recordings() -> list[Record]:
    """A session with a model call and a tool that failed."""
    return [
        SessionRecord(session_id=SESSION, name="tides", state="FAILED", start=START, end=START + 3 * SECOND),
        SpanRecord(
            session_id=SESSION, span_id=ROOT, kind=SpanKind.SESSION, name="tides", start=START, end=START + 3 * SECOND
        ),
        SpanRecord(
            session_id=SESSION,
            span_id=CALL,
            parent_id=ROOT,
            kind=SpanKind.LLM,
            name="chat",
            start=START + 1,
            end=START + SECOND,
            request=Request(
                operation="chat",
                provider="openai",
                model="gpt-4o-mini",
                messages=[Message("user", [Text("Where are tides high?")])],
            ),
            response=Response(
                model="gpt-4o-mini",
                messages=[Message("assistant", [Text("In the Bay of Fundy. " * 3000)])],
                usage=Usage(input=12, output=9000),
            ),
            cost="0.25",
        ),
        SpanRecord(
            session_id=SESSION,
            span_id=TOOL,
            parent_id=CALL,
            kind=SpanKind.TOOL,
            name="search",
            start=START + SECOND,
            end=START + 2 * SECOND,
            status=SpanStatus.ERROR,
            error=ErrorInfo(type="TimeoutError", message="too slow"),
            counted_error=True,
        ),
    ]


@asynccontextmanager
async def asking(*words: str) -> AsyncGenerator[Client]:
    """A client of `agentops mcp`, in a process of its own."""
    parameters = StdioServerParameters(
        command=sys.executable, args=["-m", "agentops.cli", "mcp", *words], env=dict(os.environ)
    )
    async with Client(parameters) as client:
        yield client


async def said(client: Client, tool: str, **arguments: object) -> str:
    """What a tool answers."""
    answer = await client.call_tool(tool, arguments)
    text = "\n".join(part.text for part in answer.content if isinstance(part, TextContent))
    assert not answer.is_error, text
    return text


async def refused(client: Client, tool: str, **arguments: object) -> str:
    """Why a tool does not answer."""
    answer = await client.call_tool(tool, arguments)
    assert answer.is_error
    return "\n".join(part.text for part in answer.content if isinstance(part, TextContent))


@pytest.fixture
def filled(data_directory: Path) -> Path:
    """The store of this machine, with a session in it."""
    with SqliteStore(data_directory / LOCAL_STORE) as store:
        store.ingest(recordings())
        store.index()
    return data_directory


async def test_an_agent_finds_out_what_went_wrong(filled: Path) -> None:
    """From the list to the session to the span, each answer names what to ask next."""
    async with asking() as client:
        listed = await said(client, "list_sessions", has_errors=True)
        assert listed.startswith(f"{SESSION} tides | FAILED | started 2025-11-20 09:12:03Z | took 3.00s")
        assert "1 LLM calls | 1 tool calls | 1 errors | 12 tokens in, 9000 out | $0.25" in listed
        shown = (await said(client, "get_session", session_id="last")).splitlines()
        assert shown[1:] == [
            f"session tides [{ROOT}] 3.000s",
            f"  llm chat [{CALL}] 1.000s gpt-4o-mini 12->9000 tokens $0.25",
            f"    tool search [{TOOL}] 1.000s ERROR",
        ]
        assert "too slow" in await said(client, "get_span", session_id=SESSION[:8], span_id=TOOL)


async def test_an_agent_searches_and_counts(filled: Path) -> None:
    """A phrase leads to its span, and SQL adds up."""
    async with asking() as client:
        assert f"{SESSION} [{CALL}] chat at" in await said(client, "search_sessions", text="bay of fundy")
        assert await said(client, "search_sessions", text="volcano") == "Nothing says so."
        counted = await said(
            client, "query_sql", sql="SELECT kind, count(*) AS n FROM spans GROUP BY kind ORDER BY kind"
        )
        assert counted.splitlines() == ['["kind","n"]', '["llm",1]', '["session",1]', '["tool",1]']


async def test_answers_are_never_large(filled: Path) -> None:
    """A long text is cut, and the answer says how much is left out."""
    async with asking() as client:
        shown = await said(client, "get_span", session_id=SESSION, span_id=CALL)
        assert len(shown) < 20_000
        assert re.search(r"In the Bay of Fundy\. .*\(\d+ more characters\)", shown)
        assert "(2 more spans: ask with first_span=1)" in await said(client, "get_session", session_id=SESSION, limit=1)


async def test_what_cannot_be_answered_is_said(filled: Path) -> None:
    """A wrong id, a wrong moment and a statement that writes are refused with a reason."""
    async with asking() as client:
        assert "no session" in await refused(client, "get_session", session_id="ffffffff")
        assert "ISO 8601" in await refused(client, "list_sessions", since="yesterday")
        assert "SELECT" in await refused(client, "query_sql", sql="DELETE FROM sessions")


async def test_tools_say_that_they_only_read(filled: Path) -> None:
    """A client may let them run without asking its user."""
    async with asking() as client:
        tools = (await client.list_tools()).tools
    assert {tool.name for tool in tools} == {
        "list_sessions",
        "search_sessions",
        "get_session",
        "get_span",
        "query_sql",
    }
    assert all(tool.annotations and tool.annotations.read_only_hint and tool.description for tool in tools)


async def test_a_collector_elsewhere_answers_the_same(start_server: StartServer) -> None:
    """With an address and a key, what a team's server keeps is looked up, and nothing without the key."""
    server: RunningServer = start_server(keys={"team": "a-key-of-the-team"})
    with server.store("team") as store:
        store.ingest(recordings())
    async with asking("--url", server.url, "--key", "a-key-of-the-team") as client:
        assert (await said(client, "list_sessions")).startswith(f"{SESSION} tides | FAILED")
        assert f"tool search [{TOOL}] 1.000s ERROR" in await said(client, "get_session", session_id="last")
        assert "too slow" in await said(client, "get_span", session_id=SESSION, span_id=TOOL)
        assert '["tides"]' in await said(client, "query_sql", sql="SELECT name FROM sessions")
    async with asking("--url", server.url) as client:
        assert "401" in await refused(client, "list_sessions")


async def test_the_views_have_what_agents_are_told(filled: Path) -> None:
    """Every column that the description of the tool names can be asked for."""
    async with asking() as client:
        tools = {tool.name: tool.description or "" for tool in (await client.list_tools()).tools}
        views = re.findall(r"(\w+)\s+\(([\w,\s]+)\)", tools["query_sql"].partition("Views: ")[2])
        assert {name for name, _ in views} == {"sessions", "spans", "messages", "logs", "daily"}
        for name, columns in views:
            await said(client, "query_sql", sql=f"SELECT {columns} FROM {name}")
