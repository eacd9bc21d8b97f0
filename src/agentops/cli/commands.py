"""How every command of `agentops` behaves: loaded when asked for, examples in its help, errors that say what to do."""

import os
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from importlib import import_module
from typing import Any, NamedTuple

import click

from agentops.errors import AgentOpsError


class Example(NamedTuple):
    """A command line worth copying, and what it does."""

    line: str
    meaning: str


class Problem(click.ClickException):
    """What the user asked for cannot be done; `hint` says what to do instead. Exits with 1."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint

    def show(self, file: Any = None) -> None:
        """Say what is wrong and what to do, on standard error unless a file is given."""
        color = wants_color()
        click.echo(click.style("Error: ", fg="red", bold=True) + self.format_message(), file, err=True, color=color)
        if self.hint:
            click.echo(self.hint, file, err=True, color=color)


def wants_color() -> bool | None:
    """What `NO_COLOR` and `FORCE_COLOR` ask for; None leaves it to whether a terminal is there.

    See https://no-color.org and https://force-color.org.
    """
    if os.environ.get("NO_COLOR"):
        return False
    return True if os.environ.get("FORCE_COLOR") else None


class Formatter(click.HelpFormatter):
    """Help pages with bold headings and coloured first columns; the terminal's absence takes both away again."""

    def write_heading(self, heading: str) -> None:
        """A heading in bold."""
        super().write_heading(click.style(heading, bold=True))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Terms in colour, with what they mean beside them."""
        super().write_dl([(click.style(term, fg="cyan"), text) for term, text in rows], col_max, col_spacing)


class Context(click.Context):
    """A context that honours `NO_COLOR` and `FORCE_COLOR` and writes help as `Formatter` does."""

    formatter_class = Formatter

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.color is None:
            self.color = wants_color()


class Command(click.Command):
    """A command whose help ends with examples."""

    context_class = Context

    def __init__(self, *args: Any, examples: Sequence[Example] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.examples = examples

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Examples, then whatever else stands at the end."""
        write_examples(formatter, self.examples)
        super().format_epilog(ctx, formatter)


class CommandGroup(Command, click.Group):
    """A command that is a few commands: `agentops keys create` is one of `agentops keys`."""


def write_examples(formatter: click.HelpFormatter, examples: Sequence[Example]) -> None:
    """The section of a help page that holds its examples."""
    if examples:
        with formatter.section("Examples"):
            formatter.write_dl([(example.line, example.meaning) for example in examples], col_max=60)


class Entry(NamedTuple):
    """A built-in command before it is loaded; `module` is where it is, if not under its name."""

    name: str
    summary: str
    module: str | None = None


class LazyGroup(click.Group):
    """A group that imports a built-in command when it is run, and plugins when a name is not built in.

    `sections` maps headings to the commands listed under them; command `x` is `command` in the module `x` of
    `package`, or in the one that its entry names.
    """

    context_class = Context

    def __init__(self, *args: Any, sections: dict[str, list[Entry]], package: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sections = sections
        self.package = package
        self.built_in = {entry.name: entry for entries in sections.values() for entry in entries}
        self._plugins_loaded = False

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Built-in commands in the order of their sections, then those of plugins."""
        del ctx
        self.load_plugins()
        return [*self.built_in, *sorted(self.commands)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, imported now."""
        del ctx
        if cmd_name in self.built_in:
            module = import_module(f"{self.package}.{self.built_in[cmd_name].module or cmd_name}")
            return module.command
        self.load_plugins()
        return self.commands.get(cmd_name)

    def add_command(self, cmd: click.Command, name: str | None = None) -> None:
        """Take in a plugin's command; the name of a built-in one is refused."""
        word = name or cmd.name
        if word in self.built_in:
            raise click.UsageError(f"a plugin cannot replace the command {word!r}")
        super().add_command(cmd, name)

    def load_plugins(self) -> None:
        """Let plugins add their commands, once."""
        if self._plugins_loaded:
            return
        self._plugins_loaded = True
        from agentops.cli.extensions import add_plugin_commands  # noqa: PLC0415 - most invocations need no plugin

        add_plugin_commands(self)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the first word names; an unknown word is a usage error that offers the nearest."""
        word = args[0]
        if word.startswith("-") or ctx.resilient_parsing or self.get_command(ctx, word) is not None:
            return super().resolve_command(ctx, args)
        raise click.UsageError(f"No such command {word!r}.{did_you_mean(word, self.list_commands(ctx))}", ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Every section with its commands, none of which is imported for it."""
        self.load_plugins()
        width = max(len(name) for name in self.list_commands(ctx))
        for heading, entries in self.sections.items():
            with formatter.section(heading):
                formatter.write_dl([(entry.name.ljust(width), entry.summary) for entry in entries])
        if self.commands:
            with formatter.section("From plugins"):
                formatter.write_dl(
                    [(name.ljust(width), self.commands[name].get_short_help_str(80)) for name in sorted(self.commands)]
                )

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; an error of agentops becomes a message and exit status 1."""
        try:
            return super().invoke(ctx)
        except AgentOpsError as error:
            raise Problem(str(error)) from error


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """` Did you mean 'x'?`, or nothing."""
    near = get_close_matches(word, known, n=3, cutoff=0.5)
    return f" Did you mean {' or '.join(repr(name) for name in near)}?" if near else ""
