"""A program whose work is done in processes: forked by hand, and by multiprocessing in its ways. Runs until killed.

Argument: the file of returns. All of the family is one process group.
"""

import multiprocessing
import os
import sys
import time

import agentops

MARKS = os.environ["FILE_OF_RETURNS"]


@agentops.tool
def look_up(name: str) -> str:
    """A tool."""
    return name


@agentops.agent
def work(name: str) -> None:
    """What every process does."""
    returns = os.open(MARKS, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    number = 0
    while True:
        marker = f"{name}.{os.getpid()}.{number}"
        look_up(marker)
        os.write(returns, f"tool {marker}\n".encode())
        number += 1
        time.sleep(0.0005)


def main() -> None:
    """Start the family."""
    os.setpgid(0, 0)
    agentops.init()
    for method in ("fork", "spawn"):
        launcher = multiprocessing.get_context(method)
        launcher.Process(target=work, args=(method,), daemon=True).start()
    if os.fork() == 0:
        work("child")
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    work("parent")


if __name__ == "__main__":
    main()
