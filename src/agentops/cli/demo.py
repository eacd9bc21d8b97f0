"""Seeing it work: a crew of agents, recorded with no change to it."""

import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from agentops.cli import formats, terminal
from agentops.cli.commands import Command, Example, Problem
from agentops.cli.opening import directory, reading
from agentops.cli.show import print_tree
from agentops.cli.spectator import Spectator
from agentops.domain.spans import SpanRecord, SpanStatus
from agentops.store.protocol import SessionSummary
from agentops.testing.provider import Provider, Script
from agentops.testing.provider.scripts import RESEARCH_CREW

PROGRAM = "research_crew.py"
_KEYS = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY")
_LIVELY = {"PYTHONUNBUFFERED": "1", "AGENTOPS_EXPORT_FLUSH_INTERVAL": "100"}
"""What lets an onlooker see things as they happen; milliseconds."""

_CLIENTS = ("openai", "anthropic")
_HERE = Path(__file__).resolve().parent
_PLACES = (_HERE / "examples", _HERE.parents[2] / "examples")
"""Where the program is in an installed wheel, and in a checkout."""


@click.command(
    cls=Command,
    name="demo",
    examples=[
        Example("agentops demo", "no key, no network, no cost"),
        Example("agentops demo --live", "the same with the real models"),
    ],
)
@click.option("--live", is_flag=True, help="Ask the real models of OpenAI and Anthropic; needs their keys.")
@click.option("--fast", is_flag=True, help="Let the models answer without thinking time.")
@click.pass_context
def command(context: click.Context, *, live: bool, fast: bool) -> None:
    """Record a crew of agents at work and watch it live.

    A planner, three researchers, a writer and a reviewer answer a question together, through the real openai and
    anthropic clients. The models are scripted and answer from this machine, unless --live asks the real ones.
    """
    program = find_program()
    missing = [name for name in _CLIENTS if find_spec(name) is None]
    if missing:
        raise Problem(
            f"The demo's program needs {' and '.join(missing)}.", hint="Install them: pip install 'agentops[demo]'"
        )
    console = terminal.output()
    with ExitStack() as stack:
        variables = real_models(os.environ) if live else scripted_models(stack, fast=fast)
        _introduce(console, program, live=live)
        with reading() as store:
            spectator = Spectator(store, console, name=program.stem)
            status = spectator.watch(launch(program, variables))
            session = spectator.session
            if session is not None:
                spans = list(store.spans(session.session_id))
                console.print()
                print_tree(console, session, spans)
                _say_how_to_look_further(console, session, spans)
    if session is None:
        raise Problem("Nothing was recorded.", hint="`agentops doctor` says why.")
    context.exit(0 if status == 0 else 1)


def find_program() -> Path:
    """The program that is recorded.

    Raises:
        Problem: if this installation lacks it.
    """
    for folder in _PLACES:
        if (folder / PROGRAM).is_file():
            return folder / PROGRAM
    raise Problem(f"This installation lacks the demo's program, {PROGRAM}.", hint="Install agentops again.")


def real_models(given: Mapping[str, str]) -> dict[str, str]:
    """The environment in which the program asks the real models.

    Raises:
        Problem: if a key is missing; it says which.
    """
    missing = [name for name in _KEYS if not given.get(name)]
    if missing:
        raise Problem(
            f"--live asks real models, but {' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set.",
            hint="Set the keys in the environment, or run `agentops demo` for scripted models.",
        )
    return dict(given)


def scripted_models(stack: ExitStack, *, fast: bool) -> dict[str, str]:
    """The environment in which the program asks the provider on this machine, started until the stack closes."""
    provider = stack.enter_context(Provider(without_waiting(RESEARCH_CREW) if fast else RESEARCH_CREW))
    return {**os.environ, **provider.environment()}


def without_waiting(script: Script) -> Script:
    """The same script, answered at once."""
    if callable(script.turns):
        return script
    return replace(script, turns=[replace(turn, latency=0.0, delay=0.0) for turn in script.turns])


def launch(program: Path, variables: Mapping[str, str]) -> subprocess.Popen[str]:
    """Start the program as `agentops run` does, its output piped."""
    line = [sys.executable, "-m", "agentops.cli", "run", "--tag", "demo", str(program)]
    return subprocess.Popen(  # noqa: S603 - our own program
        line,
        env={**_LIVELY, **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
    )


def _introduce(console: Console, program: Path, *, live: bool) -> None:
    if live:
        console.print(Text("The models of OpenAI and Anthropic answer; this costs about a cent.", "faint"))
    else:
        console.print(Text("Scripted models answer from this machine: no key, no network, no cost.", "faint"))
    console.print(Text.assemble(("$ ", "faint"), (f"agentops run {_shown(program)}", "command")), soft_wrap=True)
    console.print()


def _shown(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return path.name


def _say_how_to_look_further(console: Console, session: SessionSummary, spans: list[SpanRecord]) -> None:
    name = formats.short(session.session_id)
    lines = [
        (f"agentops show {name} --full", "every message, input and output"),
        (f"agentops stats {name}", "tokens, cost and time by model and tool"),
        (f"agentops export {name} --format jsonl", "all of it, for programs"),
        ("agentops run my_agent.py", "the same for a program of yours"),
    ]
    failed = next((span for span in spans if span.status == SpanStatus.ERROR), None)
    if failed is not None:
        lines.insert(
            1, (f"agentops show {name} --span {failed.span_id[:6]}", "the call that failed, with its traceback")
        )
    width = max(len(line) for line, _ in lines)
    console.print()
    console.print(Text(f"Kept in {directory()}. Look further:", "faint"), soft_wrap=True)
    for line, meaning in lines:
        console.print(Text.assemble("  ", (line.ljust(width), "command"), "  ", (meaning, "faint")), soft_wrap=True)
