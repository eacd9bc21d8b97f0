"""What programs may rely on, each proven by a whole program: they are recorded and otherwise what they were."""

import json
import os
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agentops.domain.spans import SpanKind, SpanRecord
from agentops.store.sqlite import SqliteStore
from agentops.testing.provider import Provider, ReceivedRequest, Turn

NORMAL = "the process ended without ending the session"


@dataclass(frozen=True)
class Outcome:
    """What came of a program: what it printed, and what was stored of it."""

    out: str
    err: str
    data: Path

    @property
    def said(self) -> Any:
        """What it printed last, as JSON."""
        return json.loads(self.out.strip().splitlines()[-1])

    def sessions(self) -> list[tuple[str, str | None, str | None]]:
        """Name, end state and reason of every session, the oldest first."""
        with SqliteStore(self.data / "agentops.db") as store:
            found = sorted(store.sessions(), key=lambda session: session.start)
        return [(session.name or "", session.end_state, session.end_state_reason) for session in found]

    def spans(self, name: str) -> list[SpanRecord]:
        """The spans of the only session of this name, without its own."""
        with SqliteStore(self.data / "agentops.db") as store:
            (session,) = [session for session in store.sessions() if session.name == name]
            return [span for span in store.spans(session.session_id) if span.kind is not SpanKind.SESSION]


