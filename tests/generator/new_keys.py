"""Creates the test keys that are not there yet; an existing key is never replaced.

Run once by hand when a new key is needed: python -m generator.new_keys (from tests/).
A replaced key would change every vector, which is why this is not part of generate.py.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from .keys import LABEL, PrivateKey
from .paths import KEYS

RSA_KEYS = {
    "rsa-2048-a": (2048, 65537),
    "rsa-2048-b": (2048, 65537),
    "rsa-2048-e3": (2048, 3),
    "rsa-3072": (3072, 65537),
    "rsa-4096": (4096, 65537),
    "rsa-8192": (8192, 65537),
    "rsa-1024": (1024, 65537),
}
EC_KEYS: dict[str, ec.EllipticCurve] = {
    "p256-a": ec.SECP256R1(),
    "p256-b": ec.SECP256R1(),
    "p384": ec.SECP384R1(),
    "p521": ec.SECP521R1(),
}
ED_KEYS = ("ed25519-a", "ed25519-b")


def write(name: str, key: PrivateKey) -> None:
    """Writes one labelled PKCS#8 file."""
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (KEYS / f"{name}.pem").write_text(LABEL + pem.decode())
    print(f"new key {name}")


def main() -> None:
    """Fills the gaps."""
    for name, (bits, exponent) in RSA_KEYS.items():
        if not (KEYS / f"{name}.pem").exists():
            write(name, rsa.generate_private_key(exponent, bits))
    for name, curve in EC_KEYS.items():
        if not (KEYS / f"{name}.pem").exists():
            write(name, ec.generate_private_key(curve))
    for name in ED_KEYS:
        if not (KEYS / f"{name}.pem").exists():
            write(name, ed25519.Ed25519PrivateKey.generate())


if __name__ == "__main__":
    main()
