"""The plugin for `mcp`: what a server does for a client's call is part of that call, in one process and across two."""

import asyncio
import json
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from threading import Thread
from time import sleep
from typing import Any

import pytest
from mcp_server import make

import agentops
from agentops.domain.spans import SpanKind, SpanRecord, SpanStatus
from agentops.testing import Recording, record
from agentops_plugins._mcp import depart
from agentops_plugins.mcp import INSTRUMENTATION

mcp: Any = pytest.importorskip("mcp")
stdio: Any = pytest.importorskip("mcp.client.stdio")
types: Any = pytest.importorskip("mcp.types")

SERVER = Path(__file__).with_name("mcp_server.py")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(name="recording")
def observe_mcp() -> Iterator[Recording]:
    """What the plugin sees, and what the library tells OpenTelemetry beside it."""
    with record(strict=True) as opened:
        opened.observing.start(INSTRUMENTATION, "mcp")
        yield opened


@pytest.fixture(name="across", scope="module")
def call_another_process() -> dict[str, Any]:
    """A client's calls of a server in another process: what it recorded, what it got, and what the server recorded."""

    async def work() -> dict[str, Any]:
        server = mcp.StdioServerParameters(command=sys.executable, args=[str(SERVER)])
        async with stdio.stdio_client(server) as streams, mcp.ClientSession(*streams) as session:
            await session.initialize()
            await session.list_tools()
            got = [await session.call_tool("add", {"a": 1, "b": 2}), await session.call_tool("fail", {})]
            await session.read_resource("note://tides")
            await session.get_prompt("greet", {"name": "Ada"})
            told = await session.call_tool("recorded", {})
            return {"got": got, "server": json.loads(told.content[0].text)}

    with record(strict=True) as recording:
        recording.observing.start(INSTRUMENTATION, "mcp")
        with agentops.span("work"):
            found = asyncio.run(work())
    return found | {
        "spans": [span for span in recording.spans() if span.source == "agentops.mcp"],
        "recording": recording,
    }


def one(across: dict[str, Any], name: str) -> SpanRecord:
    """The client's span of this name."""
    (span,) = [span for span in across["spans"] if span.name == name]
    return span


def test_each_request_of_a_client_is_seen_once(across: dict[str, Any]) -> None:
    """Calls of tools are tool calls, reading is retrieval, the rest are steps; the library's own spans double none."""
    assert [(span.kind, span.name) for span in across["spans"]][:6] == [
        (SpanKind.TASK, "initialize"),
        (SpanKind.TASK, "tools/list"),
        (SpanKind.TOOL, "add"),
        (SpanKind.TOOL, "fail"),
        (SpanKind.RETRIEVAL, "resources/read note://tides"),
        (SpanKind.TASK, "prompts/get greet"),
    ]
    assert [span.name for span in across["recording"].spans() if span.source == "mcp-python-sdk"] == []


def test_a_call_says_what_went_in_and_came_out(across: dict[str, Any]) -> None:
    """As structured content where the server gives it, else its text."""
    span = one(across, "add")
    assert span.input == {"a": 1, "b": 2}
    assert span.output in ({"result": 3}, "3")
    assert span.attributes == {"mcp.method.name": "tools/call", "gen_ai.tool.name": "add"}


def test_a_tools_failure_is_one_although_nothing_is_raised(across: dict[str, Any]) -> None:
    """The client's program gets a result; the span says that it is a failure, in its words."""
    span = one(across, "fail")
    assert span.status is SpanStatus.ERROR
    assert span.error is not None
    assert "Error executing tool fail" in span.error.message
    assert getattr(across["got"][1], "is_error", None) or across["got"][1].isError


def test_what_the_server_does_is_part_of_the_call(across: dict[str, Any]) -> None:
    """In its own process, in the session of the client, under the client's span; it is no tool call again."""
    calls = [span for span in across["server"] if span[1].startswith("tools/call ")]
    expected = [
        ["task", f"tools/call {name}", one(across, name).session_id, one(across, name).span_id]
        for name in ("add", "fail", "recorded")
    ]
    assert calls == expected
    assert [span for span in across["server"] if span[0] == SpanKind.TOOL] == []


