"""Running a program so that it records itself."""

import os
import signal
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from agentops.cli.commands import Command, Example, did_you_mean

BOOTSTRAP = Path(__file__).parent / "bootstrap"
"""The folder whose `sitecustomize` starts the recording inside the program."""

CAPTURE_LOGS = "AGENTOPS_CAPTURE_LOGS"

_INTERPRETED = {".py", ".pyw", ".pyz", ".pyc"}
_MODULE, _CODE, _STANDARD_INPUT = "-m", "-c", "-"


class Launcher(Command):
    """A command that takes options up to the program's name; everything from there on is the program's own."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the options before the program, and keep the program for `command`."""
        own, program = split(args, _options_with_values(self))
        ctx.meta[__name__] = program
        rest = super().parse_args(ctx, own)
        if not program and not ctx.resilient_parsing:
            raise click.UsageError("Say what to run: a script, `-m module`, `-c code` or a program.", ctx)
        return rest

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Options, or files of the working directory."""
        if incomplete.startswith("-"):
            return super().shell_complete(ctx, incomplete)
        return [CompletionItem(incomplete, type="file")]

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """What stands in the usage line."""
        del ctx
        return ["[OPTIONS]", "SCRIPT | -m MODULE | -c CODE | PROGRAM", "[ARGS]..."]


def _options_with_values(command: click.Command) -> set[str]:
    options = (parameter for parameter in command.params if isinstance(parameter, click.Option))
    return {name for option in options if not option.is_flag for name in option.opts}


def split(args: Sequence[str], with_value: Iterable[str]) -> tuple[list[str], list[str]]:
    """The launcher's own arguments, and the program's with its name."""
    taking = set(with_value)
    index = 0
    while index < len(args):
        word = args[index]
        if word == "--":
            return list(args[:index]), list(args[index + 1 :])
        if not word.startswith("-") or word == _STANDARD_INPUT or word[:2] in {_MODULE, _CODE}:
            return list(args[:index]), list(args[index:])
        index += 2 if word in taking else 1
    return list(args), []


def command_line(program: Sequence[str]) -> list[str]:
    """What to execute for what the user wrote: Python programs by this interpreter, others themselves.

    Raises:
        click.UsageError: if there is no such file and no such program.
    """
    first = program[0]
    if first == _STANDARD_INPUT or first[:2] in {_MODULE, _CODE}:
        return [sys.executable, *program]
    path = Path(first)
    if (path / "__main__.py").is_file():
        return [sys.executable, *program]
    if path.exists() and not path.is_dir():
        if path.suffix in _INTERPRETED or not os.access(path, os.X_OK):
            return [sys.executable, *program]
        return [str(path.absolute()), *program[1:]]
    import shutil  # noqa: PLC0415 - scripts, the common case, start without it

    found = None if os.sep in first else shutil.which(first)
    if found is None:
        siblings = [str(path.with_name(name)) for name in _names_in(path.parent)]
        raise click.UsageError(f"No file and no program is named {first!r}.{did_you_mean(first, siblings)}")
    return [found, *program[1:]]


def _names_in(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208 - names are wanted, not paths
    except OSError:
        return []


def session_name(program: Sequence[str]) -> str:
    """What a session is called when nobody named it: the module's or the file's name."""
    first = program[0]
    if first.startswith(_MODULE):
        return first[2:] or (program[1] if len(program) > 1 else "module")
    if first.startswith(_CODE) or first == _STANDARD_INPUT:
        return "python"
    if Path(first).stem.startswith("python") and len(program) > 1:
        return session_name(_after_flags(program[1:]) or ["python"])
    return Path(first).resolve().stem or first


def _after_flags(arguments: Sequence[str]) -> Sequence[str]:
    """What follows Python's own flags, of which some take a value."""
    index = 0
    while index < len(arguments):
        word = arguments[index]
        if not word.startswith("-") or word == _STANDARD_INPUT or word[:2] in {_MODULE, _CODE}:
            return arguments[index:]
        index += 2 if word in {"-X", "-W", "--check-hash-based-pycs"} else 1
    return []


