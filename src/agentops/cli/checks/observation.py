"""The plugins, and how well they fit what is installed."""

from collections.abc import Iterator

from agentops.cli import fitness, formats
from agentops.cli.checks.finding import Finding, broken, fine, note, warning
from agentops.instrumentation.report import LibraryReport, State
from agentops.plugins.manager import Plugins


def check_plugins(plugins: Plugins) -> Iterator[Finding]:
    """Findings about plugins that do not load, libraries too old or too new, and targets that are not there."""
    for report in plugins.reports:
        if report.error is not None:
            home = f" of {report.distribution} {report.version}" if report.distribution else ""
            yield broken(
                f"plugin {report.name}{home} is broken: {formats.one_line(report.error)}", _mend(report.distribution)
            )
    libraries = [report for _, report in fitness.reports(plugins, importing=False)]
    installed = [report for report in libraries if report.version is not None]
    if installed:
        names = ", ".join(f"{report.library} {report.version}" for report in installed)
        yield fine(f"observed when imported: {names}")
    else:
        yield note("none of the libraries that plugins observe is installed in this Python")
    for report in installed:
        yield from _check_library(report)


def _mend(distribution: str | None) -> str:
    if distribution is None:
        return "Correct load_plugins (AGENTOPS_LOAD_PLUGINS), or install the plugin."
    return f"Update it (`pip install -U {distribution}`), or leave it out with load_plugins (AGENTOPS_LOAD_PLUGINS)."


def _check_library(report: LibraryReport) -> Iterator[Finding]:
    if report.version is not None and not fitness.fits(report.version, report.versions):
        yield warning(
            f"{report.library} {report.version} is installed, its plugin was made for {report.versions}",
            "Install a version in that range, or see with `agentops plugins --import` what is still observed.",
        )
    missed = [target.path for target in report.targets if target.state is State.MISSED]
    if missed:
        yield warning(
            f"{report.library} {report.version} lacks {', '.join(missed)}: calls through it are not observed",
            "Update agentops, or the library.",
        )
