"""Says what is left of its streams, in the exit status."""

import sys

import agentops

agentops.init()
print("to nobody")
print("to nobody", file=sys.stderr)
sys.exit(10 + (sys.stdout is None) + 2 * (sys.stderr is None))