def test_resources_and_prompts_are_named(across: dict[str, Any]) -> None:
    """By what they are about."""
    assert one(across, "resources/read note://tides").attributes["mcp.resource.uri"] == "note://tides"
    prompt = one(across, "prompts/get greet")
    assert prompt.attributes["gen_ai.prompt.name"] == "greet"
    assert prompt.input == {"name": "greet", "arguments": {"name": "Ada"}}


def test_a_tool_called_in_place_is_a_tool_call(recording: Recording) -> None:
    """Without any client, by the program that has the server."""
    asyncio.run(make(recording).call_tool("add", {"a": 1, "b": 2}))
    span = recording.span("add")
    assert (span.kind, span.input) == (SpanKind.TOOL, {"a": 1, "b": 2})


@pytest.mark.skipif(not hasattr(mcp, "Client"), reason="there is no such client before version 2")
def test_a_server_in_the_same_process_is_inside_the_call(recording: Recording) -> None:
    """Directly under it, once."""

    async def work() -> None:
        async with mcp.Client(make(recording)) as client:
            await client.call_tool("add", {"a": 1, "b": 2})

    with agentops.span("work"):
        asyncio.run(work())
    call, handled = recording.span("add"), recording.span("tools/call add")
    assert (call.kind, handled.kind, handled.parent_id) == (SpanKind.TOOL, SpanKind.TASK, call.span_id)
    assert [span.name for span in recording.spans() if span.parent_id == handled.span_id] == []


@contextmanager
def serving(server: Any) -> Generator[str]:
    """The server over HTTP, in a thread; gives its address."""
    uvicorn: Any = pytest.importorskip("uvicorn")
    runner = uvicorn.Server(uvicorn.Config(server.streamable_http_app(), port=0, log_level="critical", ws="none"))
    thread = Thread(target=runner.run)
    thread.start()
    try:
        while not runner.started:
            sleep(0.01)
        yield f"http://127.0.0.1:{runner.servers[0].sockets[0].getsockname()[1]}/mcp"
    finally:
        runner.should_exit = True
        thread.join()


def test_requests_over_http_are_no_calls_of_their_own(recording: Recording) -> None:
    """What carries a call is part of it, and what carries the session is nobody's."""
    module: Any = import_module("mcp.client.streamable_http")
    connect = getattr(module, "streamable_http_client", None) or module.streamablehttp_client

    async def work(address: str) -> None:
        async with connect(address) as streams, mcp.ClientSession(*streams[:2]) as session:
            await session.initialize()
            with agentops.span("step"):
                await session.call_tool("add", {"a": 1, "b": 2})

    with serving(make(recording)) as address, agentops.span("work"):
        asyncio.run(work(address))
    call, handled, step = (recording.span(name) for name in ("add", "tools/call add", "step"))
    assert (handled.session_id, handled.parent_id, call.parent_id) == (call.session_id, call.span_id, step.span_id)
    assert [span.name for span in recording.spans(SpanKind.TOOL)] == ["add"]


def test_context_of_the_programs_own_stays() -> None:
    """A request in which the program put a parent of its own goes out as it is."""
    from agentops.instrumentation.target import Arguments  # noqa: PLC0415 - nothing else here needs it

    meta: dict[str, Any] = {"traceparent": "00-" + "1" * 32 + "-" + "2" * 16 + "-01"}
    inner = types.CallToolRequest(method="tools/call", params={"name": "add", "arguments": {}, "_meta": meta})
    given = Arguments(None, (inner,), {})
    assert depart(given, {"traceparent": "theirs", "baggage": "ours"}) is given
    bare = types.CallToolRequest(method="tools/call", params={"name": "add", "arguments": {}, "_meta": {"mine": 1}})
    (sent,) = depart(Arguments(None, (bare,), {}), {"traceparent": "theirs", "baggage": "ours"}).args
    wire = sent.model_dump(by_alias=True, exclude_none=True)["params"]["_meta"]
    assert wire == {"mine": 1, "traceparent": "theirs", "baggage": "ours"}
    assert bare.model_dump(by_alias=True, exclude_none=True)["params"]["_meta"] == {"mine": 1}
