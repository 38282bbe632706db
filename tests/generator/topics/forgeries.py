"""Signatures that a lenient reader takes: one character too many, and RSA paddings that no signer writes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from cryptography.hazmat.primitives.asymmetric import rsa

from ..build import Topic, claims, header
from ..common import ASYMMETRIC, KEY_FOR, SYMMETRIC, config, jwks, topic, verifying_jwk
from ..encoding import b64u, b64u_decode
from ..expect import Err
from ..jose import Token, make
from ..keys import private

USUAL = ("RS256", "PS256", "ES256", "ES384", "EdDSA", "HS256")
BAD = Err("signature_invalid")
MALFORMED = Err("token_malformed")
# DER of AlgorithmIdentifier and what is around it, for each hash (RFC 8017 §9.2, note 1).
OIDS = {
    "sha1": bytes.fromhex("06052b0e03021a"),
    "sha256": bytes.fromhex("0609608648016503040201"),
    "sha384": bytes.fromhex("0609608648016503040202"),
    "sha512": bytes.fromhex("0609608648016503040203"),
}
NULL = b"\x05\x00"
# Every form is there for SHA-256; for the other hashes, those whose answer might hang on the hash.
OTHER_HASHES = {
    "good",
    "garbage-after-hash",
    "fill-last-00",
    "parameters-absent",
    "parameters-filled",
    "oid-of-another-hash",
    "sha1-of-it",
    "hash-alone",
    "salt-0",
    "salt-20",
    "salt-32",
    "mask-sha1",
    "mask-sha256",
    "hash-sha256",
    "all-sha256",
    "first-bit-kept",
}


def build() -> list[Topic]:
    """The files of this topic."""
    t = topic("forgeries", "Signatures with something behind them, and RSA paddings of an attacker's making.")
    t.config("all", config(jwks=jwks(*map(verifying_jwk, ASYMMETRIC))))
    t.config("symmetric", config(algorithms=SYMMETRIC, jwks=jwks(*map(verifying_jwk, SYMMETRIC))))
    for alg in KEY_FOR:
        one_more(t, alg, "all" if alg in ASYMMETRIC else "symmetric")
    for alg in ("RS256", "RS384", "RS512"):
        pkcs1(t, alg)
    for alg in ("PS256", "PS384", "PS512"):
        pss(t, alg)
    return [t]


def signed(alg: str) -> Token:
    """A good token of an algorithm."""
    return make(header(alg=alg, kid=alg.lower()), claims(), alg, KEY_FOR[alg])


def one_more(t: Topic, alg: str, name: str) -> None:
    """Characters behind a good signature: a reader that stops when it has its octets accepts them."""
    made = signed(alg)
    for more in ("A", "B", "Q", "_", "AA", "AAAA") if alg in USUAL else ("A", "_"):
        text = made.parts[2] + more
        # Some lengths, and some last characters, no octets have.
        canonical = len(text) % 4 != 1 and b64u(b64u_decode(text)) == text
        t.validate(
            f"{alg.lower()}-then-{more}",
            f"{alg}: {more} behind a good signature",
            "AT-VAL-5 JOSE-4 T51 T100",
            f"{made.compact}{more}",
            BAD if canonical else MALFORMED,
            config=name,
            flags="forgery",
        )
    if alg not in USUAL:
        return
    for label, compact in {
        "less": made.compact[:-1],
        "dot": f"{made.compact}.",
        "equals": f"{made.compact}=",
        "newline": f"{made.compact}\n",
    }.items():
        text = compact.rsplit(".", 1)[1]
        short = label == "less"
        canonical = short and len(text) % 4 != 1 and b64u(b64u_decode(text)) == text
        t.validate(
            f"{alg.lower()}-{label}",
            f"{alg}: " + ("one character less" if short else f"{label} behind a good signature"),
            "AT-VAL-5 JOSE-4 T50 T51 T100" if label != "dot" else "AT-VAL-5 JOSE-4 T52 T100",
            compact,
            BAD if canonical else MALFORMED,
            config=name,
            flags="forgery",
        )


def rsa_key(alg: str) -> rsa.RSAPrivateKey:
    """The committed RSA key of an algorithm."""
    key = private(KEY_FOR[alg])
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def applied(alg: str, block: bytes) -> bytes:
    """The bare RSA private operation on a chosen block."""
    numbers = rsa_key(alg).private_numbers()
    n = numbers.public_numbers.n
    value = int.from_bytes(block, "big")
    assert value < n, "the block is no residue"
    return pow(value, numbers.d, n).to_bytes((n.bit_length() + 7) // 8, "big")


def der(tag: int, content: bytes, form: str = "") -> bytes:
    """One DER element; `form` writes its length as BER allows and DER does not."""
    length = bytes([len(content)])
    if form == "long":
        length = b"\x81" + length
    elif form == "longer":
        length = b"\x82\x00" + length
    elif form == "indefinite":
        length, content = b"\x80", content + b"\0\0"
    return bytes([tag]) + length + content


def info(digest: bytes, oid: bytes, parameters: bytes = NULL) -> bytes:
    """DigestInfo."""
    return der(0x30, der(0x30, oid + parameters) + der(0x04, digest))


def pkcs1(t: Topic, alg: str) -> None:
    """EMSA-PKCS1-v1_5 by other rules than RFC 8017 §9.2; the key is right each time, only the form is not."""
    made = signed(alg)
    size = rsa_key(alg).key_size // 8
    name = f"sha{alg[2:]}"
    digest = hashlib.new(name, ".".join(made.parts[:2]).encode()).digest()
    for form, block in pkcs1_forms(digest, name, size).items():
        assert len(block) == size, form
        if alg != "RS256" and form not in OTHER_HASHES:
            continue
        held = form == "good"
        t.validate(
            f"{alg.lower()}-{form}",
            f"{alg}, padding: {form}",
            "AT-VAL-5 T108",
            Token(made.header, made.claims, made.with_signature(applied(alg, block))),
            "rfc9068" if held else BAD,
            config="all",
            flags="valid" if held else "forgery",
        )


def pkcs1_forms(digest: bytes, name: str, size: int) -> dict[str, bytes]:
    """Blocks by name."""
    oid = OIDS[name]
    good = info(digest, oid)
    other = "sha512" if name != "sha512" else "sha256"

    def full(content: bytes, fill: bytes | None = None, start: bytes = b"\0\x01", zero: bytes = b"\0") -> bytes:
        room = size - len(start) - len(zero) - len(content)
        return start + (b"\xff" * room if fill is None else fill[:room].ljust(room, b"\xff")) + zero + content

    def short(content: bytes, pad: int = 8) -> bytes:
        block = b"\0\x01" + b"\xff" * pad + b"\0" + content
        return block + b"\x2a" * (size - len(block))

    inner = der(0x30, oid + NULL)
    octets = der(0x04, digest)
    room = size - 3 - len(good)
    forms = {
        "good": full(good),
        "garbage-after-hash": short(good),
        "garbage-after-no-padding": short(good, 0),
        "garbage-after-one-ff": short(good, 1),
        "one-octet-after": full(good + b"\0"),
        "hash-twice": full(good + digest),
        "fill-last-00": full(good, b"\xff" * (room - 1) + b"\0"),
        "fill-first-00": full(good, b"\0"),
        "fill-middle-fe": full(good, b"\xff" * 60 + b"\xfe"),
        "fill-first-01": full(good, b"\x01"),
        "start-0101": full(good, start=b"\x01\x01"),
        "start-0002": full(good, start=b"\0\x02"),
        "start-0003": full(good, start=b"\0\x03"),
        "start-01": full(good, start=b"\x01"),
        "zero-is-01": full(good, zero=b"\x01"),
        "zero-twice": full(good, zero=b"\0\0"),
        "no-zero": full(good, zero=b""),
        "parameters-absent": full(info(digest, oid, b"")),
        "parameters-octets": full(info(digest, oid, b"\x04\x00")),
        "parameters-null-with-content": full(info(digest, oid, b"\x05\x01\x2a")),
        "parameters-twice": full(info(digest, oid, NULL + NULL)),
        "parameters-filled": full(info(digest, oid, b"\x04\x20" + b"\x2a" * 32)),
        "oid-of-another-hash": full(info(digest, OIDS[other])),
        "oid-cut": full(info(digest, bytes([6, len(oid) - 3]) + oid[2:-1])),
        "sha1-of-it": full(info(digest[:20], OIDS["sha1"])),
        "hash-cut": full(info(digest[:-1], oid)),
        "hash-flipped": full(info(bytes([digest[0] ^ 1]) + digest[1:], oid)),
        "hash-empty": full(info(b"", oid)),
        "hash-as-bit-string": full(der(0x30, inner + der(0x03, b"\0" + digest))),
        "set-for-sequence": full(der(0x31, inner + octets)),
        "length-short": full(bytes([0x30, len(good) - 3]) + good[2:]),
        "length-long": full(bytes([0x30, len(good) - 1]) + good[2:]),
        "hash-alone": full(digest),
        "octets-alone": full(octets),
    }
    for form in ("long", "longer", "indefinite"):
        forms[f"outer-length-{form}"] = full(der(0x30, inner + octets, form))
        forms[f"inner-length-{form}"] = full(der(0x30, der(0x30, oid + NULL, form) + octets))
        forms[f"hash-length-{form}"] = full(der(0x30, inner + der(0x04, digest, form)))
    # The length of a length written so large that a reader of 32 bits wraps around to the right one.
    wrapped = bytes([0x30, 0x89, 1]) + bytes(7) + bytes([len(good) - 2]) + good[2:]
    forms["outer-length-wraps"] = full(wrapped)
    return forms


def pss(t: Topic, alg: str) -> None:
    """EMSA-PSS by other parameters or with broken parts (RFC 8017 §9.1.2), with fixed salts."""
    made = signed(alg)
    data = ".".join(made.parts[:2]).encode()
    for form, block in pss_forms(data, alg[2:], rsa_key(alg).public_key().public_numbers().n):
        if alg != "PS256" and form not in OTHER_HASHES:
            continue
        held = form == "good"
        t.validate(
            f"{alg.lower()}-{form}",
            f"{alg}, encoding: {form}",
            "AT-VAL-5 T109",
            Token(made.header, made.claims, made.with_signature(applied(alg, block))),
            "rfc9068" if held else BAD,
            config="all",
            flags="valid" if held else "forgery",
        )


def pss_forms(data: bytes, bits_of_hash: str, n: int) -> Iterator[tuple[str, bytes]]:
    """Blocks by name."""
    bits = n.bit_length() - 1
    own = f"sha{bits_of_hash}"
    width = hashlib.new(own).digest_size
    yield "good", pss_block(data, bits, own, own, width)
    for salt in sorted({0, 1, 8, 20, 32, width - 1, width + 1, 2 * width, (bits + 7) // 8 - width - 2} - {width}):
        yield f"salt-{salt}", pss_block(data, bits, own, own, salt)
    for other in ("sha1", "sha224", "sha256", "sha384", "sha512", "sha512_256", "sha3_256"):
        if other != own:
            yield f"mask-{other}", pss_block(data, bits, own, other, width)
            yield f"hash-{other}", pss_block(data, bits, other, own, width)
            yield f"all-{other}", pss_block(data, bits, other, other, hashlib.new(other).digest_size)
    yield "trailer-cc", pss_block(data, bits, own, own, width, trailer=b"\xcc")
    yield "trailer-00", pss_block(data, bits, own, own, width, trailer=b"\0")
    yield "separator-02", pss_block(data, bits, own, own, width, separator=b"\x02")
    yield "separator-00", pss_block(data, bits, own, own, width, separator=b"\0")
    yield "fill-not-zero", pss_block(data, bits, own, own, width, fill=1)
    # One bit above emBits: everything else fits, and the number is still below n.
    above = (pss_block(data, bits, own, own, width, start=start, first_bit=True) for start in range(256))
    yield "first-bit-kept", next(block for block in above if int.from_bytes(block, "big") < n)
    yield "hash-flipped", pss_block(data, bits, own, own, width, flip=True)
    yield "without-eight-zeros", pss_block(data, bits, own, own, width, prefix=b"")
    yield "message-hashed-twice", pss_block(hashlib.new(own, data).digest(), bits, own, own, width)


def pss_block(
    data: bytes,
    bits: int,
    digest: str,
    mask: str,
    salt_length: int,
    *,
    trailer: bytes = b"\xbc",
    separator: bytes = b"\x01",
    fill: int = 0,
    start: int = 1,
    first_bit: bool = False,
    flip: bool = False,
    prefix: bytes = bytes(8),
) -> bytes:
    """EMSA-PSS-ENCODE, each part under the test's control; the salt counts up from `start`."""
    size = (bits + 7) // 8
    salt = bytes((i + start) & 0xFF for i in range(salt_length))
    hashed = hashlib.new(digest, prefix + hashlib.new(digest, data).digest() + salt).digest()
    if flip:
        hashed = bytes([hashed[0] ^ 1]) + hashed[1:]
    block = separator + salt
    room = size - len(hashed) - 1 - len(block)
    assert room >= 0, "the salt is too long"
    block = (bytes([fill]) * room) + block
    masked = bytes(a ^ b for a, b in zip(block, mgf1(hashed, len(block), mask), strict=True))
    first = masked[0] & (0xFF >> (8 * size - bits))
    masked = bytes([first | 0x80 if first_bit else first]) + masked[1:]
    return masked + hashed + trailer


def mgf1(seed: bytes, length: int, digest: str) -> bytes:
    """MGF1 of RFC 8017 §B.2.1."""
    made = b""
    counter = 0
    while len(made) < length:
        made += hashlib.new(digest, seed + counter.to_bytes(4, "big")).digest()
        counter += 1
    return made[:length]
