"""Takes in what dead processes left, as `agentops ls` does. Arguments: the data folder; a file to wait for."""

import sys
import time
from pathlib import Path

from agentops.delivery.adoption import adopt
from agentops.store.sqlite import SqliteStore

folder, signal = Path(sys.argv[1]), Path(sys.argv[2])
sys.stdout.write("ready\n")
sys.stdout.flush()
while not signal.exists():
    time.sleep(0.001)
with SqliteStore(folder / "agentops.db") as store:
    adopted = adopt(folder, store)
sys.stdout.write(f"{adopted.journals} {adopted.spans}\n")
