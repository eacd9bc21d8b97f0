"""Sessions are recorded as in a program, into a journal of the test's own."""

from collections.abc import Iterator

import pytest

from agentops.testing.recording import Recording, record


@pytest.fixture
def recording() -> Iterator[Recording]:
    """What is recorded while the test runs."""
    with record(plugins=False, strict=True) as recording:
        yield recording
