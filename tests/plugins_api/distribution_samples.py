"""Distributions as an installer leaves them: information, modules, entry points."""

from pathlib import Path

WORKING = """
from agentops.plugins import hookimpl
from agentops.instrumentation.target import Bridge

@hookimpl
def agentops_instrumentation():
    return Bridge(library="bridged", install=lambda emitter: lambda: None)
"""


def distribute(site: Path, distribution: str, **plugins: str) -> None:
    """Put a distribution there that announces these plugins, each of this source."""
    announce(site, distribution, agentops={name: f"plugin_{name}" for name in plugins}, other={"x": "y"})
    for name, source in plugins.items():
        (site / f"plugin_{name}.py").write_text(source)


def announce(site: Path, distribution: str, **groups: dict[str, str]) -> None:
    """Put a distribution there with these entry points by group; `libraries` is `agentops.libraries`."""
    information = site / f"{distribution}-1.2.dist-info"
    information.mkdir()
    information.joinpath("METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.2\n")
    lines: list[str] = []
    for group, entries in groups.items():
        lines.append("[agentops.libraries]" if group == "libraries" else f"[{group}]")
        lines += [f"{name} = {value}" for name, value in entries.items()]
    information.joinpath("entry_points.txt").write_text("\n".join(lines) + "\n")
