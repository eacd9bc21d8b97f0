"""Which version this is."""

import agentops


def get_agentops_version() -> str | None:
    """The version of the installed package."""
    return agentops.__version__


def check_agentops_update() -> None:
    """Nothing is looked for: that would ask a host that nobody configured."""