def run(source: str, folder: Path, *, before: str = "", **variables: str) -> Outcome:
    """Run a program in a folder of its own, to its end; it leaves nothing there."""
    here = folder / "here"
    here.mkdir()
    data = folder / "data"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(before) + textwrap.dedent(source)],
        cwd=here,
        env={**os.environ, "AGENTOPS_DIR": str(data), **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    assert list(here.iterdir()) == [], "nothing is written into the working directory"
    return Outcome(done.stdout, done.stderr, data)


@pytest.mark.parametrize(
    "start",
    [
        "agentops.start_session(tags=['a'])",
        "agentops.Session('b').start()",
        "agentops.session('c').__enter__()",
    ],
)
def test_a_new_trace_is_a_new_root(start: str, tmp_path: Path) -> None:
    """Whatever is current when a session starts: another session, a span of ours, a span of somebody else's."""
    done = run(
        f"""
        import json, agentops
        from opentelemetry import trace
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
        trace.set_tracer_provider(TracerProvider())
        exporter = InMemorySpanExporter()
        agentops.init(exporter=exporter, log_level="WARNING")
        with agentops.session("around") as around, agentops.span("ours"):
            with trace.get_tracer("own").start_as_current_span("theirs") as theirs:
                inner = {start}
                agentops.tool(name="work")(lambda: 1)()
                inner.end("Success")
        agentops.flush(10)
        spans = [span for span in exporter.get_finished_spans()
                 if f"{{span.context.trace_id:032x}}" == inner.session_id.replace("-", "")]
        (root,) = [span for span in spans if span.parent is None]
        print(json.dumps([inner.session_id != around.session_id, len(spans),
                          [span.parent.span_id == root.context.span_id for span in spans if span.parent]]))
        """,
        tmp_path,
    )
    assert done.said == [True, 2, [True]]


def test_generators_and_agent_classes_leave_nothing_current(tmp_path: Path) -> None:
    """Read to the end, left in the middle, dropped or never begun; agents made, used and kept."""
    done = run(
        """
        import asyncio, json, agentops
        from opentelemetry import context, trace
        agentops.init(trace_name="own", log_level="WARNING")

        @agentops.tool
        def numbers():
            yield 1
            yield 2

        @agentops.task
        async def later():
            yield 1
            yield 2

        @agentops.agent
        class Researcher:
            def __init__(self, name): self.name = name
            def ask(self): return numbers()
            async def wait(self): return [item async for item in later()]
            @agentops.tool
            def fail(self): raise ValueError(1)

        def here():
            return trace.get_current_span().get_span_context().span_id, dict(context.get_current())

        async def main():
            found = [here()]
            agents = [Researcher("a"), Researcher("b")]
            found.append(here())
            started = agents[0].ask(); next(started); found.append(here())
            list(agents[1].ask()); found.append(here())
            numbers(); del started; found.append(here())
            for _ in numbers(): break
            found.append(here())
            await agents[0].wait(); found.append(here())
            async for _ in later(): break
            found.append(here())
            try: agents[0].fail()
            except ValueError: pass
            found.append(here())
            left = later(); await anext(left); found.append(here())
            await left.aclose(); found.append(here())
            return all(one == found[0] for one in found), len(found)

        before = here()
        result = asyncio.run(main())
        print(json.dumps([*result, here() == before]))
        """,
        tmp_path,
    )
    assert done.said == [True, 11, True]
    assert done.sessions() == [("own", "Indeterminate", NORMAL)]


def test_an_exception_is_one_event(tmp_path: Path) -> None:
    """In what leaves as OpenTelemetry spans, whoever else has noted it on the span as well."""
    done = run(
        """
        import json, agentops
        from opentelemetry import trace
        from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
        exporter = InMemorySpanExporter()
        agentops.init(exporter=exporter, log_level="WARNING")

        @agentops.tool
        def plain():
            raise ValueError("once")

        @agentops.tool
        def noted():
            try:
                raise ValueError("once")
            except ValueError as error:
                trace.get_current_span().record_exception(error)
                raise

        with agentops.session("one"):
            for work in (plain, noted):
                try: work()
                except ValueError: pass
            try:
                with trace.get_tracer("other").start_as_current_span("foreign"):
                    raise ValueError("once")
            except ValueError: pass
        agentops.flush(10)
        print(json.dumps({
            span.name: [event.name for event in span.events]
            for span in exporter.get_finished_spans() if span.name != "one"
        }))
        """,
        tmp_path,
    )
    assert done.said == {
        "execute_tool plain": ["exception"],
        "execute_tool noted": ["exception"],
        "foreign": ["exception"],
    }
    with SqliteStore(done.data / "agentops.db") as store:
        assert store.find("last").errors == 3


ASKING = """
import json, sys
import openai
{init}
client = openai.OpenAI()
question = [{{"role": "user", "content": "why?"}}]
stream = client.chat.completions.create(model="gpt-4o", messages=question, stream=True)
chunks = [chunk.model_dump(exclude={{"id", "created"}}) for chunk in stream]
with client.chat.completions.stream(model="gpt-4o", messages=question) as helper:
    kinds = [event.type for event in helper]
whole = client.chat.completions.create(model="gpt-4o", messages=question)
parsed = client.responses.create(model="gpt-4o", input="why?", stream=True)
events = [event.type for event in parsed]
answer = whole.choices[0].message.content
print(json.dumps([type(stream).__module__, type(stream).__name__, chunks, kinds, answer, events]))
"""


def test_streams_and_requests_are_what_they_were(tmp_path: Path) -> None:
    """The provider hears the same, with no usage asked for that the program did not ask for, and the program too."""
    heard: dict[str, list[Any]] = {"plain": [], "recorded": []}
    shown: dict[str, Any] = {}
    for way, init in {"plain": "", "recorded": "import agentops; agentops.init(trace_name='own')"}.items():

        def answer(request: ReceivedRequest, bodies: list[Any] = heard[way]) -> Turn:
            bodies.append(request.body)
            return Turn("Because of the light.")

        folder = tmp_path / way
        folder.mkdir()
        with Provider(answer) as provider:
            done = run(ASKING.format(init=init), folder, **provider.environment())
        shown[way] = done.said
    assert heard["recorded"] == heard["plain"]
    assert "stream_options" not in json.dumps(heard["plain"])
    assert shown["recorded"] == shown["plain"]
    assert len(Outcome("", "", tmp_path / "recorded" / "data").spans("own")) == 4


WATCHED = """
import sys
reached = []
def hook(event, arguments):
    if event in {"socket.connect", "socket.getaddrinfo", "socket.sendto", "socket.bind"}:
        reached.append((event, str(arguments[-1])))
sys.addaudithook(hook)
"""


def test_nothing_is_sent_to_a_host_that_nobody_named(tmp_path: Path) -> None:
    """A whole recorded program with a key, to its end: it reaches for no network at all."""
    source = """
    import atexit
    atexit.register(lambda: print(reached))
    import agentops
    agentops.init(api_key="00000000-1111-4222-8333-444444444444", tags=["a"])
    with agentops.session("one"):
        agentops.tool(lambda: 1)()
        agentops.record(agentops.LLMEvent(model="gpt-4o", prompt_tokens=1))
    agentops.end_session("Success")
    agentops.flush()
    """
    assert run(source, tmp_path, before=WATCHED).out == "[]\n"


def test_a_missing_key_means_recording_on_this_machine(tmp_path: Path) -> None:
    """No failure, no warning, and nothing to sign up for."""
    done = run(
        """
        import agentops
        agentops.init(trace_name="own")
        agentops.tool(lambda: 1)()
        agentops.end_session("Success")
        """,
        tmp_path,
    )
    assert done.sessions() == [("own", "Success", None)]
    assert done.err.count("\n") == 1
    assert "Session Stats" in done.err


def test_an_unknown_argument_is_told_with_what_was_meant(tmp_path: Path) -> None:
    """The program goes on, and is recorded."""
    done = run(
        """
        import agentops
        agentops.init(trace_name="own", defualt_tags=["a"])
        agentops.tool(lambda: 1)()
        """,
        tmp_path,
    )
    assert "defualt_tags" in done.err
    assert "default_tags" in done.err
    assert done.sessions() == [("own", "Indeterminate", NORMAL)]


def test_init_twice_is_init_once(tmp_path: Path) -> None:
    """The session that runs is given again, nothing is observed twice, and there is one session."""
    done = run(
        """
        import agentops
        first = agentops.init(trace_name="own")
        second = agentops.init(trace_name="other", tags=["late"])
        assert first is second
        agentops.tool(name="work")(lambda: 1)()
        assert agentops.init().get_analytics()["Tool calls"] == 1
        """,
        tmp_path,
    )
    assert done.sessions() == [("own", "Indeterminate", NORMAL)]
    assert [span.name for span in done.spans("own")] == ["work"]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("'Success'", "Success"),
        ("'Fail'", "Fail"),
        ("'Failure'", "Fail"),
        ("'Indeterminate'", "Indeterminate"),
        ("agentops.EndState.FAIL", "Fail"),
        ("agentops.EndState.SUCCESS", "Success"),
        ("StatusCode.OK", "Success"),
        ("StatusCode.ERROR", "Fail"),
        ("StatusCode.UNSET", "Indeterminate"),
    ],
)
def test_an_end_state_is_kept_as_it_was_given(said: str, kept: str, tmp_path: Path) -> None:
    """As a word of either generation, as a member, or as OpenTelemetry's status."""
    done = run(
        f"""
        import agentops
        from opentelemetry.trace import StatusCode
        agentops.init(trace_name="own")
        agentops.end_session({said})
        """,
        tmp_path,
    )
    assert [end for _, end, _ in done.sessions()] == [kept]


