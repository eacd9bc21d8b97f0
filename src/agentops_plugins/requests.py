"""Observes `requests`: every call ends in `Session.send`, redirects being calls of it inside."""

from typing import Final

from agentops.instrumentation.target import Instrumentation, Target
from agentops.plugins import hookimpl
from agentops_plugins._http import exchange

INSTRUMENTATION: Final = Instrumentation(
    library="requests",
    targets=[Target(path="requests.sessions:Session.send", reader=exchange, opaque=True, outgoing=True)],
    versions=">=2.20,<3",
    captures="HTTP requests outside of model calls",
)


@hookimpl
def agentops_instrumentation() -> Instrumentation:
    """The exchanges of `requests`."""
    return INSTRUMENTATION
