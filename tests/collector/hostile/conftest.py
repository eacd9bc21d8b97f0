"""What the tests of hostile requests share: `hostile_samples`, importable from any of them."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
