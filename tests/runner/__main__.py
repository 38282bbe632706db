"""python tests/runner: runs the shared suite."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from runner.cli import main

if __name__ == "__main__":
    sys.exit(main())