NOTEBOOK = """
import asyncio, json, warnings
warnings.simplefilter("ignore")
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config
settings = Config()
settings.HistoryManager.enabled = False
shell = InteractiveShell.instance(config=settings)
loop = asyncio.new_event_loop()

def told(result):
    error = result.error_in_exec or result.error_before_exec
    return result.result if error is None else type(error).__name__

def cell(source):
    return told(shell.run_cell(source))

def cell_in_a_task(source):
    async def run():
        return await shell.run_cell_async(source, transformed_cell=shell.transform_cell(source))
    return told(loop.run_until_complete(run()))

START = "import agentops; session = agentops.init(trace_name='notebook', log_level='WARNING'); None"
DEFINE = '''
@agentops.tool
def search(word):
    return len(word)
@agentops.agent
class Researcher:
    async def ask(self, word): return search(word)
'''
COUNT = "agentops.current_session().get_analytics()['Tool calls']"
"""


@pytest.mark.parametrize("run_cell", ["cell", "cell_in_a_task"])
def test_a_notebook_is_recorded_again_and_again(run_cell: str, tmp_path: Path) -> None:
    """Cells are run in any order and several times: one session, until it is ended; then the next."""
    source = f"""
    run = {run_cell}
    found = []
    for _ in range(3):
        run(START)
        run(DEFINE)
        found.append(run("search('bees')"))
        found.append(run("await Researcher().ask('honey')"))
        found.append(run(COUNT))
    first = run("session.session_id")
    found.append(run("1 / 0"))
    found.append(run("raise KeyboardInterrupt"))
    found.append(run("search('bees'); " + COUNT))
    found.append(run("session is agentops.init()"))
    run("agentops.end_session('Success')")
    run("search('again')")
    found.append(run(COUNT))
    run(START)
    found.append(run("session.session_id") != first)
    found.append(run(COUNT))
    shell.run_line_magic("reset", "-f")
    run(START)
    found.append(run(COUNT))
    print()
    print(json.dumps(found))
    loop.close()
    """
    done = run(source, tmp_path, before=NOTEBOOK, IPYTHONDIR=str(tmp_path / "ipython"))
    rounds = [4, 5, 2, 4, 5, 4, 4, 5, 6]
    assert done.said == [*rounds, "ZeroDivisionError", "KeyboardInterrupt", 7, True, 1, True, 1, 1]
    assert done.sessions() == [("notebook", "Success", None), ("notebook", "Indeterminate", NORMAL)]


def test_the_output_of_a_program_is_its_own(tmp_path: Path) -> None:
    """Nothing of ours is on stdout, and stderr has one line for each session that ended."""
    done = run(
        """
        import agentops
        agentops.init()
        with agentops.session("one"):
            print("mine")
        with agentops.session("two"):
            print("mine too")
        """,
        tmp_path,
    )
    assert done.out == "mine\nmine too\n"
    stats = "\N{LINKED PAPERCLIPS} AgentOps: Session Stats"
    assert [line.split(" - ")[0] for line in done.err.splitlines()] == [stats, stats]
