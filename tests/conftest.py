"""What every test starts from: failures of ours raise, its own data folder, a clean environment, loopback only."""

import ipaddress
import logging
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from agentops.recording import guard

settings.register_profile("agentops", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("agentops")  # a busy machine is no failure: nothing here asserts how long a thing takes

FOREIGN_SETTINGS = (
    "AGENTOPS_",
    "ANTHROPIC_",
    "FIREWORKS_",
    "GEMINI_",
    "GOOGLE_",
    "GROQ_",
    "MISTRAL_",
    "OPENAI_",
    "OTEL_",
    "TOGETHER_",
)
FOREIGN_VARIABLES = frozenset(
    {"TRACEPARENT", "TRACESTATE", "BAGGAGE"}
    | {f"{scheme}_proxy" for scheme in ("http", "https", "all", "no")}
    | {f"{scheme}_PROXY" for scheme in ("HTTP", "HTTPS", "ALL", "NO")}
)
KEPT = frozenset({"AGENTOPS_SOAK"})


@pytest.fixture(autouse=True)
def data_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An `AGENTOPS_DIR` of the test's own, in an environment with no other setting of agentops or OpenTelemetry."""
    for name in list(os.environ):
        if name not in KEPT and (name.startswith(FOREIGN_SETTINGS) or name in FOREIGN_VARIABLES):
            monkeypatch.delenv(name)
    directory = tmp_path / "agentops"
    monkeypatch.setenv("AGENTOPS_DIR", str(directory))
    return directory


@pytest.fixture(autouse=True)
def failures_raise(monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure of agentops itself fails the test, instead of being logged."""
    monkeypatch.setattr(guard, "strict", True)


@pytest.fixture(autouse=True)
def our_logger_begins_afresh() -> Iterator[None]:
    """What a test lets our logger say, and to whom, is over with it."""
    _let_go_of(guard.logger)
    yield
    _let_go_of(guard.logger)


def _let_go_of(logger: logging.Logger) -> None:
    logger.handlers.clear()
    logger.propagate = True
    logger.setLevel(logging.NOTSET)


@pytest.fixture(autouse=True)
def nothing_goes_on() -> Iterator[None]:
    """What a test began to record ends with it."""
    yield
    state = sys.modules.get("agentops.client.state")
    if state is not None:
        if state.current.assembly is not None:
            state.shutdown()
        vars(state)["current"] = state.State()


def refuse_the_network(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook that lets only this machine be reached; names under `.invalid` stay unknown, as RFC 6761 says."""
    if event == "socket.connect":
        address: Any = arguments[1]  # (host, port, ...), or the path of a Unix socket
        if not isinstance(address, str | bytes) and not is_loopback(str(address[0])):
            raise AssertionError(f"a test reached for the network: {address}")
    elif event == "socket.getaddrinfo":
        host = arguments[0]
        name = host.decode() if isinstance(host, bytes) else str(host or "localhost")
        if name.endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, f"{name} is never known")
        if not is_loopback(name):
            raise AssertionError(f"a test asked for the address of {name}")


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine."""
    if host in {"", "localhost"} or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


sys.addaudithook(refuse_the_network)
