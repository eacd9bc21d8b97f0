"""OpenTelemetry's instrumentations, switched on by name: when their library comes, never beside a plugin of ours."""

import logging
import sys
from importlib import import_module
from pathlib import Path

import pytest
from distribution_samples import WORKING, announce

import agentops
from agentops.cli.checks.settings import check_settings
from agentops.client import get_assembly
from agentops.config import resolve
from agentops.plugins.borrowed import Borrowed, find_instrumentors, modules_of

INSTRUMENTOR = '''
from opentelemetry import trace
import library_echo

class EchoInstrumentor:
    """In the manner of OpenTelemetry's `BaseInstrumentor`: one for all who ask."""
    is_instrumented_by_opentelemetry = False
    told = []

    def instrument(self, **kwargs):
        type(self).is_instrumented_by_opentelemetry = True
        self.told.append("in")
        self.original = original = library_echo.call
        tracer = trace.get_tracer("echo.instrumentation")
        def call(text):
            with tracer.start_as_current_span("echo"):
                return original(text)
        library_echo.call = call

    def uninstrument(self, **kwargs):
        type(self).is_instrumented_by_opentelemetry = False
        self.told.append("out")
        library_echo.call = self.original

the_only = EchoInstrumentor()

def single():
    return the_only
'''


@pytest.fixture
def echo(site: Path) -> Path:
    """A library, and an instrumentation of OpenTelemetry's for it."""
    library = site / "library_echo-2.0.dist-info"
    library.mkdir()
    library.joinpath("METADATA").write_text("Metadata-Version: 2.1\nName: library-echo\nVersion: 2.0\n")
    library.joinpath("RECORD").write_text("library_echo.py,,\n_private.py,,\nlibrary_echo_extra.py,,\n")
    (site / "library_echo.py").write_text("def call(text):\n    return text\n")
    (site / "plugin_otel.py").write_text(INSTRUMENTOR)
    announce(site, "opentelemetry-instrumentation-echo", opentelemetry_instrumentor={"echo": "plugin_otel:single"})
    metadata = site / "opentelemetry-instrumentation-echo-1.2.dist-info" / "METADATA"
    metadata.write_text(metadata.read_text() + 'Requires-Dist: library-echo~=2.0; extra == "instruments"\n')
    return site


def told() -> list[str]:
    """What was asked of the instrumentation so far."""
    return sys.modules["plugin_otel"].EchoInstrumentor.told


def test_an_instrumentation_says_what_it_is_for(echo: Path) -> None:
    """Its metadata names a distribution, whose module programs import; nothing is imported for that."""
    assert modules_of(find_instrumentors()["echo"]) == ["library_echo"]
    assert not {"plugin_otel", "library_echo"} & set(sys.modules)


def test_it_is_switched_on_when_its_library_comes_and_off_at_the_end(echo: Path) -> None:
    """Once, whatever happens; what it says then is part of the session."""
    agentops.init(instrument=["echo"], export_flush_interval=10)
    assert "plugin_otel" not in sys.modules
    library = import_module("library_echo")
    assert told() == ["in"]
    original = sys.modules["plugin_otel"].the_only.original
    with agentops.session("borrowed") as session:
        library.call("hello")
    assert [span.name for span in session.spans if span.source == "echo.instrumentation"] == ["echo"]
    agentops.shutdown()
    assert told() == ["in", "out"]
    assert library.call is original


def test_stop_instrumenting_switches_it_off(echo: Path) -> None:
    """And nothing that waited is switched on afterwards."""
    agentops.init(instrument="echo")
    agentops.stop_instrumenting()
    import_module("library_echo")
    assert "plugin_otel" not in sys.modules
    agentops.shutdown()


def test_a_library_that_is_there_has_it_at_once(echo: Path) -> None:
    """Also one for no library at all."""
    import_module("library_echo")
    borrowed = Borrowed(())
    borrowed.switch_on(["echo", "echo"])
    assert told() == ["in"]
    borrowed.switch_off()
    borrowed.switch_off()
    assert told() == ["in", "out"]


def test_what_the_program_switched_on_itself_stays(echo: Path) -> None:
    """It is not ours to switch on again, nor off."""
    import_module("library_echo")
    import_module("plugin_otel").single().instrument()
    borrowed = Borrowed(())
    borrowed.switch_on(["echo"])
    borrowed.switch_off()
    assert told() == ["in"]


@pytest.mark.parametrize("ours", ["echo", "library_echo", "library-echo"])
def test_a_plugin_of_ours_for_the_same_library_wins(echo: Path, ours: str, caplog: pytest.LogCaptureFixture) -> None:
    """One line says so; the library is not observed twice."""
    caplog.set_level(logging.INFO, "agentops")
    borrowed = Borrowed({ours})
    borrowed.switch_on(["echo"])
    import_module("library_echo")
    assert "plugin_otel" not in sys.modules
    assert caplog.messages == ["echo is observed by agentops itself; OpenTelemetry's instrumentation of it stays off"]


def test_our_plugin_wins_only_where_it_observes(echo: Path) -> None:
    """With `instrument_llm_calls` off, or without that plugin, theirs is switched on."""
    announce(echo, "agentops-echo", libraries={"library_echo": "plugin_echo"})
    (echo / "plugin_echo.py").write_text(WORKING)
    for ours, expected in ((True, set[str]()), (False, {"plugin_otel"})):
        agentops.init(instrument=["echo"], instrument_llm_calls=ours)
        assembly = get_assembly()
        assert assembly is not None
        assert "library_echo" in assembly.plugins.libraries
        import_module("library_echo")
        assert {"plugin_otel"} & set(sys.modules) == expected
        agentops.shutdown()


def test_one_that_fails_costs_only_itself(echo: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The program's import goes on, and a warning says what happened."""
    (echo / "plugin_otel.py").write_text("raise RuntimeError('no')")
    borrowed = Borrowed(())
    borrowed.switch_on(["echo"])
    import_module("library_echo")
    assert caplog.messages == ["OpenTelemetry's instrumentation echo cannot be used: no"]
    borrowed.switch_off()


def test_a_name_that_nobody_has_is_told_of(echo: Path, caplog: pytest.LogCaptureFixture) -> None:
    """In the program as a warning, in the doctor with what there is."""
    Borrowed(()).switch_on(["eco"])
    assert "no OpenTelemetry instrumentation is named 'eco' here" in caplog.text
    findings = check_settings(resolve({"instrument": "eco"}, {}, None), {})
    (finding,) = [finding for finding in findings if "eco" in finding.text]
    assert finding.text == "no OpenTelemetry instrumentation is named 'eco' (argument instrument)"
    assert finding.fix.endswith("correct instrument (AGENTOPS_INSTRUMENT); there are echo.")
