"""Many threads write many lines at once, each line in one piece."""

import sys
import threading

import agentops

agentops.init()


def work(number):
    """Writes its lines."""
    for count in range(1000):
        sys.stdout.write(f"out {number:02d} {count:04d}\n")
        sys.stderr.write(f"err {number:02d} {count:04d}\n")


threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
