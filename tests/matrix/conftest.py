"""What the tests of the matrix share: its modules, importable from any of them."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
