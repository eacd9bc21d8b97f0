"""The `agentops` command."""

import sys
from io import TextIOWrapper

import click

from agentops.cli.commands import Entry, Example, LazyGroup, write_examples

SECTIONS = {
    "Record": [
        Entry("run", "Run a program and record it, with no change to it."),
        Entry("demo", "Record a crew of agents at work and watch it live."),
    ],
    "Look": [
        Entry("ls", "List the latest sessions."),
        Entry("show", "Show a session as a tree of its spans."),
        Entry("stats", "Show where a session's tokens, money and time went."),
        Entry("logs", "Show what a program wrote."),
        Entry("tail", "Follow sessions while they run."),
        Entry("search", "Find spans by what was said in them."),
        Entry("sql", "Ask what is recorded with SQL."),
    ],
    "Keep": [
        Entry("export", "Write sessions as JSON, OTLP, CSV or Parquet."),
        Entry("import", "Take in recordings from files.", "importing"),
        Entry("backup", "Copy everything, while it is in use."),
        Entry("rm", "Delete sessions."),
        Entry("prune", "Delete sessions older than an age."),
        Entry("resend", "Offer the collector again what it refused."),
        Entry("path", "Print where sessions are kept."),
    ],
    "Serve": [
        Entry("serve", "Run a collector: take recordings in, keep them, answer questions."),
        Entry("keys", "Make, list and revoke the keys of a collector."),
        Entry("mcp", "Let coding agents look recordings up."),
    ],
    "Check": [
        Entry("doctor", "Check settings, store and recording, and say how to fix what is wrong."),
        Entry("plugins", "List the libraries that are recorded, and how well their plugins fit."),
        Entry("completion", "Print the completion script for a shell."),
    ],
}

EXAMPLES = [
    Example("agentops demo", "see it work, no key needed"),
    Example("agentops run my_agent.py", "record a program"),
    Example("agentops show last", "what it did"),
]


class Agentops(LazyGroup):
    """The group of all commands, with the first three to type at the end of its help."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Examples, last so that they stand right above the prompt."""
        del ctx
        write_examples(formatter, EXAMPLES)


def print_version(context: click.Context, parameter: click.Parameter, wanted: bool) -> None:  # noqa: FBT001 - click calls it
    """Print the version of agentops and of the Python that runs it."""
    del parameter
    if not wanted or context.resilient_parsing:
        return
    import platform  # noqa: PLC0415 - one flag's need
    from importlib.metadata import version  # noqa: PLC0415

    click.echo(f"agentops {version('agentops')} (Python {platform.python_version()})")
    context.exit()


@click.command(
    cls=Agentops,
    sections=SECTIONS,
    package="agentops.cli",
    name="agentops",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=print_version,
    help="Show the version and exit.",
)
def cli() -> None:
    """The flight recorder for AI agents.

    Every LLM call, tool call and agent step of a program, recorded on this machine.
    """


def main() -> None:
    """Run the command line; exits with 0 when all went well, 1 when something failed, 2 when it was asked wrongly."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and not stream.encoding.lower().startswith("utf"):
            stream.reconfigure(errors="replace")  # recorded text knows no terminal's character set
    cli.main(prog_name="agentops")
