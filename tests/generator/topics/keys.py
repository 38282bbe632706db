"""Key sets: what an entry may be, and that a bad one never spoils the good ones."""

from __future__ import annotations

import hashlib
import hmac
import math
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from ..build import Topic, claims, header, token
from ..common import config, jwks, topic, verifying_jwk
from ..encoding import Raw, b64u, b64u_decode, int_bytes, text
from ..expect import Err
from ..jose import Token, make
from ..keys import Jwk, oct_jwk, private, public_jwk, with_members

MISMATCH = Err("key_mismatch")
MALFORMED = Err("key_malformed")
UNSUPPORTED = Err("key_unsupported")
WEAK = Err("key_too_weak")
P256_PRIME = 2**256 - 2**224 + 2**192 + 2**96 - 1
# RFC 7748 / RFC 8032: encodings of the points of order 1, 2, 4 and 8 on Curve25519's Edwards form,
# the canonical ones and those that write y + p or a sign bit on x = 0.
SMALL_ORDER = {
    "identity": "0100000000000000000000000000000000000000000000000000000000000000",
    "order-2": "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "order-4": "0000000000000000000000000000000000000000000000000000000000000000",
    "order-4-negative": "0000000000000000000000000000000000000000000000000000000000000080",
    "order-8-a": "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "order-8-b": "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "order-8-c": "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "order-8-d": "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "identity-sign-bit": "0100000000000000000000000000000000000000000000000000000000000080",
    "order-2-sign-bit": "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "y-is-p": "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "y-is-p-plus-1": "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
}


def build() -> list[Topic]:
    """The files of this topic."""
    t = topic("keys", "Key set entries: permitted use, form, strength; a bad entry is skipped and named.")
    uses(t)
    sizes(t)
    rsa_faults(t)
    ec_faults(t)
    okp_faults(t)
    oct_faults(t)
    kinds(t)
    sets(t)
    return [t]


def beside(t: Topic, case_id: str, comment: str, rules: str, bad: Any, error: Err, made: Token | None = None) -> None:
    """A set with a good key and a bad entry of kid `bad`: the token naming it gets that entry's own error."""
    t.config(case_id, config(jwks=jwks(bad, verifying_jwk("ES256"))))
    t.validate(f"{case_id}", comment, rules, made or token(header(kid="bad")), error, config=case_id, flags="bad-key")


def uses(t: Topic) -> None:
    """use, key_ops and alg must all permit verification."""
    for name, members in {
        "sig": {"use": "sig"},
        "ops-verify": {"key_ops": ["verify"]},
        "ops-both": {"key_ops": ["sign", "verify"]},
        "use-and-ops": {"use": "sig", "key_ops": ["verify"]},
        "more-members": {"ext": True, "exp": 5, "x5t": "AA"},
    }.items():
        t.config(f"use-{name}", config(jwks=jwks(public_jwk("p256-a", kid="es256", **members))))
        t.validate(f"use-{name}", f"A key with {text(members)}", "JOSE-1", token(), config=f"use-{name}")
    refused: dict[str, dict[str, Any]] = {
        "use-enc": {"use": "enc"},
        "ops-encrypt": {"key_ops": ["encrypt"]},
        "ops-sign": {"key_ops": ["sign"]},
        "ops-empty": {"key_ops": []},
        "ops-string": {"key_ops": "verify"},
        "ops-twice": {"key_ops": ["verify", "verify"]},
        "ops-number": {"key_ops": ["verify", 1]},
        "ops-null": {"key_ops": Raw("null")},
        "alg-oaep": {"alg": "RSA-OAEP"},
        "alg-ecdh": {"alg": "ECDH-ES"},
        "alg-es384": {"alg": "ES384"},
        "alg-es521": {"alg": "ES521"},
        "alg-rs256": {"alg": "RS256"},
        "alg-eddsa": {"alg": "EdDSA"},
        "alg-none": {"alg": "none"},
    }
    for name, members in refused.items():
        beside(
            t,
            name,
            f"A P-256 key with {text(members)}",
            "JOSE-1 T08 T10 T11",
            public_jwk("p256-a", kid="bad", **members),
            MISMATCH,
        )


