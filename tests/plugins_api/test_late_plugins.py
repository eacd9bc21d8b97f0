"""Plugins that wait for a library: loaded when it is imported, by whatever thread, and never before."""

import json
import subprocess
import sys
import threading
from datetime import UTC, datetime
from decimal import Decimal
from importlib import import_module, reload
from pathlib import Path
from textwrap import dedent

import pytest
from distribution_samples import announce

import agentops
from agentops.client import get_assembly
from agentops.domain.genai import Usage
from agentops.domain.prices import in_use
from agentops.plugins.manager import Plugins
from agentops.plugins.report import PluginReport
from agentops.testing import Recording, record

LIBRARY = """
def _work(text):
    return text.upper()

work = _work  # taken before anybody could replace it
from library_echo.inner import call  # and this after
"""
INNER = "def call(text):\n    return text\n"
PLUGIN = """
import sys
from agentops.domain.genai import ToolRequest, ToolResponse
from agentops.instrumentation.target import Instrumentation, Reader, Target
from agentops.plugins import hookimpl

READER = Reader(
    read_request=lambda arguments: ToolRequest(name="echo"), read_response=lambda result: ToolResponse(result=result)
)
TOLD = []

@hookimpl
def agentops_instrumentation():
    return Instrumentation(library="library_echo", targets=[Target(path="library_echo.inner:call", reader=READER)])

@hookimpl
def agentops_event(event):
    TOLD.append(event.name)

EXPORTED = []

class Exporter:
    def export(self, spans):
        from opentelemetry.sdk.trace.export import SpanExportResult
        EXPORTED.extend(span.name for span in spans)
        return SpanExportResult.SUCCESS
    def shutdown(self): pass

@hookimpl
def agentops_exporters(config):
    return [Exporter()]

@hookimpl
def agentops_price(provider, model):
    return {"input": 7, "output": 7} if provider == "echo" else None
"""


@pytest.fixture
def echo(site: Path) -> Path:
    """A library, and a distribution whose plugin waits for it."""
    package = site / "library_echo"
    package.mkdir()
    package.joinpath("__init__.py").write_text(LIBRARY)
    package.joinpath("inner.py").write_text(INNER)
    (site / "plugin_echo.py").write_text(PLUGIN)
    announce(site, "agentops-echo", libraries={"library_echo": "plugin_echo"})
    return site


def test_a_plugin_waits_for_its_library(echo: Path) -> None:
    """Until then it is only known by name; then it is loaded, asked, and reported as loaded."""
    plugins, came = Plugins(), list[str]()
    plugins.load()
    stop = plugins.attend(came.append)
    assert plugins.reports == [
        PluginReport("library_echo", "agentops-echo", "1.2", None, 0.0, waits_for=("library_echo",))
    ]
    assert plugins.instrumentations() == []
    assert plugins.price("echo", "e") is None
    assert not {"plugin_echo", "library_echo"} & set(sys.modules)
    import_module("library_echo")
    assert came == ["library_echo"]
    assert [report.waits_for for report in plugins.reports] == [()]
    assert [name for name, _ in plugins.instrumentations("library_echo")] == ["library_echo"]
    assert plugins.price("echo", "e") == {"input": 7, "output": 7}
    stop()


def test_what_a_library_hands_on_while_it_is_imported_is_observed(echo: Path) -> None:
    """The plugin is there before the library's code runs, so that a package passes on what is observed already."""
    with record() as recording:
        import_module("library_echo").call("once")
        assert recording.tree() == "session recording [running]\n  tool echo"
    assert import_module("library_echo").inner.call is not None


def test_a_library_that_is_there_already_has_its_plugin_at_once(echo: Path) -> None:
    """Whoever imports first, the library is observed."""
    library = import_module("library_echo")
    with record() as recording:
        library.inner.call("once")
        assert [span.name for span in recording.spans()] == ["echo"]


def test_reports_load_what_waits_without_the_library(echo: Path) -> None:
    """To say what would be observed, the plugin is imported and nothing else."""
    plugins = Plugins()
    plugins.load()
    plugins.load_waiting()
    assert [name for name, _ in plugins.instrumentations()] == ["library_echo"]
    assert "library_echo" not in sys.modules


def test_only_the_named_plugins_wait(echo: Path) -> None:
    """`AGENTOPS_LOAD_PLUGINS` pins them too, by the library's name."""
    plugins = Plugins()
    plugins.load([])
    assert plugins.reports == []
    plugins.load(["library_echo"])
    assert [report.name for report in plugins.reports] == ["library_echo"]


def test_a_plugin_for_two_libraries_is_loaded_once(echo: Path) -> None:
    """By whichever comes first; the other one changes nothing."""
    for name in ("library_a", "library_b"):
        (echo / f"{name}.py").write_text("")
    announce(echo, "agentops-both", libraries={"library_a": "plugin_both", "library_b": "plugin_both"})
    (echo / "plugin_both.py").write_text(PLUGIN)
    plugins, came = Plugins(), list[str]()
    plugins.load(["library_a", "library_b"])
    plugins.attend(came.append)
    assert [report.waits_for for report in plugins.reports] == [("library_a", "library_b")]
    import_module("library_b")
    import_module("library_a")
    assert came == ["library_a"]


def test_two_plugins_for_one_library_are_both_in_use(echo: Path) -> None:
    """The second goes by the name of its distribution."""
    announce(echo, "other-echo", libraries={"library_echo": "plugin_other"})
    (echo / "plugin_other.py").write_text(PLUGIN)
    plugins, came = Plugins(), list[str]()
    plugins.load()
    plugins.attend(came.append)
    import_module("library_echo")
    assert sorted(came) == ["library_echo", "other-echo"]


