"""Makes the suite's own packages importable, and the test issuer's helper, from wherever pytest is started."""

import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parent
sys.path[:0] = [str(TESTS), str(TESTS / "issuer")]
