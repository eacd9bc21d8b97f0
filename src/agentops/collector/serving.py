"""Running a collector until it is told to end."""

import socket
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import Final

import uvicorn

from agentops.collector.access import CATALOG_FILE, Access, Catalog, Projects
from agentops.collector.app import build_app
from agentops.collector.live import Live
from agentops.collector.load import Load
from agentops.collector.meters import Meters
from agentops.collector.options import ServeOptions
from agentops.collector.services import Services
from agentops.collector.table import ROUTES
from agentops.errors import ConfigurationError

_GRACE: Final = 10
"""Seconds that requests under way have when the server is told to end."""


class UnsafeBindingError(ConfigurationError):
    """Others than this machine could read and write everything: make a key first."""


@contextmanager
def open_services(options: ServeOptions) -> Generator[Services]:
    """The parts of a collector, with its files open while the block lasts.

    Raises:
        UnsafeBindingError: if it is to be reached from elsewhere and no key exists.
        StoreError: if its files cannot be opened.
    """
    with (
        closing(Catalog(options.data / CATALOG_FILE)) as catalog,
        closing(Projects(catalog, options.data)) as projects,
    ):
        access = Access(catalog, options.keys)
        if not options.is_local and access.is_open:
            raise UnsafeBindingError(
                f"listening at {options.host} without a key would let everybody in; make one with"
                " `agentops keys create NAME`, or give one with --key NAME=VALUE"
            )
        with (
            ThreadPoolExecutor(options.writers, "agentops-writer") as writers,
            ThreadPoolExecutor(options.readers, "agentops-reader") as readers,
        ):
            yield Services(
                options=options,
                access=access,
                projects=projects,
                live=Live(),
                meters=Meters(),
                load=Load(options.load_limit),
                writers=writers,
                readers=readers,
            )


def serve(options: ServeOptions, announce: Callable[[str], None]) -> None:
    """Answer requests until SIGINT or SIGTERM; what is under way is finished.

    Args:
        options: how.
        announce: told the address once it listens.

    Raises:
        ConfigurationError: if the address cannot be listened at, or should not be.
        StoreError: if its files cannot be opened.
    """
    with open_services(options) as services, listening(options.host, options.port) as listener:
        server = uvicorn.Server(server_config(services))
        announce(url_of(options.host, listener.getsockname()[1]))
        server.run(sockets=[listener])


def server_config(services: Services) -> uvicorn.Config:
    """How uvicorn runs the application."""
    return uvicorn.Config(
        build_app(services, ROUTES),
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_GRACE,
        timeout_keep_alive=30,
    )


@contextmanager
def listening(host: str, port: int) -> Generator[socket.socket]:
    """A socket that takes connections.

    Raises:
        ConfigurationError: if the address is none, or taken.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listener = socket.create_server(address[:2], family=family, backlog=2048)  # pyright: ignore[reportArgumentType] - host and port
    except OSError as error:
        reason = error.strerror or error
        raise ConfigurationError(f"cannot listen at {host}:{port}: {reason}; choose another with --port") from error
    with listener:
        yield listener


def url_of(host: str, port: int) -> str:
    """The address as a browser takes it."""
    name = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - compared, not bound
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"
