"""What the tests of the journal's format share: `journal_samples`, importable from any of them."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))
