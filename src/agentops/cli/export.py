"""Writing sessions for other programs."""

import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

import click

from agentops.cli import formats, terminal
from agentops.cli.commands import Command, Example, Problem
from agentops.cli.finding import SessionWord, find
from agentops.cli.opening import reading
from agentops.collector.export import FORMS, Format, write_document
from agentops.errors import ConfigurationError
from agentops.store.protocol import Store


@click.command(
    cls=Command,
    name="export",
    examples=[
        Example("agentops export last -o session.json", "one document"),
        Example("agentops export last --format jsonl | jq .name", "a record a line, as they were recorded"),
        Example("agentops export last --format otlp -o spans.jsonl", "OTLP JSON, for OpenTelemetry tools"),
        Example("agentops export last --format csv -o spans.csv", "a table of spans, for spreadsheets"),
    ],
)
@click.argument("session", type=SessionWord(), default="last", metavar="[ID|last|NAME]")
@click.option(
    "-f",
    "--format",
    "form",
    type=click.Choice([form.value for form in Format]),
    default=Format.JSON.value,
    metavar="FORMAT",
    show_default=True,
    help="json: one document; jsonl: the records, one a line; otlp: OpenTelemetry's JSON lines; csv, parquet: a table"
    " of spans.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path, allow_dash=True),
    metavar="FILE",
    help="Write to a file, readable by you only, instead of standard output.",
)
def command(*, session: str, form: str, output: Path | None) -> None:
    """Write a session as JSON, JSON lines, OTLP, CSV or Parquet."""
    with reading() as store:
        session_id = find(store, session).session_id
        pieces = _written(store, session_id, Format(form))
        with _opened(output) as file:
            for piece in pieces:
                file.write(piece)
    if output is not None and str(output) != "-":
        terminal.remarks().print(f"Wrote {formats.size(output.stat().st_size)} to {output}.", soft_wrap=True)


def _written(store: Store, session_id: str, form: Format) -> Iterator[bytes]:
    try:
        FORMS[form].check()
    except ConfigurationError as error:
        raise Problem(str(error)) from error
    return write_document(store, session_id) if form is Format.JSON else FORMS[form].write(store, [session_id])


@contextmanager
def _opened(output: Path | None) -> Generator[IO[bytes]]:
    """Where to write; a file comes into being, or is replaced, once everything is in it."""
    if output is None or str(output) == "-":
        yield sys.stdout.buffer
    elif output.exists() and not output.is_file():  # a device or a pipe
        with output.open("wb") as file:
            yield file
    else:
        with NamedTemporaryFile(dir=output.parent, prefix=f".{output.name}.", delete=False) as file:
            try:
                yield file.file
            except BaseException:
                Path(file.name).unlink()
                raise
        Path(file.name).replace(output)
