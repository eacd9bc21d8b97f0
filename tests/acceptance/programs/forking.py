"""Forks again and again while threads record; every child records as well and tells of each call that came back.

Arguments: the file of returns, how many children. Prints how many file descriptors are open before and after.
"""

import os
import sys
import threading
import time
from pathlib import Path

import agentops

returns = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
PATIENCE = 30


@agentops.tool
def look_up(name: str) -> str:
    """A tool."""
    return name


@agentops.agent
def crew(name: str) -> None:
    """An agent inside which the program forks."""
    call(f"{name}.inside")


def call(name: str) -> None:
    """A call that is told of."""
    look_up(name)
    os.write(returns, f"tool {name}\n".encode())


def descriptors() -> int:
    """How many are open."""
    return len(list(Path("/proc/self/fd").iterdir()))


def record(thread: int) -> None:
    """What one thread does all the time."""
    number = 0
    while not done.is_set():
        call(f"{os.getpid()}.{thread}.{number}")
        number += 1
        time.sleep(0.0005)


@agentops.agent
def fork(number: int) -> int:
    """One child, made while a span of its parent is open: it returns from that as well."""
    pid = os.fork()
    if pid == 0:
        for each in range(2):
            call(f"{os.getpid()}.child.{each}")
        crew(f"{os.getpid()}.crew")
    return pid


def wait_for(pid: int) -> None:
    """Wait for a child, not for ever."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            if status:
                sys.exit(f"child {pid} ended with {os.waitstatus_to_exitcode(status)}")
            return
        time.sleep(0.001)
    sys.exit(f"child {pid} hangs")


agentops.init()
done = threading.Event()
threads = [threading.Thread(target=record, args=(number,), daemon=True) for number in range(3)]
for thread in threads:
    thread.start()
call(f"{os.getpid()}.first")
agentops.flush()  # what is opened once is open now
before = descriptors()
for number in range(int(sys.argv[2])):
    pid = fork(number)
    if pid == 0:
        os._exit(0)  # as multiprocessing's children end: nothing runs at their exit
    wait_for(pid)
done.set()
for thread in threads:
    thread.join()
sys.stdout.write(f"{before} {descriptors()}\n")
