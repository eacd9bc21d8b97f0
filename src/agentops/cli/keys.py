"""The keys of a collector on this machine."""

import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from agentops.cli import formats, settings, terminal
from agentops.cli.commands import Command, CommandGroup, Example
from agentops.collector.access import CATALOG_FILE, Catalog, Key, Project, Scope
from agentops.collector.access.keys import create_key, revoke_key
from agentops.collector.access.projects import find_project
from agentops.collector.access.records import DEFAULT_PROJECT, DEFAULT_SCOPES

_NONE_IN_USE = "No key is in use; `agentops keys list --all` shows those that were revoked."
_NONE_YET = "No keys yet, so a server on this machine asks for none. Make one with `agentops keys create NAME`."
_data = click.option(
    "--data",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="The server's folder; that of `agentops path` if not given.",
)


@click.group(
    cls=CommandGroup,
    name="keys",
    examples=[
        Example("agentops keys create ci", "prints the key, this once"),
        Example("agentops keys list", "who may come in"),
        Example("agentops keys revoke ci", "at once, also of a running server"),
    ],
)
def command() -> None:
    """Make, list and revoke the keys of a collector.

    A server without keys lets everybody on this machine in; from the first key on it asks for one. A key belongs to one
    project and reaches nothing of another. A server that is running knows of each change at once.
    """


@command.command(
    cls=Command,
    name="create",
    examples=[
        Example("agentops keys create ci", "to send and to look"),
        Example("KEY=$(agentops keys create web --project shop)", "of a project of its own, for a script"),
        Example("agentops keys create wall --scope read", "for a screen that only shows"),
    ],
)
@click.argument("name")
@click.option(
    "--project",
    metavar="NAME",
    default=DEFAULT_PROJECT,
    show_default=True,
    help="The project that it opens, made if there is none.",
)
@click.option(
    "--scope",
    "scopes",
    type=click.Choice([scope.value for scope in Scope]),
    multiple=True,
    help="What it allows; may be repeated. read and write if not given, admin is everything.",
)
@click.option("--key", "value", metavar="KEY", help="A key of your own, of 16 characters or more; a UUID if not given.")
@_data
def create(*, name: str, project: str, scopes: tuple[str, ...], value: str | None, data: Path | None) -> None:
    """Make a key and print it, which nothing can do again.

    Only its hash is kept. The key alone goes to standard output.
    """
    with _opened(data) as catalog:
        key, text = create_key(catalog, project, name, scopes=map(Scope, scopes or DEFAULT_SCOPES), value=value)
        opened = find_project(catalog, key.project)
    allowed = " and ".join(key.scopes)
    said = f"Key {key.name} of project {opened.name}, for {allowed}. It is shown this once:"
    terminal.remarks().print(said, soft_wrap=True)
    click.echo(text)


@command.command(
    cls=Command,
    name="list",
    examples=[
        Example("agentops keys list", "those in use"),
        Example("agentops keys list --all --json", "also the revoked, for programs"),
    ],
)
@click.option("--all", "revoked_too", is_flag=True, help="Also those that were revoked.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array instead of a table.")
@_data
def list_keys(*, revoked_too: bool, as_json: bool, data: Path | None) -> None:
    """List the keys: whose they are, what they allow, when they were last used."""
    keys: list[Key] = []
    projects: Mapping[str, Project] = {}
    if _file(data).exists():  # looking makes no file
        with _opened(data) as catalog:
            contents = catalog.contents()
            keys, projects = list(contents.keys.values()), contents.projects
    rows = [
        (key, projects[key.project]) for key in keys if key.project in projects and (revoked_too or key.revoked is None)
    ]
    if as_json:
        terminal.print_json([_plain(key, project) for key, project in rows])
    elif rows:
        _print_table(rows, revoked_too=revoked_too)
    else:
        terminal.remarks().print(_NONE_IN_USE if keys else _NONE_YET, soft_wrap=True)


@command.command(
    cls=Command,
    name="revoke",
    examples=[
        Example("agentops keys revoke ci", "by its name"),
        Example("agentops keys revoke 561e5edcf3a7", "by its id, where several projects have one of that name"),
    ],
)
@click.argument("word", metavar="ID|NAME")
@_data
def revoke(*, word: str, data: Path | None) -> None:
    """Let a key hold no more, for good, nor any token that was given for it."""
    with _opened(data) as catalog:
        key = revoke_key(catalog, word)
        project = find_project(catalog, key.project)
    terminal.remarks().print(f"Revoked key {key.name} of project {project.name}.", soft_wrap=True)


def _file(data: Path | None) -> Path:
    return (data or settings.load().directory) / CATALOG_FILE


@contextmanager
def _opened(data: Path | None) -> Generator[Catalog]:
    with closing(Catalog(_file(data))) as catalog:
        yield catalog


def _plain(key: Key, project: Project) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "project": project.name,
        "project_id": project.id,
        "hint": key.hint,
        "scopes": key.scopes,
        "created": key.created,
        "last_used": key.last_used,
        "revoked": key.revoked,
    }


def _print_table(rows: Sequence[tuple[Key, Project]], *, revoked_too: bool) -> None:
    now = time.time_ns()
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="heading")
    table.add_column("ID", style="command", no_wrap=True)
    for column in ("NAME", "PROJECT", "KEY", "SCOPES", "CREATED", "LAST USED", *(["REVOKED"] if revoked_too else [])):
        table.add_column(column, no_wrap=True, overflow="ellipsis")
    for key, project in rows:
        cells = [key.id, key.name, project.name, f"…{key.hint}", ", ".join(key.scopes)]
        times = [key.created, key.last_used, *([key.revoked] if revoked_too else [])]
        cells += [formats.ABSENT if moment is None else formats.moment(moment, now=now) for moment in times]
        table.add_row(*cells, style="faint" if key.revoked else "")
    terminal.output().print(table)
