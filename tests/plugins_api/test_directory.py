"""The page of all plugins: written from the code, and from what the matrix has seen."""

import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

from agentops.domain.genai import ToolRequest, ToolResponse
from agentops.instrumentation.target import Bridge, Instrumentation, Reader, Target

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "describe_plugins.py"
READER = Reader(
    read_request=lambda _: ToolRequest(name="tool"), read_response=lambda result: ToolResponse(result=result)
)


@pytest.fixture(scope="module")
def page() -> Any:
    """The script, as a module."""
    spec = spec_from_file_location("describe_plugins", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def observing(library: str, *paths: str, **more: Any) -> Instrumentation:
    """What a plugin for a library observes."""
    return Instrumentation(library=library, targets=[Target(path=path, reader=READER) for path in paths], **more)


def test_the_page_is_up_to_date() -> None:
    """`docs/reference/plugins.md` is what `scripts/describe_plugins.py` writes."""
    done = subprocess.run([sys.executable, SCRIPT], capture_output=True, check=True)
    assert done.stdout.decode() == (ROOT / "docs" / "reference" / "plugins.md").read_text(encoding="utf-8")


def test_every_plugin_says_what_it_is_for(page: Any) -> None:
    """The versions it was tested with, what it captures, and at least one target."""
    for plugin in page.own_plugins():
        assert {each.library for each in plugin.observed} == {each.library for each in plugin.observed if each.captures}
        for each in plugin.observed:
            assert each.versions or each.library in sys.stdlib_module_names, plugin.name
            assert isinstance(each, Bridge) or each.targets, plugin.name


def test_a_row_tells_what_was_seen(page: Any) -> None:
    """The versions of all sets that passed, the oldest first, and when the last one did."""
    results = {
        "acme": {
            "newest": {"versions": {"acme-sdk": "2.10.1"}, "passed": 9, "skipped": 0, "date": "2026-11-20"},
            "oldest": {
                "versions": {"acme-sdk": "2.9", "httpx": "0.27"},
                "passed": 9,
                "skipped": 1,
                "date": "2026-11-19",
            },
            "other-major": {"versions": {"acme-sdk": "1.4"}, "passed": 9, "skipped": 0, "date": "2026-11-22"},
            "broken": {"versions": {"acme-sdk": "1.0"}, "passed": 3, "failed": 1, "date": "2026-11-21"},
        }
    }
    observed = observing("acme", "acme:ask", distribution="acme-sdk", versions=">=2,<3", captures="chat")
    text = page.write([page.Plugin("acme", [observed])], results)
    assert "| `acme` (acme-sdk) | `>=2,<3` | chat | 2.9, 2.10.1 on 2026-11-20 |" in text


def test_clients_frameworks_and_tools_have_a_table_each(page: Any) -> None:
    """Libraries stand in the order of the alphabet; a table without any is left out."""
    plugins = [page.Plugin(name, [observing(name, f"{name}:call")]) for name in ("redis", "openai", "crewai", "cohere")]
    text = page.write(plugins, {})
    order = [
        "## Clients of models",
        "`cohere`",
        "`openai`",
        "## Agent frameworks",
        "`crewai`",
        "## Tools and data",
        "`redis`",
    ]
    places = [text.index(each) for each in order]
    assert places == sorted(places)
    assert "## Agent" not in page.write(plugins[:2], {})


def test_what_a_plugin_does_in_two_ways_is_one_row(page: Any) -> None:
    """Callbacks and targets of the same library, told together."""
    bridge = Bridge(library="crewai", install=lambda emitter: lambda: None, module="crewai.events", captures="agents")
    patched = observing("crewai", "crewai.tools:Tool.run", "crewai.tools:Tool.arun", captures="tools", versions=">=1")
    text = page.write([page.Plugin("crewai", [patched, bridge])], {})
    assert text.count("| `crewai`") == 1
    assert "| `crewai` | `>=1` | tools, agents |  |" in text
    assert "- `crewai`: `Tool.run`, `Tool.arun` in `crewai.tools`; callbacks, registered in `crewai.events`\n" in text


def test_versions_stand_in_their_order(page: Any) -> None:
    """By their numbers, also those of releases before the first."""
    versions = ["1.0.0b10", "1.0.0b9", "0.10", "0.9"]
    results = {"acme": {each: {"versions": {"acme": each}, "passed": 1, "date": "2026-11-20"} for each in versions}}
    text = page.write([page.Plugin("acme", [observing("acme", "acme:ask")])], results)
    assert "0.9, 0.10, 1.0.0b9, 1.0.0b10 on" in text


@pytest.mark.parametrize(("library", "told"), [("subprocess", "`subprocess` (python)"), ("mcp", "`mcp` |")])
def test_what_comes_with_python_is_told_apart(page: Any, library: str, told: str) -> None:
    """A library of Python's own has Python's versions."""
    assert told in page.write([page.Plugin(library, [observing(library, f"{library}:call")])], {})


@pytest.mark.parametrize(
    "row",
    [
        "| `concurrent.futures` (python) | `ThreadPoolExecutor`, `ProcessPoolExecutor` |",
        "| `threading` (python) | `Thread` |",
    ],
)
def test_what_takes_the_current_span_along_is_told(page: Any, row: str) -> None:
    """Threads, executors, pools and processes have rows of their own, whatever plugins there are."""
    assert row in page.write([], {})
