"""The exceptions of AgentOps 0.3 and 0.4.

Programs may go on catching them. Raised here is only `ApiServerException`: a missing key or session, or several
sessions at once, are nothing that stops a program.
"""

# ruff: noqa: N818 - their names are those of AgentOps

from agentops.errors import AgentOpsError


class MultiSessionException(AgentOpsError):
    """Several sessions are open where one was meant."""


class NoSessionException(AgentOpsError):
    """No session found."""


class NoApiKeyException(AgentOpsError):
    """There is no API key."""


class InvalidApiKeyException(AgentOpsError):
    """The API key is none."""

    def __init__(self, api_key: object, endpoint: object) -> None:
        super().__init__(f"the API key {str(api_key)[:4]}... is not one that {endpoint} knows")


class ApiServerException(AgentOpsError):
    """A collector refused or could not be reached."""


class AgentOpsClientNotInitializedException(AgentOpsError, RuntimeError):
    """AgentOps must be initialised before this is used: call agentops.init()."""


class AgentOpsApiJwtExpiredException(AgentOpsError):
    """The token for the collector has expired."""
