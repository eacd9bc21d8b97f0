"""Prints until nobody reads any more."""

import sys

import agentops

agentops.init()
for number in range(200_000):
    print("line", number)
sys.stderr.write("never\n")
