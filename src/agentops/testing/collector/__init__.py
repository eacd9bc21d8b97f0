"""A collector on this machine, for tests of what a program sends and of what happens while it cannot.

It speaks AgentOps's v2 protocol over HTTP, keeps what it gets in memory, and goes wrong on demand.
"""

from agentops.testing.collector.server import Collector
from agentops.testing.provider.turn import Fault, FaultKind

__all__ = ["Collector", "Fault", "FaultKind"]
