"""The `agentops` command."""
