"""Signatures that are almost right."""

from __future__ import annotations

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa, utils

from ..build import Topic, claims, header, token
from ..common import ASYMMETRIC, KEY_FOR, SYMMETRIC, config, jwks, topic, verifying_jwk
from ..encoding import b64u, b64u_decode, text
from ..expect import Err
from ..jose import HASHES, PSS, Token, concat, make, pss
from ..keys import ORDERS, private

BAD = Err("signature_invalid")
ED_ORDER = 2**252 + 27742317777372353535851937790883648493


def build() -> list[Topic]:
    """The files of this topic."""
    t = topic("signature", "Signatures cut, stretched, changed, or made by another rule.")
    t.config("all", config(jwks=jwks(*map(verifying_jwk, ASYMMETRIC))))
    t.config("symmetric", config(algorithms=SYMMETRIC, jwks=jwks(*map(verifying_jwk, SYMMETRIC))))
    for alg in KEY_FOR:
        spoil(t, alg, "all" if alg in ASYMMETRIC else "symmetric")
    ecdsa(t)
    eddsa(t)
    rsa_padding(t)
    swapped(t)
    return [t]


def signed(alg: str) -> Token:
    """A good token of an algorithm."""
    return make(header(alg=alg, kid=alg.lower()), claims(), alg, KEY_FOR[alg])


