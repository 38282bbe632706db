"""Builds every package, installs each into an empty environment, tries it, and tells what came of it.

    python release/dist.py [--record] [--reproduce]
    TARGET=aarch64-unknown-linux-gnu python release/dist.py --build wheel npm c

`--record` writes the sizes into docs/packages.md; `--reproduce` builds the wheel once more and compares. `--build` does
no more than build, which is what a release does on the machine of each system. The report is target/dist/report.json.
The exit code is 0 where everything that could be tried here passed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

import build
import inside
import sizes
import trial
from build import OUT, Artifact
from crates import PACKAGES, ROOT, TARGETS, host, workspace_version

REPORT = ROOT / "target/dist/report.json"
MAKERS: dict[str, Callable[[], Artifact | list[Artifact]]] = {
    "wheel": build.wheel,
    "sdist": build.sdist,
    "npm": build.npm,
    "c": build.c,
    "crate": build.crate,
}
# Which package's SBOM is inside.
SBOM_OF = {"wheel": "wheel", "c": "c"}


def build_all(wanted: Iterable[str]) -> list[Artifact]:
    """What is wanted, in order, into an empty folder."""
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    made: list[Artifact] = []
    for what, make in MAKERS.items():
        if what not in wanted:
            continue
        print(f"== building: {what}", flush=True)
        found = make()
        made += found if isinstance(found, list) else [found]
    return made


def try_all(made: list[Artifact]) -> list[trial.Trial]:
    """Every package in an environment of its own."""
    by_kind = {artifact.kind: artifact for artifact in made}
    print("== installing and trying", flush=True)
    return [
        *trial.wheel(by_kind["wheel"]),
        trial.sdist(by_kind["sdist"]),
        trial.npm([artifact for artifact in made if artifact.kind.startswith("npm")]),
        *trial.c(by_kind["c"]),
        trial.Trial("crate", "cargo package", True, "built from its own files"),
    ]


def looked_into(made: list[Artifact]) -> list[str]:
    """What is wrong inside the packages."""
    wrong = []
    for package in PACKAGES:
        path = build.TARGET / "sbom" / f"{package.name}.json"
        build.describe(package.name, path.with_suffix(".notices"), path)
    for artifact in made:
        kind = SBOM_OF.get(artifact.kind, "npm")
        wrong += inside.faults(artifact, build.TARGET / "sbom" / f"{kind}.json")
    return wrong


def row(artifact: Artifact) -> dict[str, Any]:
    """What the report says of an artifact itself."""
    octets = artifact.path.read_bytes()
    floors = [inside.glibc(library) for library in inside.native(inside.files(artifact.path)).values()]
    return {
        "kind": artifact.kind,
        "file": artifact.path.name,
        "size": len(octets),
        "sha256": hashlib.sha256(octets).hexdigest(),
        "glibc": max(filter(None, floors), key=inside.number, default=None),
    }


def reproduced(first: Artifact) -> bool:
    """Whether the wheel, its own crates compiled anew, is the same to the octet."""
    print("== the wheel once more", flush=True)
    again = build.TARGET / "again"
    shutil.rmtree(again, ignore_errors=True)
    build.forget("at9068", "at9068-python")
    return build.wheel(again).path.read_bytes() == first.path.read_bytes()


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--record", action="store_true", help="writes the sizes into docs/packages.md")
    parser.add_argument("--reproduce", action="store_true", help="builds the wheel twice")
    parser.add_argument("--build", nargs="+", choices=sorted(MAKERS), help="builds these, and tries nothing")
    options = parser.parse_args()
    made = build_all(options.build or MAKERS)
    if options.build:
        return 0
    trials = try_all(made)
    rows = [row(artifact) for artifact in made]
    measured = {each["kind"]: each["size"] for each in rows}
    if options.record:
        sizes.record(measured)
    wrong = looked_into(made) + sizes.faults(measured, sizes.recorded(sizes.PAGE.read_text(encoding="utf-8")))
    tag = trial.told_by_auditwheel(made[0]) if sys.platform == "linux" else None
    if tag and tag not in made[0].path.name:
        wrong.append(f"wheel: auditwheel says {tag}, the name {made[0].path.name}")
    wrong += [f"{each['file']} needs glibc {each['glibc']}" for each in rows if too_new(each["glibc"])]
    wrong += [f"{each.kind}: {each.where}: {each.said}" for each in trials if each.passed is False]
    report: dict[str, Any] = {
        "version": workspace_version(),
        "commit": build.text("git", "describe", "--always", "--abbrev=40", "--dirty"),
        "target": host(),
        "untested_targets": [target for target in TARGETS if target != host()],
        "wheel_tag": tag,
        "artifacts": rows,
        "trials": [asdict(each) for each in trials],
    }
    if options.reproduce:
        report["wheel_reproduced"] = reproduced(made[0])
        wrong += [] if report["wheel_reproduced"] else ["wheel: built twice, and not the same"]
    report["faults"] = wrong
    REPORT.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    show(report)
    return 1 if wrong else 0


def too_new(floor: str | None) -> bool:
    """Whether a library needs a later C library than it should."""
    return floor is not None and inside.number(floor) > inside.number(build.GLIBC)


def show(report: dict[str, Any]) -> None:
    """The report as a table."""
    print(f"\nat9068 {report['version']} of {report['commit']} for {report['target']}, into {OUT.relative_to(ROOT)}")
    print(f"{'file':82} {'octets':>10}  {'glibc':5}  sha256")
    for each in report["artifacts"]:
        print(f"{each['file']:82} {each['size']:>10}  {each['glibc'] or '-':5}  {each['sha256'][:16]}…")
    print(f"wheel, as auditwheel judges it: {report['wheel_tag']}\n")
    words = {True: "passed", False: "FAILED", None: "untested"}
    for each in report["trials"]:
        print(f"{words[each['passed']]:8}  {each['kind']:6} {each['where']:42} {each['said']}")
    for target in report["untested_targets"]:
        print(f"untested  all    {target}")
    if "wheel_reproduced" in report:
        print(f"the wheel built twice is {'the same' if report['wheel_reproduced'] else 'NOT the same'}")
    for fault in report["faults"]:
        print(f"FAULT {fault}")
    print(f"report: {REPORT.relative_to(ROOT)}; faults {len(report['faults'])}")


if __name__ == "__main__":
    sys.exit(main())
