"""Copies of everything that a server, or this machine, keeps."""

from pathlib import Path
from tempfile import TemporaryDirectory

import click

from agentops.cli import formats, settings, terminal
from agentops.cli.commands import Command, Example, Problem
from agentops.store import LOCAL_STORE
from agentops.store.sqlite.copying import copy_file
from agentops.store.sqlite.files import make_private_folder

_PATTERNS = (LOCAL_STORE, "collector.db", "projects/*.db")


@click.command(
    cls=Command,
    name="backup",
    examples=[
        Example("agentops backup /backups/friday", "what this machine keeps"),
        Example("agentops backup --data /var/lib/agentops /backups/monday", "of a server's folder"),
    ],
)
@click.argument("target", type=click.Path(path_type=Path), metavar="FOLDER")
@click.option(
    "--data",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder to copy; that of `agentops path` if not given.",
)
def command(*, target: Path, data: Path | None) -> None:
    """Copy sessions, projects and keys into a new folder, while programs and servers go on.

    Each file is copied as it is at one moment, and checked. Nothing is ever replaced. To restore, stop the server and
    put the files of the copy in the place of its folder.
    """
    folder = settings.load().directory if data is None else data
    found = sorted(path for pattern in _PATTERNS for path in folder.glob(pattern))
    if not found:
        raise Problem(f"There is nothing to copy in {folder}.", hint="Say with --data which folder a server uses.")
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise Problem(f"{target} is there already, and a copy never replaces anything.", hint="Name a new folder.")
    try:
        size = _copy(folder, found, target)
    except OSError as error:
        raise Problem(f"{target} cannot be written: {error.strerror or error}") from error
    terminal.remarks().print(
        f"Copied {formats.plural(len(found), 'file')}, {formats.size(size)}, to {target}.", soft_wrap=True
    )


def _copy(folder: Path, found: list[Path], target: Path) -> int:
    """Copy files into a folder that comes into being once all are there and checked; their size in bytes."""
    make_private_folder(target.absolute().parent)
    with TemporaryDirectory(dir=target.absolute().parent, prefix=f".{target.name}.") as scratch:
        whole = Path(scratch) / target.name
        size = 0
        for path in found:
            copy = whole / path.relative_to(folder)
            make_private_folder(copy.parent)
            size += copy_file(path, copy)
        whole.replace(target)
    return size
