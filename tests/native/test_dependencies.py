"""T116, T217, T225, T229, T13: what is not among the dependencies can do no harm."""

from __future__ import annotations

import re
import subprocess

import pytest

from .corpus import ROOT

PACKAGES = ("at9068", "at9068-c", "at9068-python", "at9068-node")
# Names, and why they are kept out.
UNWANTED = {
    "rsa": "its private operations take a time that tells of the key (RUSTSEC-2023-0071)",
    "regex": "no pattern is matched against input, so none can take endless time",
    "regex-lite": "as regex",
    "fancy-regex": "as regex",
    "lru": "unsound in several versions, and nothing is cached",
    "moka": "unsound in one version, and nothing is cached",
    "dashmap": "unsound in one version, and nothing is shared that changes",
    "openssl-sys": "would meet the host's own OpenSSL in one process",
    "reqwest": "as tokio",
    "hyper": "as tokio",
    "tokio": "its threads do not live on in a process that is forked",
    "native-tls": "TLS is rustls's everywhere, over the cryptography that is there anyway",
    "webpki-roots": "whom to trust is said by the system or the operator, not by a list of a certain day",
    "flate2": "nothing that is fetched is unpacked, so no small document becomes a large one",
    "brotli-decompressor": "as flate2",
    "cookie_store": "nothing is kept from one fetch to the next",
}


def dependencies(package: str) -> dict[str, str]:
    """Name and version of everything that is linked into a package."""
    command = ["cargo", "tree", "--locked", "--offline", "-p", package, "-e", "normal", "--prefix", "none"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    found = dict(re.findall(r"^(\S+) v(\S+)", listed, re.MULTILINE))
    assert package in found and len(found) > 10
    return found


@pytest.mark.parametrize("package", PACKAGES)
def test_nothing_unwanted_is_linked(package: str) -> None:
    """Directly or through others."""
    assert {name: UNWANTED[name] for name in dependencies(package) if name in UNWANTED} == {}


def test_the_python_interface_is_a_sound_one() -> None:
    """PyO3 before 0.29 has known unsoundness (RUSTSEC-2024-0378 and later)."""
    major, minor = dependencies("at9068-python")["pyo3"].split(".")[:2]
    assert (int(major), int(minor)) >= (0, 29)


def test_one_library_does_all_cryptography() -> None:
    """aws-lc is linked once; curve25519-dalek only tells whether a point is on its curve."""
    linked = dependencies("at9068")
    assert {"aws-lc-rs", "aws-lc-sys"} <= set(linked)
    assert set(linked) & {"ring", "openssl", "hmac", "sha2", "p256", "p384", "ed25519-dalek", "ecdsa"} == set()
