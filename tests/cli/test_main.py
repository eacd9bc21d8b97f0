"""The `agentops` command itself."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from agentops.cli import main
from agentops.cli.commands import Command, LazyGroup, Problem
from agentops.errors import StoreError

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "cli.md"
BUILT_IN = sorted(main.cli.built_in)


def invoke(*arguments: str) -> tuple[int, str]:
    """Exit status and everything written."""
    result = CliRunner().invoke(main.cli, list(arguments), prog_name="agentops")
    return result.exit_code, result.output


def command_of(name: str) -> Command:
    """The built-in command of this name."""
    command = main.cli.get_command(click.Context(main.cli), name)
    assert isinstance(command, Command)
    return command


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_command_explains_itself(name: str) -> None:
    """Help names the command as the list does, and ends with examples of it that it understands."""
    status, output = invoke(name, "--help")
    assert status == 0
    assert output.startswith(f"Usage: agentops {name}")
    assert "Examples:" in output
    command = command_of(name)
    assert command.examples
    assert all("agentops" in example.line for example in command.examples)
    assert main.cli.built_in[name].summary in {command.get_short_help_str(200), main.cli.built_in[name].summary}


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_option_says_what_it_does(name: str) -> None:
    """No option is without words."""
    options = [option for option in command_of(name).params if isinstance(option, click.Option)]
    assert [option.name for option in options if not option.help] == []


def examples() -> Iterator[tuple[str, str]]:
    """Every example line that is a plain call of a command."""
    for name in BUILT_IN:
        for example in command_of(name).examples:
            words = example.line.split()
            if words[:2] == ["agentops", name]:
                yield name, example.line.partition("|")[0]


@pytest.mark.parametrize(("name", "line"), list(examples()))
def test_examples_are_understood(name: str, line: str) -> None:
    """What the help shows can be typed: its options and arguments are parsed without complaint."""
    import shlex  # noqa: PLC0415 - for this test alone

    words = shlex.split(line)[2:]
    context = click.Context(command_of(name), info_name=name, help_option_names=["-h", "--help"])
    command_of(name).parse_args(context, words)


def test_help_lists_every_command_in_its_section() -> None:
    """`agentops --help` shows all there is without loading it."""
    status, output = invoke("--help")
    assert status == 0
    listed = re.findall(r"^  (\w+) +\S", output, re.MULTILINE)
    assert [name for name in BUILT_IN if name not in listed] == []


def test_the_version_is_the_installed_one() -> None:
    """`--version` says which agentops and which Python."""
    assert invoke("--version")[1].startswith(f"agentops {version('agentops')} (Python 3.")


def test_a_misspelt_command_is_guessed() -> None:
    """Exit status 2, and the command that was probably meant."""
    status, output = invoke("shwo")
    assert status == 2
    assert "No such command 'shwo'. Did you mean 'show'" in output


def test_a_misspelt_option_is_guessed() -> None:
    """Exit status 2, and the option that was probably meant."""
    status, output = invoke("ls", "--sate", "failed")
    assert status == 2
    assert "--state" in output


def test_errors_of_agentops_are_messages_not_tracebacks() -> None:
    """Exit status 1 and one line on standard error."""

    @click.command()
    def broken() -> None:
        raise StoreError("the store is away")

    group = LazyGroup(name="agentops", sections={}, package="agentops.cli")
    group.add_command(broken)
    result = CliRunner().invoke(group, ["broken"])
    assert (result.exit_code, result.stderr, result.stdout) == (1, "Error: the store is away\n", "")


def test_problems_come_with_a_hint() -> None:
    """What to do stands under what went wrong."""

    @click.command()
    def broken() -> None:
        raise Problem("It is away.", hint="Fetch it.")

    result = CliRunner().invoke(broken, [])
    assert (result.exit_code, result.stderr) == (1, "Error: It is away.\nFetch it.\n")


def test_plugins_cannot_take_a_built_in_name() -> None:
    """A plugin's command of a name that is taken is refused."""
    with pytest.raises(click.UsageError, match="cannot replace the command 'ls'"):
        main.cli.add_command(click.Command("ls"))


@pytest.mark.parametrize(
    ("variables", "coloured"),
    [({}, False), ({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False)],
)
def test_colours_are_for_terminals(variables: dict[str, str], coloured: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """In a pipe there are none, unless FORCE_COLOR asks; NO_COLOR has the last word."""
    done = subprocess.run(
        [sys.executable, "-m", "agentops.cli", "ls", "--help"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={**{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}, **variables},
    )
    assert ("\x1b[" in done.stdout) == coloured


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_are_those_of_click(shell: str) -> None:
    """Each shell gets its script."""
    status, output = invoke("completion", shell)
    assert status == 0
    assert "_AGENTOPS_COMPLETE" in output


def test_completion_knows_the_running_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a word it is the login shell's, and an unknown one is told which there are."""
    monkeypatch.setenv("SHELL", "/usr/bin/fish")
    assert "commandline" in invoke("completion")[1]
    monkeypatch.setenv("SHELL", "/bin/tcsh")
    assert invoke("completion") == (1, "Error: Which shell? tcsh is not known.\nSay one of: bash, zsh, fish.\n")


def complete(line: str) -> list[str]:
    """What bash would offer at the end of a line."""
    done = subprocess.run(
        [sys.executable, "-m", "agentops.cli"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={
            **os.environ,
            "_AGENTOPS_COMPLETE": "bash_complete",
            "COMP_WORDS": line,
            "COMP_CWORD": str(len(line.split(" ")) - 1),
        },
    )
    return [entry.partition(",")[2] for entry in done.stdout.splitlines()]


def test_commands_and_options_are_completed() -> None:
    """The shell asks, the command answers."""
    assert complete("agentops st") == ["stats"]
    assert "--state" in complete("agentops ls --st")


def headings(level: int) -> list[str]:
    """The headings of the reference at a level."""
    return re.findall(rf"^{'#' * level} (.+)$", REFERENCE.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_reference_holds_every_command_as_its_help_tells_it(name: str) -> None:
    """Each command has a heading, and under it the very text of its help page."""
    assert f"agentops {name}" in headings(2)
    help_text = CliRunner().invoke(main.cli, [name, "--help"], prog_name="agentops", terminal_width=100).output
    assert help_text.rstrip() in REFERENCE.read_text(encoding="utf-8")
