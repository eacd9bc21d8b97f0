"""Our own lines on stderr: what a session came to, and what went wrong with recording."""

import logging
import sys
from typing import Final

from agentops.recording.guard import logger

PREFIX: Final = "\N{LINKED PAPERCLIPS} AgentOps: "


class StderrHandler(logging.Handler):
    """Prints on whatever `sys.stderr` is at the moment; what it prints never reaches the program's own handlers."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print one line; where stderr is gone, closed or full, nothing."""
        try:
            if sys.stderr is not None:  # pyright: ignore[reportUnnecessaryComparison] - it is None without a console
                sys.stderr.write(f"{PREFIX}{record.getMessage()}\n")
        except (OSError, ValueError):
            return


def speak(level: str) -> None:
    """Let our logger speak from this level on, unless the program has given it handlers of its own."""
    if not logger.handlers:
        logger.addHandler(StderrHandler())
        logger.propagate = False
    logger.setLevel(level)
