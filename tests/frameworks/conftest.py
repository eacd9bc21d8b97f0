"""What the tests of frameworks share: `laboratory`, importable from any of them."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
