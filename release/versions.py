"""Every package, file and page that states a version states the same; fails where one does not.

python release/versions.py
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[1]
# Templates that bindings-c/install.sh fills in from the header: a number in them would be a second truth.
FILLED_IN = ("bindings-c/*.pc.in", "bindings-c/cmake/*-version.cmake.in")


def stated(root: Path) -> Iterator[tuple[str, str | None]]:
    """Every place that states the version, with what it says; None where it should say something and does not."""
    workspace = tomllib.loads((root / "Cargo.toml").read_text(encoding="utf-8"))["workspace"]
    yield "Cargo.toml", workspace["package"]["version"]
    yield "Cargo.toml, the core as a dependency", workspace["dependencies"]["at9068"].get("version")
    yield from crates(root, workspace["members"])
    yield from npm(root / "bindings-node")
    header = (root / "bindings-c/include/at9068.h").read_text(encoding="utf-8")
    defined = dict(re.findall(r'^#define AT9068_VERSION(_MAJOR|_MINOR|_PATCH|) "?([0-9.]+)"?$', header, re.MULTILINE))
    yield "bindings-c/include/at9068.h", defined.get("")
    parts = [defined.get(part, "") for part in ("_MAJOR", "_MINOR", "_PATCH")]
    yield "bindings-c/include/at9068.h, in its parts", ".".join(parts)
    templates = sorted(path for pattern in FILLED_IN for path in root.glob(pattern))
    if not templates:
        yield "bindings-c, the pkg-config file", None
    for template in templates:
        if not re.search(r"@(PROJECT_|PACKAGE_)?VERSION@", template.read_text(encoding="utf-8")):
            yield f"{template.relative_to(root)}, which does not take it over", None
    project = tomllib.loads((root / "bindings-python/pyproject.toml").read_text(encoding="utf-8"))["project"]
    if "version" not in project.get("dynamic", []):
        yield "bindings-python/pyproject.toml, which does not take over the crate's", project.get("version")
    yield "CHANGELOG.md", newest((root / "CHANGELOG.md").read_text(encoding="utf-8"))


def crates(root: Path, members: list[str]) -> Iterator[tuple[str, str | None]]:
    """The crates of the workspace, and what the lock file has for them."""
    lock = tomllib.loads((root / "Cargo.lock").read_text(encoding="utf-8"))
    locked = {entry["name"]: entry["version"] for entry in lock["package"] if "source" not in entry}
    for member in members:
        package = tomllib.loads((root / member / "Cargo.toml").read_text(encoding="utf-8"))["package"]
        if package["version"] != {"workspace": True}:
            yield f"{member}/Cargo.toml", package["version"]
        yield f"Cargo.lock, {package['name']}", locked.get(package["name"])


def npm(folder: Path) -> Iterator[tuple[str, str | None]]:
    """The npm package, its lock file, and the packages of the platforms."""
    names = [folder / "package.json", *sorted(folder.glob("npm/*/package.json"))]
    for path in names:
        package = json.loads(path.read_text(encoding="utf-8"))
        place = f"bindings-node/{path.relative_to(folder)}"
        yield place, package.get("version")
        for name, version in package.get("optionalDependencies", {}).items():
            if name.startswith("@at9068/"):
                yield f"{place}, {name}", version
    lock = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))
    yield "bindings-node/package-lock.json", lock.get("version")
    yield "bindings-node/package-lock.json, its first package", lock["packages"][""].get("version")
    for name, version in lock["packages"][""].get("optionalDependencies", {}).items():
        if name.startswith("@at9068/"):
            yield f"bindings-node/package-lock.json, {name}", version


def newest(changelog: str) -> str | None:
    """The version that the changelog is about: that to come, or the last that came."""
    found = re.search(r"^(?:To become (\d+\.\d+\.\d+)\.|## \[(\d+\.\d+\.\d+)\])", changelog, re.MULTILINE)
    return (found[1] or found[2]) if found else None


def faults(root: Path) -> tuple[str, list[str], int]:
    """The version, what states another, and how many places were asked."""
    places = list(stated(root))
    version = places[0][1] or ""
    wrong = [f"{place}: {said or 'no version'}, and not {version}" for place, said in places if said != version]
    return version, wrong, len(places)


def untagged(root: Path, version: str, tag: str) -> list[str]:
    """Why a tag may not be set."""
    wrong = [] if tag == f"v{version}" else [f"the tag {tag} is not v{version}"]
    if f"\n## [{version}] - " not in (root / "CHANGELOG.md").read_text(encoding="utf-8"):
        wrong.append(f"CHANGELOG.md: no heading of {version} with a date")
    return wrong


def main(arguments: list[str]) -> int:
    """Prints each place that differs; the exit code says whether one does."""
    version, wrong, count = faults(ROOT)
    if arguments[:1] == ["--tag"]:
        wrong += untagged(ROOT, version, arguments[1])
    for fault in wrong:
        print(fault)
    print(f"versions: {version} in places {count}, others {len(wrong)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
