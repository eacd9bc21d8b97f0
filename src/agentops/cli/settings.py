"""The settings that a program started here and now would run with."""

import os
from pathlib import Path

from agentops.config import Config, find_pyproject, resolve


def load() -> Config:
    """The configuration of this folder and this environment."""
    try:
        pyproject = find_pyproject(Path.cwd())
    except FileNotFoundError:  # the working directory has been deleted
        pyproject = None
    return resolve(environ=os.environ, pyproject=pyproject)
