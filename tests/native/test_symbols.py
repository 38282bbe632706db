"""T231: our library and the host's own OpenSSL in one process do not see each other."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import at9068
import pytest

from .corpus import ROOT

EXTENSION = Path(at9068.__file__).parent
# Its native library is in the package of the platform.
NODE = ROOT / "target" / "node-driver" / "node_modules" / "@at9068"

# By which a program may give aws-lc another allocator. Weak: nobody has to, and OpenSSL has no such names.
HOOKS = {f"OPENSSL_memory_{what}": "w" for what in ("alloc", "free", "get_size", "realloc")}

TOGETHER = """
import sys
for name in sys.argv[1:]:
    __import__(name)
import hashlib, hmac, ssl
import at9068
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

API, NOW = "https://api.example/", 1_700_000_000
context = ssl.create_default_context()
for algorithm in ("RS256", "PS256", "ES256", "ES384", "ES512", "EdDSA"):
    key = at9068.SigningKey.generate(algorithm)
    api = {"audience": API, "dialect": "rfc9068_profile"}
    minter = at9068.Minter(issuer="https://as.example/", keys=key, apis=[api])
    token = minter.mint(grant_type="client_credentials", client_id="cron", resource=[API], now=NOW).token
    validator = at9068.Validator(issuer="https://as.example/", audience=API, jwks=key.key_set())
    assert validator.validate(token, now=NOW).client_id == "cron"
    theirs = serialization.load_pem_private_key(key.to_pem().encode(), None)
    message = token.rsplit(".", 1)[0].encode()
    if isinstance(theirs, rsa.RSAPrivateKey):
        pad = padding.PKCS1v15()
        theirs.public_key().verify(theirs.sign(message, pad, hashes.SHA256()), message, pad, hashes.SHA256())
    elif isinstance(theirs, ec.EllipticCurvePrivateKey):
        signature = theirs.sign(message, ec.ECDSA(hashes.SHA256()))
        theirs.public_key().verify(signature, message, ec.ECDSA(hashes.SHA256()))
    else:
        assert isinstance(theirs, ed25519.Ed25519PrivateKey)
        theirs.public_key().verify(theirs.sign(message), message)
    assert hmac.new(b"k", message, "sha256").digest() == hmac.digest(b"k", message, hashlib.sha256)
    assert validator.validate(token, now=NOW).client_id == "cron"
print("together")
"""


def library(folder: Path, pattern: str) -> Path:
    """The one native library of a package."""
    (found,) = folder.glob(pattern)
    return found


@pytest.mark.parametrize("order", [("at9068", "cryptography.hazmat.bindings._rust"), ("ssl", "cryptography", "at9068")])
def test_both_libraries_work_in_one_process(order: tuple[str, ...]) -> None:
    """pyca's OpenSSL, Python's own and our aws-lc sign and verify in turns, whoever is loaded first."""
    done = subprocess.run([sys.executable, "-c", TOGETHER, *order], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "together\n", "")


@pytest.mark.parametrize(
    ("path", "entry"),
    [
        (library(EXTENSION, "_at9068*.so"), "PyInit__at9068"),
        (library(NODE, "*/at9068.*.node"), "napi_register_module_v1"),
    ],
    ids=["python", "node"],
)
def test_one_symbol_is_exported(path: Path, entry: str) -> None:
    """Nothing of the cryptography can be found by others; the C library's list is `check-symbols.sh`'s."""
    exported = subprocess.run(
        ["nm", "-D", "--defined-only", "--format=posix", path], capture_output=True, text=True, check=True
    ).stdout
    assert [line.split()[0] for line in exported.splitlines()] == [entry]


@pytest.mark.parametrize(
    "path",
    [
        library(EXTENSION, "_at9068*.so"),
        library(NODE, "*/at9068.*.node"),
        ROOT / "target" / "c-install" / "lib" / "libat9068.so",
    ],
    ids=["python", "node", "c"],
)
def test_no_cryptography_is_taken_from_the_host(path: Path) -> None:
    """What is left open is the C library's, the interpreter's or Node's; no name of OpenSSL's."""
    opened = subprocess.run(
        ["nm", "-D", "--undefined-only", "--format=posix", path], capture_output=True, text=True, check=True
    ).stdout
    kinds = dict(line.split()[:2] for line in opened.splitlines())
    assert len(kinds) > 20
    theirs = re.compile(r"^(EVP|RSA|EC|ECDSA|BN|CRYPTO|OPENSSL|HMAC|SHA\d+|RAND|ERR|ED25519|X509|PEM|CBS|CBB)_")
    assert {name: kind for name, kind in kinds.items() if theirs.match(name)} == HOOKS
