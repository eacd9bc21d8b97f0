"""What is observed, and by which plugin."""

from collections.abc import Sequence
from dataclasses import replace

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from agentops.cli import fitness, formats, newplugin, terminal
from agentops.cli.commands import CommandGroup, Example
from agentops.cli.extensions import loaded_plugins
from agentops.cli.glyphs import Glyphs, glyphs_for
from agentops.instrumentation.report import LibraryReport, State
from agentops.instrumentation.versions import fits
from agentops.plugins.report import PluginReport

_NOT_INSTALLED = "-"
_NOTHING = "Nothing is observed: no plugin is loaded."


@click.group(
    cls=CommandGroup,
    name="plugins",
    invoke_without_command=True,
    examples=[
        Example("agentops plugins", "what is recorded of the libraries that are installed"),
        Example("agentops plugins --all", "and of all others that there are plugins for"),
        Example("agentops plugins --import", "import the libraries and see what binds"),
        Example("agentops plugins --only openai", "one library"),
        Example("agentops plugins --json", "for programs"),
        Example("agentops plugins new parley", "begin a plugin for a library"),
    ],
)
@click.option(
    "--import", "importing", is_flag=True, help="Import each library, to see which of its targets are really there."
)
@click.option("--all", "everything", is_flag=True, help="Show libraries too that are not installed.")
@click.option("--only", metavar="LIBRARY", multiple=True, help="Only this library; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.pass_context
def command(context: click.Context, *, importing: bool, everything: bool, only: tuple[str, ...], as_json: bool) -> None:
    """List the libraries that are recorded, and how well their plugins fit.

    Nothing is imported unless --import is given. Exits with 1 where a plugin is broken.
    """
    if context.invoked_subcommand is not None:
        return
    plugins = loaded_plugins()
    libraries = fitness.reports(plugins, importing=importing, only=only)
    broken = [report for report in plugins.reports if report.error is not None]
    if as_json:
        terminal.print_json(_as_data(plugins.reports, libraries))
    else:
        console = terminal.output()
        if importing:
            _print_targets(console, libraries)
        else:
            _print_libraries(console, libraries, everything=everything or bool(only))
        _print_missed(console, libraries)
        _print_broken(console, broken)
    context.exit(1 if broken else 0)


command.add_command(newplugin.command)


def _as_data(plugins: Sequence[PluginReport], libraries: Sequence[tuple[str, LibraryReport]]) -> object:
    return {
        "plugins": plugins,
        "libraries": [
            {
                "plugin": plugin,
                "library": report.library,
                "distribution": report.distribution,
                "version": report.version,
                "versions": report.versions,
                "fits": None if report.version is None else fits(report.version, report.versions),
                "captures": report.captures,
                "targets": report.targets,
            }
            for plugin, report in libraries
        ],
    }


def _print_libraries(
    console: Console, libraries: Sequence[tuple[str, LibraryReport]], *, everything: bool = False
) -> None:
    """What is recorded of each library, one line each: a description that is too long for the screen is cut."""
    glyphs = glyphs_for(console)
    shown = [entry for entry in _merged(libraries) if everything or entry[1].version is not None]
    table = _table("LIBRARY", "INSTALLED", *(["MADE FOR"] if everything else []))
    table.add_column("RECORDED")
    for _, report in shown:
        made_for = [Text(report.versions or "any", "faint")] if everything else []
        recorded = Text(report.captures, "faint", no_wrap=True, overflow="ellipsis")
        table.add_row(_name(report, glyphs), _version(report), *made_for, recorded)
    if shown:
        console.print(table)
    else:
        console.print("No library that plugins observe is installed." if libraries else _NOTHING)
    if others := len({report.library for _, report in libraries} - {report.library for _, report in shown}):
        line = f"{others} more libraries are recorded where they are installed; --all lists them."
        console.print(Text(f"\n{line}", "faint"))


def _print_targets(console: Console, libraries: Sequence[tuple[str, LibraryReport]]) -> None:
    """What there was to be bound in each installed library, and what was."""
    glyphs = glyphs_for(console)
    table = _table("LIBRARY", "INSTALLED", "MADE FOR", "TARGETS")
    installed = [entry for entry in _merged(libraries) if entry[1].version is not None]
    for _, report in installed:
        made_for = Text(report.versions or "any", "faint")
        table.add_row(_name(report, glyphs), _version(report), made_for, _targets(report))
    console.print(table if installed else _NOTHING)


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="heading")
    for name in columns:
        table.add_column(f"  {name}" if name == "LIBRARY" else name, no_wrap=True)
    return table


