"""Installs the packages into empty environments, with nothing on the PATH that could compile, and tries them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

from build import VENV, Artifact
from crates import ROOT, host, workspace_version

HOME = ROOT / "target/dist/trial"
SMOKE = ROOT / "tests/dist"
PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
COMPILERS = ("cc", "gcc", "clang", "c++", "g++", "ld", "as", "make", "cmake", "zig", "rustc", "cargo", "node-gyp")


@dataclass(frozen=True)
class Trial:
    """What was tried, and what came of it; `passed` is None where it could not be tried here."""

    kind: str
    where: str
    passed: bool | None
    said: str


def attempt(kind: str, where: str, *commands: tuple[list[str], dict[str, str], Path]) -> Trial:
    """Runs the commands of a trial in turn; the last line of the last is what it says."""
    said = ""
    for command, environment, folder in commands:
        done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)
        said = (done.stdout.strip().splitlines() or [""])[-1]
        if done.returncode != 0:
            print(done.stdout + done.stderr, file=sys.stderr)
            return Trial(kind, where, False, f"{Path(command[0]).name} ended with {done.returncode}")
    return Trial(kind, where, True, said)


def wheel(artifact: Artifact) -> list[Trial]:
    """The wheel under every version of Python that is found."""
    found = []
    for version in PYTHONS:
        interpreter = python(version)
        if interpreter is None:
            found.append(Trial("wheel", f"Python {version}", None, "no such interpreter here"))
            continue
        venv, environment = empty_venv(interpreter, f"wheel-{version}")
        given = ["--no-index", "--no-deps", "--only-binary", ":all:", "--quiet", str(artifact.path)]
        found.append(
            attempt(
                "wheel",
                f"Python {version}, no compiler",
                ([str(venv / "bin/python"), "-m", "pip", "install", *given], environment, venv),
                ([str(venv / "bin/python"), str(SMOKE / "smoke.py"), workspace_version()], environment, venv),
            )
        )
    return found


def sdist(artifact: Artifact) -> Trial:
    """The source distribution where there is Rust; what was compiled for `make build` serves its dependencies too."""
    venv, environment = empty_venv(Path(sys.executable), "sdist")
    environment |= {name: value for name, value in os.environ.items() if name.startswith(("CARGO", "RUSTUP", "PIP"))}
    environment |= {
        "PATH": f"{venv}/bin{os.pathsep}{os.environ['PATH']}",
        "CARGO_HOME": os.environ.get("CARGO_HOME") or str(Path.home() / ".cargo"),
        "RUSTUP_HOME": os.environ.get("RUSTUP_HOME") or str(Path.home() / ".rustup"),
        "CARGO_TARGET_DIR": str(ROOT / "target"),
        "CARGO_BUILD_TARGET": host(),
    }
    given = ["--no-deps", "--no-binary", "at9068", "--quiet", str(artifact.path)]
    return attempt(
        "sdist",
        f"Python {sys.version.split()[0]}, Rust",
        ([str(venv / "bin/python"), "-m", "pip", "install", *given], environment, venv),
        ([str(venv / "bin/python"), str(SMOKE / "smoke.py"), workspace_version()], environment, venv),
    )


def npm(artifacts: list[Artifact]) -> Trial:
    """The tarballs in an empty project: no scripts, no registry, nothing beside node and npm on the PATH."""
    folder = fresh("npm")
    tools = folder / "bin"
    tools.mkdir()
    for name in ("node", "npm"):
        (tools / name).symlink_to(Path(shutil.which(name) or name).resolve())
    environment = bare(str(tools), folder)
    (folder / "package.json").write_text('{"private": true}\n')
    shutil.copy(SMOKE / "smoke.mjs", folder)
    given = ["--offline", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    install = ["npm", "install", *given, *(str(artifact.path) for artifact in artifacts)]
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    return attempt(
        "npm",
        f"Node {node.lstrip('v')}, no compiler, no scripts",
        (install, environment, folder),
        (["node", "smoke.mjs", workspace_version()], environment, folder),
    )


def c(artifact: Artifact) -> list[Trial]:
    """The archive, unpacked where nobody expected it: found by pkg-config, linked both ways, from C and from C++."""
    folder = fresh("c")
    with tarfile.open(artifact.path) as archive:
        archive.extractall(folder, filter="data")
    (prefix,) = folder.iterdir()
    moved = folder / "moved-elsewhere"
    prefix.rename(moved)
    environment = os.environ | {"PKG_CONFIG_LIBDIR": str(moved / "lib/pkgconfig")}
    environment.pop("PKG_CONFIG_PATH", None)
    asked = {
        kind: subprocess.run(
            ["pkg-config", *flags, "--cflags", "--libs", "at9068"],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        for kind, flags in {"shared": [], "static": ["--static"]}.items()
    }
    # With the library itself in the place of its name the linker has no choice left.
    static = [str(moved / "lib/libat9068.a") if flag == "-lat9068" else flag for flag in asked["static"]]
    ways = {
        "C, shared": ["cc", "-std=c11", str(SMOKE / "smoke.c"), *asked["shared"], f"-Wl,-rpath,{moved}/lib"],
        "C++, shared": [
            "c++",
            "-std=c++17",
            "-x",
            "c++",
            str(SMOKE / "smoke.c"),
            *asked["shared"],
            f"-Wl,-rpath,{moved}/lib",
        ],
        "C, static": ["cc", "-std=c11", str(SMOKE / "smoke.c"), *static],
    }
    return [
        attempt(
            "c",
            f"{way}, by pkg-config",
            ([*command, "-o", str(folder / f"smoke-{number}")], environment, folder),
            ([str(folder / f"smoke-{number}"), workspace_version()], bare("", folder), folder),
        )
        for number, (way, command) in enumerate(ways.items())
    ]


def python(version: str) -> Path | None:
    """An interpreter of that version: one of pyenv's by its path, since its shims may refuse, or else from the PATH."""
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    found = [str(path) for path in sorted(root.glob(f"versions/{version}.*/bin/python{version}"))]
    found += [path for path in [shutil.which(f"python{version}")] if path]
    for path in found:
        told = subprocess.run([path, "-V"], capture_output=True, text=True, check=False)
        if told.returncode == 0 and told.stdout.startswith(f"Python {version}."):
            return Path(path)
    return None


def empty_venv(interpreter: Path, name: str) -> tuple[Path, dict[str, str]]:
    """A new virtual environment, and an environment that knows nothing else."""
    folder = fresh(name)
    subprocess.run([str(interpreter), "-m", "venv", str(folder)], check=True)
    return folder, bare(f"{folder}/bin", folder)


def bare(path: str, home: Path) -> dict[str, str]:
    """An environment of its own home and of this PATH alone, on which nothing compiles."""
    there = [tool for tool in COMPILERS if path and shutil.which(tool, path=path)]
    assert not there, f"{path} has {there}"
    return {"PATH": path, "HOME": str(home), "LANG": "C.UTF-8"}


def fresh(name: str) -> Path:
    """An empty folder."""
    folder = HOME / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def told_by_auditwheel(artifact: Artifact) -> str:
    """The platform tag that auditwheel finds fit for the wheel."""
    environment = os.environ | {"PATH": f"{VENV}{os.pathsep}{os.environ['PATH']}"}
    command = [str(VENV / "auditwheel"), "show", str(artifact.path)]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    return str(re.findall(r'platform tag:\s+"(\S+?)"', " ".join(said.split()))[0])
