"""The plugins together: how they are found, what a broken one costs, and how they are asked."""

import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from distribution_samples import WORKING, announce, distribute

from agentops.domain.genai import ToolRequest, ToolResponse
from agentops.errors import PluginError
from agentops.instrumentation.target import Bridge, Instrumentation, Reader, Target
from agentops.plugins import hookimpl, hookspecs
from agentops.plugins.discovery import find_entry_points
from agentops.plugins.manager import Plugins
from agentops.plugins.report import PluginReport

READER = Reader(
    read_request=lambda _: ToolRequest(name="tool"), read_response=lambda result: ToolResponse(result=result)
)
OBSERVED = Instrumentation(library="observed", targets=[Target(path="observed:call", reader=READER)])
BRIDGE = Bridge(library="bridged", install=lambda emitter: lambda: None)

BROKEN = {
    "raises": ("raise RuntimeError('at import')", "RuntimeError: at import"),
    "exits": ("import sys; sys.exit('bye')", "SystemExit: bye"),
    "misses": ("import no_such_library", "ModuleNotFoundError: No module named 'no_such_library'"),
    "syntax": ("def", "SyntaxError: invalid syntax (plugin_syntax.py, line 1)"),
    "unknown_hook": (
        "from agentops.plugins import hookimpl\n@hookimpl\ndef agentops_surprise(): pass",
        "PluginError: plugin unknown_hook: agentops_surprise is no hook of agentops",
    ),
}


def ignore(event: Any) -> None:
    """A listener that does nothing."""


def priced_at_seven(provider: str, model: str) -> int:
    """A price for everything."""
    return 7


def outcome(plugins: Plugins) -> dict[str, str | None]:
    """The error of each plugin, None where it is in use."""
    return {report.name: report.error for report in plugins.reports}


def test_plugins_are_found_by_their_entry_points(site: Path) -> None:
    """An installed distribution needs nothing but its entry point, and the report names it."""
    distribute(site, "my-plugins", first=WORKING, second=WORKING)
    plugins = Plugins()
    plugins.load()
    assert [
        PluginReport(report.name, report.distribution, report.version, report.error, 0) for report in plugins.reports
    ] == [PluginReport("first", "my-plugins", "1.2", None, 0), PluginReport("second", "my-plugins", "1.2", None, 0)]
    assert {name for name, _ in plugins.instrumentations()} == {"first", "second"}


@pytest.mark.parametrize("name", ["library_echo", "library.echo.inner", "Library-Echo-Inner", "plugin_for_echo"])
def test_one_plugin_can_be_left_out(site: Path, name: str) -> None:
    """By any library that it is for, as imported or as installed, or by its module; the others are loaded."""
    echo = "plugin_for_echo"
    libraries = {"library_echo": echo, "library.echo.inner": echo, "library_last": "plugin_last"}
    announce(site, "echoes", libraries=libraries)
    distribute(site, "mixed", before=WORKING)
    plugins = Plugins()
    plugins.load(["library_echo", "library_last", "before"], without=[name])
    assert {report.name for report in plugins.reports} == {"library_last", "before"}


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_plugin_is_reported_and_the_others_are_loaded(site: Path, broken: str) -> None:
    """Whatever goes wrong in one, the one before and the one after work."""
    source, error = BROKEN[broken]
    distribute(site, "mixed", before=WORKING, **{broken: source}, later=WORKING)
    plugins = Plugins()
    plugins.load()
    assert outcome(plugins) == {"before": None, broken: error, "later": None}
    assert {name for name, _ in plugins.instrumentations()} == {"before", "later"}