def environment(
    base: Mapping[str, str], *, name: str, tags: Sequence[str], instrument: str | None = None
) -> dict[str, str]:
    """The environment in which a program and every Python it starts record themselves."""
    ours = dict(base)
    inherited = base.get("PYTHONPATH")
    ours["PYTHONPATH"] = f"{BOOTSTRAP}{os.pathsep}{inherited}" if inherited else str(BOOTSTRAP)
    ours["AGENTOPS_TRACE_NAME"] = name
    ours["AGENTOPS_RUN"] = str(os.getpid())
    known = [tag for tag in base.get("AGENTOPS_DEFAULT_TAGS", "").split(",") if tag]
    if tags:
        ours["AGENTOPS_DEFAULT_TAGS"] = ",".join(dict.fromkeys([*known, *tags]))
    if instrument is not None:
        ours["AGENTOPS_INSTRUMENT"] = instrument
    return ours


def capturing(base: Mapping[str, str]) -> dict[str, str]:
    """What has a program's output captured, unless somebody has said whether it is to be."""
    if CAPTURE_LOGS in base:
        return {}
    from agentops.cli import settings  # noqa: PLC0415 - not needed where the environment says it

    return {CAPTURE_LOGS: "true"} if settings.load().origin("capture_logs").kind == "default" else {}


def no_commas(context: click.Context, parameter: click.Parameter, tags: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse tags that hold a comma, which separates tags in the environment."""
    del context, parameter
    for tag in tags:
        if "," in tag:
            raise click.BadParameter(f"{tag!r} holds a comma; give --tag once for each tag.")
    return tags


@click.command(
    cls=Launcher,
    name="run",
    examples=[
        Example("agentops run my_agent.py --topic bees", "a script and its arguments"),
        Example("agentops run -m my_package.crew", "a module"),
        Example("agentops run --tag nightly my_agent.py", "tagged"),
        Example("agentops run --instrument sqlite3,jinja2 my_agent.py", "with instrumentations of OpenTelemetry's"),
        Example("agentops run -- python -X dev my_agent.py", "another interpreter or other flags"),
        Example("agentops run pytest tests/agents", "any program; the Pythons it starts are recorded"),
    ],
)
@click.option("-n", "--name", metavar="NAME", help="Name of the session; the script's name if not given.")
@click.option(
    "-t", "--tag", "tags", metavar="TAG", multiple=True, callback=no_commas, help="Tag of the session; may be repeated."
)
@click.option(
    "--instrument", metavar="NAMES", help="Instrumentations of OpenTelemetry's to switch on, with commas between them."
)
@click.pass_context
def command(context: click.Context, name: str | None, tags: tuple[str, ...], instrument: str | None) -> None:
    """Run a program and record it, with no change to it.

    The program replaces this process: its arguments, input, output, signals and exit status are its own.
    What it writes is recorded as well, unless AGENTOPS_CAPTURE_LOGS=false.
    Options stand before the program; everything after its name is passed on untouched.
    """
    program: list[str] = context.meta[__name__]
    line = command_line(program)
    called = name or os.environ.get("AGENTOPS_TRACE_NAME") or session_name(program)
    execute(line, capturing(os.environ) | environment(os.environ, name=called, tags=tags, instrument=instrument))


def execute(line: list[str], variables: Mapping[str, str]) -> Any:
    """Become another program.

    Raises:
        click.UsageError: if the system cannot execute it.
    """
    for name in ("SIGPIPE", "SIGXFSZ"):
        number = getattr(signal, name, None)
        if number is not None:
            signal.signal(number, signal.SIG_DFL)  # this Python ignores them, and ignoring is inherited
    try:
        os.execve(line[0], line, variables)  # noqa: S606 - running what the user named is what this is for
    except OSError as error:
        raise click.UsageError(f"Cannot run {line[0]!r}: {error.strerror}.") from error
