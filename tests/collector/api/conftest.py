"""What the tests of `/api/v1` share."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from server_samples import RunningServer

sys.path.append(str(Path(__file__).parent))

from api_samples import Api, AskAs, crew, session_of

from agentops.domain.spans import Record


@pytest.fixture
def ask_as() -> Iterator[AskAs]:
    """Asks collectors with keys: `ask_as(server, "key")`."""
    with ExitStack() as clients:

        def ask(server: RunningServer, key: str | None) -> Api:
            return clients.enter_context(closing(Api(server, key)))

        yield ask


@pytest.fixture
def api(server: RunningServer, ask_as: AskAs) -> Api:
    """Asks a collector without keys."""
    return ask_as(server, None)


@pytest.fixture
def records(server: RunningServer) -> list[Record]:
    """A session that the collector holds."""
    found = crew()
    with server.store() as store:
        store.ingest(found)
    return found


@pytest.fixture
def session_id(records: list[Record]) -> str:
    """Its id."""
    return session_of(records)
