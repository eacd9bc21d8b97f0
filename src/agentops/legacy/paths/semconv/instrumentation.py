"""The names of what AgentOps 0.4 notes of who observed a call."""


class InstrumentationAttributes:
    """Attributes of an instrumentation and the library that it observes."""

    NAME = "instrumentation.name"
    VERSION = "instrumentation.version"
    LIBRARY_NAME = "library.name"
    LIBRARY_VERSION = "library.version"
    INSTRUMENTATION_TYPE = "instrumentation.type"
