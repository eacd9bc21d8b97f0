"""Where sessions and spans are kept, and how they are asked for."""

from typing import Final

LOCAL_STORE: Final = "agentops.db"
"""The file of the embedded store in the folder of recordings: what programs on this machine keep by themselves."""
