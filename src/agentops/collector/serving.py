"""Running a collector until it is told to end."""

import gc
import logging
import os
import socket
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, Final, cast

import uvicorn

from agentops.collector.access import CATALOG_FILE, Access, Catalog, Projects
from agentops.collector.app import build_app
from agentops.collector.connections import Connection
from agentops.collector.live import Live
from agentops.collector.load import Load
from agentops.collector.logs import say
from agentops.collector.memory import share_memory
from agentops.collector.meters import Meters
from agentops.collector.options import ServeOptions
from agentops.collector.retention import apply_retention
from agentops.collector.rounds import Chore, Rounds
from agentops.collector.services import Services
from agentops.collector.table import ROUTES
from agentops.errors import ConfigurationError
from agentops.store.protocol import Store
from agentops.store.sqlite import SqliteStore

_GRACE: Final = 10
"""Seconds that requests under way have when the server is told to end."""

_FILES: Final = 16_384
"""Connections, and five for each store that is open."""

_HOUR: Final = 3600.0
_BETWEEN_ADOPTIONS: Final = 10.0
"""Seconds."""


class UnsafeBindingError(ConfigurationError):
    """Others than this machine could read and write everything: make a key first."""


class Server(uvicorn.Server):
    """uvicorn, which ends streams when it is told to end, and everything at once when it is told again."""

    def __init__(self, services: Services) -> None:
        super().__init__(server_config(services))
        self._services = services

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """SIGINT or SIGTERM: finish what is under way; the second time do not, for what was acknowledged is on disk."""
        del frame
        if self.should_exit:
            os._exit(128 + sig)
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let go of the clients."""
        self._services.live.close()
        await super().shutdown(sockets)


@contextmanager
def open_services(options: ServeOptions) -> Generator[Services]:
    """The parts of a collector, with its files open while the block lasts.

    Raises:
        UnsafeBindingError: if it is to be reached from elsewhere and no key exists.
        ConfigurationError: if a key that is given cannot be one.
        StoreError: if its files cannot be opened.
    """
    open_store = partial(_open_store, options.patience)
    with (
        closing(Catalog(options.data / CATALOG_FILE)) as catalog,
        closing(Projects(catalog, options.data, open_store=open_store)) as projects,
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
            projects.lease(catalog.default_project),  # what is wrong with it is said now
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


def _open_store(patience: float, path: Path) -> SqliteStore:
    """A project's store; that it was brought up to date, and what is left of how it was, is worth a line in the log."""
    before = set(path.parent.glob(f"{path.name}.*.backup"))
    store = SqliteStore(path, patience=patience, keeps_up=True)
    for copy in set(path.parent.glob(f"{path.name}.*.backup")) - before:
        say(logging.INFO, "file of an older version brought up to date", file=path, copy=copy)
    return store


def serve(
    options: ServeOptions,
    announce: Callable[[str, bool], None],
    adopt: Callable[[Store], None] | None = None,
) -> None:
    """Answer requests until SIGINT or SIGTERM; what is under way is finished.

    Args:
        options: how.
        announce: told the address once it listens, and whether nobody needs a key.
        adopt: brings what dead programs left on this machine into the default project's store.

    Raises:
        ConfigurationError: if the address cannot be listened at, or should not be.
        StoreError: if its files cannot be opened.
    """
    _allow_many_files()
    share_memory()
    with open_services(options) as services, listening(options.host, options.port) as listener:
        url = url_of(options.host, listener.getsockname()[1])
        announce(url, services.access.is_open)
        say(logging.INFO, "started", url=url, data=options.data, process=os.getpid())
        gc.collect()
        gc.freeze()  # what is loaded by now stays: no collection need look through it again
        with Rounds(_chores(services, adopt)):
            Server(services).run(sockets=[listener])
    say(logging.INFO, "ended", requests=services.meters.requests.total())


def _chores(services: Services, adopt: Callable[[Store], None] | None) -> list[Chore]:
    projects, days = services.projects, services.options.retention_days

    def take_in(_: Callable[[], bool]) -> None:
        with projects.lease(projects.catalog.default_project) as store:
            cast("Callable[[Store], None]", adopt)(store)

    retention = Chore("retention", _HOUR, partial(apply_retention, projects, days))
    return [retention] if adopt is None else [Chore("taking in recordings", _BETWEEN_ADOPTIONS, take_in), retention]


def _allow_many_files() -> None:
    """Raise the number of files and connections that this process may have open, as far as the system lets it."""
    with suppress(ImportError, OSError, ValueError):
        import resource  # noqa: PLC0415 - only Unix has it

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = _FILES if hard == resource.RLIM_INFINITY else min(hard, _FILES)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def server_config(services: Services) -> uvicorn.Config:
    """How uvicorn runs the application."""
    limits = services.options.connections
    return uvicorn.Config(
        build_app(services, ROUTES),
        http=cast("Any", partial(Connection, limits=limits)),  # uvicorn only calls it
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_GRACE,
        timeout_keep_alive=limits.idle_seconds,
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
        reason = error.strerror if isinstance(error, socket.gaierror) else os.strerror(error.errno or 0)
        raise ConfigurationError(f"cannot listen at {host}:{port}: {reason}; choose another with --port") from error
    with listener:
        yield listener


def url_of(host: str, port: int) -> str:
    """The address as a browser takes it."""
    name = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - compared, not bound
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"
