"""The plugins, and how well they fit what is installed."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from agentops.cli import fitness, formats
from agentops.cli.checks.finding import Finding, broken, fine, note, warning
from agentops.instrumentation.report import LibraryReport, State
from agentops.instrumentation.versions import fits
from agentops.plugins.manager import Plugins
from agentops.plugins.report import PluginReport

Look = Callable[[str], Sequence[Mapping[str, Any]] | None]
"""Imports a library and gives its targets as `agentops plugins --import --json` does; None where that fails."""

_PATIENCE = 60


def look_by_importing(library: str) -> Sequence[Mapping[str, Any]] | None:
    """Import a library in a process of its own, and see what is there."""
    line = [sys.executable, "-m", "agentops.cli", "plugins", "--import", "--json", "--only", library]
    try:
        done = subprocess.run(line, capture_output=True, text=True, timeout=_PATIENCE, check=False)  # noqa: S603 - ours
        return [target for each in json.loads(done.stdout)["libraries"] for target in each["targets"]]
    except (subprocess.TimeoutExpired, OSError, ValueError, LookupError, TypeError):
        return None


def check_plugins(plugins: Plugins, *, importing: bool = False, look: Look = look_by_importing) -> Iterator[Finding]:
    """Findings about plugins that do not load, libraries too old or too new, and what of them is not observed.

    Args:
        plugins: what observes.
        importing: whether to import every library, and not only those that their plugins were not made for.
        look: imports one.
    """
    for report in plugins.reports:
        if report.error is not None:
            yield broken(f"{_called(report)} is broken: {formats.one_line(report.error)}", _mend(report))
    libraries = fitness.reports(plugins, importing=False)
    installed = [(plugin, report) for plugin, report in libraries if report.version is not None]
    if installed:
        names = ", ".join(dict.fromkeys(f"{report.library} {report.version}" for _, report in installed))
        yield fine(f"observed when imported: {names}")
    else:
        yield note("none of the libraries that plugins observe is installed in this Python")
    homes = {report.name: report.distribution for report in plugins.reports}
    for plugin, report in installed:
        home = homes.get(plugin) or "agentops"
        if importing or not fits(report.version or "", report.versions):
            yield from _try(report, home, look(report.library))
        elif report.targets and all(target.state is State.MISSED for target in report.targets):
            yield _nothing_of(report, home)


def _called(report: PluginReport) -> str:
    home = f" of {report.distribution} {report.version}" if report.distribution else ""
    return f"plugin {report.name}{home}"


def _mend(report: PluginReport) -> str:
    if report.distribution is None:
        return "Correct load_plugins (AGENTOPS_LOAD_PLUGINS), or install the plugin."
    update = f"Update it (`pip install -U {report.distribution}`)"
    return f"{update}, or leave it out with disable_plugins (AGENTOPS_DISABLE_PLUGINS={report.name})."


def _nothing_of(report: LibraryReport, home: str) -> Finding:
    return warning(
        f"{report.library} {report.version} has nothing of what its plugin observes: its calls are not recorded",
        f"Update the plugin (`pip install -U {home}`), or install {report.distribution} again.",
    )


def _try(report: LibraryReport, home: str, targets: Sequence[Mapping[str, Any]] | None) -> Iterator[Finding]:
    """What importing a library has shown."""
    is_known = fits(report.version or "", report.versions)
    named = f"{report.library} {report.version}"
    named += " is installed" if is_known else f" is installed, its plugin was made for {report.versions}"
    within = f"install {report.distribution}{report.versions}"
    if targets is None:
        yield warning(f"{named}, and importing it to see what fits failed", f"Import it yourself, or {within}.")
        return
    missed = [target for target in targets if target["state"] == State.MISSED]
    lacks = ", ".join(f"{target['path']} ({formats.one_line(target['reason'])})" for target in missed)
    if missed and (not is_known or len(missed) == len(targets) or any(":" not in target["path"] for target in missed)):
        yield warning(
            f"{named}; calls through {lacks} are not recorded",
            f"Update the plugin (`pip install -U {home}`), or {within}.",
        )
    elif not is_known:
        yield note(
            f"{named}; all that is to be observed is there",
            f"If something is missing in a recording, update the plugin (`pip install -U {home}`) or {within}.",
        )
