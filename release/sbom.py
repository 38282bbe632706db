"""Writes what is inside a package as a CycloneDX document, and validates it against the published schema.

    python release/sbom.py PACKAGE PATH [TARGET]

What is compiled in is *required*; macros and build scripts, which only ran, are *excluded*. The document depends on the
lock file, the compiler and the target alone, so that it is the same whenever it is written.
"""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from crates import ROOT, Crate, Package, crates, host, named, workspace_version

LICENCE = "MIT OR Apache-2.0"


def document(package: Package, target: str, time: datetime) -> str:
    """The document of a package for a target, as JSON."""
    inside = crates(package, target)
    version = workspace_version()
    purl = PackageURL.from_string(f"{package.purl}@{version}")
    top = Component(
        type=ComponentType.LIBRARY,
        name=purl.name,
        version=version,
        bom_ref=str(purl),
        purl=purl,
        licenses=[LicenseExpression(LICENCE)],
        description="OAuth 2.0 JWT access tokens (RFC 9068), minted and validated",
    )
    bom = Bom(serial_number=uuid5(NAMESPACE_URL, f"{purl}#{target}"))
    bom.metadata.component = top
    bom.metadata.timestamp = time
    components = {crate: component(crate, ComponentScope.REQUIRED) for crate in [inside.root, *inside.compiled]}
    components |= {crate: component(crate, ComponentScope.EXCLUDED) for crate in inside.build}
    bundled = {crate: brought(crate) for crate in inside.compiled if crate.name == "aws-lc-sys"}
    library = standard_library()
    for each in [*components.values(), *bundled.values(), library]:
        bom.components.add(each)
    bom.register_dependency(top, [components[inside.root]])
    for crate, each in components.items():
        below = [components[other] for other in inside.edges[crate]]
        below += [bundled[crate]] if crate in bundled else []
        below += [library] if crate == inside.root else []
        bom.register_dependency(each, below)
    return str(JsonV1Dot6(bom).output_as_string(indent=1)) + "\n"


def component(crate: Crate, scope: ComponentScope) -> Component:
    """A crate as a component. Ours have no checksum: they come with the repository."""
    purl = PackageURL("cargo", name=crate.name, version=crate.version)
    link = [ExternalReference(type=ExternalReferenceType.VCS, url=XsUri(crate.source))] if crate.source else []
    return Component(
        type=ComponentType.LIBRARY,
        name=crate.name,
        version=crate.version,
        bom_ref=str(purl),
        purl=purl,
        scope=scope,
        description=crate.description or None,
        licenses=[LicenseExpression(crate.licence)],
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=crate.checksum)] if crate.checksum else [],
        external_references=link,
    )


def brought(crate: Crate) -> Component:
    """AWS-LC, whose C sources that crate brings along."""
    header = (crate.folder / "aws-lc/include/openssl/base.h").read_text(encoding="utf-8")
    version = re.findall(r'#define AWSLC_VERSION_NUMBER_STRING "([^"]+)"', header)[0]
    purl = PackageURL("github", namespace="aws", name="aws-lc", version=f"v{version}")
    return Component(
        type=ComponentType.LIBRARY,
        name="aws-lc",
        version=version,
        bom_ref=str(purl),
        purl=purl,
        scope=ComponentScope.REQUIRED,
        description="The cryptography, in C and assembly, from the sources within aws-lc-sys",
        licenses=[LicenseExpression(crate.licence)],
    )


def standard_library() -> Component:
    """Rust's standard library, which the compiler brings."""
    told = subprocess.run(["rustc", "-vV"], check=True, capture_output=True, text=True).stdout
    version = re.findall(r"^release: (\S+)$", told, re.MULTILINE)[0]
    purl = PackageURL("github", namespace="rust-lang", name="rust", version=version, subpath="library")
    return Component(
        type=ComponentType.LIBRARY,
        name="rust-std",
        version=version,
        bom_ref=str(purl),
        purl=purl,
        scope=ComponentScope.REQUIRED,
        description="The standard library of Rust",
        licenses=[LicenseExpression(LICENCE)],
    )


def faults(text: str) -> list[str]:
    """What the schema of CycloneDX has against a document."""
    wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    return [str(wrong)] if wrong else []


def epoch() -> datetime:
    """The time of the commit that is built."""
    told = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, check=True, capture_output=True, text=True)
    return datetime.fromtimestamp(int(told.stdout), timezone.utc)


def main(arguments: list[str]) -> int:
    """Writes one document; the exit code says whether the schema accepts it."""
    name, path, *target = arguments
    text = document(named(name), target[0] if target else host(), epoch())
    wrong = faults(text)
    for fault in wrong:
        print(f"{name}: {fault}")
    Path(path).write_text(text, encoding="utf-8")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
