"""Finding out what is wrong, and saying how to fix it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import click
from rich.console import Console
from rich.text import Text

from agentops.cli import formats, settings, terminal
from agentops.cli.checks.collector import check_collector
from agentops.cli.checks.environment import check_environment
from agentops.cli.checks.finding import Finding, Level, broken
from agentops.cli.checks.journals import check_journals
from agentops.cli.checks.observation import check_plugins
from agentops.cli.checks.settings import check_settings
from agentops.cli.checks.storage import check_folder, check_store
from agentops.cli.checks.trial import check_recording
from agentops.cli.commands import Command, Example
from agentops.cli.extensions import loaded_plugins
from agentops.cli.glyphs import Glyphs, glyphs_for
from agentops.cli.opening import reading
from agentops.config import Config, Row, describe
from agentops.errors import AgentOpsError

Findings = Mapping[str, Sequence[Finding]]


@click.command(
    cls=Command,
    name="doctor",
    examples=[
        Example("agentops doctor", "what is wrong, and how to fix it"),
        Example("agentops doctor --all", "with every setting"),
        Example("agentops doctor --import", "import the libraries that are observed, and see what of them is there"),
        Example("agentops doctor --json", "to attach to a report; keys are masked"),
    ],
)
@click.option("--all", "everything", is_flag=True, help="Show every setting, also those at their defaults.")
@click.option("--import", "importing", is_flag=True, help="Import each library that is observed, to see what fits.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
def command(*, everything: bool, importing: bool, as_json: bool) -> None:
    """Check settings, store and recording, and say how to fix what is wrong.

    Shows where each setting comes from. Exits with 1 where something is broken.
    """
    config = settings.load()
    rows = describe(config)
    findings = {heading: list(found) for heading, found in examine(config, importing=importing)}
    if as_json:
        terminal.print_json({"settings": rows, "findings": findings})
    else:
        console = terminal.output()
        _print_settings(console, rows, everything=everything)
        _print_findings(console, findings)
    levels = Counter(finding.level for found in findings.values() for finding in found)
    click.get_current_context().exit(1 if levels[Level.BROKEN] else 0)


def examine(config: Config, *, importing: bool = False) -> Iterator[tuple[str, Iterable[Finding]]]:
    """Every check under its heading."""
    yield "Installation", check_environment()
    yield "Settings", check_settings(config)
    yield "Store", _check_storage(config)
    yield "Collector", check_collector(config)
    yield "Recording", check_recording()
    yield "Plugins", check_plugins(loaded_plugins(), importing=importing)


def _check_storage(config: Config) -> Iterator[Finding]:
    yield from check_folder(config.directory)
    if not config.directory.exists():
        return
    try:
        with reading() as store:
            yield from check_store(store, config)
    except AgentOpsError as error:
        yield broken(formats.one_line(str(error), 400), "The message says what to do.")
    yield from check_journals(config.directory)


def _print_settings(console: Console, rows: Sequence[Row], *, everything: bool) -> None:
    shown = [row for row in rows if everything or row.setting == "directory" or row.origin != "default"]
    widths = [
        max(len(text) for text in column) for column in zip(*((row.setting, row.value) for row in shown), strict=True)
    ]
    console.print(Text("Settings", "bold"))
    for row in shown:
        line = Text.assemble(
            f"  {row.setting.ljust(widths[0])}  ", (row.value.ljust(widths[1]), "llm"), "  ", (row.origin, "faint")
        )
        if everything:
            line.append(f"  {row.about}", "faint")
        console.print(line, soft_wrap=True)
    if len(shown) < len(rows):
        rest = len(rows) - len(shown)
        console.print(Text(f"  {formats.plural(rest, 'setting')} at default; --all shows them", "faint"))


def _print_findings(console: Console, findings: Findings) -> None:
    glyphs = glyphs_for(console)
    for heading, found in findings.items():
        if found:
            console.print()
            console.print(Text(heading if heading != "Settings" else "Conflicts", "bold"))
        for finding in found:
            _print_finding(console, finding, glyphs)
    levels = Counter(finding.level for found in findings.values() for finding in found)
    console.print()
    if levels[Level.BROKEN] or levels[Level.WARNING]:
        words = [f"{levels[Level.BROKEN]} broken"] if levels[Level.BROKEN] else []
        words += [formats.plural(levels[Level.WARNING], "warning")] if levels[Level.WARNING] else []
        console.print(Text(", ".join(words), "bad" if levels[Level.BROKEN] else "unsure"))
    else:
        console.print(Text("All is well.", "ok"))


def _print_finding(console: Console, finding: Finding, glyphs: Glyphs) -> None:
    mark, style = {
        Level.FINE: (glyphs.succeeded, "ok"),
        Level.NOTE: (glyphs.dot, "faint"),
        Level.WARNING: ("!", "unsure"),
        Level.BROKEN: (glyphs.failed, "bad"),
    }[finding.level]
    console.print(Text.assemble("  ", (mark, style), " ", formats.visible(finding.text)), soft_wrap=True)
    if finding.fix:
        console.print(
            Text.assemble("    ", (f"{glyphs.arrow} ", "faint"), formats.visible(finding.fix)), soft_wrap=True
        )
