"""Writes or checks the vector files."""

from __future__ import annotations

import argparse
import difflib
import importlib
import pkgutil
from pathlib import Path

from . import topics
from .build import Topic
from .jose import PSS
from .paths import PSS_STORE, VECTORS


def build_all() -> list[Topic]:
    """Every topic, by name."""
    names = sorted(module.name for module in pkgutil.iter_modules(topics.__path__))
    built: list[Topic] = []
    for name in names:
        built += importlib.import_module(f"{topics.__name__}.{name}").build()
    return built


def main(arguments: list[str] | None = None) -> int:
    """Entry point of generate.py."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, fail on drift")
    options = parser.parse_args(arguments)

    built = build_all()
    wanted: dict[Path, str] = {VECTORS / f"{topic.name}.json": topic.file_text() for topic in built}
    assert len(wanted) == len(built), "two topics of one name"
    wanted[PSS_STORE] = PSS.file_text()
    present = {path for path in VECTORS.glob("*.json") if '"cases"' in path.read_text()}

    drift = 0
    for path in sorted(present - set(wanted)):
        drift += 1
        print(f"{path.name}: no topic writes this file")
    for path, content in wanted.items():
        old = path.read_text() if path.exists() else ""
        if old == content:
            continue
        drift += 1
        if options.check:
            lines = list(difflib.unified_diff(old.splitlines(), content.splitlines(), "committed", "generated", n=1))
            print(f"{path.name}: differs\n" + "\n".join(entry[:200] for entry in lines[:20]))
        else:
            path.write_text(content)
            print(f"{path.name}: written")
    cases = sum(len(topic.cases) for topic in built)
    print(f"files {len(wanted)}, cases {cases}, {'drift' if options.check else 'written'} {drift}")
    return 1 if drift and options.check else 0
