"""Where the suite keeps its things."""

from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
VECTORS = TESTS / "vectors"
KEYS = TESTS / "keys"
PSS_STORE = VECTORS / "pss_signatures.json"
