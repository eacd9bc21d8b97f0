"""Former clients as the registry has them, each in an environment of its own, and a server process for them."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))

from client_samples import Machine
from environment_samples import interpreter
from process_samples import server_process

from agentops.testing import Provider


@pytest.fixture(scope="session")
def python_of_0326() -> Path:
    """An interpreter with agentops 0.3.26."""
    return interpreter("client-0.3.26", ["agentops==0.3.26", "openai==1.99.9"])


@pytest.fixture(scope="session")
def python_of_0421() -> Path:
    """An interpreter with agentops 0.4.21 and the OpenTelemetry and client libraries of its time."""
    return interpreter(
        "client-0.4.21",
        [
            "agentops==0.4.21",
            "openai==1.99.9",
            "anthropic==0.64.0",
            "opentelemetry-sdk==1.37.0",
            "opentelemetry-exporter-otlp-proto-http==1.37.0",
        ],
    )


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """A server without keys, and a model provider, on this machine."""
    with Provider() as provider, server_process("--data", str(tmp_path / "server")) as server:
        assert server.url, server.said
        yield Machine(tmp_path, server, provider)


@pytest.fixture
def keyed_machine(tmp_path: Path) -> Iterator[Machine]:
    """The same with a key for the project `team`."""
    words = ("--data", str(tmp_path / "server"), "--key", f"team={Machine.key}")
    with Provider() as provider, server_process(*words) as server:
        assert server.url, server.said
        yield Machine(tmp_path, server, provider)