def sizes(t: Topic) -> None:
    """RSA moduli from 2048 to 8192 bits."""
    for name in ("rsa-2048-b", "rsa-3072", "rsa-4096", "rsa-8192"):
        t.config(name, config(jwks=jwks(public_jwk(name, kid="k", alg="RS256"))))
        t.validate(
            name,
            f"An RSA key of {name.split('-')[1]} bits",
            "JOSE-7",
            make(header(alg="RS256", kid="k"), claims(), "RS256", name),
            config=name,
        )
    padded = public_jwk("rsa-2048-a", kid="k")
    padded["n"] = b64u(b"\0" + b64u_decode(padded["n"]))
    t.config("n-leading-zero", config(jwks=jwks(padded)))
    t.validate(
        "n-leading-zero",
        "A modulus written with a leading zero octet, as some servers do",
        "JOSE-7 T112",
        make(header(alg="RS256", kid="k"), claims(), "RS256", "rsa-2048-a"),
        config="n-leading-zero",
        flags="valid policy",
    )


def modulus(jwk: Jwk) -> int:
    """The JWK's n as a number."""
    return int.from_bytes(b64u_decode(jwk["n"]), "big")


def rsa(n: int | None = None, e: int = 65537, **more: Any) -> Jwk:
    """An RSA JWK of kid `bad` with these numbers."""
    base = public_jwk("rsa-2048-a", kid="bad")
    return with_members(
        {**base, "n": b64u(int_bytes(modulus(base) if n is None else n)), "e": b64u(int_bytes(e))}, more
    )


