"""The flight recorder for AI agents."""
