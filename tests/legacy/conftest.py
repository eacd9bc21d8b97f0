"""Tests of what programs of AgentOps 0.3 and 0.4 use; the samples beside them can be imported from any of them."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
