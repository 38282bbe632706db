#!/usr/bin/env python3
"""Writes the vector files; with --check, fails where the committed ones differ."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from generator.main import main

if __name__ == "__main__":
    sys.exit(main())
