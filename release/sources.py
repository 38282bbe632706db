"""Where dependencies come from, and which of them run code on the machine that builds.

    python release/sources.py

Fails where a lock file has what is not fixed by a checksum, where a list of Python packages leaves a version open, and
where a crate runs code while the packages are built that is not on the list below: whoever adds one has read it.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from crates import PACKAGES, ROOT, TARGETS, Crate, crates

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

# Build scripts and macros of the packages' dependencies. Scripts ask the compiler for its version, or Python for
# its paths, and write into their own folder; that of aws-lc-sys compiles C. None that was looked at opens a connection.
RUN = frozenset(
    """
    aws-lc-rs aws-lc-sys crossbeam-deque crossbeam-epoch crossbeam-utils curve25519-dalek curve25519-dalek-derive
    der_derive futures-macro httparse libc napi napi-derive napi-sys proc-macro2 pyo3 pyo3-ffi pyo3-macros
    pyo3-macros-backend quote rayon-core rustls rustversion serde serde_core serde_derive serde_json target-lexicon zmij
    """.split()
)
REGISTRY = re.compile(r"(registry|sparse)\+https://[a-z.]+/?\S*")


def strangers(found: Iterable[Crate]) -> list[str]:
    """The crates that run code while building and are not on the list, and what is on it for nothing."""
    names = {crate.name for crate in found if crate.runs and not crate.ours}
    return [
        f"{name} runs code while the packages are built, and is not on the list" for name in sorted(names - RUN)
    ] + [f"{name} is on the list, and runs nothing" for name in sorted(RUN - names)]


def loose_crates(lock: str) -> list[str]:
    """Crates that come from elsewhere than a registry, or without a checksum."""
    entries = [entry for entry in tomllib.loads(lock)["package"] if "source" in entry]
    return [
        f"{entry['name']} {entry['version']} from {entry['source']}, checksum {entry.get('checksum')}"
        for entry in entries
        if not REGISTRY.fullmatch(entry["source"]) or not re.fullmatch("[0-9a-f]{64}", entry.get("checksum", ""))
    ]


def loose_npm(lock: str) -> list[str]:
    """Packages of npm that the lock file does not fix by a checksum."""
    packages = json.loads(lock)["packages"]
    return [
        f"{name} has no checksum"
        for name, entry in packages.items()
        if name.startswith("node_modules/") and not entry.get("link") and not ours(name) and "integrity" not in entry
    ]


def ours(name: str) -> bool:
    """Whether it is a package of this repository, which exists no earlier than its release."""
    return name.startswith("node_modules/@at9068/")


def loose_python(requirements: str) -> list[str]:
    """Python packages whose version is left open."""
    lines = [line.split("#")[0].strip() for line in requirements.splitlines()]
    return [
        f"{line} leaves its version open"
        for line in lines
        if line and not line.startswith("-r ") and not re.match(r"[\w.-]+(\[[\w,-]+\])?==[\w.]+(\s*;|$)", line)
    ]


def tracked(*patterns: str) -> list[Path]:
    """The files of the repository that fit."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns]
    told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [ROOT / line for line in told.splitlines() if (ROOT / line).is_file()]


def main() -> int:
    """Prints what is wrong; the exit code says whether something is."""
    wrong = strangers(crate for package in PACKAGES for of in [crates(package, *TARGETS)] for crate in of.edges)
    files = 0
    for judge, patterns in {
        loose_crates: ["*Cargo.lock"],
        loose_npm: ["*package-lock.json"],
        loose_python: ["*requirements*.txt"],
    }.items():
        for path in tracked(*patterns):
            files += 1
            wrong += [f"{path.relative_to(ROOT)}: {fault}" for fault in judge(path.read_text(encoding="utf-8"))]
    for fault in wrong:
        print(fault)
    print(f"sources: lists {files}, crates that run while building {len(RUN)}, faults {len(wrong)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
