"""`init`, `configure` and `Client`: as programs of both generations call them, again and again."""

import code
import logging
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

import agentops
from agentops import Client, client
from agentops.config import Config
from agentops.errors import ConfigurationError
from agentops.stderr import StderrHandler, speak
from agentops.store.sqlite import SqliteStore


@pytest.fixture(autouse=True)
def heard(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Warnings, whoever listens to our logger."""
    said: list[str] = []

    class Listening(logging.Handler):
        """Keeps what is said."""

        def emit(self, record: logging.LogRecord) -> None:
            """Keep a warning."""
            if record.levelno >= logging.WARNING:
                said.append(record.getMessage())

    speak("INFO")  # as `init` does; what another test said of levels is over
    handler = Listening()
    logger = logging.getLogger("agentops")
    monkeypatch.setattr(logger, "handlers", [*logger.handlers, handler])
    return said


def config() -> Config:
    """The settings in use."""
    assembly = client.get_assembly()
    assert assembly is not None
    return assembly.config


def run(source: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A program of its own, run to its end."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(source)],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done


def test_an_unknown_argument_is_one_warning_with_what_was_meant(heard: list[str]) -> None:
    """Never an error, and the program is recorded."""
    wrong: dict[str, Any] = {"default_tag": ["a"], "colour": "red", "fail_safe": True, "exporter_endpoint": "http://x"}
    assert agentops.init(**wrong) is not None
    assert heard == [
        "'default_tag' is no setting of agentops; did you mean 'default_tags'?; 'colour' is no setting of agentops"
    ]
    heard.clear()
    agentops.configure(instrument_lm_calls=False)
    assert heard == ["'instrument_lm_calls' is no setting of agentops; did you mean 'instrument_llm_calls'?"]


@pytest.mark.parametrize("call", [agentops.init, agentops.configure, Client, agentops.start_session])
def test_a_value_that_cannot_be_is_an_error(call: Any) -> None:
    """At once, with what to write instead."""
    with pytest.raises(ConfigurationError, match=r"exit_timeout .* pass a number of seconds"):
        call(exit_timeout="soon")


@pytest.mark.parametrize("key", [None, "no-uuid", str(uuid4()), uuid4()], ids=["none", "word", "text", "uuid"])
def test_any_key_and_no_key_records_here(key: Any, heard: list[str], data_directory: Path) -> None:
    """Nothing is asked of the key on this machine."""
    session = agentops.init(api_key=key)
    assert session is not None
    agentops.record(agentops.ToolEvent(name="search"))
    agentops.end_session("Success")
    agentops.shutdown()
    with SqliteStore(data_directory / "agentops.db") as store:
        assert [each.tool_calls for each in store.sessions()] == [1]
    assert heard == []


ORDERS: list[tuple[tuple[Any, ...], dict[str, object]]] = [
    (("k", "p"), {"api_key": "k", "parent_key": "p", "endpoint": None}),
    (("k", "http://localhost:1"), {"endpoint": "http://localhost:1", "parent_key": None}),
    (("k", None, "http://localhost:1"), {"endpoint": "http://localhost:1", "app_url": None}),
    (("k", "http://localhost:1", "http://localhost:2"), {"app_url": "http://localhost:2"}),
    (("k", "p", "http://localhost:1", 5, 6, None, ["t"], False), {"instrument_llm_calls": False, "max_wait_time": 5}),
    (("k", None, None, 5, 6, ["s"], ["t"], "named"), {"trace_name": "named", "default_tags": ("t", "s")}),
    (("k", None, None, 5, 6, ["s"], ["t"], False), {"instrument_llm_calls": False, "default_tags": ("t", "s")}),
]


@pytest.mark.parametrize(("arguments", "settings"), ORDERS)
def test_positional_arguments_are_those_of_either_generation(
    arguments: tuple[Any, ...], settings: dict[str, object]
) -> None:
    """The second is a parent key in 0.3 and an address in 0.4; what is an address tells which is meant."""
    session = agentops.init(*arguments)
    assert session is not None
    assert {name: getattr(config(), name) for name in settings} == settings
    if len(arguments) > 5 and arguments[5]:
        assert session.tags == ["t", "s"]
    with pytest.raises(TypeError, match="at most"):
        agentops.init(*["x"] * 18)


def test_the_names_of_both_generations_are_settings(heard: list[str]) -> None:
    """Everything that 0.3 and 0.4 take by name."""
    arguments: dict[str, Any] = {
        "api_key": "k",
        "parent_key": "p",
        "endpoint": "http://localhost:1",
        "app_url": "http://localhost:2",
        "max_wait_time": 1,
        "max_queue_size": 3000,
        "tags": ["s"],
        "default_tags": {"t"},
        "trace_name": "n",
        "instrument_llm_calls": False,
        "auto_start_session": True,
        "auto_init": True,
        "skip_auto_end_session": True,
        "env_data_opt_out": True,
        "log_level": logging.ERROR,
        "fail_safe": True,
        "log_session_replay_url": True,
        "exporter_endpoint": "http://localhost:3",
        "prefetch_jwt_token": False,
        "local_store": False,
    }
    session = agentops.init(**arguments)
    assert session is not None
    assert (session.tags, session.name, heard) == (["t", "s"], "n", [])
    assert (config().log_level, config().max_queue_size, config().parent_key) == ("ERROR", 3000, "p")


def test_settings_come_from_the_environment_of_both_generations() -> None:
    """By the names that 0.3 and 0.4 read."""
    variables = {
        "AGENTOPS_API_KEY": "k",
        "AGENTOPS_PARENT_KEY": "p",
        "AGENTOPS_API_ENDPOINT": "http://localhost:1/",
        "AGENTOPS_APP_URL": "http://localhost:2",
        "AGENTOPS_ENV_DATA_OPT_OUT": "TRUE",
        "AGENTOPS_LOGGING_LEVEL": "DEBUG",
        "AGENTOPS_LOGGING_TO_FILE": "TRUE",
        "AGENTOPS_MAX_WAIT_TIME": "7",
        "AGENTOPS_MAX_QUEUE_SIZE": "8",
        "AGENTOPS_EXPORT_FLUSH_INTERVAL": "9",
        "AGENTOPS_DEFAULT_TAGS": "a,b",
        "AGENTOPS_TRACE_NAME": "n",
        "AGENTOPS_INSTRUMENT_LLM_CALLS": "false",
        "AGENTOPS_AUTO_START_SESSION": "false",
        "AGENTOPS_AUTO_INIT": "1",
        "AGENTOPS_SKIP_AUTO_END_SESSION": "yes",
        "AGENTOPS_FAIL_SAFE": "true",
        "AGENTOPS_PREFETCH_JWT_TOKEN": "true",
        "AGENTOPS_LOG_SESSION_REPLAY_URL": "true",
        "AGENTOPS_EXPORTER_ENDPOINT": "http://localhost:3",
    }
    names = (
        *("api_key", "parent_key", "endpoint", "app_url", "env_data_opt_out", "log_level", "max_wait_time"),
        *("max_queue_size", "export_flush_interval", "default_tags", "trace_name", "instrument_llm_calls"),
        *("auto_start_session", "auto_init", "skip_auto_end_session"),
    )
    program = f"""
        import os, agentops
        from agentops.client import get_assembly
        print(agentops.init(local_store=False))
        config = get_assembly().config
        print([getattr(config, name) for name in {names!r}])
        print(os.path.exists("agentops.log"))
    """
    shown = "['k', 'p', 'http://localhost:1', 'http://localhost:2', True, 'DEBUG', 7, 8, 9, ('a', 'b'), 'n', False, "
    assert run(program, **variables).stdout.splitlines() == ["None", f"{shown}False, True, True]", "False"]


def test_init_again_takes_over_what_can_change_and_tells_the_rest(heard: list[str], tmp_path: Path) -> None:
    """The same again says nothing; the session goes on."""
    session = agentops.init("k", default_tags=["a"])
    assert agentops.init("k", default_tags=["a"]) is session
    assert heard == []
    assert agentops.init("other", default_tags=["b"], directory=str(tmp_path), instrument_llm_calls=False) is session
    (told,) = heard
    assert told.startswith("directory, instrument_llm_calls cannot change while the program is recorded: ")
    assert (agentops.get_api_key(), config().origin("api_key").kind, config().directory == tmp_path) == (
        "other",
        "argument",
        False,
    )
    started = agentops.start_session()
    assert started is not None
    assert started.tags == ["b"]


def test_settings_before_init_are_those_of_init() -> None:
    """`configure`, `set_api_key` and `Client(...)` are remembered; what `init` says wins."""
    agentops.configure(trace_name="n", default_tags=["a"])
    agentops.set_api_key("k")
    agentops.set_parent_key("p")
    assert Client(max_wait_time=3) is Client()
    assert (agentops.get_api_key(), Client().config.max_wait_time) == ("k", 3)
    session = agentops.init(default_tags=["b"])
    assert session is not None
    assert (session.name, session.tags) == ("n", ["b"])
    assert (config().api_key, config().parent_key, config().max_wait_time) == ("k", "p", 3)


def test_settings_while_recording_are_those_from_then_on() -> None:
    """Keys, tags of sessions to come, and whether sessions start by themselves."""
    session = agentops.init(default_tags=["a"])
    agentops.configure(default_tags=["b"], auto_start_session=False, log_level="ERROR")
    Client().add_default_tags("c")
    assert session is not None
    assert session.tags == ["a"]
    session.end()
    with agentops.task("outside"):
        assert agentops.current_session() is None
    started = agentops.start_session()
    assert started is not None
    assert (started.tags, Client().get_default_tags()) == (["b", "c"], ["b", "c"])
    assert logging.getLogger("agentops").level == logging.ERROR


def test_a_session_may_start_before_init() -> None:
    """By a function, a trace or an object, without a key; there is no other session beside it."""
    program = """
        import agentops
        started = {}
        print(type(started).__name__, started is not None, len(agentops.Client().current_session_ids))
    """
    starts = ("agentops.start_session()", "agentops.start_trace('t')", "agentops.Client().start_session()")
    for start in (*starts, "agentops.Session().start()", "agentops.init()"):
        name = "TraceContext" if "trace" in start else "Session"
        assert run(program.format(start)).stdout.split() == [name, "True", "1"]


def test_without_auto_init_nothing_starts_before_init() -> None:
    """None, and one warning that says what to do; after `init` it works."""
    program = """
        import agentops
        @agentops.tool
        def work(): return 1
        print(agentops.start_session(), agentops.start_trace(), agentops.start_session(), work())
        agentops.init(auto_start_session=False)
        print(agentops.start_session() is not None)
    """
    done = run(program, AGENTOPS_AUTO_INIT="false")
    assert done.stdout == "None None None 1\nTrue\n"
    advice = "no session was started: call agentops.init() first, as auto_init is off"
    assert advice in done.stderr.splitlines()[0]
    assert done.stderr.count("no session was started") == 1


def test_after_shutdown_the_program_is_told_to_begin_anew(heard: list[str]) -> None:
    """Once; where recording is switched off on purpose, nothing is said."""
    agentops.init()
    agentops.shutdown()
    assert (agentops.start_session(), agentops.start_session()) == (None, None)
    assert heard == [
        "no session was started: recording was ended by agentops.shutdown(): call agentops.init() to begin anew"
    ]
    heard.clear()
    agentops.init(enabled=False)
    assert (agentops.start_session(), heard) == (None, [])


def test_a_client_is_one_and_does_what_the_functions_do(heard: list[str]) -> None:
    """All members of both generations; `use_singleton=False` is another object for the same recording."""
    one = Client(api_key="k", default_tags=["a"])
    assert (one is Client(), one is agentops.get_client(), one is Client(use_singleton=False)) == (True, True, False)
    assert (one.initialized, one.is_initialized, one.has_sessions, one.host_env) == (False, False, False, {})
    session = one.start_session(["t"], auto_start_session=True, skip_auto_end_session=False)
    assert session is not None
    assert (one.initialized, one.is_initialized, one.has_sessions) == (True, True, True)
    assert (one.is_multi_session, one.session_count, one.current_session_ids) == (False, 1, [str(session.session_id)])
    assert (one.api_key, one.parent_key, one.get_session(session.session_id)) == ("k", None, session)
    assert "SDK" in one.host_env
    one.add_tags("u")
    assert session.tags == ["a", "t", "u"]
    one.set_tags(["v"])
    assert one.create_agent("writer") == one.create_agent("writer", session=session)
    one.record(agentops.ToolEvent())
    assert (session.tags, session.event_counts["tools"]) == (["v"], 1)
    assert one.end_session("Success", "done") == 0
    assert (session.end_state, session.end_state_reason) == ("Success", "done")
    other = one.start_session()
    one.end_all_sessions()
    assert other is not None
    assert other.is_terminal()
    one.add_pre_init_warning("something is missing")
    one.unsuppress_logs()
    one.stop_instrumenting()
    assert (one.init() is not None, one.initialize() is not None) == (True, True)
    assert heard == ["something is missing"]


def test_tags_of_init_are_those_of_every_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in both generations, besides default tags from wherever; also of sessions that start later."""
    monkeypatch.setenv("AGENTOPS_DEFAULT_TAGS", "a,b")
    assert agentops.init(tags=["t", "a"], auto_start_session=False) is None
    first = agentops.start_session(tags="own")
    agentops.init(tags="u", auto_start_session=False)
    second = agentops.start_session()
    assert first is not None
    assert second is not None
    assert (first.tags, second.tags) == (["a", "b", "t", "own"], ["a", "b", "t", "u"])


def test_agents_made_before_any_session_are_known_in_the_first() -> None:
    """`Client.create_agent` of 0.3, before `init` and between sessions."""
    own = uuid4()
    first_id = Client().create_agent("writer")
    assert Client().create_agent("critic", own) == str(own)
    with pytest.raises(ValueError, match="badly formed UUID"):
        Client().create_agent("editor", "no uuid")
    session = agentops.init()
    assert session is not None
    assert [(agent.id, agent.name) for agent in session.agents] == [(first_id, "writer"), (str(own), "critic")]
    session.end()
    Client().create_agent("late")
    later, last = agentops.start_session(), agentops.start_session()
    assert later is not None
    assert last is not None
    assert ([agent.name for agent in later.agents], last.agents) == (["late"], [])


def test_the_client_is_at_its_old_place() -> None:
    """`from agentops.client import Client`, as a module of 0.3 and as a package of 0.4."""
    program = """
        from agentops.client import Client
        from agentops.client.client import Client as Inner
        import agentops, agentops.client
        assert Client is Inner is agentops.Client is agentops.client.Client
        session = Client().start_session(tags=["a"])
        assert session is not None
        Client().end_session("Success")
    """
    run(program)


def test_stop_instrumenting_leaves_libraries_alone_and_records_on() -> None:
    """Sessions, decorators and events go on."""
    session = agentops.init()
    assembly = client.get_assembly()
    assert assembly is not None
    agentops.stop_instrumenting()
    assert assembly.observation.installed == []
    agentops.record(agentops.ToolEvent())
    assert session is not None
    assert session.event_counts["tools"] == 1


CELLS = [
    "import agentops",
    "session = agentops.init(api_key='k', tags=['notebook'], default_tags=['d'])",
    "@agentops.tool\ndef work():\n    return 1\n",
    "work()\n",
    "agentops.end_session('Success')",
]


def test_cells_of_a_notebook_run_again_and_again(
    heard: list[str], data_directory: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A cell that calls `init` gives the running session, or a new one after its end; nothing is said twice."""
    console = code.InteractiveConsole()
    for _ in range(3):
        for number in (0, 1, 1, 2, 3, 1, 3, 4):
            assert not console.runsource(CELLS[number], symbol="exec")
    assert (heard, "Traceback" in capsys.readouterr().err) == ([], False)
    assert [type(handler) for handler in logging.getLogger("agentops").handlers].count(StderrHandler) == 1
    agentops.shutdown()
    with SqliteStore(data_directory / "agentops.db") as store:
        found = [(each.tool_calls, each.end_state, each.tags) for each in store.sessions()]
    assert found == [(2, "Success", ["d", "notebook"])] * 3
