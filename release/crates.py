"""What goes into a package: the crates that are compiled into it, and those that only build it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[1]
LISTED = re.compile(r"(?P<depth>\d+)(?P<name>\S+) v(?P<version>\S+)")


@dataclass(frozen=True)
class Package:
    """One package of a release, and the crate that its native half is built of."""

    name: str
    folder: str
    purl: str
    features: tuple[str, ...] = ()


PACKAGES = (
    Package("wheel", "bindings-python", "pkg:pypi/at9068", ("pyo3/extension-module",)),
    Package("npm", "bindings-node", "pkg:npm/at9068"),
    Package("c", "bindings-c", "pkg:generic/libat9068"),
)

# The systems that there are packages for; .github/workflows/release.yml builds each.
TARGETS = (
    "x86_64-unknown-linux-gnu",
    "aarch64-unknown-linux-gnu",
    "x86_64-unknown-linux-musl",
    "aarch64-unknown-linux-musl",
    "x86_64-apple-darwin",
    "aarch64-apple-darwin",
    "x86_64-pc-windows-msvc",
    "aarch64-pc-windows-msvc",
)


@dataclass(frozen=True)
class Crate:
    """A crate in one version."""

    name: str
    version: str
    licence: str
    folder: Path
    source: str
    description: str
    checksum: str | None
    ours: bool
    # Whether it has a build script or is a macro: then it is code that runs on the machine that builds.
    runs: bool

    @property
    def title(self) -> str:
        """Name and version."""
        return f"{self.name} {self.version}"


@dataclass
class Crates:
    """What a package is built of. `build` has macros and build scripts: they run, and leave nothing but code behind."""

    root: Crate
    compiled: list[Crate] = field(default_factory=list)
    build: list[Crate] = field(default_factory=list)
    edges: dict[Crate, set[Crate]] = field(default_factory=dict)


def named(name: str) -> Package:
    """The package of that name."""
    return next(package for package in PACKAGES if package.name == name)


def crates(package: Package, *targets: str) -> Crates:
    """The crates of a package for one target or several."""
    compiled = listed(package, targets, "normal,no-proc-macro")
    everything = listed(package, targets, "normal,build")
    root = next(iter(compiled))
    names = sorted(set(compiled) | set(everything), key=lambda crate: (crate.name, crate.version))
    return Crates(
        root,
        [crate for crate in names if crate in compiled and crate != root],
        [crate for crate in names if crate not in compiled],
        {crate: compiled.get(crate, set()) | everything.get(crate, set()) for crate in names},
    )


def listed(package: Package, targets: tuple[str, ...], edges: str) -> dict[Crate, set[Crate]]:
    """Each crate below a package, the package itself first, with what it depends on.

    cargo resolves here for this package alone; `cargo metadata` would add what other members switch on.
    """
    found: dict[Crate, set[Crate]] = {}
    path: list[Crate] = []
    arguments = ["--edges", edges, "--prefix", "depth", "--no-dedupe", "--format", "{p}"]
    for target in targets:
        arguments += ["--target", target]
    features = ["--features", ",".join(package.features)] if package.features else []
    manifest = ROOT / package.folder / "Cargo.toml"
    for line in cargo("tree", "--manifest-path", str(manifest), *features, *arguments).splitlines():
        match = LISTED.match(line)
        if not match:
            continue
        crate = known()[match["name"], match["version"]]
        depth = int(match["depth"])
        path[depth:] = [crate]
        found.setdefault(crate, set())
        if depth:
            found[path[depth - 1]].add(crate)
    return found


@cache
def known() -> dict[tuple[str, str], Crate]:
    """Every crate of the lock file, by name and version."""
    lock = tomllib.loads((ROOT / "Cargo.lock").read_text(encoding="utf-8"))
    checksums = {(entry["name"], entry["version"]): entry.get("checksum") for entry in lock["package"]}
    metadata = json.loads(cargo("metadata", "--format-version", "1"))
    return {(entry["name"], entry["version"]): crate(entry, checksums) for entry in metadata["packages"]}


def crate(entry: dict[str, Any], checksums: dict[tuple[str, str], str | None]) -> Crate:
    """A crate as `cargo metadata` tells of it."""
    return Crate(
        entry["name"],
        entry["version"],
        (entry["license"] or "").replace("/", " OR "),
        Path(entry["manifest_path"]).parent,
        entry["repository"] or entry["homepage"] or "",
        " ".join((entry["description"] or "").split()),
        checksums.get((entry["name"], entry["version"])),
        entry["source"] is None,
        any({"custom-build", "proc-macro"} & set(target["kind"]) for target in entry["targets"]),
    )


def cargo(*arguments: str) -> str:
    """What a command of cargo says, the lock file being as it is."""
    return subprocess.run(
        ["cargo", *arguments, "--locked"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout


def host() -> str:
    """The target that rustc builds for by itself."""
    told = subprocess.run(["rustc", "-vV"], check=True, capture_output=True, text=True).stdout
    return str(re.findall(r"^host: (\S+)$", told, re.MULTILINE)[0])


def target() -> str:
    """The target that packages are built for: what TARGET names, or this machine's own."""
    return os.environ.get("TARGET") or host()


def workspace_version() -> str:
    """The one version of all packages."""
    manifest = tomllib.loads((ROOT / "Cargo.toml").read_text(encoding="utf-8"))
    return str(manifest["workspace"]["package"]["version"])
