"""Taking recordings in from files."""

import sys
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import click

from agentops.cli import formats, prices, settings, terminal
from agentops.cli.commands import Command, Example, Problem
from agentops.cli.incoming import Portion, read_portions, unpacked
from agentops.collector.export.entries import keep
from agentops.store import LOCAL_STORE
from agentops.store.protocol import Note, Score, Store
from agentops.store.sqlite import SqliteStore

_BATCH = 500
_BETWEEN = 0.2
_SHOWN = 10


@click.command(
    cls=Command,
    name="import",
    examples=[
        Example("agentops import session.json", "what `agentops export` wrote"),
        Example("agentops import *.jsonl.gz", "several, packed"),
        Example("ssh host agentops export last | agentops import -", "from another machine"),
        Example("agentops import traces.json", "OTLP JSON, of whatever wrote it"),
    ],
)
@click.argument(
    "files",
    nargs=-1,
    required=True,
    metavar="FILE|-...",
    type=click.Path(dir_okay=False, path_type=Path, allow_dash=True),
)
@click.option(
    "--data",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder of the store; that of `agentops path` if not given.",
)
def command(*, files: tuple[Path, ...], data: Path | None) -> None:
    """Take in recordings from files: what `agentops export` wrote, and OTLP JSON.

    What is there already stays once, so that a file can be imported again. Exits with 1 where something could not be
    read; the rest is taken in.
    """
    prices.put_in_use()
    folder = settings.load().directory if data is None else data
    done = Counter[str]()
    refused = Counter[str]()
    with SqliteStore(folder / LOCAL_STORE) as store, _told(done) as tell:
        for path in files:
            for batch in _batches(_portions(path, refused)):
                _keep(store, batch, done)
                tell()
    remarks = terminal.remarks()
    for reason, count in refused.most_common(_SHOWN):
        remarks.print(f"Not read, {count:,} times: {formats.one_line(reason)}", style="bad", soft_wrap=True)
    total = done["new"] + done["known"]
    remarks.print(
        f"Imported {formats.plural(total, 'record')}: {done['new']:,} new, {done['known']:,} known, "
        f"{refused.total():,} refused.",
        soft_wrap=True,
    )
    if refused:
        raise click.exceptions.Exit(1)


def _portions(path: Path, refused: Counter[str]) -> Iterator[Portion]:
    try:
        with _opened(path) as file:
            for portion in read_portions(unpacked(file)):
                refused.update(portion.refused)
                yield portion
    except FileNotFoundError as error:
        raise Problem(f"There is no file {path}.") from error
    except OSError as error:
        raise Problem(f"{path} cannot be read: {error.strerror or error}") from error
    except EOFError as error:
        raise Problem(f"{path} is cut short.") from error
    except ValueError as error:
        refused[f"{path}: {error}"] += 1


@contextmanager
def _opened(path: Path) -> Generator[IO[bytes]]:
    if str(path) == "-":
        yield sys.stdin.buffer
    else:
        with path.open("rb") as file:
            yield file


def _batches(portions: Iterator[Portion]) -> Iterator[Portion]:
    """The same in portions of a size that is committed at once."""
    gathered = Portion()
    for portion in portions:
        gathered.entries += portion.entries
        gathered.points += portion.points
        while len(gathered.entries) + len(gathered.points) >= _BATCH:
            yield Portion(entries=gathered.entries[:_BATCH], points=gathered.points)
            gathered = Portion(entries=gathered.entries[_BATCH:])
    yield gathered


def _keep(store: Store, batch: Portion, done: Counter[str]) -> None:
    records = sum(not isinstance(entry, Score | Note) for entry in batch.entries)
    new = keep(store, batch.entries)
    done["new"] += new
    done["known"] += records - new
    if batch.points:
        points = store.ingest_metrics(batch.points)
        done["new"] += points.new
        done["known"] += points.known


@contextmanager
def _told(done: Counter[str]) -> Generator[Callable[[], None]]:
    """Shows how far it has come, on a terminal."""
    console = terminal.remarks()
    if not console.is_terminal:
        yield lambda: None
        return
    last = 0.0
    with console.status("Reading") as status:

        def tell() -> None:
            nonlocal last
            if time.monotonic() - last > _BETWEEN:
                last = time.monotonic()
                status.update(f"{formats.plural(done.total(), 'record')} so far")

        yield tell
