# ruff: noqa: INP001 - a script, not a package
"""Write `docs/reference/plugins.md` from the plugins, and from what `make matrix` has seen them work with.

Usage: python scripts/describe_plugins.py > docs/reference/plugins.md
"""

import re
import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from agentops.instrumentation.propagation import PLACES
from agentops.instrumentation.target import Bridge, Instrumentation
from agentops.instrumentation.versions import distribution_of, fits

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "tests" / "matrix" / "results.toml"

Results = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""By plugin and set: the `versions` of distributions, how many tests `passed`, and the `date`."""

FRAMEWORKS = frozenset(
    {
        *("ag2", "agent_framework", "agents", "agno", "autogen", "autogen_agentchat", "autogen_core", "browser_use"),
        *(
            "claude_agent_sdk",
            "crewai",
            "dspy",
            "google.adk",
            "haystack",
            "langchain_core",
            "langgraph",
            "letta_client",
        ),
        *("llama_index", "llama_index.core", "llama_index_core", "mem0", "pydantic_ai", "semantic_kernel"),
        *("smolagents", "strands"),
    }
)
TOOLS = frozenset(
    {
        *("chromadb", "concurrent", "concurrent.futures", "ddgs", "httpx", "httpx2", "mcp", "pinecone", "playwright"),
        *("psycopg", "qdrant_client", "redis", "requests", "sqlalchemy", "subprocess", "tavily"),
    }
)
"""Libraries by what they are; all others are clients of models."""

MANY = 24
"""Targets of one library that are named; of more than these it is told where they are."""

HEAD = """# The libraries that are observed

<!-- Written by scripts/describe_plugins.py: change the plugins, or the script, and run it. -->

Each of these is recorded when a program imports it, with no code and no setting; see
[how](../howto/record-without-code.md). `agentops plugins` says what of it is installed here and how well it fits. A
library that is missing takes [a plugin of your own](../writing-a-plugin.md).

**Versions** are those that a plugin is made for; others are recorded as far as they go, and `agentops doctor` says how
far. **Seen** are the versions with which the plugin's tests last passed, and when.
"""

CLIENTS_OF_MODELS = """
## Clients of models

One span for each call on the wire, with messages, tokens and cost, made where the client sends it: whatever stands
above it, a framework or the client's own conveniences, is covered.
"""

AGENT_FRAMEWORKS = """
## Agent frameworks

Agents, tasks, tools, retrievals, handoffs and guardrails, with the model calls of the clients below them. Where such a
client is none of the above, the framework's own account of the model call is recorded instead.
"""

TOOLS_AND_DATA = """
## Tools and data
"""

HANDING_OVER = """
## Threads, processes and programs

Work that is handed over belongs to the span that hands it over: what is current goes along, and nothing is recorded of
the handing over itself. `asyncio.to_thread` and `run_in_executor` go through `concurrent.futures`; see
[threads and processes](../howto/threads-and-processes.md).

| Library | What takes it along |
|---|---|
"""

TARGETS = """
## Targets

What is observed in each library; a plugin for several of its versions has targets for each. `agentops plugins --import`
says which of them are there.

