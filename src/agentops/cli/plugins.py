"""What is observed, and by which plugin."""

from collections.abc import Sequence

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

_NOT_INSTALLED = "not installed"


@click.group(
    cls=CommandGroup,
    name="plugins",
    invoke_without_command=True,
    examples=[
        Example("agentops plugins", "what would be observed"),
        Example("agentops plugins --import", "import the libraries and see what binds"),
        Example("agentops plugins --only openai", "one library"),
        Example("agentops plugins --json", "for programs"),
        Example("agentops plugins new parley", "begin a plugin for a library"),
    ],
)
@click.option(
    "--import", "importing", is_flag=True, help="Import each library, to see which of its targets are really there."
)
@click.option("--only", metavar="LIBRARY", multiple=True, help="Only this library; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.pass_context
def command(context: click.Context, *, importing: bool, only: tuple[str, ...], as_json: bool) -> None:
    """List what is observed, and how well it fits what is installed.

    Nothing is imported unless --import is given: a target is then `waiting` for the program to import its library.
    Exits with 1 where a plugin is broken.
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
        _print_libraries(console, libraries)
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
                "targets": report.targets,
            }
            for plugin, report in libraries
        ],
    }


def _print_libraries(console: Console, libraries: Sequence[tuple[str, LibraryReport]]) -> None:
    glyphs = glyphs_for(console)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="heading")
    for name in ("LIBRARY", "INSTALLED", "MADE FOR", "PLUGIN", "TARGETS"):
        table.add_column(name, no_wrap=True, overflow="ellipsis")
    for plugin, report in libraries:
        style = "faint" if report.version is None else ""
        table.add_row(
            Text(report.library, style or "llm"),
            _version(report),
            Text(report.versions or "any", "faint"),
            Text(plugin, style),
            _targets(report, glyphs),
        )
    if libraries:
        console.print(table)
    else:
        console.print("Nothing is observed: no plugin is loaded.")


def _version(report: LibraryReport) -> Text:
    if report.version is None:
        return Text(_NOT_INSTALLED, "faint")
    if fits(report.version, report.versions):
        return Text(report.version)
    return Text(f"{report.version} (not tested)", "unsure")


def _targets(report: LibraryReport, glyphs: Glyphs) -> Text:
    """How many targets there are and are not; a plugin for several versions of a library has some for each."""
    if report.version is None:
        return Text(str(len(report.targets)), "faint")
    counts = {state: sum(target.state is state for target in report.targets) for state in State}
    is_well = not _is_lacking(report)
    words = {
        State.BOUND: ("bound", "ok"),
        State.WAITING: ("waiting for import", ""),
        State.MISSED: ("of other versions", "faint") if is_well else ("missed", "bad"),
    }
    parts = [(f"{counts[state]} {word}", style) for state, (word, style) in words.items() if counts[state]]
    text = Text.assemble((f"{glyphs.succeeded} ", "ok") if is_well else (f"{glyphs.failed} ", "bad"))
    for index, part in enumerate(parts):
        text.append(", " if index else "")
        text.append(*part)
    return text


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
