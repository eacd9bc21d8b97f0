"""A real collector on a free port of this machine, in a thread of the test."""

import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from agentops.collector.access import Project
from agentops.collector.access.projects import find_project
from agentops.collector.options import ServeOptions
from agentops.collector.services import Services
from agentops.collector.serving import Server, listening, open_services, url_of
from agentops.store.protocol import Store

SECONDS = 20.0
"""How long anything may take before a test gives up."""


@dataclass(frozen=True)
class RunningServer:
    """A collector that runs while the test does.

    Attributes:
        url: where, without a slash at the end.
        services: its parts, to look behind what it answers.
        client: asks it; no proxy, no redirects, no key.
        server: what runs it.
    """

    url: str
    services: Services
    client: httpx.Client
    server: Server

    def asking(self, key: str) -> httpx.Client:
        """A client that shows a key."""
        return httpx.Client(base_url=self.url, trust_env=False, timeout=SECONDS, headers={"X-Agentops-Api-Key": key})

    def project(self, name: str = "default") -> Project:
        """The project of this name."""
        return find_project(self.services.projects.catalog, name)

    @contextmanager
    def store(self, project: str = "default") -> Generator[Store]:
        """What is kept of a project, by its name."""
        with self.services.projects.lease(self.project(project).id) as store:
            yield store


StartServer = Callable[..., RunningServer]
"""Starts a collector with these fields of `ServeOptions`; it ends with the test."""


@contextmanager
def running_server(data: Path, **options: Any) -> Generator[RunningServer]:
    """A collector that answers while the block lasts; then it ends as it does when it is told to."""
    wanted = ServeOptions(data=data, port=0, **options)
    with open_services(wanted) as services, listening(wanted.host, wanted.port) as listener:
        url = url_of(wanted.host, listener.getsockname()[1])
        server = Server(services)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="server")
        thread.start()
        try:
            wait_for(lambda: server.started or not thread.is_alive())
            with httpx.Client(base_url=url, trust_env=False, timeout=SECONDS) as client:
                yield RunningServer(url, services, client, server)
        finally:
            server.should_exit = True
            thread.join(SECONDS)


def wait_for(happened: Callable[[], object]) -> None:
    """Come back once something has happened.

    Raises:
        TimeoutError: if it does not.
    """
    until = time.monotonic() + SECONDS
    while not happened():
        if time.monotonic() > until:
            raise TimeoutError
        time.sleep(0.005)
