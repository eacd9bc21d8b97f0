"""Handlers for the callbacks of other libraries: the package of AgentOps 0.4."""
