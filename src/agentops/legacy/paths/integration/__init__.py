"""What knows other libraries: the package of AgentOps 0.4."""
