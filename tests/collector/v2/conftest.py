"""What the tests of v2 share: `v2_samples`, importable from any of them."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