def roca_modulus() -> int:
    """A 2048-bit number with the ROCA fingerprint: a power of 65537 modulo the product of the first 126 primes."""
    primes = [n for n in range(2, 702) if all(n % d for d in range(2, math.isqrt(n) + 1))]
    product = math.prod(primes)
    base = pow(65537, 123456789, product)
    # Both product and base are fixed; the multiple only lifts the number to 2048 bits.
    number = base + product * (((1 << 2047) + (1 << 2040)) // product)
    assert number.bit_length() == 2048 and len(primes) == 126 and number % 2 == 1
    return number


def rsa_faults(t: Topic) -> None:
    """Malformed, weak and oversized RSA keys."""
    n = modulus(public_jwk("rsa-2048-a"))
    rs = make(header(alg="RS256", kid="bad"), claims(), "RS256", "rsa-2048-a")
    e3 = make(header(alg="RS256", kid="bad"), claims(), "RS256", "rsa-2048-e3")
    small = make(header(alg="RS256", kid="bad"), claims(), "RS256", "rsa-1024")
    cases: dict[str, tuple[str, Jwk, Err, str]] = {
        "rsa-1024": ("1024 bits", public_jwk("rsa-1024", kid="bad"), WEAK, "T106"),
        "rsa-2047": ("2047 bits", rsa(n=(n >> 1) | 1), WEAK, "T106"),
        "rsa-e3": ("exponent 3", public_jwk("rsa-2048-e3", kid="bad"), WEAK, "T107"),
        "rsa-e17": ("exponent 17", rsa(e=17), WEAK, "T107"),
        "rsa-e65535": ("exponent 65535", rsa(e=65535), WEAK, "T107"),
        "rsa-e1": ("exponent 1", rsa(e=1), MALFORMED, "T107"),
        "rsa-e-even": ("exponent 65538", rsa(e=65538), MALFORMED, "T107"),
        "rsa-e-huge": ("exponent above 2^33", rsa(e=(1 << 33) + 1), UNSUPPORTED, "T107"),
        "rsa-e-72-bits": ("an exponent of 72 bits", rsa(e=(1 << 71) + 1), UNSUPPORTED, "T107"),
        "rsa-e-72-bits-even": ("an even exponent of 72 bits", rsa(e=(1 << 71) + 2), MALFORMED, "T107"),
        "rsa-n-even": ("an even modulus", rsa(n=n - 1), MALFORMED, "T107"),
        "rsa-n-8193": ("8193 bits", rsa(n=(1 << 8192) + (n << 4) + 1), UNSUPPORTED, "T107"),
        "rsa-n-16384": ("16384 bits", rsa(n=(1 << 16383) + 1), UNSUPPORTED, "T107"),
        "rsa-roca": ("the ROCA fingerprint", rsa(n=roca_modulus()), WEAK, "T110"),
        "rsa-n-missing": ("no n", with_members(rsa(), {"n": None}), MALFORMED, "T09"),
        "rsa-e-missing": ("no e", with_members(rsa(), {"e": None}), MALFORMED, "T09"),
        "rsa-n-number": ("n a number", rsa() | {"n": 5}, MALFORMED, "T112"),
        "rsa-e-number": ("e a number", rsa() | {"e": 65537}, MALFORMED, "T112"),
        "rsa-n-empty": ("an empty n", rsa() | {"n": ""}, MALFORMED, "T112"),
        "rsa-e-empty": ("an empty e", rsa() | {"e": ""}, MALFORMED, "T112"),
        "rsa-n-padded": ("n with padding", rsa() | {"n": rsa()["n"] + "=="}, MALFORMED, "T112"),
        "rsa-n-space": ("n with a space", rsa() | {"n": rsa()["n"] + " "}, MALFORMED, "T112"),
        "rsa-e-padded": ("e with padding", rsa() | {"e": "AQAB===="}, MALFORMED, "T112"),
        "rsa-n-standard": ("n in the standard alphabet", standard_alphabet(rsa()), MALFORMED, "T112"),
    }
    for name, (what, jwk, error, threat) in cases.items():
        made = {"rsa-1024": small, "rsa-e3": e3}.get(name, rs)
        beside(t, name, f"An RSA key with {what}", f"JOSE-7 {threat}", jwk, error, made)


def standard_alphabet(jwk: Jwk) -> Jwk:
    """n with + and / where base64url has - and _."""
    changed = jwk["n"].replace("-", "+").replace("_", "/")
    assert changed != jwk["n"]
    return jwk | {"n": changed}


def ec_faults(t: Topic) -> None:
    """Points that are none."""
    good = public_jwk("p256-a", kid="bad")
    x, y = b64u_decode(good["x"]), b64u_decode(good["y"])
    off = bytes([*y[:-1], y[-1] ^ 1])
    other = public_jwk("p256-b")
    cases: dict[str, tuple[str, Jwk]] = {
        "ec-off-curve": ("y changed", good | {"y": b64u(off)}),
        "ec-mixed": ("x of one key and y of another", good | {"y": other["y"]}),
        "ec-zero": ("the point (0, 0)", good | {"x": b64u(bytes(32)), "y": b64u(bytes(32))}),
        "ec-x-33": ("x of 33 bytes", good | {"x": b64u(b"\0" + x)}),
        "ec-y-33": ("y of 33 bytes", good | {"y": b64u(b"\0" + y)}),
        "ec-x-31": ("x of 31 bytes", good | {"x": b64u(x[1:])}),
        "ec-x-empty": ("an empty x", good | {"x": ""}),
        "ec-x-above-p": ("x of p or more", good | {"x": b64u((P256_PRIME + 5).to_bytes(32, "big"))}),
        "ec-x-ones": ("x of all ones", good | {"x": b64u(b"\xff" * 32)}),
        "ec-swapped": ("x and y swapped", good | {"x": good["y"], "y": good["x"]}),
        "ec-y-missing": ("no y", with_members(good, {"y": None})),
        "ec-x-missing": ("no x", with_members(good, {"x": None})),
        "ec-crv-missing": ("no crv", with_members(good, {"crv": None})),
        "ec-x-number": ("x a number", good | {"x": 5}),
        "ec-x-padded": ("x with padding", good | {"x": good["x"] + "="}),
        "ec-x-trailing-bits": ("x with unused bits set", good | {"x": next_last(good["x"])}),
        "ec-p384-as-p256": ("the coordinates of a P-384 key", public_jwk("p384", kid="bad", crv="P-256")),
        "ec-p256-as-p384": ("crv P-384 over P-256 coordinates", good | {"crv": "P-384"}),
    }
    for name, (what, jwk) in cases.items():
        beside(t, name, f"A P-256 key with {what}", "JOSE-7 T111", jwk, MALFORMED)


def next_last(value: str) -> str:
    """The same bytes with an unused bit of the last character set."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return value[:-1] + alphabet[alphabet.index(value[-1]) + 1]


def okp_faults(t: Topic) -> None:
    """Ed25519 keys that let anybody sign."""
    made = make(header(alg="EdDSA", kid="bad"), claims(), "EdDSA", "ed25519-a")
    for name, encoded in SMALL_ORDER.items():
        # For a small-order key, R = identity and S = 0 satisfies the cofactored equation for any message.
        forged = made.with_signature(bytes([1]) + bytes(63))
        t.config(
            f"ed-{name}",
            config(
                jwks=jwks(
                    {"kty": "OKP", "crv": "Ed25519", "x": b64u(bytes.fromhex(encoded)), "kid": "bad"},
                    verifying_jwk("ES256"),
                )
            ),
        )
        t.validate(
            f"ed-{name}",
            f"A small-order or non-canonical Ed25519 key: {name}",
            "JOSE-8 T105",
            forged,
            MALFORMED,
            config=f"ed-{name}",
            flags="bad-key forgery",
        )
    good = public_jwk("ed25519-a", kid="bad")
    for name, (what, jwk) in {
        # y = 2 is the y of no point, whatever the sign.
        "ed-off-curve": ("no point of the curve", good | {"x": b64u(bytes([2]) + bytes(31))}),
        "ed-off-curve-signed": ("no point of the curve, signed", good | {"x": b64u(bytes([2]) + bytes(30) + b"\x80")}),
        "ed-31": ("31 bytes", good | {"x": b64u(b64u_decode(good["x"])[:31])}),
        "ed-33": ("33 bytes", good | {"x": b64u(b64u_decode(good["x"]) + b"\0")}),
        "ed-x-missing": ("no x", with_members(good, {"x": None})),
        "ed-crv-missing": ("no crv", with_members(good, {"crv": None})),
        "ed-x-padded": ("x with padding", good | {"x": good["x"] + "="}),
        "ed-x-number": ("x a number", good | {"x": 5}),
    }.items():
        beside(t, name, f"An Ed25519 key with {what}", "JOSE-8", jwk, MALFORMED, made)
    beside(
        t,
        "ed448",
        "Ed448 is not supported",
        "JOSE-8",
        {"kty": "OKP", "crv": "Ed448", "x": b64u(bytes(57)), "kid": "bad"},
        UNSUPPORTED,
        made,
    )


def public_texts() -> dict[str, bytes]:
    """One public key in the forms that it travels in."""
    key = private("p256-b").public_key()
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    rsa_key = private("rsa-2048-b").public_key()
    jwk = text(public_jwk("p256-b")).encode()
    return {
        "pem": pem,
        "pem-indented": b"\r\n  " + pem,
        "pem-body": b"".join(pem.splitlines()[1:-1]),
        "pem-utf-16": pem.decode().encode("utf-16"),
        "der": der,
        "der-newline": der + b"\n",
        "der-pkcs1": rsa_key.public_bytes(Encoding.DER, PublicFormat.PKCS1),
        "ssh": rsa_key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH),
        "ssh-options": b"restrict,no-pty " + rsa_key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH),
        "jwk": jwk,
        "jwk-escaped": jwk.replace(b'"kty"', b'"k\\u0074y"'),
        "jwk-bom": b"\xef\xbb\xbf" + jwk,
        "jwk-array": b"[" + jwk + b"]",
        "jwk-set": b'{"keys":[' + jwk + b"]}",
    }


def oct_faults(t: Topic) -> None:
    """Shared secrets that are too short."""
    for name, alg, threat in (("hmac-31", "HS256", "T113"), ("hmac-32", "HS384", "T113"), ("hmac-63", "HS512", "T113")):
        case_id = f"{name}-{alg.lower()}"
        keys = jwks(oct_jwk(name, kid="bad", alg=alg), verifying_jwk("ES256"))
        t.config(case_id, config(jwks=keys, algorithms=["ES256", alg]))
        t.validate(
            case_id,
            f"{alg} with a secret of {name.split('-')[1]} bytes",
            f"JOSE-1 {threat}",
            make(header(alg=alg, kid="bad"), claims(), alg, name),
            WEAK,
            config=case_id,
            flags="bad-key",
        )
    # What a secret may serve is the algorithm that it states, or those that it is long enough for.
    allowed = ["ES256", "HS256", "HS384", "HS512"]
    for name, stated, alg, error in (
        ("hmac-64", "HS256", "HS256", None),
        ("hmac-64", "HS256", "HS512", MISMATCH),
        ("hmac-48", None, "HS256", None),
        ("hmac-48", None, "HS384", None),
        ("hmac-48", None, "HS512", MISMATCH),
    ):
        case_id = f"{name}-{'states-' + stated.lower() if stated else 'states-nothing'}-{alg.lower()}"
        keys = jwks(oct_jwk(name, kid="bad", alg=stated), verifying_jwk("ES256"))
        t.config(case_id, config(jwks=keys, algorithms=allowed))
        t.validate(
            case_id,
            f"{alg} with a secret of {name.split('-')[1]} bytes that states {stated or 'no algorithm'}",
            "JOSE-1 T08 T113",
            make(header(alg=alg, kid="bad"), claims(), alg, name),
            error or "rfc9068",
            config=case_id,
            flags="bad-key" if error else "valid",
        )
    for name, material in public_texts().items():
        # Everybody can sign with what is public.
        keys = jwks({"kty": "oct", "k": b64u(material), "kid": "bad", "alg": "HS256"}, verifying_jwk("ES256"))
        t.config(f"oct-is-{name}", config(jwks=keys, algorithms=["ES256", "HS256"]))
        signing_input = ".".join(b64u(text(part).encode()) for part in (header(alg="HS256", kid="bad"), claims()))
        digest = hmac.new(material, signing_input.encode(), hashlib.sha256).digest()
        t.validate(
            f"oct-is-{name}",
            f"A secret that is an asymmetric key: {name}",
            "JOSE-1 T04 T24",
            f"{signing_input}.{b64u(digest)}",
            MALFORMED,
            config=f"oct-is-{name}",
            flags="bad-key forgery",
        )
    empty = jwks({"kty": "oct", "k": "", "kid": "bad", "alg": "HS256"}, verifying_jwk("ES256"))
    t.config("hmac-empty", config(jwks=empty, algorithms=["ES256", "HS256"]))
    t.validate(
        "hmac-empty-others-work",
        "An empty secret does not spoil its neighbour",
        "JOSE-1 T113",
        token(),
        config="hmac-empty",
    )


def kinds(t: Topic) -> None:
    """kty and crv."""
    good = public_jwk("p256-a", kid="bad")
    for name, jwk, error in (
        ("kty-missing", with_members(good, {"kty": None}), MALFORMED),
        ("kty-lower-case", good | {"kty": "ec"}, MALFORMED),
        ("kty-rsa-lower-case", rsa() | {"kty": "rsa"}, MALFORMED),
        ("kty-number", good | {"kty": 1}, MALFORMED),
        ("kty-unknown", {"kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA", "kid": "bad"}, UNSUPPORTED),
        ("crv-unknown", good | {"crv": "secp256k1"}, UNSUPPORTED),
        ("crv-x25519", {"kty": "OKP", "crv": "X25519", "x": b64u(bytes(range(32))), "kid": "bad"}, UNSUPPORTED),
        ("crv-p512", good | {"crv": "P-512"}, UNSUPPORTED),
    ):
        beside(t, name, f"Key type: {name}", "JOSE-1 T09", jwk, error)


def sets(t: Topic) -> None:
    """Good keys work whatever lies beside them."""
    poison: list[Any] = [
        "text",
        5,
        None,
        [],
        {},
        {"kty": "RSA"},
        public_jwk("rsa-1024", kid="w"),
        {"kid": 5, "kty": "EC"},
        rsa(e=1, kid="e1"),
        {"kty": "XYZ", "kid": "x"},
        public_jwk("p256-b", kid="enc", use="enc"),
    ]
    t.config("poisoned", config(jwks=jwks(*poison, verifying_jwk("ES256"), *poison)))
    t.validate(
        "poison-beside-good",
        "Unusable entries of every sort around one good key",
        "JOSE-1 T154",
        token(),
        config="poisoned",
    )
    t.validate(
        "poison-named-weak",
        "The token names the weak entry",
        "JOSE-7 T154",
        token(header(alg="RS256", kid="e1")),
        MALFORMED,
        config="poisoned",
        flags="bad-key",
    )
    for name, value in {
        "array": [],
        "text": "keys",
        "number": 5,
        "no-keys": {},
        "keys-object": {"keys": {}},
        "keys-null": {"keys": None},
        "keys-empty": {"keys": []},
        "keys-text": {"keys": "x"},
        "all-weak": jwks(public_jwk("rsa-1024", kid="w")),
        "all-enc": jwks(public_jwk("p256-b", kid="e", use="enc")),
        "all-malformed": jwks({"kty": "EC"}, "x"),
    }.items():
        t.refuse_config(
            f"set-{name}",
            f"A configured key set that is none or holds nothing usable: {name}",
            "JOSE-1 T155",
            config(jwks=value),
            token(),
        )
