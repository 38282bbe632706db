"""The licences of what is compiled into the packages.

python release/licences.py                             fails where a licence is not on the list below
python release/licences.py --write c PATH [TARGET]     writes the texts that go into a package
"""

from __future__ import annotations

import html
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from crates import PACKAGES, ROOT, TARGETS, Crate, Package, crates, host, named

# What may be compiled in or run while building: it asks for no more than that its text goes along.
ALLOWED = frozenset(
    {
        "0BSD",
        "Apache-2.0",
        "Apache-2.0 WITH LLVM-exception",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "ISC",
        "MIT",
        "MIT-0",
        "Unicode-3.0",
        "Unlicense",
        "Zlib",
    }
)
TEXT = re.compile(r"(licen[sc]e|copying|notice|unlicense)([-_.]|$)", re.IGNORECASE)
TOKEN = re.compile(r"\(|\)|[^\s()]+")
# Folders of a crate whose texts are of nothing that is compiled in.
ASIDE = frozenset({"benches", "examples", "tests", "fuzz", "util", "target"})
# Crates of the standard library that are for other systems, or for its tests.
NOT_LINKED = re.compile(
    r"(cc|dlmalloc|fortanix|getopts|hermit|moto|r-efi|rand|rand_core|rand_xorshift|shlex|unwinding|vex|wasi|wit|windows)[-_]"
)


def faults(found: Iterable[tuple[str, Crate]]) -> list[str]:
    """Each crate whose licence does not let it be shipped, with the package that has it."""
    return [
        f"{package}: {crate.title} is under '{crate.licence}', which release/licences.py does not allow"
        for package, crate in found
        if not permitted(crate.licence)
    ]


def permitted(expression: str, allowed: frozenset[str] = ALLOWED) -> bool:
    """Whether an SPDX expression can be met with what is allowed: `OR` leaves a choice, `AND` does not."""
    tokens = TOKEN.findall(expression)

    def either() -> bool:
        verdict = both()
        while tokens and tokens[0] == "OR":
            tokens.pop(0)
            verdict = both() or verdict
        return verdict

    def both() -> bool:
        verdict = one()
        while tokens and tokens[0] == "AND":
            tokens.pop(0)
            verdict = one() and verdict
        return verdict

    def one() -> bool:
        if not tokens or tokens[0] in ("AND", "OR", "WITH", ")"):
            raise ValueError(f"no SPDX expression: '{expression}'")
        name = tokens.pop(0)
        if name == "(":
            verdict = either()
            if not tokens or tokens.pop(0) != ")":
                raise ValueError(f"no SPDX expression: '{expression}'")
            return verdict
        if tokens and tokens[0] == "WITH":
            name = " ".join([name, *tokens[:2]])
            del tokens[:2]
        return name in allowed

    if not tokens:
        return False
    verdict = either()
    if tokens:
        raise ValueError(f"no SPDX expression: '{expression}'")
    return verdict


def report(package: Package, target: str) -> str:
    """The texts of everything that is compiled into a package, each text once."""
    texts: dict[str, tuple[str, list[str]]] = {}
    lines: list[str] = []
    everything = [
        (crate.title, crate.licence, crate.source, texts_of(crate))
        for crate in crates(package, target).compiled
        if not crate.ours
    ]
    for title, licence, source, found in [*everything, *standard_library()]:
        lines.append(f"{title}: {licence}" + f" <{source}>" * bool(source))
        for text in found:
            texts.setdefault(" ".join(text.split()).lower(), (text, []))[1].append(title)
    parts = [
        "at9068 is licensed as LICENSE-MIT and LICENSE-APACHE say. Its native library contains what follows;\n"
        "each text stands below once, under the names of what it belongs to.\n\n" + "\n".join(lines)
    ]
    parts += [f"{', '.join(titles)}\n\n{text}" for text, titles in texts.values()]
    return f"\n\n{'=' * 80}\n\n".join(parts) + "\n"


def texts_of(crate: Crate) -> list[str]:
    """The licence texts within a crate's folder, those of code that it brings along included."""
    found = sorted(path for path in crate.folder.rglob("*") if path.is_file() and TEXT.match(path.name))
    texts = [
        path.read_text(encoding="utf-8", errors="replace").strip("\n")
        for path in found
        if not ASIDE & set(path.relative_to(crate.folder).parts[:-1]) and path.suffix in ("", ".txt", ".md")
    ]
    return texts or [fallback(crate)]


def fallback(crate: Crate) -> str:
    """The text for a crate that has none in its folder, which happens under MIT."""
    if "MIT" not in crate.licence.split():
        raise SystemExit(f"{crate.title} ships no text of '{crate.licence}', and there is none here to take its place")
    ours = (ROOT / "LICENSE-MIT").read_text(encoding="utf-8").strip("\n")
    holder = f"Copyright (c) the authors of {crate.name}, {crate.source}"
    text, count = re.subn(r"^Copyright .*$", holder, ours, flags=re.MULTILINE)
    assert count == 1, "LICENSE-MIT has one line that names the holder"
    return text


def standard_library() -> list[tuple[str, str, str, list[str]]]:
    """Rust's standard library and the crates inside it, from the page that comes with the toolchain."""
    page = run("rustc", "--print", "sysroot") / "share/doc/rust/COPYRIGHT-library.html"
    version = re.findall(r"^release: (\S+)$", run_text("rustc", "-vV"), re.MULTILINE)[0]
    entries = re.split(r"<h3>\S+ ", page.read_text(encoding="utf-8"))[1:]
    found = [("Rust standard library " + version, "MIT OR Apache-2.0", "", [apache(), rust_mit()])]
    for entry in entries:
        title = entry.split("</h3>")[0].strip()
        if not NOT_LINKED.match(title):
            licence = re.findall(r"License:</b> ([^<]*)", entry)[0].replace("/", " OR ")
            source = re.findall(r'href="([^"]*)"', entry)[0]
            texts = [html.unescape(text).strip("\n") for text in re.findall(r"(?s)<pre>\n?(.*?)</pre>", entry)]
            found.append((f"{title} (in the standard library)", licence, source, texts))
    if len(found) < 3:
        raise SystemExit(f"{page} does not tell what the standard library contains")
    return found


def apache() -> str:
    """The Apache License, which names nobody."""
    return (ROOT / "LICENSE-APACHE").read_text(encoding="utf-8").strip("\n")


def rust_mit() -> str:
    """The MIT licence as the Rust project gives it."""
    ours = (ROOT / "LICENSE-MIT").read_text(encoding="utf-8").strip("\n")
    return re.sub(r"^Copyright .*$", "Copyright (c) The Rust Project Contributors", ours, flags=re.MULTILINE)


def run(*command: str) -> Path:
    """The path that a command tells."""
    return Path(run_text(*command).strip())


def run_text(*command: str) -> str:
    """What a command says."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def main(arguments: list[str]) -> int:
    """Checks the licences for every system that there are packages for, or writes the texts of one package."""
    if arguments[:1] == ["--write"]:
        name, path, *target = arguments[1:]
        Path(path).write_text(report(named(name), *target or [host()]), encoding="utf-8")
        return 0
    every = {package: crates(package, *TARGETS) for package in PACKAGES}
    found = [(package.name, crate) for package, of in every.items() for crate in [*of.compiled, *of.build]]
    wrong = faults(found)
    for fault in wrong:
        print(fault)
    print(f"licences: crates {len({crate for _, crate in found})}, systems {len(TARGETS)}, not allowed {len(wrong)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