def test_the_user_may_interrupt_loading(site: Path) -> None:
    """Ctrl-C while a plugin is imported is the user's, not the plugin's failure."""
    distribute(site, "slow", slow="raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        Plugins().load()


def test_only_the_named_plugins_are_loaded(site: Path) -> None:
    """`AGENTOPS_LOAD_PLUGINS` pins the list; a name that nobody announces is reported."""
    distribute(site, "many", one=WORKING, two=BROKEN["raises"][0], three=WORKING)
    plugins = Plugins()
    plugins.load(["one", "four"])
    assert outcome(plugins) == {"one": None, "four": "no installed distribution announces a plugin of this name"}
    assert "plugin_two" not in sys.modules
    none = Plugins()
    none.load([])
    assert none.reports == []


def test_a_distribution_found_twice_is_loaded_once(site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first on the path wins, as with modules."""
    distribute(site, "twice", one=WORKING)
    other = tmp_path / "other"
    other.mkdir()
    distribute(other, "twice", one=WORKING)
    monkeypatch.setattr(sys, "path", [*sys.path, str(other)])
    assert [entry_point.name for entry_point in find_entry_points()] == ["one"]


def test_metadata_that_cannot_be_read_costs_only_itself(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A damaged distribution does not hide the others."""
    monkeypatch.setattr("agentops.recording.guard.strict", False)
    distribute(site, "a-damaged", gone=WORKING)
    (site / "a-damaged-1.2.dist-info" / "entry_points.txt").write_bytes(b"[agentops]\n\xff\xfe = x\n")
    distribute(site, "sound", sound=WORKING)
    assert [entry_point.name for entry_point in find_entry_points()] == ["sound"]


def test_every_plugin_of_ours_loads_without_its_library() -> None:
    """Discovery imports no observed library: init stays cheap whatever is installed."""
    program = (
        "import sys; from agentops.plugins.manager import Plugins; plugins = Plugins(); plugins.load();"
        "plugins.load_waiting(); assert plugins.reports and plugins.instrumentations();"
        "errors = [report for report in plugins.reports if report.error]; assert not errors, errors;"
        "observed = {'openai', 'anthropic', 'groq', 'together', 'fireworks', 'httpx', 'httpx2', 'wrapt', 'pydantic'};"
        "assert not observed & set(sys.modules), observed & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def plugin(**hooks: Any) -> Any:
    """A plugin with these hooks."""
    module = ModuleType("plugin")
    for name, function in hooks.items():
        function.__name__ = name
        setattr(module, name, hookimpl(function))
    return module


def test_instrumentations_come_one_or_many() -> None:
    """A plugin may give one, several, or none."""
    plugins = Plugins()
    plugins.register(plugin(agentops_instrumentation=lambda: OBSERVED), "one")
    plugins.register(plugin(agentops_instrumentation=lambda: [OBSERVED, BRIDGE]), "two")
    plugins.register(plugin(agentops_instrumentation=lambda: None), "none")
    plugins.register(plugin(agentops_instrumentation=lambda: ()), "empty")
    assert sorted(plugins.instrumentations(), key=lambda pair: pair[0]) == [
        ("one", OBSERVED), ("two", OBSERVED), ("two", BRIDGE),
    ]  # fmt: skip


def test_what_is_no_instrumentation_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong answer is logged, the right ones count."""
    monkeypatch.setattr("agentops.recording.guard.strict", False)
    plugins = Plugins()
    plugins.register(plugin(agentops_instrumentation=lambda: [OBSERVED, "observed"]), "half")
    assert plugins.instrumentations() == [("half", OBSERVED)]


@pytest.mark.parametrize("failure", [RuntimeError("no"), SystemExit(3), GeneratorExit()])
def test_a_plugin_that_fails_when_asked_does_not_keep_the_others_from_answering(
    monkeypatch: pytest.MonkeyPatch, failure: BaseException
) -> None:
    """Each plugin is asked on its own, whatever stands before it."""
    monkeypatch.setattr("agentops.recording.guard.strict", False)

    def fail(event: Any) -> None:
        raise failure

    told: list[Any] = []
    plugins = Plugins()

    def listen(event: Any) -> None:
        told.append(event)

    for name, listener in (("a", listen), ("b", fail), ("c", listen)):
        plugins.register(plugin(agentops_event=listener), name)
    plugins.tell("event")
    assert told == ["event", "event"]


def test_events_are_offered_only_where_somebody_listens() -> None:
    """Without a listener the hot path does not even build the event."""
    plugins = Plugins()
    plugins.register(plugin(agentops_instrumentation=lambda: OBSERVED), "silent")
    assert not plugins.listens()
    plugins.register(plugin(agentops_event=ignore), "listener")
    assert plugins.listens()


def test_the_last_loaded_plugin_is_asked_for_a_price_first() -> None:
    """The first answer that is not None counts, and nobody further is asked."""
    asked: list[str] = []

    def price(name: str, answer: Any) -> Any:
        def know(provider: str, model: str) -> Any:
            asked.append(f"{name}:{provider}/{model}")
            return answer

        return know

    plugins = Plugins()
    for name, answer in (("first", 1), ("second", 2), ("third", None)):
        plugins.register(plugin(agentops_price=price(name, answer)), name)
    assert plugins.price("openai", "gpt") == 2
    assert asked == ["third:openai/gpt", "second:openai/gpt"]
    assert Plugins().price("openai", "gpt") is None


def test_exporters_and_commands_are_gathered() -> None:
    """Every plugin's exporters are used, and every plugin sees the command line."""

    def own(config: Any) -> list[str]:
        return [config.name]

    def add(cli: list[str]) -> None:
        cli.append("command")

    plugins = Plugins()
    plugins.register(plugin(agentops_exporters=own), "one")
    plugins.register(plugin(agentops_exporters=lambda: ["b", "c"]), "two")
    commands: list[str] = []
    plugins.register(plugin(agentops_commands=add), "three")
    assert sorted(plugins.exporters(SimpleNamespace(name="a"))) == ["a", "b", "c"]
    plugins.add_commands(commands)
    assert commands == ["command"]


def test_two_plugins_of_one_name_are_told_apart_by_an_error() -> None:
    """The second is refused, the first goes on."""
    plugins = Plugins()
    plugins.register(plugin(agentops_instrumentation=lambda: OBSERVED), "same")
    with pytest.raises(PluginError, match="same"):
        plugins.register(plugin(agentops_instrumentation=lambda: BRIDGE), "same")
    assert plugins.instrumentations() == [("same", OBSERVED)]


def test_every_hook_call_is_printed_when_traced(capsys: pytest.CaptureFixture[str]) -> None:
    """`AGENTOPS_TRACE_PLUGINS` shows on stderr who was asked what and answered what."""
    plugins = Plugins(trace=True)
    plugins.register(plugin(agentops_price=priced_at_seven), "priced")
    plugins.price("openai", "gpt-5")
    captured = capsys.readouterr()
    assert captured.out == ""
    for word in ("agentops_price", "provider: openai", "model: gpt-5", "finish agentops_price --> 7"):
        assert word in captured.err


def test_every_hook_says_what_it_is_for() -> None:
    """The five hooks, each documented, are the whole contract."""
    hooks = {name: value for name, value in vars(hookspecs).items() if name.startswith("agentops_")}
    assert set(hooks) == {
        "agentops_instrumentation", "agentops_event", "agentops_exporters", "agentops_price", "agentops_commands",
    }  # fmt: skip
    assert all(hook.__doc__ for hook in hooks.values())
