"""Writing sessions for other programs."""

import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

import click
import msgspec

from agentops.cli import formats, terminal
from agentops.cli.commands import Command, Example
from agentops.cli.finding import SessionWord, find
from agentops.cli.opening import reading
from agentops.cli.statsline import analytics
from agentops.domain import wire
from agentops.domain.spans import Record
from agentops.store.protocol import SessionSummary, Store

FORMATS = ("json", "jsonl", "otlp")


@click.command(
    cls=Command,
    name="export",
    examples=[
        Example("agentops export last -o session.json", "one document"),
        Example("agentops export last --format jsonl | jq .name", "a record a line, as they were recorded"),
        Example("agentops export last --format otlp -o spans.json", "OTLP JSON, for OpenTelemetry tools"),
    ],
)
@click.argument("session", type=SessionWord(), default="last", metavar="[ID|last|NAME]")
@click.option(
    "-f",
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="json",
    show_default=True,
    help="json: session, analytics, spans and logs; jsonl: the records; otlp: OpenTelemetry's JSON.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path, allow_dash=True),
    metavar="FILE",
    help="Write to a file, readable by you only, instead of standard output.",
)
def command(*, session: str, form: str, output: Path | None) -> None:
    """Write a session as JSON, JSON lines or OTLP."""
    with reading() as store:
        summary = find(store, session)
        write = {"json": write_json, "jsonl": write_lines, "otlp": write_otlp}[form]
        with _opened(output) as file:
            for piece in write(store, summary):
                file.write(piece)
    if output is not None and str(output) != "-":
        terminal.remarks().print(f"Wrote {formats.size(output.stat().st_size)} to {output}.", soft_wrap=True)


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


def write_json(store: Store, summary: SessionSummary) -> Iterator[bytes]:
    """One indented document."""
    document = {
        "session": store.session(summary.session_id),
        "analytics": analytics(summary),
        "spans": list(store.spans(summary.session_id)),
        "logs": list(store.logs(summary.session_id)),
    }
    yield msgspec.json.format(wire.to_json(document), indent=2) + b"\n"


def write_lines(store: Store, summary: SessionSummary) -> Iterator[bytes]:
    """The records of the session, its spans and what was written, one a line, as `agentops.domain.wire` reads them."""
    for record in _records(store, summary.session_id):
        yield wire.encode(record) + b"\n"


def _records(store: Store, session_id: str) -> Iterator[Record]:
    yield store.session(session_id)
    yield from store.spans(session_id)
    yield from store.logs(session_id)


def write_otlp(store: Store, summary: SessionSummary) -> Iterator[bytes]:
    """OTLP JSON: the spans of an `ExportTraceServiceRequest`, and the logs of an `ExportLogsServiceRequest`."""
    from agentops.cli.otlp import encode_session  # noqa: PLC0415 - loads the OpenTelemetry SDK

    session_id = summary.session_id
    yield encode_session(store.session(session_id), store.spans(session_id), store.logs(session_id))
