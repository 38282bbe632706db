"""Puts the tools of a release into target/release-venv, and starts release/dist.py with them and the same arguments."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = ROOT / "release/requirements.txt"
VENV = ROOT / "target/release-venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
INSTALLED = VENV / "installed.txt"


def main(arguments: list[str]) -> int:
    """Installs where the list of tools is another than the one that is installed."""
    wanted = REQUIREMENTS.read_text(encoding="utf-8")
    if not INSTALLED.is_file() or INSTALLED.read_text(encoding="utf-8") != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)
        subprocess.run([str(PYTHON), "-m", "pip", "install", "--quiet", "-r", str(REQUIREMENTS)], check=True)
        INSTALLED.write_text(wanted, encoding="utf-8")
    return subprocess.run([str(PYTHON), str(ROOT / "release/dist.py"), *arguments], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
