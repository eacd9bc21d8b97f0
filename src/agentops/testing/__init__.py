"""What tests of agents and of plugins need: a recording in memory, fixed ids and clock, a provider and a collector.

The proof of a plugin is in `agentops.testing.conformance`, the provider in `agentops.testing.provider`, the
collector in `agentops.testing.collector`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agentops.testing.collector import Collector
    from agentops.testing.fixed import CountingIds, ticking_clock
    from agentops.testing.provider import Fault, Page, Provider, ReceivedRequest, Script, ToolCall, Turn, Usage
    from agentops.testing.recording import Recording, record

_PLACES = {
    "Collector": "collector",
    "CountingIds": "fixed",
    "Fault": "provider",
    "Page": "provider",
    "Provider": "provider",
    "ReceivedRequest": "provider",
    "Recording": "recording",
    "Script": "provider",
    "ToolCall": "provider",
    "Turn": "provider",
    "Usage": "provider",
    "record": "recording",
    "ticking_clock": "fixed",
}

__all__ = [
    "Collector",
    "CountingIds",
    "Fault",
    "Page",
    "Provider",
    "ReceivedRequest",
    "Recording",
    "Script",
    "ToolCall",
    "Turn",
    "Usage",
    "record",
    "ticking_clock",
]


def __getattr__(name: str) -> Any:
    """Import what is asked for, and nothing before: pytest loads this package in every run."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
    globals()[name] = found
    return found
