"""Recordings for coding agents: a server of the Model Context Protocol that looks sessions up.

See https://modelcontextprotocol.io for the protocol; the library `mcp` speaks it.
"""
