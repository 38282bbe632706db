"""Runs the code of the documentation. Every code block of a page is treated, and the page says how:

- Nothing before it: Python, JavaScript and shell run as they stand, all unmarked blocks of a language on a page as one
  program, so that a later one may use what an earlier one made. JSON is read, and held against a schema where the fence
  names one: `json validator`.
- `<!-- file: PATH -->`: the block is that file (readme.py writes it), which the tests of its folder run.
- `<!-- frame: NAME SLOT -->`: the block is put into `frames/NAME` in the place of the comment `<<< SLOT >>>`, or into a
  file beside it where the comment is `<<< file SLOT >>>`, and the whole runs. A frame makes what its blocks use, and
  asserts what they did. One that imports `as_example` has an issuer that runs, and the environment of who uses it.
- `<!-- output -->`: the text that the code before it prints.
- `<!-- run by: PATH -->`: that test takes the block from the page itself, and says so by the page's name.
- `<!-- not run: reason -->`: nothing here can run it.

`text` is no code. Any other block is an error.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from at9068_test_issuer import IssuerServer, start
from markdown_files import ROOT, Block, Page

FRAMES = ROOT / "tests" / "docs" / "frames"
SLOT = re.compile(r"^(?P<indent> *)(?://|#|/\*) <<< (?P<apart>file )?(?P<name>[\w-]+) >>>.*$", re.MULTILINE)
# What runs by itself, and the kind of file it is put into.
SUFFIXES = {"python": ".py", "js": ".mjs", "sh": ".sh"}
MARKERS = ("file", "frame", "output", "run by", "not run")
# Who runs the examples of a folder, and names each, or the folder that it is started in.
RUN_BY = {
    "core/README.md": "core/src/lib.rs",
    "core/examples": "core/tests/examples.rs",
    "bindings-python/examples": "bindings-python/tests/test_examples.py",
    "bindings-node/examples": "bindings-node/test/examples.test.mjs",
    "bindings-c/examples": "bindings-c/Makefile",
    "bindings-c/gateways": "tests/gateway/test_module.py",
    "docs/examples": "tests/frameworks/servers.py",
}
ISSUER = ROOT / "target" / "drivers" / "test-issuer"
PREFIX = ROOT / "target" / "c-install"
MODULES = (ROOT / "target" / "node-driver" / "node_modules", ROOT / "tests" / "docs" / "node_modules")
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Werror"]
COMPILERS = {".c": ["cc", "-std=c11"], ".cpp": ["c++", "-std=c++17"]}


@dataclass
class Plan:
    """What is to be done for the blocks of all pages, and which cannot be treated."""

    # Of a page and a suffix: the blocks that run one after the other.
    sessions: dict[tuple[str, str], list[Block]] = field(default_factory=dict)
    # Of a frame: its slots, each with its block.
    frames: dict[str, dict[str, Block]] = field(default_factory=dict)
    files: list[Block] = field(default_factory=list)
    json: list[Block] = field(default_factory=list)
    run_by: list[Block] = field(default_factory=list)
    # A text, and the session that prints it or the file that does.
    outputs: list[tuple[Block, list[Block] | str]] = field(default_factory=list)
    not_run: list[Block] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def plan(pages: list[Page]) -> Plan:
    """Sorts all blocks by their treatment."""
    made = Plan()
    for page in pages:
        before: list[Block] | str | None = None
        for block in page.blocks:
            marked = [name for name in MARKERS if name in block.markers]
            if len(marked) > 1:
                made.faults.append(f"{block.place}: {' and '.join(marked)}")
            elif not marked:
                before = _unmarked(made, block) or before
            elif marked == ["output"] and block.language == "text" and before:
                made.outputs.append((block, before))
            elif marked == ["file"]:
                made.files.append(block)
                before = block.markers["file"]
            elif marked == ["frame"]:
                name, _, slot = block.markers["frame"].partition(" ")
                if slot in made.frames.setdefault(name, {}):
                    made.faults.append(f"{block.place}: {name} has {slot} already")
                made.frames[name][slot] = block
            elif marked == ["run by"]:
                made.run_by.append(block)
            elif marked == ["not run"] and len(block.markers["not run"].split()) > 2:
                made.not_run.append(block)
            else:
                made.faults.append(f"{block.place}: {marked[0]} does not say enough, or not of this")
    return made


def _unmarked(made: Plan, block: Block) -> list[Block] | None:
    """Takes a block without marker; gives what it runs as a part of."""
    if block.language == "json":
        made.json.append(block)
    elif block.language in SUFFIXES:
        session = made.sessions.setdefault((block.page, SUFFIXES[block.language]), [])
        session.append(block)
        return session[:]
    elif block.language != "text":
        made.faults.append(f"{block.place}: nothing runs a block of {block.language or 'no language'}")
    return None


def fill(frame: str, blocks: dict[str, Block], folder: Path) -> str:
    """A frame with its blocks, and the files beside it. Every slot has a block, and every block a slot."""
    text = (FRAMES / frame).read_text(encoding="utf-8")
    slots = {found["name"] for found in SLOT.finditer(text)}
    assert slots == set(blocks), f"{frame}: slots {sorted(slots)}, blocks {sorted(blocks)}"

    def filled(found: re.Match[str]) -> str:
        if found["apart"]:
            (folder / f"{found['name']}{Path(frame).suffix}").write_text(blocks[found["name"]].text, encoding="utf-8")
            return ""
        lines = blocks[found["name"]].text.rstrip("\n").split("\n")
        return "\n".join(f"{found['indent']}{line}" if line else "" for line in lines)

    return SLOT.sub(filled, text)


def run(program: str, suffix: str, folder: Path) -> str:
    """Runs a program in an empty folder; gives what it prints. A failure shows all that it said."""
    path = folder / f"snippet{suffix}"
    path.write_text(program, encoding="utf-8")
    if "as_example" in program:
        with start(ISSUER, tls=True) as server:
            return _run(path, {**environment(), **issuing(server)})
    return _run(path, environment())


def environment() -> dict[str, str]:
    """The tools and packages that programs find."""
    return {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": f"{FRAMES / 'lib'}:{ROOT / 'tests' / 'issuer'}",
        "PKG_CONFIG_PATH": str(PREFIX / "lib" / "pkgconfig"),
        "LD_LIBRARY_PATH": str(PREFIX / "lib"),
        "AT9068_TEST_ISSUER": str(ISSUER),
        "AT9068_ROOT": str(ROOT),
    }


def issuing(server: IssuerServer) -> dict[str, str]:
    """Where the issuer is whose tokens a program is to accept, and the authority of its certificate."""
    case = server.case("guide")
    case.keys(generate=[{"key": "rsa", "algorithm": "RS256"}], publish=["rsa"], sign_with="rsa", withdraw=["first"])
    return {
        "ISSUER": case.issuer,
        "JWKS_URI": case.jwks_uri,
        "SSL_CERT_FILE": str(server.ca),
        "NODE_EXTRA_CA_CERTS": str(server.ca),
        "AT9068_ANNOUNCEMENT": json.dumps(server.announcement),
        "AT9068_CASE": "guide",
    }


def _run(path: Path, environment: dict[str, str]) -> str:
    folder, suffix = path.parent, path.suffix
    if suffix == ".mjs":
        modules = folder / "node_modules"
        modules.mkdir(exist_ok=True)
        for found in [entry for place in MODULES if place.is_dir() for entry in place.iterdir()]:
            if not found.name.startswith(".") and not (modules / found.name).exists():
                (modules / found.name).symlink_to(found)
        for helper in [*(FRAMES / "lib").iterdir(), ROOT / "tests" / "issuer" / "test-issuer.mjs"]:
            if helper.is_file():
                (folder / helper.name).write_text(helper.read_text(encoding="utf-8"), encoding="utf-8")
        return _checked(["node", str(path)], folder, environment)
    if suffix in COMPILERS:
        links = [f"-I{PREFIX}/include", f"-L{PREFIX}/lib", "-lat9068", "-pthread"]
        _checked([*COMPILERS[suffix], *WARNINGS, str(path), "-o", "snippet", *links], folder, environment)
        return _checked([str(folder / "snippet")], folder, environment)
    command = [sys.executable, "-W", "error"] if suffix == ".py" else ["bash", "-euo", "pipefail"]
    return _checked([*command, str(path)], folder, environment)


def _checked(command: list[str], folder: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
    return done.stdout
