"""Writes, and is killed."""

import logging
import os
import signal
import sys

import agentops

agentops.init()
with agentops.span("work", kind="tool"):
    print("before the end")
    logging.getLogger("dies").warning("a warning")
    sys.stderr.write("a line\nand half of one")
    os.kill(os.getpid(), signal.SIGKILL)
