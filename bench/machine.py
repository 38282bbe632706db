"""The machine that measures, its tools, and the instructions that it carries out."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from results import ALGORITHMS, LIMIT
from workers import MATERIAL, OURS, rust_program

# What makes cryptography and parsing fast where the machine has it.
FLAGS = ("sha_ni", "avx2", "avx512f", "avx512ifma", "vaes")

# Calls of which the instructions are counted; their difference is that of so many more calls.
FEW, MANY = 200, 600

PEER = "jsonwebtoken"


def describe() -> dict[str, Any]:
    """What is told of the machine."""
    cpuinfo = Path("/proc/cpuinfo")
    text = cpuinfo.read_text() if cpuinfo.exists() else ""
    model = re.search(r"^model name\s*:\s*(.*)$", text, re.M)
    flags = re.search(r"^flags\s*:\s*(.*)$", text, re.M)
    has = flags.group(1).split() if flags else []
    return {
        "cpu": model.group(1) if model else platform.processor(),
        "cpus": os.cpu_count(),
        "flags": [flag for flag in FLAGS if flag in has],
        "system": _system(),
        "load_before": os.getloadavg()[0],
        "tools": {
            "rustc": _first_line("rustc", "--version"),
            "C compiler": _first_line(os.environ.get("CC", "cc"), "--version"),
            "Python": platform.python_version(),
            "Node": _first_line("node", "--version"),
        },
    }


def instructions(few: bool = False) -> dict[str, Any]:
    """Instructions of one call by case and subject, as callgrind counts them; or why not."""
    if shutil.which("valgrind") is None:
        return {"absent": "valgrind is not installed"}
    algorithms = ALGORITHMS[-1:] if few else ALGORITHMS
    found: dict[str, Any] = {}
    for algorithm in algorithms:
        for form, subject in (("raw", LIMIT), ("lazy", OURS), ("lazy", PEER), ("hit", OURS)):
            case = f"{algorithm}/validate/{form}"
            counts = [_counted(case, subject, calls) for calls in (FEW, MANY)]
            found.setdefault(case, {})[subject] = round((counts[1] - counts[0]) / (MANY - FEW))
    return {"counts": found, "tool": _first_line("valgrind", "--version")}


def _counted(case: str, subject: str, calls: int) -> int:
    program = [rust_program("worker"), str(MATERIAL), "calls", case, subject, str(calls)]
    tool = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
    said = subprocess.run([*tool, *program], capture_output=True, text=True, check=True)
    if said.stdout.strip() != str(calls):
        raise RuntimeError(f"{case} of {subject} made {said.stdout.strip()} calls instead of {calls}")
    return int(re.search(r"Collected\s*:\s*(\d+)", said.stderr).group(1))  # type: ignore[union-attr]


def _system() -> str:
    release = Path("/etc/os-release")
    name = re.search(r'^PRETTY_NAME="(.*)"$', release.read_text() if release.exists() else "", re.M)
    return f"{name.group(1) if name else platform.system()}, {platform.machine()}, kernel {platform.release()}"


def _first_line(*command: str) -> str:
    try:
        said = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "absent"
    return said.stdout.splitlines()[0]
