"""Every error that agentops raises on purpose.

    AgentOpsError
    ├── ConfigurationError (ValueError)     a setting cannot be what it was given
    ├── SessionStateError                   a session cannot go from its state to the one asked for
    ├── UnknownSessionError (LookupError)   no session has this id
    ├── UnknownSpanError (LookupError)      no span has this id
    ├── QueryError (ValueError)             a store's data cannot be asked for so
    ├── StoreError                          the store cannot be read or written
    │   ├── NewerStoreError                 the file was written by a newer agentops
    │   ├── StoreFullError                  there is no room for what is to be written
    │   ├── StoreBusyError                  others kept the file locked for too long
    │   └── StoreReadOnlyError              the file, or its folder, may not be written
    ├── AccessError                         a collector does not let somebody do something
    │   ├── UnauthorizedError               no key or token says who asks
    │   └── ForbiddenError                  the key does not allow it
    ├── ProjectError (ValueError)           a collector's project or key cannot be made or changed so
    ├── UnknownProjectError (LookupError)   the collector has no such project
    ├── UnknownKeyError (LookupError)       the collector has no such key in use
    ├── PluginError                         a plugin breaks the plugin contract
    └── JournalError                        a journal segment cannot be made or read

Errors of observed libraries are never wrapped: the program sees the very object its library raised.
"""


class AgentOpsError(Exception):
    """Anything agentops raises on purpose; the class docstring is the default message."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or type(self).__doc__)


class ConfigurationError(AgentOpsError, ValueError):
    """A setting cannot be what it was given."""


class SessionStateError(AgentOpsError):
    """A session cannot go from its state to the one asked for."""


class UnknownSessionError(AgentOpsError, LookupError):
    """No session has this id."""


class UnknownSpanError(AgentOpsError, LookupError):
    """No span has this id."""


class QueryError(AgentOpsError, ValueError):
    """A store's data cannot be asked for so."""


class StoreError(AgentOpsError):
    """The store cannot be read or written."""


class NewerStoreError(StoreError):
    """The store's file was written by a newer agentops: upgrade agentops to read it."""


class AccessError(AgentOpsError):
    """A collector does not let somebody do something."""


class UnauthorizedError(AccessError):
    """No key or token says who asks."""


class ForbiddenError(AccessError):
    """The key does not allow it."""


class ProjectError(AgentOpsError, ValueError):
    """A collector's project or key cannot be made or changed so."""


class UnknownProjectError(AgentOpsError, LookupError):
    """The collector has no such project."""


class UnknownKeyError(AgentOpsError, LookupError):
    """The collector has no such key in use."""


class StoreFullError(StoreError):
    """There is no room for what is to be written: the disk, a quota or a limit of file sizes says so."""


class StoreBusyError(StoreError):
    """Others kept the store's file locked for longer than there was patience."""


class StoreReadOnlyError(StoreError):
    """The store's file, or its folder, may not be written."""


class PluginError(AgentOpsError):
    """A plugin breaks the plugin contract."""


class JournalError(AgentOpsError):
    """A journal segment cannot be made or read."""