def spoil(t: Topic, alg: str, name: str) -> None:
    """Length and bits."""
    made = signed(alg)
    good = b64u_decode(made.parts[2])
    forms = {
        "first-bit": bytes([good[0] ^ 0x80]) + good[1:],
        "last-bit": good[:-1] + bytes([good[-1] ^ 1]),
        "cut": good[:-1],
        "longer": good + b"\0",
        "leading-zero": b"\0" + good,
        "zeros": bytes(len(good)),
        "ones": b"\xff" * len(good),
        "half": good[: len(good) // 2],
        "twice": good + good,
        "one-byte": good[:1],
    }
    if alg not in ("RS256", "PS256", "ES256", "EdDSA", "HS256"):
        forms = {form: forms[form] for form in ("first-bit", "last-bit", "cut", "longer")}
    for form, signature in forms.items():
        t.validate(
            f"{alg.lower()}-{form}",
            f"{alg} signature: {form}",
            "AT-VAL-5 T100",
            made.with_signature(signature),
            BAD,
            config=name,
            flags="forgery",
        )
    a, _, c = made.parts
    other = b64u(text(claims(sub="auth0|other")).encode())
    t.validate(
        f"{alg.lower()}-claims-changed",
        f"{alg}: the claims of another token",
        "AT-VAL-5",
        f"{a}.{other}.{c}",
        BAD,
        config=name,
        flags="forgery",
    )


def ecdsa(t: Topic) -> None:
    """r and s at their edges, DER, and the high s that JWS allows."""
    made = signed("ES256")
    good = b64u_decode(made.parts[2])
    r, s = int.from_bytes(good[:32], "big"), int.from_bytes(good[32:], "big")
    n = ORDERS["P-256"]
    edges = {"0": 0, "1": 1, "n-1": n - 1, "n": n}
    for r_name, r_edge in edges.items():
        for s_name, s_edge in edges.items():
            t.validate(
                f"es256-r{r_name}-s{s_name}",
                f"ES256 with r = {r_name}, s = {s_name}",
                "JOSE-7 T101",
                made.with_signature(concat(r_edge, s_edge, 32)),
                BAD,
                flags="forgery",
            )
    for name, signature in {
        "r-zero": concat(0, s, 32),
        "s-zero": concat(r, 0, 32),
        "s-is-n": concat(r, n, 32),
        "swapped": concat(s, r, 32),
        "der": utils.encode_dss_signature(r, s),
        "width-33": concat(r, s, 33),
        "width-48": concat(r, s, 48),
    }.items():
        t.validate(
            f"es256-{name}",
            f"ES256 signature: {name}",
            "JOSE-7 T101 T102",
            made.with_signature(signature),
            BAD,
            flags="forgery",
        )
    if r + n < 2**256:
        t.validate(
            "es256-r-plus-n",
            "r + n in place of r",
            "JOSE-7 T101",
            made.with_signature(concat(r + n, s, 32)),
            BAD,
            flags="forgery",
        )
    for name, value in (("given", s), ("negated", n - s)):
        compact = made.with_signature(concat(r, value, 32))
        t.validate(
            f"es256-s-{name}",
            "Of s and n - s both verify: JWS does not forbid the high one",
            "JOSE-7 T103",
            Token(made.header, made.claims, compact),
            flags="valid policy",
        )
    for alg, width in (("ES384", 48), ("ES512", 66)):
        other = signed(alg)
        raw = b64u_decode(other.parts[2])
        der = utils.encode_dss_signature(int.from_bytes(raw[:width], "big"), int.from_bytes(raw[width:], "big"))
        t.validate(
            f"{alg.lower()}-der",
            f"{alg} in DER",
            "JOSE-7 T102",
            other.with_signature(der),
            BAD,
            config="all",
            flags="forgery",
        )
        t.validate(
            f"{alg.lower()}-zero",
            f"{alg} with r = s = 0",
            "JOSE-7 T101",
            other.with_signature(bytes(2 * width)),
            BAD,
            config="all",
            flags="forgery",
        )


def eddsa(t: Topic) -> None:
    """A signature has one encoding."""
    for alg in ("EdDSA", "Ed25519"):
        made = signed(alg)
        good = b64u_decode(made.parts[2])
        s = int.from_bytes(good[32:], "little")
        t.validate(
            f"{alg.lower()}-s-plus-l",
            f"{alg} with S + L",
            "JOSE-8 T104",
            made.with_signature(good[:32] + (s + ED_ORDER).to_bytes(32, "little")),
            BAD,
            config="all",
            flags="forgery",
        )
        t.validate(
            f"{alg.lower()}-identity",
            f"{alg} with R the identity and S zero",
            "JOSE-8 T105",
            made.with_signature(bytes([1]) + bytes(63)),
            BAD,
            config="all",
            flags="forgery",
        )
        t.validate(
            f"{alg.lower()}-s-is-l",
            f"{alg} with S = L",
            "JOSE-8 T104",
            made.with_signature(good[:32] + ED_ORDER.to_bytes(32, "little")),
            BAD,
            config="all",
            flags="forgery",
        )


def raw_rsa(encoded: bytes, name: str) -> bytes:
    """An RSA private operation on a chosen encoded message: for padding that no signer writes."""
    numbers = rsa_key(name).private_numbers()
    value = pow(int.from_bytes(encoded, "big"), numbers.d, numbers.public_numbers.n)
    return value.to_bytes(len(encoded), "big")


def rsa_key(name: str) -> rsa.RSAPrivateKey:
    """The committed RSA key."""
    key = private(name)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


SHA256_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
SHA256_INFO_NO_NULL = bytes.fromhex("302f300b0609608648016503040201" + "0420")


def rsa_padding(t: Topic) -> None:
    """PKCS#1 and PSS by other rules than JWA's."""
    made = signed("RS256")
    data = ".".join(made.parts[:2]).encode()
    digest = hashes.Hash(hashes.SHA256())
    digest.update(data)
    hashed = digest.finalize()
    size = 256
    info = SHA256_INFO + hashed

    def encoded(block: bytes, fill: bytes = b"\xff", kind: bytes = b"\x01", separator: bytes = b"\0") -> bytes:
        return b"\0" + kind + fill * (size - 2 - len(separator) - len(block)) + separator + block

    short = b"\0\x01" + b"\xff" * 8 + b"\0" + info
    forms = {
        "no-null": encoded(SHA256_INFO_NO_NULL + hashed),
        "no-info": encoded(hashed),
        "type-2": encoded(info, kind=b"\x02"),
        "type-0": encoded(info, kind=b"\0"),
        "fill-00": encoded(info, fill=b"\0"),
        "garbage-after": short + b"\x2a" * (size - len(short)),
        "zeros-after": short + bytes(size - len(short)),
        "no-separator": encoded(info, separator=b""),
        "sha1-info": encoded(bytes.fromhex("3021300906052b0e03021a05000414") + hashed[:20]),
        "truncated-hash": encoded(SHA256_INFO + hashed[:31]),
    }
    for name, block in forms.items():
        assert len(block) == size, name
        t.validate(
            f"rs256-padding-{name}",
            f"PKCS#1 v1.5 padding: {name}",
            "AT-VAL-5 T108",
            made.with_signature(raw_rsa(block, "rsa-2048-a")),
            BAD,
            config="all",
            flags="forgery",
        )
    n = rsa_key("rsa-2048-a").public_key().public_numbers().n
    shifted = int.from_bytes(b64u_decode(made.parts[2]), "big") + n
    if shifted < 1 << (8 * size):
        t.validate(
            "rs256-plus-n",
            "The signature plus n",
            "AT-VAL-5 T108",
            made.with_signature(shifted.to_bytes(size, "big")),
            BAD,
            config="all",
            flags="forgery",
        )
    ps = signed("PS256")
    ps_data = ".".join(ps.parts[:2]).encode()
    t.validate(
        "ps256-as-rs256",
        "A PSS signature under RS256",
        "JOSE-1 T07",
        made.with_signature(PSS.sign("rsa-2048-a", data, pss(hashes.SHA256()), hashes.SHA256(), "PS256")),
        BAD,
        config="all",
        flags="forgery",
    )
    t.validate(
        "rs256-as-ps256",
        "A PKCS#1 v1.5 signature under PS256",
        "JOSE-1 T07",
        ps.with_signature(rsa_key("rsa-2048-a").sign(ps_data, padding.PKCS1v15(), hashes.SHA256())),
        BAD,
        config="all",
        flags="forgery",
    )
    variants = {
        "salt-0": (pss(hashes.SHA256(), 0), hashes.SHA256()),
        "salt-20": (pss(hashes.SHA256(), 20), hashes.SHA256()),
        "salt-33": (pss(hashes.SHA256(), 33), hashes.SHA256()),
        "salt-max": (pss(hashes.SHA256(), 222), hashes.SHA256()),
        "mgf-sha1": (pss(hashes.SHA256(), mgf=hashes.SHA1()), hashes.SHA256()),
        "mgf-sha512": (pss(hashes.SHA256(), mgf=hashes.SHA512()), hashes.SHA256()),
        "sha512": (pss(HASHES["512"]), HASHES["512"]),
    }
    for name, (pad, used) in variants.items():
        t.validate(
            f"ps256-{name}",
            f"PSS by other parameters: {name}",
            "AT-VAL-5 T109",
            ps.with_signature(PSS.sign("rsa-2048-a", ps_data, pad, used, f"PS256/{name}")),
            BAD,
            config="all",
            flags="forgery",
        )


def swapped(t: Topic) -> None:
    """Parts of two good tokens do not make a third."""
    first, second = token(), token(body=claims(sub="auth0|other"))
    a, b, _ = first.parts
    t.validate(
        "spliced", "The signature of another good token", "AT-VAL-5", f"{a}.{b}.{second.parts[2]}", BAD, flags="forgery"
    )
    head = b64u(text(header(x=1)).encode())
    t.validate(
        "header-changed",
        "A header member added after signing",
        "AT-VAL-5",
        f"{head}.{b}.{first.parts[2]}",
        BAD,
        flags="forgery",
    )
    respelled = b64u(text(claims()).replace(",", ", ").encode())
    t.validate(
        "respelled",
        "The same claims with other white space",
        "AT-VAL-5",
        f"{a}.{respelled}.{first.parts[2]}",
        BAD,
        flags="forgery",
    )