"""


class Plugin(NamedTuple):
    """A plugin, and what it observes."""

    name: str
    observed: Sequence[Instrumentation | Bridge]


class Row(NamedTuple):
    """What a plugin observes of one library."""

    plugin: str
    observed: Instrumentation | Bridge


def own_plugins(pyproject: Path = ROOT / "pyproject.toml") -> list[Plugin]:
    """Every plugin of ours, once, by the name of its module."""
    announced = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]["entry-points"]["agentops.libraries"]
    found: list[Plugin] = []
    for module in sorted(set(announced.values())):
        answer: Any = import_module(module).agentops_instrumentation()
        observed = [answer] if isinstance(answer, Instrumentation | Bridge) else list(answer)
        found.append(Plugin(module.rpartition(".")[2], observed))
    return found


def read_results(path: Path = RESULTS) -> Results:
    """What `make matrix` has written down; nothing where it has not been run."""
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def write(plugins: Iterable[Plugin], results: Results) -> str:
    """The page."""
    rows: dict[str, list[Row]] = {}
    for plugin in plugins:
        for each in plugin.observed:
            rows.setdefault(each.library, []).append(Row(plugin.name, each))
    libraries = [rows[library] for library in sorted(rows)]
    sections = (
        (CLIENTS_OF_MODELS, [each for each in libraries if each[0].observed.library not in FRAMEWORKS | TOOLS]),
        (AGENT_FRAMEWORKS, [each for each in libraries if each[0].observed.library in FRAMEWORKS]),
        (TOOLS_AND_DATA, [each for each in libraries if each[0].observed.library in TOOLS]),
    )
    parts = [HEAD]
    for about, found in sections:
        if found:
            parts += [about, "\n| Library | Versions | Recorded | Seen |\n|---|---|---|---|\n"]
            parts += [describe_library(each, results) for each in found]
    parts += [HANDING_OVER, *describe_handing_over()]
    return "".join([*parts, TARGETS, *map(describe_targets, libraries)])


def describe_library(rows: Sequence[Row], results: Results) -> str:
    """The row of a library in its table."""
    plugin, first = rows[0]
    distribution = distribution_of(first)
    package = "" if distribution == first.library.replace("_", "-") else f" ({distribution})"
    versions = f"`{first.versions}`" if first.versions else "any"
    captures = ", ".join(dict.fromkeys(row.observed.captures for row in rows if row.observed.captures))
    return f"| `{first.library}`{package} | {versions} | {captures} | {seen(plugin, first, results)} |\n"


def describe_handing_over() -> Iterable[str]:
    """The rows of the libraries of Python's own through which what is current goes along."""
    places: dict[str, list[str]] = {}
    for module, owner, methods in PLACES:
        library = module.rpartition(".")[0] or module
        places.setdefault(library, []).append(f"`{owner}`" if owner else ", ".join(f"`{name}`" for name in methods))
    for library in sorted(places):
        yield f"| `{library}` (python) | {', '.join(places[library])} |\n"


def seen(plugin: str, observed: Instrumentation | Bridge, results: Results) -> str:
    """The versions with which a plugin was last run, the oldest first, and the day of the last run."""
    distribution = canonical(distribution_of(observed))
    passed = [each for each in results.get(plugin, {}).values() if each.get("passed") and not each.get("failed")]
    found = [
        (str(version), str(each["date"]))
        for each in passed
        for name, version in each["versions"].items()
        if canonical(name) == distribution
    ]
    fitting = [(version, day) for version, day in found if fits(version, observed.versions)]
    if not fitting:
        return ""
    versions = sorted({version for version, _ in fitting}, key=release)
    return f"{', '.join(versions)} on {max(day for _, day in fitting)}"


def canonical(name: str) -> str:
    """The name of a distribution as all its spellings have it (https://packaging.python.org/specifications/name-normalization/)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def release(version: str) -> list[int]:
    """The numbers of a version, to sort by."""
    return [int(number) for number in re.findall(r"\d+", version)]


def describe_targets(rows: Sequence[Row]) -> str:
    """What is observed in a library, by module."""
    places: dict[str, list[str]] = {}
    for _, each in rows:
        if isinstance(each, Bridge):
            places.setdefault(each.module or each.library, []).append("callbacks, registered")
            continue
        for target in each.targets:
            module, _, path = target.path.partition(":")
            places.setdefault(module, []).append(f"`{path}`")
    if sum(map(len, places.values())) > MANY:
        told = ", ".join(f"{len(paths)} in `{module}`" for module, paths in places.items())
    else:
        told = "; ".join(f"{', '.join(dict.fromkeys(paths))} in `{module}`" for module, paths in places.items())
    return f"- `{rows[0].observed.library}`: {told}\n"


if __name__ == "__main__":
    sys.stdout.write(write(own_plugins(), read_results()))
