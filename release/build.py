"""Builds the packages of a release into target/dist/release: for old systems too, and the same every time."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

from crates import ROOT, host, target, workspace_version

VENV = ROOT / "target/release-venv" / ("Scripts" if os.name == "nt" else "bin")
OUT = ROOT / "target/dist/release"
# Not the folder of `make build`: another compiler for C would have everything compiled anew, each time in turn.
TARGET = ROOT / "target/portable"
# Nor that of the others: maturin hands zig over in a way of its own, which would have the same effect.
OF_MATURIN = TARGET / "python"
# Of 2012: RHEL 7, Debian 8, Amazon Linux 2 and everything later. The tag of the wheel, manylinux2014, says the same.
GLIBC = "2.17"
MUSL = "musllinux_1_2"
NOTICES = "THIRD-PARTY-LICENSES"
SBOM = "at9068.cdx.json"


@dataclass(frozen=True)
class Artifact:
    """A file of the release. Its kind stays the same from version to version."""

    kind: str
    path: Path


def environment() -> dict[str, str]:
    """What all builds share: tools, folder, and that nothing of this machine's paths and times goes into a package."""
    home = os.environ.get("CARGO_HOME") or str(Path.home() / ".cargo")
    given = {name: value for name, value in os.environ.items() if name != "CARGO_BUILD_TARGET"}
    rust = f"--remap-path-prefix={home}=/cargo --remap-path-prefix={ROOT}=/at9068"
    c = f"-ffile-prefix-map={home}=/cargo -ffile-prefix-map={ROOT}=/at9068"
    if target().endswith("-musl"):
        rust += " -C target-feature=-crt-static"  # a library that a program loads shares the program's C library
    return given | {
        "PATH": f"{VENV}{os.pathsep}{os.environ['PATH']}",
        "CARGO_TARGET_DIR": str(TARGET),
        "RUSTFLAGS": rust,
        "CFLAGS": "" if os.name == "nt" else c,
        "SOURCE_DATE_EPOCH": text("git", "log", "-1", "--format=%ct"),
    }


def describe(package: str, notices: Path, sbom: Path) -> None:
    """Writes what a package contains and under which licences, to be shipped with it."""
    notices.parent.mkdir(parents=True, exist_ok=True)
    sbom.parent.mkdir(parents=True, exist_ok=True)
    run(str(VENV / "python"), "release/licences.py", "--write", package, str(notices), target())
    run(str(VENV / "python"), "release/sbom.py", package, str(sbom), target())


def wheel(out: Path = OUT) -> Artifact:
    """The wheel: one for all versions of Python, with its notices and its SBOM in their places (PEP 639, PEP 770)."""
    folder = ROOT / "bindings-python"
    sbom = TARGET / "wheel" / SBOM
    describe("wheel", folder / NOTICES, sbom)
    licences(folder)
    flags = ["--target", target()]
    if with_zig():
        flags += ["--zig", "--compatibility", MUSL if target().endswith("-musl") else "manylinux2014"]
    given = ["--locked", "--release", "--sbom-include", str(sbom), "--out", str(out)]
    maturin("build", *flags, *given)
    return Artifact("wheel", newest(out, "at9068-*.whl"))


def sdist(out: Path = OUT) -> Artifact:
    """The source distribution: the binding, the core, and what of the workspace they need."""
    maturin("sdist", "--out", str(out))
    return Artifact("sdist", newest(out, "at9068-*.tar.gz"))


def npm(out: Path = OUT) -> list[Artifact]:
    """The npm package and that of this platform's native library."""
    folder = ROOT / "bindings-node"
    describe("npm", folder / NOTICES, folder / SBOM)
    licences(folder)
    packed = TARGET / "dist/npm"
    run("npm", "run", "--silent", "build", "--", "--locked", *target_flags(), cwd=folder, env=zig_for_npm())
    run("npm", "run", "--silent", "dist", cwd=folder, env=environment())
    found = sorted(packed.glob("*.tgz"))
    assert len(found) > 1, "npm run dist packs the package and that of the platform"
    return [Artifact(kind_of_npm(path), Path(shutil.copy(path, out))) for path in found]


def kind_of_npm(path: Path) -> str:
    """`npm` or `npm-linux-x64-gnu`, by the name of the tarball."""
    stem = path.name.removesuffix(f"-{workspace_version()}.tgz")
    return "npm" if stem == "at9068" else f"npm-{stem.removeprefix('at9068-')}"


