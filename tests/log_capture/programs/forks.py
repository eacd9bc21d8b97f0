"""A child goes on where its parent was."""

import os
import sys
import warnings

import agentops

agentops.init()
warnings.simplefilter("ignore")  # newer Pythons warn of forks where there are threads
print("parent before")
sys.stdout.flush()
print("the parent's half", end="", file=sys.stderr)
child = os.fork()
if not child:
    print("child", flush=True)
    sys.stderr.write("child's own\n")
    print("child's half", end="", flush=True)
    sys.exit()
os.waitpid(child, 0)
print(" and whole", file=sys.stderr)
print("parent after")
