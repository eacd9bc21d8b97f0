"""What the tests of durability share: `durability_samples`, importable from any of them."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