def c(out: Path = OUT) -> Artifact:
    """The archive for C and C++: what bindings-c/install.sh installs, in a folder of its own."""
    zig("build", "--locked", "--release", "--package", "at9068-c", *target_flags())
    version = workspace_version()
    processor, _, system = target().partition("-unknown-")
    name = f"at9068-c-{version}-{system.removesuffix('-gnu')}-{processor}"
    stage = TARGET / "stage" / name
    shutil.rmtree(stage.parent, ignore_errors=True)
    libraries = TARGET / target() / "release"
    run(
        "sh",
        "bindings-c/install.sh",
        env=environment() | {"LIBRARIES": str(libraries), "PREFIX": "/", "DESTDIR": str(stage)},
    )
    docs = stage / "share/doc/at9068"
    describe("c", docs / NOTICES, docs / SBOM)
    licences(docs)
    shutil.copy(ROOT / "bindings-c/README.md", docs)
    path = out / f"{name}.tar.gz"
    pack(stage, path, int(environment()["SOURCE_DATE_EPOCH"]))
    return Artifact("c", path)


def crate(out: Path = OUT) -> Artifact:
    """The core as it would be published, built from nothing but its own files."""
    given = os.environ | {"CARGO_TARGET_DIR": str(ROOT / "target"), "CARGO_BUILD_TARGET": host()}
    run("cargo", "package", "--package", "at9068", "--locked", "--allow-dirty", "--quiet", env=given)
    path = ROOT / "target/package" / f"at9068-{workspace_version()}.crate"
    return Artifact("crate", Path(shutil.copy(path, out)))


def forget(*packages: str) -> None:
    """Removes what was compiled for the wheel of our own crates, so that the next wheel compiles it again."""
    named = [argument for package in packages for argument in ("--package", package)]
    run(
        "cargo",
        "clean",
        "--quiet",
        "--release",
        "--target",
        target(),
        *named,
        env=environment() | {"CARGO_TARGET_DIR": str(OF_MATURIN)},
    )


def with_zig() -> bool:
    """Whether zig is compiler and linker for C: where the version of the C library counts."""
    return "-linux-" in target()


def target_flags() -> list[str]:
    """The target, with the version of the C library behind it where zig takes it."""
    return ["--target", f"{target()}.{GLIBC}" if target().endswith("-linux-gnu") else target()]


def zig(command: str, *arguments: str) -> None:
    """A command of cargo, with zig where it is wanted."""
    if with_zig():
        run(str(VENV / "cargo-zigbuild"), f"zig{command}", *arguments, env=environment())
    else:
        run("cargo", command, *arguments, env=environment())


def zig_for_npm() -> dict[str, str]:
    """The same for `npm run build`, which calls what CARGO names."""
    if not with_zig():
        return environment()
    path = TARGET / "cargo-with-zig"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'#!/bin/sh\nunset CARGO\nshift\nexec "{VENV}/cargo-zigbuild" zigbuild "$@"\n')
    path.chmod(0o755)
    return environment() | {"CARGO": str(path)}


def maturin(command: str, *arguments: str) -> None:
    """A command of maturin for the Python package."""
    manifest = ["--manifest-path", "bindings-python/Cargo.toml"]
    given = environment() | {"CARGO_TARGET_DIR": str(OF_MATURIN)}
    run(str(VENV / "maturin"), command, *manifest, *arguments, env=given)


def licences(folder: Path) -> None:
    """Puts copies of our own licences into a folder."""
    for path in ROOT.glob("LICENSE-*"):
        shutil.copy(path, folder)


def pack(folder: Path, path: Path, time: int) -> None:
    """Packs a folder: names in order, owners and times the same for everybody."""

    def plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = "root"
        entry.mtime = time
        return entry

    with (
        path.open("wb") as raw,
        gzip.GzipFile("", "wb", mtime=time, fileobj=raw) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        archive.add(folder, folder.name, recursive=False, filter=plain)
        for each in sorted(folder.rglob("*")):
            archive.add(each, str(each.relative_to(folder.parent)), recursive=False, filter=plain)


def newest(folder: Path, pattern: str) -> Path:
    """The one file of a folder that fits."""
    found = sorted(folder.glob(pattern))
    assert len(found) == 1, f"one file {pattern} in {folder}, and not {len(found)}"
    return found[0]


def text(*command: str) -> str:
    """What a command says."""
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def run(*command: str, cwd: Path = ROOT, env: dict[str, str] | None = None) -> None:
    """Runs a command; its failure ends the release."""
    program = shutil.which(command[0]) or command[0]  # on Windows npm is a script, which only its whole name finds
    subprocess.run([program, *command[1:]], cwd=cwd, env=env, check=True)
