"""Modules of AgentOps 0.3 and 0.4, imported by their old names: `agentops.event` and not `agentops.legacy.paths.event`.

Each only names what lives elsewhere, or what has no other use; they import each other relatively, which is right under
both names.
"""
