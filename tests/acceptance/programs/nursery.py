"""Makes busy programs quickly: the libraries are imported once, each program is a process of its own.

Every line of its input is the data folder and the file of returns of one more program, whose process id it prints; or
`reap`, upon which it prints how the last one ended.
"""

import os
import sys

import busy

child = 0
for line in sys.stdin:
    if line == "reap\n":
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()
        continue
    folder, path = line.split()
    child = os.fork()
    if child == 0:
        os.environ["AGENTOPS_DIR"] = folder
        busy.run(path)
    sys.stdout.write(f"{child}\n")
    sys.stdout.flush()
