"""Writing sessions for other programs."""

import sys
from collections.abc import Generator, Iterable, Iterator
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
from agentops.domain.spans import Record, SessionRecord, SpanRecord
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
    help="json: session, analytics and spans; jsonl: the records; otlp: OpenTelemetry's JSON.",
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
    }
    yield msgspec.json.format(wire.to_json(document), indent=2) + b"\n"


def write_lines(store: Store, summary: SessionSummary) -> Iterator[bytes]:
    """The session's record and its spans', one a line, as `agentops.domain.wire` reads them."""
    records: Iterable[Record] = _records(store.session(summary.session_id), store.spans(summary.session_id))
    for record in records:
        yield wire.encode(record) + b"\n"


def _records(session: SessionRecord, spans: Iterable[SpanRecord]) -> Iterator[Record]:
    yield session
    yield from spans


def write_otlp(store: Store, summary: SessionSummary) -> Iterator[bytes]:
    """OTLP JSON: an `ExportTraceServiceRequest`."""
    from agentops.cli.otlp import encode_session  # noqa: PLC0415 - loads the OpenTelemetry SDK

    yield encode_session(store.session(summary.session_id), store.spans(summary.session_id))
