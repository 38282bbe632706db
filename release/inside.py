"""Looks into the packages: what must be there, what the native library asks of the system, what it must not tell."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from pathlib import Path

from build import NOTICES, SBOM, Artifact
from crates import ROOT


def files(path: Path) -> dict[str, bytes]:
    """Every file of a package, by its name."""
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    with tarfile.open(path) as archive:
        read = {member.name: archive.extractfile(member) for member in archive.getmembers() if member.isfile()}
        return {name: file.read() for name, file in read.items() if file}


def native(content: dict[str, bytes]) -> dict[str, bytes]:
    """The libraries that a system loads."""
    return {name: octets for name, octets in content.items() if octets.startswith(b"\x7fELF")}


def glibc(octets: bytes) -> str | None:
    """The oldest version of the C library that a native library runs with."""
    # Only `make dist` has this, and only it asks.
    from elftools.elf.elffile import ELFFile
    from elftools.elf.gnuversions import GNUVerNeedSection

    needed: set[tuple[int, ...]] = set()
    for section in ELFFile(io.BytesIO(octets)).iter_sections():
        if isinstance(section, GNUVerNeedSection):
            names = [version.name for _, versions in section.iter_versions() for version in versions]
            needed |= {number(name) for name in names if name.startswith("GLIBC_")}
    return ".".join(map(str, max(needed))) if needed else None


def number(name: str) -> tuple[int, ...]:
    """`GLIBC_2.17` as numbers, so that 2.4 comes before 2.17."""
    return tuple(int(part) for part in name.removeprefix("GLIBC_").split("."))


def faults(artifact: Artifact, valid_sbom: Path) -> list[str]:
    """What a package lacks, or has that it should not have. `valid_sbom` was accepted by the schema."""
    content = files(artifact.path)
    wrong = [
        f"{artifact.kind}: no {name}" for name in wanted(artifact.kind) if not any(ends(path, name) for path in content)
    ]
    for path, octets in native(content).items():
        for place in (str(ROOT), str(Path.home())):
            if place.encode() in octets:
                wrong.append(f"{artifact.kind}: {path} tells of {place}")
    for path, octets in content.items():
        if ends(path, SBOM):
            ours, named = json.loads(valid_sbom.read_bytes()), json.loads(octets)
            if (ours["components"], ours["dependencies"]) != (named["components"], named["dependencies"]):
                wrong.append(f"{artifact.kind}: {path} is not what was validated")
    return wrong


def wanted(kind: str) -> list[str]:
    """The files that must go along: our licences always, and beside a native library those of others and the SBOM."""
    ours = ["LICENSE-MIT", "LICENSE-APACHE"]
    return ours if kind in ("crate", "npm", "sdist") else [*ours, NOTICES, SBOM]


def ends(path: str, name: str) -> bool:
    """Whether a path is that of a file of that name."""
    return path.rpartition("/")[2] == name