def _merged(libraries: Sequence[tuple[str, LibraryReport]]) -> list[tuple[str, LibraryReport]]:
    """Each library of a plugin once, where the plugin observes it in several ways."""
    merged: dict[tuple[str, str], LibraryReport] = {}
    for plugin, report in libraries:
        known = merged.get((plugin, report.library))
        if known is not None:
            captures = ", ".join(filter(None, (known.captures, report.captures)))
            report = replace(known, targets=known.targets + report.targets, captures=captures)  # noqa: PLW2901 - both in one
        merged[plugin, report.library] = report
    return [(plugin, report) for (plugin, _), report in merged.items()]


def _name(report: LibraryReport, glyphs: Glyphs) -> Text:
    """A library with whether its plugin fits it, and what is installed to have it where that has another name."""
    if report.version is None:
        return Text.assemble("  ", (report.library, "faint"))
    sign = (glyphs.failed, "bad") if _is_lacking(report) else (glyphs.succeeded, "ok")
    text = Text.assemble(sign, " ", (report.library, "llm"))
    if not report.distribution.replace("-", "_").startswith(report.library.replace(".", "_")):
        text.append(f" ({report.distribution})", "faint")
    return text


def _version(report: LibraryReport) -> Text:
    if report.version is None:
        return Text(_NOT_INSTALLED, "faint")
    if fits(report.version, report.versions):
        return Text(report.version)
    return Text(f"{report.version} (not tested)", "unsure")


def _targets(report: LibraryReport) -> Text:
    """How many targets there are and are not; a plugin for several versions of a library has some for each."""
    counts = {state: sum(target.state is state for target in report.targets) for state in State}
    words = {
        State.BOUND: ("bound", "ok"),
        State.WAITING: ("waiting for import", ""),
        State.MISSED: ("of other versions", "faint") if not _is_lacking(report) else ("missed", "bad"),
    }
    parts = [(f"{counts[state]} {word}", style) for state, (word, style) in words.items() if counts[state]]
    return Text(", ").join(Text(*part) for part in parts)


def _is_lacking(report: LibraryReport) -> bool:
    """Whether something is missed that ought to be there: all of it, or some of a version that nobody has tested."""
    missed = [target.state is State.MISSED for target in report.targets]
    return any(missed) and (all(missed) or not fits(report.version or "", report.versions))


def _print_missed(console: Console, libraries: Sequence[tuple[str, LibraryReport]]) -> None:
    missed = [
        target
        for _, report in libraries
        if report.version is not None and _is_lacking(report)
        for target in report.targets
        if target.state is State.MISSED
    ]
    if missed:
        console.print()
        console.print(Text("Missed", "bold"))
        for target in missed:
            console.print(
                Text.assemble("  ", target.path, "  ", (formats.one_line(target.reason), "faint")), soft_wrap=True
            )


def _print_broken(console: Console, broken: Sequence[PluginReport]) -> None:
    if broken:
        console.print()
        console.print(Text("Broken", "bold"))
        for report in broken:
            home = f" ({report.distribution} {report.version})" if report.distribution else ""
            reason = formats.one_line(report.error or "")
            console.print(Text.assemble(f"  {report.name}{home}  ", (reason, "bad")), soft_wrap=True)
