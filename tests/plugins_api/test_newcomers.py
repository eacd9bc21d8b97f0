"""Libraries and plugins that nobody has seen before: one line for those who look closely, and all else works."""

import logging
import sys
from importlib import import_module
from pathlib import Path

import pytest
from distribution_samples import announce

from agentops.cli.checks.finding import Finding, Level
from agentops.cli.checks.observation import check_plugins
from agentops.plugins.manager import Plugins
from agentops.testing import record

PLUGIN = """
from agentops.domain.genai import ToolRequest, ToolResponse
from agentops.instrumentation.target import Bridge, Instrumentation, Reader, Target
from agentops.plugins import hookimpl

READER = Reader(
    read_request=lambda arguments: ToolRequest(name="echo"), read_response=lambda result: ToolResponse(result=result)
)

def target(path):
    return Target(path="library_echo:" + path, reader=READER)

def observing(*paths, versions=">=1,<3"):
    return Instrumentation(library="library_echo", targets=list(map(target, paths)), versions=versions)

@hookimpl
def agentops_instrumentation():
    return {observed}
"""
BRIDGE = "[observing('call'), Bridge(library='library_echo', versions='>=1,<3', install=lambda emitter: 1 / 0)]"


@pytest.fixture(autouse=True)
def failures_are_logged(failures_raise: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a user's program."""
    monkeypatch.setattr("agentops.recording.guard.strict", False)
    monkeypatch.setattr("agentops.recording.guard._seen", set[object]())


def install_library(site: Path, version: str) -> None:
    """A library of this version."""
    (site / "library_echo.py").write_text("def call(text):\n    return text\n")
    information = site / f"library_echo-{version}.dist-info"
    information.mkdir()
    information.joinpath("METADATA").write_text(f"Metadata-Version: 2.1\nName: library-echo\nVersion: {version}\n")


def install_plugin(site: Path, source: str) -> None:
    """A distribution with a plugin for it."""
    announce(site, "agentops-echo", libraries={"library_echo": "plugin_echo"})
    (site / "plugin_echo.py").write_text(source)


def observe(caplog: pytest.LogCaptureFixture) -> tuple[list[str], list[str]]:
    """Use the library in a recorded program: which spans come of it, and the debug lines."""
    with record() as recording:
        caplog.set_level(logging.DEBUG, "agentops")
        import_module("library_echo").call("once")
        import_module("library_echo").call("again")
        spans = [span.name for span in recording.spans()]
    return spans, [each.message for each in caplog.records if each.levelno == logging.DEBUG]


def findings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, importing: bool = False) -> list[Finding]:
    """What `agentops doctor` says of the plugins, but for what is fine."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    monkeypatch.setenv("AGENTOPS_LOAD_PLUGINS", "library_echo")
    plugins = Plugins()
    plugins.load()
    plugins.load_waiting()
    return [finding for finding in check_plugins(plugins, importing=importing) if finding.level is not Level.FINE]


def test_a_version_that_nobody_has_tested_is_observed_as_far_as_it_goes(
    site: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is recorded as ever; the doctor has looked inside and says that all is there, and what to do if not."""
    install_library(site, "4.0")
    install_plugin(site, PLUGIN.format(observed="observing('call')"))
    spans, logged = observe(caplog)
    assert spans == ["echo", "echo"]
    assert logged == ["library_echo 4.0 is observed by a plugin that was made for >=1,<3"]
    assert findings(tmp_path, monkeypatch) == [
        Finding(
            level=Level.NOTE,
            text="library_echo 4.0 is installed, its plugin was made for >=1,<3; all that is to be observed is there",
            fix="If something is missing in a recording, update the plugin (`pip install -U agentops-echo`) "
            "or install library-echo>=1,<3.",
        )
    ]


def test_what_an_unknown_version_lacks_is_told_by_the_doctor(
    site: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The calls that are there are recorded, and the user learns which ones are not."""
    install_library(site, "4.0")
    install_plugin(site, PLUGIN.format(observed="observing('gone', 'call')"))
    spans, logged = observe(caplog)
    assert spans == ["echo", "echo"]
    assert logged[1:] == ["library_echo:gone is not observed: library_echo does not define gone"]
    (finding,) = findings(tmp_path, monkeypatch)
    assert finding.level is Level.WARNING
    assert "calls through library_echo:gone (library_echo does not define gone) are not recorded" in finding.text
    assert finding.fix == "Update the plugin (`pip install -U agentops-echo`), or install library-echo>=1,<3."


def test_targets_of_other_versions_are_no_news(
    site: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plugin that serves several versions has targets for each: one debug line, and nothing for the doctor."""
    install_library(site, "2.0")
    install_plugin(site, PLUGIN.format(observed="observing('gone', 'call')"))
    spans, logged = observe(caplog)
    assert spans == ["echo", "echo"]
    assert logged == ["library_echo:gone is not observed: library_echo does not define gone"]
    assert findings(tmp_path, monkeypatch) == []


def test_a_library_that_has_nothing_of_it_is_told_of(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its modules are not there at all, although its version should do: without importing it that is known."""
    install_library(site, "2.0")
    install_plugin(site, PLUGIN.format(observed="observing('call')").replace("library_echo:", "library_echo.inner:"))
    (finding,) = findings(tmp_path, monkeypatch)
    assert finding.level is Level.WARNING
    assert finding.text == "library_echo 2.0 has nothing of what its plugin observes: its calls are not recorded"


def test_a_plugin_that_cannot_be_imported_leaves_its_library_alone(
    site: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program's import goes on; the doctor names the plugin, its distribution and why."""
    install_library(site, "2.0")
    install_plugin(site, "import no_such_module")
    spans, logged = observe(caplog)
    assert spans == []
    reason = "ModuleNotFoundError: No module named 'no_such_module'"
    assert logged == [f"plugin library_echo is not in use: {reason}"]
    (finding, _) = findings(tmp_path, monkeypatch)
    assert finding == Finding(
        level=Level.BROKEN,
        text=f"plugin library_echo of agentops-echo 1.2 is broken: {reason}",
        fix="Update it (`pip install -U agentops-echo`), "
        "or leave it out with disable_plugins (AGENTOPS_DISABLE_PLUGINS=library_echo).",
    )


@pytest.mark.parametrize("version", ["2.0", "4.0"])
def test_callbacks_that_cannot_be_registered_cost_only_themselves(
    site: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    """What the same plugin patches is recorded; `doctor --import` says what happened."""
    install_library(site, version)
    install_plugin(site, PLUGIN.format(observed=BRIDGE))
    spans, logged = observe(caplog)
    assert spans == ["echo", "echo"]
    failed = "agentops failed while registering callbacks with library_echo and goes on without it: "
    assert [line for line in logged if "made for" not in line] == [f"{failed}ZeroDivisionError('division by zero')"]
    told = [finding.text for finding in findings(tmp_path, monkeypatch, importing=True)]
    assert any("calls through library_echo (ZeroDivisionError: division by zero) are not" in text for text in told)


def test_a_library_that_cannot_be_imported_is_told_of(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The doctor's own process never imports it, and survives whatever it does."""
    install_library(site, "4.0")
    install_plugin(site, PLUGIN.format(observed="observing('call')"))
    (site / "library_echo.py").write_text("import os; os._exit(1)")
    (finding,) = findings(tmp_path, monkeypatch)
    assert finding.text.endswith("and importing it to see what fits failed")
    assert finding.fix == "Import it yourself, or install library-echo>=1,<3."
    assert "library_echo" not in sys.modules
