"""Records many calls quickly and dies, or ends. Arguments: the file of returns, how many calls, `kill` or `end`.

Prints what the calls gave, so that a test can see that the program was not harmed.
"""

import os
import signal
import sys

import agentops

returns = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


@agentops.tool
def look_up(name: str) -> str:
    """A tool whose answers take some room."""
    return name + "x" * 2_000


@agentops.agent
def work(name: str) -> int:
    """An agent that is at work when the program dies."""
    size = 0
    for number in range(int(sys.argv[2])):
        size += len(look_up(f"{number}"))
        os.write(returns, f"tool {number}\n".encode())
    sys.stdout.write(f"{size}\n")
    sys.stdout.flush()
    if sys.argv[3] == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    return size


agentops.init()
work("all")
