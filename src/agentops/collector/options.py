"""How a collector is to be run."""

from pathlib import Path
from typing import Final

from msgspec import Struct, field

from agentops.collector.bodies import BodyLimits
from agentops.collector.connections import ConnectionLimits

DEFAULT_PORT: Final = 4318
"""Where OpenTelemetry programs send OTLP over HTTP when nobody tells them
(https://opentelemetry.io/docs/specs/otel/protocol/exporter/)."""

LOOPBACK_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class ServeOptions(Struct, frozen=True, kw_only=True):
    """What `agentops serve` was asked for.

    Attributes:
        data: the folder of the files.
        host: the address to listen at.
        port: the port; 0 takes a free one.
        retention_days: how long sessions are kept, unless a project says otherwise; None keeps them.
        keys: keys that hold while it runs, by the names of their projects.
        allowed_hosts: names under which browsers may reach it besides its address.
        allowed_origins: pages of these origins may read from it in a browser.
        limits: of single requests.
        connections: of single clients.
        load_limit: bytes of all requests that are under way together, and of what is made of them.
        patience: seconds that a commit waits for other processes that write to the same file.
        writers: threads that take recordings in.
        readers: threads that answer questions.
    """

    data: Path
    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    retention_days: float | None = None
    keys: dict[str, str] = field(default_factory=dict[str, str])
    allowed_hosts: tuple[str, ...] = ()
    allowed_origins: tuple[str, ...] = ()
    limits: BodyLimits = BodyLimits()
    connections: ConnectionLimits = ConnectionLimits()
    load_limit: int = 96 << 20
    patience: float = 5.0
    writers: int = 4
    readers: int = 8

    @property
    def is_local(self) -> bool:
        """Whether only programs on this machine reach it."""
        return self.host in LOOPBACK_HOSTS
