"""What goes into the packages, where it comes from, and that the checks of a release refuse what they should."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import tarfile
import zipfile
from dataclasses import replace
from pathlib import Path

import crates
import inside
import licences
import pytest
import sizes
import sources
import versions
from build import GLIBC, NOTICES, SBOM, Artifact, kind_of_npm, pack

import dist

ROOT = Path(__file__).resolve().parents[2]
SERDE = crates.Crate("serde", "1.0.0", "MIT OR Apache-2.0", ROOT, "https://host.example/", "", "0" * 64, False, False)
WORKFLOW = """\
name: Release
on: push
permissions: {}
jobs:
  build:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2
        with:
          persist-credentials: false
      - run: make
"""


def inside_of(name: str) -> crates.Crates:
    """What the package of that name is made of here."""
    return crates.crates(crates.named(name), "x86_64-unknown-linux-gnu")


def test_each_package_has_what_it_is_compiled_of() -> None:
    """The bridges differ; macros run and are not inside; what only tests need is nowhere."""
    names = {name: {crate.name for crate in inside_of(name).compiled} for name in ("wheel", "npm", "c")}
    for compiled in names.values():
        assert {"at9068", "aws-lc-sys", "rustls", "ureq"} <= compiled
        assert not {"serde_derive", "syn", "proptest", "rcgen", "jsonwebtoken", "shuttle", "cc"} & compiled
    assert [name for name, compiled in names.items() if "pyo3" in compiled] == ["wheel"]
    assert [name for name, compiled in names.items() if "napi" in compiled] == ["npm"]
    assert {"cc", "serde_derive"} <= {crate.name for crate in inside_of("c").build}


def test_what_is_told_of_a_crate_is_that_of_the_lock_file() -> None:
    """Checksums are there, and edges lead to what is listed."""
    of = inside_of("c")
    assert all(re.fullmatch("[0-9a-f]{64}", crate.checksum or "") for crate in of.compiled if not crate.ours)
    assert {crate for below in of.edges.values() for crate in below} <= set(of.edges)


@pytest.mark.parametrize("name", ["wheel", "npm", "c"])
def test_the_notices_name_everything_that_is_compiled_in(name: str) -> None:
    """Each crate and the standard library, with texts that nobody made up."""
    text = licences.report(crates.named(name), "x86_64-unknown-linux-gnu")
    listed = text.split("\n\n====")[0]
    for crate in inside_of(name).compiled:
        assert crate.ours or f"\n{crate.title}: {crate.licence}" in listed, crate.title
    assert "\nRust standard library " in listed
    for words in (
        "Redistribution and use in source and binary forms",
        "Apache License",
        "Copyright Amazon.com",
        "Fiat",
    ):
        assert words.lower() in text.lower(), words


@pytest.mark.parametrize(
    ("expression", "verdict"),
    [
        ("MIT", True),
        ("MIT OR GPL-3.0-only", True),
        ("GPL-3.0-only OR MIT", True),
        ("MIT AND GPL-3.0-only", False),
        ("ISC AND (Apache-2.0 OR ISC) AND BSD-3-Clause", True),
        ("ISC AND (GPL-2.0-only OR LGPL-2.1-only)", False),
        ("MIT AND (MIT OR GPL-3.0-only) AND MPL-2.0", False),
        ("Apache-2.0 WITH LLVM-exception", True),
        ("GPL-2.0-only WITH Classpath-exception-2.0", False),
        ("MIT WITH LLVM-exception", False),
        ("", False),
    ],
)
def test_a_licence_is_permitted_where_it_can_be_met(expression: str, verdict: bool) -> None:
    """`AND` asks for both, `OR` leaves a choice, an exception belongs to its licence."""
    assert licences.permitted(expression) is verdict


@pytest.mark.parametrize("expression", ["MIT OR", "(MIT", "MIT)", "AND MIT", "MIT ISC"])
def test_what_is_no_expression_is_no_licence(expression: str) -> None:
    """Half an expression ends the check, and is never taken for a yes."""
    with pytest.raises(ValueError, match="no SPDX expression"):
        licences.permitted(expression)


def test_a_crate_under_another_licence_is_named() -> None:
    """With the package that has it; one that is allowed is not."""
    (fault,) = licences.faults([("c", replace(SERDE, licence="GPL-3.0-only")), ("c", SERDE)])
    assert fault.startswith("c: serde 1.0.0 is under 'GPL-3.0-only'")


def test_a_crate_without_a_text_ends_the_report(tmp_path: Path) -> None:
    """Unless it is under MIT, whose text is known but for the name."""
    assert "the authors of serde, https://host.example/" in licences.texts_of(replace(SERDE, folder=tmp_path))[0]
    with pytest.raises(SystemExit, match="serde"):
        licences.texts_of(replace(SERDE, folder=tmp_path, licence="BSD-3-Clause"))


def test_what_runs_while_building_is_known() -> None:
    """A build script that nobody has read is named, and so is what is on the list for nothing."""
    known = [replace(SERDE, name=name, runs=True) for name in sources.RUN]
    assert sources.strangers(known) == []
    (fault,) = sources.strangers([*known, replace(SERDE, name="stranger", runs=True), replace(SERDE, name="quiet")])
    assert fault.startswith("stranger runs code")
    assert len(sources.strangers(known[1:])) == 1


def test_lock_files_leave_nothing_open() -> None:
    """No crate of a git repository or without a checksum, no tarball without one, no Python package of any version."""
    entry = '[[package]]\nname = "a"\nversion = "1.0.0"\nsource = "{}"\n'
    registry = "registry+https://github.com/rust-lang/crates.io-index"
    assert sources.loose_crates(entry.format(registry) + f'checksum = "{"0" * 64}"\n') == []
    assert len(sources.loose_crates(entry.format(registry))) == 1
    assert len(sources.loose_crates(entry.format("git+https://host.example/a") + f'checksum = "{"0" * 64}"\n')) == 1
    npm = {"": {}, "node_modules/a": {"version": "1.0.0"}, "node_modules/b": {"integrity": "sha512-…"}}
    assert sources.loose_npm(json.dumps({"packages": npm})) == ["node_modules/a has no checksum"]
    assert sources.loose_python('# why\na==1.0\nb[extra]==2.0; sys_platform == "linux"\n-r other.txt\n') == []
    for open_version in ("a", "a>=1.0", "a==1.*", "a @ https://host.example/a.whl"):
        assert len(sources.loose_python(open_version)) == 1, open_version


@pytest.mark.parametrize(
    ("place", "pattern", "instead"),
    [
        ("Cargo.toml", r'^version = "[^"]+"', 'version = "9.9.9"'),
        ("Cargo.lock", r'name = "at9068-c"\nversion = "[^"]+"', 'name = "at9068-c"\nversion = "9.9.9"'),
        ("core/Cargo.toml", r"^version.workspace = true", 'version = "9.9.9"'),
        ("bindings-c/include/at9068.h", r'AT9068_VERSION ".*"', 'AT9068_VERSION "9.9.9"'),
        ("bindings-c/include/at9068.h", r"AT9068_VERSION_PATCH \d+", "AT9068_VERSION_PATCH 99"),
        ("bindings-c/at9068.pc.in", r"@VERSION@", "9.9.9"),
        ("bindings-node/package.json", r'"version": "[^"]+"', '"version": "9.9.9"'),
        ("bindings-node/package-lock.json", r'"version": "[^"]+"', '"version": "9.9.9"'),
        ("bindings-python/pyproject.toml", r'^dynamic = \["version"\]', 'version = "9.9.9"'),
        ("CHANGELOG.md", r"^(To become |## \[)\d\S*?(?=\.$|\])", r"\g<1>9.9.9"),
    ],
)
def test_a_version_that_differs_is_found(tmp_path: Path, place: str, pattern: str, instead: str) -> None:
    """In every file that states it."""
    members = re.findall(r'^    "([^"]+)",', (ROOT / "Cargo.toml").read_text(), re.MULTILINE)
    manifests = [f"{member}/Cargo.toml" for member in members]
    others = ["bindings-python/pyproject.toml", "bindings-node/package.json", "bindings-node/package-lock.json"]
    templates = [str(path.relative_to(ROOT)) for name in versions.FILLED_IN for path in ROOT.glob(name)]
    for name in [
        "Cargo.toml",
        "Cargo.lock",
        "CHANGELOG.md",
        "bindings-c/include/at9068.h",
        *manifests,
        *others,
        *templates,
    ]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    assert versions.faults(tmp_path)[1] == []
    text = (tmp_path / place).read_text()
    changed = re.sub(pattern, instead, text, count=1, flags=re.MULTILINE)
    assert changed != text
    (tmp_path / place).write_text(changed)
    assert versions.faults(tmp_path)[1]


def test_a_tag_needs_its_version_and_its_heading(tmp_path: Path) -> None:
    """A tag of another version, or before the changelog has come so far, is refused."""
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## [1.2.3] - 2026-01-01\n")
    assert versions.untagged(tmp_path, "1.2.3", "v1.2.3") == []
    assert versions.untagged(tmp_path, "1.2.3", "v1.2.4")
    (tmp_path / "CHANGELOG.md").write_text("# Changelog\n\n## [Unreleased]\n\nTo become 1.2.3.\n")
    assert versions.untagged(tmp_path, "1.2.3", "v1.2.3")


def test_growth_is_noticed() -> None:
    """Beyond a fifth, and for what has no size yet."""
    assert sizes.faults({"c": 120}, {"c": 100}) == []
    assert len(sizes.faults({"c": 121}, {"c": 100})) == 1
    assert len(sizes.faults({"new": 1}, {"c": 100})) == 1


def test_the_page_has_a_size_for_each_package() -> None:
    """What is written is what is read."""
    page = sizes.PAGE.read_text(encoding="utf-8")
    assert set(sizes.recorded(page)) == set(sizes.ABOUT)
    new = {"wheel": 1234567, "npm-linux-x64-gnu": 89}
    assert sizes.recorded(sizes.written(page, new)) == new


def wheel_of(folder: Path, **content: bytes) -> Artifact:
    """A wheel with these files."""
    path = folder / "a.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, octets in content.items():
            archive.writestr(f"a.dist-info/{name}", octets)
    return Artifact("wheel", path)


def test_what_a_package_lacks_or_tells_is_found(tmp_path: Path) -> None:
    """No licence, no SBOM, another SBOM than the one that was validated, a path of the machine that built it."""
    sbom = tmp_path / "valid.json"
    sbom.write_text('{"components": [], "dependencies": []}')
    good = {"LICENSE-MIT": b"", "LICENSE-APACHE": b"", NOTICES: b"", SBOM: sbom.read_bytes(), "a.so": b"\x7fELF"}
    assert inside.faults(wheel_of(tmp_path, **good), sbom) == []
    for missing in ("LICENSE-MIT", "LICENSE-APACHE", NOTICES, SBOM):
        less = {name: octets for name, octets in good.items() if name != missing}
        assert inside.faults(wheel_of(tmp_path, **less), sbom) == [f"wheel: no {missing}"]
    other = good | {SBOM: b'{"components": [1], "dependencies": []}'}
    assert len(inside.faults(wheel_of(tmp_path, **other), sbom)) == 1
    telling = good | {"a.so": b"\x7fELF" + str(ROOT).encode()}
    assert len(inside.faults(wheel_of(tmp_path, **telling), sbom)) == 1


def test_versions_of_the_c_library_are_numbers() -> None:
    """2.4 comes before 2.17."""
    assert max(["GLIBC_2.4", "GLIBC_2.17", "GLIBC_2.3.4"], key=inside.number) == "GLIBC_2.17"


def test_a_library_for_later_systems_is_refused() -> None:
    """What is built for 2.17 may ask for that, and for nothing later."""
    assert not dist.too_new(None)
    assert not dist.too_new("2.9")
    assert not dist.too_new(GLIBC)
    assert dist.too_new("2.34")


def test_tarballs_of_npm_have_a_kind_each() -> None:
    """Which stays the same from version to version."""
    version = crates.workspace_version()
    assert kind_of_npm(Path(f"at9068-{version}.tgz")) == "npm"
    assert kind_of_npm(Path(f"at9068-linux-x64-gnu-{version}.tgz")) == "npm-linux-x64-gnu"


def test_an_archive_is_the_same_whenever_it_is_packed(tmp_path: Path) -> None:
    """Times and owners are not those of the files."""
    folder = tmp_path / "at9068"
    (folder / "lib").mkdir(parents=True)
    (folder / "lib/a.so.0").write_text("a")
    (folder / "lib/a.so").symlink_to("a.so.0")
    pack(folder, tmp_path / "first.tar.gz", 1)
    (folder / "lib/a.so.0").touch()
    pack(folder, tmp_path / "second.tar.gz", 1)
    first = (tmp_path / "first.tar.gz").read_bytes()
    assert first == (tmp_path / "second.tar.gz").read_bytes()
    with tarfile.open(fileobj=io.BytesIO(first)) as archive:
        names = ["at9068", "at9068/lib", "at9068/lib/a.so", "at9068/lib/a.so.0"]
        assert archive.getnames() == names
        assert {entry.mtime for entry in archive} == {1}


@pytest.mark.parametrize(
    ("line", "instead", "said"),
    [
        ("@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2", "@v6", "not pinned to a commit"),
        (" # v6.0.2", "", "which version that commit is"),
        ("persist-credentials: false", "fetch-depth: 1", "leaves its token behind"),
        ("permissions: {}", "permissions: write-all", "more than the right to read"),
        ("run: make", "run: echo ${{ github.ref_name }}", "hand it over in env"),
        ("run: make", "run: echo ${{ secrets.TOKEN }}", "a stored secret"),
        ("on: push", "on: pull_request_target", "of a stranger"),
        ("runs-on: ubuntu-24.04", "runs-on: ubuntu-1.04", "unknown"),
        ("- run: make", "- run: echo ${{ github.nothing }}", 'property "nothing" is not defined'),
    ],
)
def test_a_workflow_with_a_fault_is_refused(tmp_path: Path, line: str, instead: str, said: str) -> None:
    """By actionlint, or by what it does not know of."""
    (tmp_path / "ci.yml").write_text(WORKFLOW.replace(line, instead, 1))
    shutil.copy(ROOT / ".github/workflows/release.yml", tmp_path)
    assert said in workflows(tmp_path)


def test_a_workflow_without_a_fault_is_accepted(tmp_path: Path) -> None:
    """So that the others are refused for their faults alone."""
    (tmp_path / "ci.yml").write_text(WORKFLOW)
    shutil.copy(ROOT / ".github/workflows/release.yml", tmp_path)
    assert workflows(tmp_path).endswith("faults 0\n")


def test_the_release_builds_for_every_system() -> None:
    """The systems of release/crates.py, of the npm package and of the workflow are the same."""
    release = (ROOT / ".github/workflows/release.yml").read_text()
    npm = (ROOT / "bindings-node/lib/platform.cjs").read_text()
    for target in crates.TARGETS:
        assert f"{target}" in release, target
        assert f"'{target}'" in npm, target


def workflows(folder: Path) -> str:
    """What release/workflows.mjs says of a folder."""
    command = ["node", str(ROOT / "release/workflows.mjs"), str(folder)]
    return subprocess.run(command, check=False, capture_output=True, text=True).stdout