@pytest.mark.parametrize("module", ["library_namespace", "library_namespace.part"])
def test_a_namespace_package_counts_as_a_library(echo: Path, module: str) -> None:
    """It has no code of its own; that it is found is its import."""
    (echo / "library_namespace").mkdir()
    (echo / "library_namespace" / "part.py").write_text("")
    announce(echo, "agentops-namespace", libraries={module: "plugin_namespace"})
    (echo / "plugin_namespace.py").write_text(PLUGIN)
    plugins, came = Plugins(), list[str]()
    plugins.load([module])
    plugins.attend(came.append)
    import_module("library_namespace.part")
    assert came == [module]


def test_threads_that_import_at_once_load_a_plugin_once(echo: Path) -> None:
    """Whatever they import, and in whatever order."""
    names = [f"library_{number}" for number in range(8)]
    for name in names:
        (echo / f"{name}.py").write_text("")
    announce(echo, "agentops-many", libraries=dict.fromkeys(names, "plugin_many"))
    (echo / "plugin_many.py").write_text(f"import time; time.sleep(0.05)\n{PLUGIN}")
    plugins, came = Plugins(), list[str]()
    plugins.load(names)
    plugins.attend(came.append)
    threads = [threading.Thread(target=import_module, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert came == ["library_0"]


def test_nothing_arrives_after_the_end(echo: Path) -> None:
    """The import system is as it was, and libraries that come later load nothing."""
    finders = list(sys.meta_path)
    plugins, came = Plugins(), list[str]()
    plugins.load()
    plugins.attend(came.append)()
    assert sys.meta_path == finders
    import_module("library_echo")
    assert came == []
    assert "plugin_echo" not in sys.modules


def test_a_reloaded_library_does_not_load_its_plugin_again(echo: Path) -> None:
    """It goes on to be observed by the plugin that is there."""
    with record() as recording:
        library = import_module("library_echo")
        reload(library).call("again")
        assert [span.name for span in recording.spans()] == ["echo"]


def test_a_plugin_that_comes_while_nothing_else_is_to_be_observed_waits(
    echo: Path, agentops_recording: Recording
) -> None:
    """A block that proves another plugin is not disturbed; afterwards the library is observed."""
    with agentops_recording.observing.only():
        library = import_module("library_echo")
        library.inner.call("unseen")
    library.inner.call("seen")
    assert len(agentops_recording.spans()) == 1


@pytest.fixture
def initialised(echo: Path) -> None:
    """`agentops.init()` has been called, and is undone by the test."""
    agentops.init(export_flush_interval=10)


def test_a_program_that_is_recorded_gets_its_plugins_late(initialised: None) -> None:
    """Every hook works from then on; `shutdown` takes everything out, and `init` begins anew."""
    early = in_use().cost_of("echo", "m", Usage(input=1_000_000, output=0), datetime.now(UTC))
    library = import_module("library_echo")
    library.inner.call("once")
    assert agentops.flush(10)
    assert sys.modules["plugin_echo"].TOLD == ["echo"]
    assert "execute_tool echo" in sys.modules["plugin_echo"].EXPORTED
    late = in_use().cost_of("echo", "m", Usage(input=1_000_000, output=0), datetime.now(UTC))
    assert (early, late) == (None, Decimal(7))
    agentops.shutdown()
    sys.modules["plugin_echo"].TOLD.clear()
    library.inner.call("unseen")
    agentops.init(export_flush_interval=10)
    library.inner.call("again")
    assert agentops.flush(10)
    assert sys.modules["plugin_echo"].TOLD == ["echo"]
    agentops.shutdown()


def test_a_plugin_that_comes_after_observing_stopped_leaves_its_library_alone(initialised: None) -> None:
    """`stop_instrumenting` holds for libraries to come."""
    agentops.stop_instrumenting()
    library = import_module("library_echo")
    assembly = get_assembly()
    assert assembly is not None
    assert assembly.observation.installed == []
    assert not hasattr(library.inner.call, "__wrapped__")
    agentops.shutdown()


def test_a_child_process_loads_plugins_of_its_own(echo: Path) -> None:
    """What waits in the parent waits in a forked child, with locks that nobody holds there."""
    subprocess.run([sys.executable, "-c", FORKED, *sys.path], check=True, timeout=60)


FORKED = dedent("""
    import os, sys, threading
    sys.path[:] = sys.argv[1:]
    import agentops
    from agentops.client import get_assembly
    agentops.init()
    plugins = get_assembly().plugins
    held, over = threading.Event(), threading.Event()
    def hold():
        with plugins._lock:
            held.set()
            over.wait()
    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    child = os.fork()
    if child == 0:
        import library_echo
        library_echo.inner.call("in the child")
        os._exit(0 if plugins.instrumentations() else 3)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    over.set()
    thread.join()
    sys.exit(status)
""")


def test_no_plugin_of_ours_is_imported_before_its_library() -> None:
    """However many there are, `init` imports none, so that they cost it nothing; httpx imports `subprocess` too."""
    program = (
        "import sys, json, agentops; agentops.init(); before = [name for name in sys.modules if 'plugins.' in name];"
        "import httpx; after = [name for name in sys.modules if name.startswith('agentops_plugins.')];"
        "print(json.dumps([before, sorted(after)]))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    before, after = json.loads(done.stdout)
    assert [name for name in before if name.startswith("agentops_plugins")] == []
    assert after == [f"agentops_plugins.{name}" for name in ("_calls", "_http", "httpx", "subprocess")]
