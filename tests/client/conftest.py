"""The functions are called as in a program, and what they record is kept by the test."""

from collections.abc import Iterator

import pytest

from agentops.testing.recording import Recording, record


@pytest.fixture
def recording() -> Iterator[Recording]:
    """What is recorded while the test runs."""
    with record(plugins=False, strict=True) as recording:
        yield recording
