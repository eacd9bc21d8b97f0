"""What the tests of the collector share: a real one that runs; `server_samples` can be imported from any of them."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))

from server_samples import RunningServer, StartServer, running_server


@pytest.fixture
def start_server(data_directory: Path) -> Iterator[StartServer]:
    """Starts collectors: `start_server(keys={"team": "key"})`, with any field of `ServeOptions`."""
    with ExitStack() as servers:

        def start(**options: object) -> RunningServer:
            data = options.pop("data", data_directory)
            assert isinstance(data, Path)
            return servers.enter_context(running_server(data, **options))

        yield start


@pytest.fixture
def server(start_server: StartServer) -> RunningServer:
    """A collector without keys, with its files in the test's data directory."""
    return start_server()
