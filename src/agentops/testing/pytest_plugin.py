"""Fixtures for tests of programs that use models: pytest finds them by itself wherever agentops is installed.

Every pytest run loads this module, so it imports nothing but pytest until a fixture is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agentops.testing.collector import Collector
    from agentops.testing.provider import Provider
    from agentops.testing.recording import Recording


@pytest.fixture
def agentops_recording() -> Iterator[Recording]:
    """What agentops records while the test runs: at hand at once, and kept nowhere.

    Its ids count from 1 and its clock ticks a millisecond at each reading; see `agentops.testing.record`.
    """
    from agentops.testing.recording import record  # noqa: PLC0415 - see the module

    with record() as recording:
        yield recording


@pytest.fixture
def loopback_provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """A model provider on this machine, which clients made without arguments find by their environment.

    It echoes until the test tells it what to `say`.
    """
    from agentops.testing.provider import Provider  # noqa: PLC0415 - see the module

    with Provider() as provider:
        for name, value in provider.environment().items():
            monkeypatch.setenv(name, value)
        yield provider


@pytest.fixture
def loopback_collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """A collector on this machine, which agentops finds by its environment: what a program sends is in it.

    It takes everything until the test tells it how to `fail`.
    """
    from agentops.testing.collector import Collector  # noqa: PLC0415 - see the module

    with Collector() as collector:
        for name, value in collector.environment().items():
            monkeypatch.setenv(name, value)
        yield collector
