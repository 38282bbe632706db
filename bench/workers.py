"""The processes that measure, one for each language, and what is said to them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
WORK = TARGET / "bench"
MATERIAL = WORK / "material.json"
SOAK = ROOT / "bench/soak.json"

OURS = "at9068"


@dataclass(frozen=True, order=True)
class Key:
    """A subject of a case of a language."""

    language: str
    case: str
    subject: str

    @property
    def group(self) -> str:
        """What is measured in the same minutes: the first two parts of the case's name."""
        return "/".join(self.case.split("/")[:2])

    @property
    def algorithm(self) -> str:
        """The first part of the case's name."""
        return self.case.split("/")[0]

    @property
    def form(self) -> str:
        """The case's name without its first part."""
        return self.case.split("/", 1)[1]


@dataclass
class Worker:
    """A process that answers JSON lines."""

    language: str
    command: list[str]
    process: subprocess.Popen[str] = field(init=False)
    hello: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        self.process = subprocess.Popen(
            [*self.command, str(MATERIAL)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        self.hello = self._answer()

    def subjects(self) -> list[Key]:
        """Everything that it measures."""
        cases = self.hello["cases"].items()
        return [Key(self.language, case, subject) for case, subjects in cases for subject in subjects]

    def ask(self, do: str, **arguments: object) -> dict[str, Any]:
        """The answer to one line."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
        self.process.stdin.flush()
        return self._answer()

    def close(self) -> None:
        """Lets it end."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=60)

    def _answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the worker of {self.language} ended")
        answer = json.loads(line)
        if "error" in answer:
            raise RuntimeError(f"the worker of {self.language}: {answer['error']}")
        return answer


def rust_program(name: str) -> str:
    """One of the programs of bench/rust, which lie in a folder of their target where make built them."""
    target = os.environ.get("CARGO_BUILD_TARGET")
    places = [TARGET / target] if target else [*TARGET.glob("*-*-*"), TARGET]
    programs = [place / "release" / f"at9068-bench-{name}" for place in places]
    return str(next((program for program in programs if program.exists()), programs[-1]))


def make_material() -> None:
    """Keys and tokens, anew for each run, so that none of them grows old."""
    WORK.mkdir(parents=True, exist_ok=True)
    subprocess.run([rust_program("worker"), "material", str(MATERIAL)], check=True)


def claims_octets() -> int:
    """How long the claims of a token are, as JSON."""
    claims = json.loads(MATERIAL.read_text())["algorithms"]["ES256"]["claims"]
    return len(json.dumps(claims, separators=(",", ":")))


def start() -> tuple[dict[str, Worker], dict[str, str]]:
    """The workers by their languages, and why others are absent."""
    commands = {
        "rust": [rust_program("worker")],
        "c": [str(WORK / "worker-c")],
        "python": [sys.executable, str(ROOT / "bench/python/worker.py")],
        "node": ["node", str(ROOT / "bench/node/worker.mjs")],
    }
    absent = {}
    if not Path(commands["c"][0]).exists():
        absent["c"] = "its worker was not built, as bench/c/build.sh said"
        del commands["c"]
    return {language: Worker(language, command) for language, command in commands.items()}, absent
