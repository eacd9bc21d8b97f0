"""Running a collector."""

import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agentops.cli import prices, settings
from agentops.cli.commands import Command, Example
from agentops.store import LOCAL_STORE

if TYPE_CHECKING:
    from agentops.collector.options import ServeOptions
    from agentops.store.protocol import Store

_DEFAULT_PORT = 4318


def _option(name: str, *more: str, **kwargs: Any) -> Any:
    """An option that the environment can give as well."""
    variable = "AGENTOPS_SERVE_" + name.removeprefix("--").replace("-", "_").upper()
    return click.option(name, *more, envvar=variable, show_envvar=True, **kwargs)


@click.command(
    cls=Command,
    name="serve",
    examples=[
        Example("agentops serve", "for this machine, no key needed"),
        Example("agentops serve --retention 90", "and forget sessions after 90 days"),
        Example("AGENTOPS_SERVE_KEY=team=$KEY agentops serve --host 0.0.0.0", "for a team"),
    ],
)
@_option("--host", default="127.0.0.1", metavar="ADDRESS", show_default=True, help="Where to listen.")
@_option(
    "--port", default=_DEFAULT_PORT, type=click.IntRange(0, 65535), show_default=True, help="The port; 0 is a free one."
)
@_option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="The folder of its files; that of `agentops path` if not given.",
)
@_option(
    "--retention",
    type=click.FloatRange(min=0, min_open=True),
    metavar="DAYS",
    help="How long sessions are kept, unless their project says otherwise; the setting retention_days if not given.",
)
@_option(
    "--key",
    "keys",
    multiple=True,
    metavar="NAME=VALUE",
    help="A key of the project NAME while this runs; may be repeated. Others may see it here, not in the environment.",
)
@_option("--allow-host", "hosts", multiple=True, metavar="NAME", help="A name by which it is reached; may be repeated.")
@_option(
    "--allow-origin", "origins", multiple=True, metavar="URL", help="Whose pages may read from it; may be repeated."
)
@_option("--log-format", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How the log is.")
@_option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"], case_sensitive=False),
    default="info",
    show_default=True,
    help="How much of it; debug has a line for every request.",
)
@click.option("-q", "--quiet", is_flag=True, help="Do not say where everything is.")
def command(  # noqa: PLR0913 - one parameter an option
    *,
    host: str,
    port: int,
    data: Path | None,
    retention: float | None,
    keys: tuple[str, ...],
    hosts: tuple[str, ...],
    origins: tuple[str, ...],
    log_format: str,
    log_level: str,
    quiet: bool,
) -> None:
    """Take in what programs record, keep it, and answer questions about it.

    Programs send it what they record over HTTP: agentops, AgentOps 0.3 and 0.4, and anything that speaks OpenTelemetry.
    It says on standard error where everything is. Ctrl-C or SIGTERM end it, once what is under way is finished; a
    second one ends it at once. What it has acknowledged is on disk.
    """
    try:
        from agentops.collector.logs import LogFormat, write_logs  # noqa: PLC0415 - the extra may be missing
        from agentops.collector.options import ServeOptions  # noqa: PLC0415 - likewise
        from agentops.collector.serving import serve  # noqa: PLC0415 - likewise
    except ModuleNotFoundError as error:
        raise _missing(error) from error
    config = settings.load()
    options = ServeOptions(
        data=(data or config.directory).absolute(),
        host=host,
        port=port,
        retention_days=config.retention_days if retention is None else retention,
        keys=_read_keys(keys),
        allowed_hosts=hosts,
        allowed_origins=origins,
    )
    write_logs(log_level.upper(), LogFormat(log_format))
    prices.put_in_use()
    is_local = options.data == config.directory.absolute()
    serve(
        options,
        announce=lambda url, is_open: None if quiet else _print_banner(options, url, is_open=is_open),
        adopt=_taking_in(options.data) if is_local else None,
    )


def _missing(error: ModuleNotFoundError) -> Exception:
    """What to do about a library that is not installed; an own module that is missing is no such thing."""
    if (error.name or "").partition(".")[0] == "agentops":
        return error
    return click.UsageError(f"{error.name} is not installed; the server needs: pip install 'agentops[serve]'")


def _read_keys(words: Iterable[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not (name.strip() and equals and value.strip()):
            raise click.BadParameter("write NAME=VALUE, with the name of a project", param_hint="--key")
        if name.strip() in found:
            raise click.BadParameter(
                f"{name.strip()} has two; make more with `agentops keys create`", param_hint="--key"
            )
        found[name.strip()] = value.strip()
    return found


def _print_banner(options: "ServeOptions", url: str, *, is_open: bool) -> None:
    """Say where everything is, and what to set in programs."""
    places = {
        "API": f"{url}/api/v1",
        "Documentation": f"{url}/docs",
        "OpenTelemetry": f"{url}/v1/traces, /v1/logs, /v1/metrics",
        "Data": str(options.data / LOCAL_STORE),
        "Keys": "none needed on this machine" if is_open else "needed; `agentops keys create NAME` makes one",
    }
    settings_of = {
        "agentops": [f"AGENTOPS_API_ENDPOINT={url}"],
        "AgentOps 0.3": [f"AGENTOPS_API_ENDPOINT={url}"],
        "AgentOps 0.4": [
            f"AGENTOPS_API_ENDPOINT={url}",
            f"AGENTOPS_EXPORTER_ENDPOINT={url}/v1/traces",
            f"AGENTOPS_APP_URL={url}",
        ],
        "OpenTelemetry": [f"OTEL_EXPORTER_OTLP_ENDPOINT={url}"],
    }
    lines = [f"{click.style('agentops collector', bold=True)} at {click.style(url, fg='cyan', bold=True)}", ""]
    lines += [_row(name, place) for name, place in places.items()]
    lines += ["", "Set in the environment of programs:"]
    for name, variables in settings_of.items():
        lines += [_row(name if not number else "", text) for number, text in enumerate(variables)]
    lines += ["", "Ctrl-C ends it.", ""]
    click.echo("\n".join(lines), err=True)


def _row(name: str, text: str) -> str:
    return f"  {click.style(name.ljust(14), dim=True)} {text}"


def _taking_in(folder: Path) -> Callable[["Store"], None]:
    """Brings what dead programs on this machine left in their journals into the store."""

    def take_in(store: "Store") -> None:
        from agentops.cli.opening import taking_in  # noqa: PLC0415 - nobody waits for it at the start

        found = taking_in(folder, store)
        if found.journals:
            from agentops.collector.logs import say  # noqa: PLC0415 - likewise

            say(logging.INFO, "recordings of dead programs taken in", journals=found.journals, spans=found.spans)

    return take_in
