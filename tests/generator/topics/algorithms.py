"""Every algorithm verifies, in both profiles; none verifies under another's name."""

from __future__ import annotations

from ..build import Topic, claims, header, token
from ..common import ASYMMETRIC, KEY_FOR, SYMMETRIC, TYP, config, jwks, topic, verifying_jwk
from ..encoding import b64u, text
from ..expect import Err
from ..jose import make, sign_segments
from ..keys import oct_jwk, public_jwk

NOT_ALLOWED = Err("algorithm_not_allowed")


def build() -> list[Topic]:
    """The files of this topic."""
    t = topic("algorithms", "Signature algorithms: each one verifies, and only under its own name.")
    t.config("all", config(profiles=["rfc9068", "auth0"], jwks=jwks(*map(verifying_jwk, ASYMMETRIC))))
    t.config(
        "symmetric",
        config(profiles=["rfc9068", "auth0"], algorithms=SYMMETRIC, jwks=jwks(*map(verifying_jwk, SYMMETRIC))),
    )
    good(t)
    none(t)
    empty_signatures(t)
    names(t)
    confusion(t)
    lists(t)
    return [t]


def good(t: Topic) -> None:
    """A token of every algorithm in both profiles."""
    for profile, typ in TYP.items():
        for alg, key in KEY_FOR.items():
            made = make({"typ": typ, "alg": alg, "kid": alg.lower()}, claims(profile), alg, key)
            asymmetric = alg in ASYMMETRIC
            t.validate(
                f"{profile}-{alg.lower()}",
                f"{alg} in the {profile} profile",
                "AT-VAL-5 PRO-7 AT-HDR-2" if alg == "RS256" else "AT-VAL-5 PRO-7",
                made,
                profile,
                config="all" if asymmetric else "symmetric",
            )
    for alg in SYMMETRIC:
        made = make({"typ": "at+jwt", "alg": alg, "kid": alg.lower()}, claims(), alg, KEY_FOR[alg])
        t.validate(
            f"default-refuses-{alg.lower()}",
            f"{alg} is on no default list",
            "JOSE-1 AT-HDR-1",
            made,
            NOT_ALLOWED,
            config="all",
        )


def none(t: Topic) -> None:
    """alg none, in every letter case, with a signature that was kept."""
    for spelled in ("none", "None", "NONE", "nOnE"):
        made = token(header(alg=spelled))
        t.validate(
            f"none-{spelled}-kept-signature",
            f"alg {spelled} with a real signature left on",
            "AT-HDR-1 AT-VAL-5 T01 T02",
            made,
            NOT_ALLOWED,
            flags="forgery",
        )
        t.validate(
            f"auth0-none-{spelled}",
            f"alg {spelled} under the auth0 profile",
            "AT-HDR-1 AT-VAL-5 T01 T02",
            token(header("auth0", alg=spelled), claims("auth0")),
            NOT_ALLOWED,
            config="auth0",
            flags="forgery",
        )


def empty_signatures(t: Topic) -> None:
    """Nothing after the last dot."""
    for spelled in ("none", "None", "NONE", "nOnE"):
        made = token(header(alg=spelled))
        t.validate(
            f"none-{spelled}-empty-signature",
            f"alg {spelled} with an empty signature, as RFC 7519 §6 writes it",
            "AT-HDR-1 AT-VAL-5 T01 T02",
            ".".join([*made.parts[:2], ""]),
            NOT_ALLOWED,
            flags="forgery",
        )
    t.validate(
        "es256-empty-signature",
        "ES256 with an empty signature: an empty segment",
        "AT-VAL-5 JOSE-4 T52",
        ".".join([*token().parts[:2], ""]),
        Err("token_malformed"),
        flags="forgery",
    )


def names(t: Topic) -> None:
    """What `alg` may be called."""
    wrong_types = {"null": None, "number": 256, "array": ["ES256"], "object": {"name": "ES256"}, "true": True}
    for name, value in wrong_types.items():
        t.validate(
            f"alg-{name}", f"alg is a JSON {name}", "JOSE-5 T03", token(header(alg=value)), Err("token_malformed")
        )
    t.validate(
        "alg-absent", "no alg at all", "JOSE-5 T03", token({"typ": "at+jwt", "kid": "es256"}), Err("token_malformed")
    )
    strings = {
        "empty": "",
        "trailing-space": "ES256 ",
        "leading-space": " ES256",
        "nul": "ES256\0",
        "lower-case": "es256",
        "es256k": "ES256K",
        "rs1": "RS1",
        "hs1": "HS1",
        "ml-dsa": "ML-DSA-44",
        "ed448": "Ed448",
        "rsa-oaep": "RSA-OAEP",
        "oid": "1.2.840.10045.4.3.2",
    }
    for name, value in strings.items():
        t.validate(
            f"alg-{name}",
            f"alg {value!r} is no algorithm of ours",
            "JOSE-1 T03 T23",
            token(header(alg=value)),
            NOT_ALLOWED,
        )


def confusion(t: Topic) -> None:
    """Public keys as HMAC secrets, and one family's signature under another's name."""
    rs_key = verifying_jwk("RS256")
    t.config("rsa", config(jwks=jwks(rs_key)))
    head = {"typ": "at+jwt", "alg": "HS256", "kid": "rs256"}
    signing_input = [b64u(text(part).encode()) for part in (head, claims())]
    # The HMAC key is the public JWK's text: what a verifier without key types would hash with.
    import hashlib
    import hmac as hmac_module

    for name, secret in {
        "jwk-text": text(rs_key).encode(),
        "jwks-text": text(jwks(rs_key)).encode(),
        "modulus": rs_key["n"].encode(),
        "empty-secret": b"",
    }.items():
        digest = hmac_module.new(secret, ".".join(signing_input).encode(), hashlib.sha256).digest()
        t.validate(
            f"hs256-over-public-{name}",
            f"HS256 keyed with {name} of a public RSA key",
            "JOSE-1 T04 T05",
            ".".join([*signing_input, b64u(digest)]),
            NOT_ALLOWED,
            config="rsa",
            flags="forgery",
        )
    for alg, name in (("PS256", "other-padding"), ("RS512", "other-hash"), ("RS384", "other-hash-384")):
        made = make({"typ": "at+jwt", "alg": alg, "kid": "rs256"}, claims(), alg, "rsa-2048-a")
        t.validate(
            f"stated-rs256-{name}",
            f"{alg} token, the JWK states RS256",
            "JOSE-1 T07",
            made,
            Err("key_mismatch"),
            config="rsa",
        )
    t.config("rsa-unstated", config(jwks=jwks(public_jwk("rsa-2048-a", kid="rsa"))))
    made = make({"typ": "at+jwt", "alg": "RS256", "kid": "rsa"}, claims(), "RS256", "rsa-2048-a")
    t.validate("unstated-rsa-rs256", "An RSA key without alg serves RS256", "JOSE-1 T06", made, config="rsa-unstated")
    for alg in ("RS384", "RS512", "PS256", "PS384", "PS512"):
        made = make({"typ": "at+jwt", "alg": alg, "kid": "rsa"}, claims(), alg, "rsa-2048-a")
        t.validate(
            f"unstated-rsa-{alg.lower()}",
            f"An RSA key without alg does not serve {alg} by default",
            "JOSE-1 T06",
            made,
            Err("key_mismatch"),
            config="rsa-unstated",
            flags="policy",
        )
    t.config("rsa-listed", config(jwks=jwks(public_jwk("rsa-2048-a", kid="rsa")), algorithms=["PS256", "RS512"]))
    for alg in ("PS256", "RS512"):
        made = make({"typ": "at+jwt", "alg": alg, "kid": "rsa"}, claims(), alg, "rsa-2048-a")
        t.validate(
            f"listed-rsa-{alg.lower()}",
            f"An RSA key without alg serves {alg} where the list names it",
            "JOSE-1 T06",
            made,
            config="rsa-listed",
            flags="policy",
        )
    made = make({"typ": "at+jwt", "alg": "RS256", "kid": "rsa"}, claims(), "RS256", "rsa-2048-a")
    t.validate(
        "listed-rsa-rs256",
        "RS256 is refused where the list leaves it out",
        "JOSE-1 T06 T22",
        made,
        NOT_ALLOWED,
        config="rsa-listed",
    )
    t.config("ec-keys", config(jwks=jwks(*(verifying_jwk(a) for a in ("ES256", "ES384", "ES512")))))
    for alg, kid in (("ES256", "es384"), ("ES384", "es256"), ("ES512", "es256"), ("ES256", "es512")):
        made = make({"typ": "at+jwt", "alg": alg, "kid": kid}, claims(), alg, KEY_FOR[alg])
        t.validate(
            f"{alg.lower()}-names-{kid}",
            f"{alg} token naming the {kid} key",
            "JOSE-1 T08",
            made,
            Err("key_mismatch"),
            config="ec-keys",
        )
    bare_ec = [public_jwk(KEY_FOR[a], kid=a.lower()) for a in ("ES256", "ES384")]
    t.config("ec-unstated", config(jwks=jwks(*bare_ec)))
    for alg, kid in (("ES256", "es384"), ("ES384", "es256")):
        made = make({"typ": "at+jwt", "alg": alg, "kid": kid}, claims(), alg, KEY_FOR[alg])
        t.validate(
            f"unstated-{alg.lower()}-names-{kid}",
            f"{alg} token naming a key of another curve",
            "JOSE-1 T08",
            made,
            Err("key_mismatch"),
            config="ec-unstated",
        )
    for alg in ("ES256", "ES384"):
        made = make({"typ": "at+jwt", "alg": alg, "kid": alg.lower()}, claims(), alg, KEY_FOR[alg])
        t.validate(
            f"unstated-{alg.lower()}",
            f"The curve binds a key without alg to {alg}",
            "JOSE-1",
            made,
            config="ec-unstated",
        )
    made = make({"typ": "at+jwt", "alg": "ES256", "kid": "rs256"}, claims(), "ES256", "p256-a")
    t.validate(
        "es256-names-rsa", "ES256 token naming an RSA key", "JOSE-1 T08", made, Err("key_mismatch"), config="rsa"
    )
    ed = {
        "ed-unstated": public_jwk("ed25519-a", kid="ed"),
        "ed-eddsa": public_jwk("ed25519-a", kid="ed", alg="EdDSA"),
        "ed-ed25519": public_jwk("ed25519-a", kid="ed", alg="Ed25519"),
    }
    for name, jwk in ed.items():
        t.config(name, config(jwks=jwks(jwk)))
        for alg in ("EdDSA", "Ed25519"):
            made = make({"typ": "at+jwt", "alg": alg, "kid": "ed"}, claims(), alg, "ed25519-a")
            fits = jwk.get("alg", alg) == alg
            t.validate(
                f"{name}-{alg.lower()}",
                f"{alg} token, JWK alg {jwk.get('alg', 'absent')}",
                "JOSE-8 JOSE-1 T23",
                made,
                "rfc9068" if fits else Err("key_mismatch"),
                config=name,
            )
    only_ed25519 = config(jwks=jwks(ed["ed-unstated"]), algorithms=["Ed25519"])
    t.config("only-ed25519", only_ed25519)
    made = make({"typ": "at+jwt", "alg": "EdDSA", "kid": "ed"}, claims(), "EdDSA", "ed25519-a")
    t.validate(
        "eddsa-not-on-list",
        "Ed25519 on the list does not allow EdDSA: two names",
        "JOSE-8 JOSE-1",
        made,
        NOT_ALLOWED,
        config="only-ed25519",
        flags="policy",
    )


def lists(t: Topic) -> None:
    """Allow-list, key and header must all three agree."""
    rs, es = verifying_jwk("RS256"), verifying_jwk("ES256")
    t.config("list-es256", config(jwks=jwks(rs, es), algorithms=["ES256"]))
    made = make({"typ": "at+jwt", "alg": "RS256", "kid": "rs256"}, claims(), "RS256", "rsa-2048-a")
    t.validate(
        "list-beats-key",
        "The key states RS256, the list says ES256 only",
        "JOSE-1 T22",
        made,
        NOT_ALLOWED,
        config="list-es256",
    )
    t.validate("list-es256-es256", "The listed algorithm", "JOSE-1 T22", token(), config="list-es256")
    mixed = config(jwks=jwks(rs, oct_jwk("hmac-32", kid="hs", alg="HS256")), algorithms=["RS256", "HS256"])
    t.config("mixed", mixed)
    made = make({"typ": "at+jwt", "alg": "HS256", "kid": "hs"}, claims(), "HS256", "hmac-32")
    t.validate("mixed-hs256", "HS256 with its own symmetric key", "JOSE-1 T19", made, config="mixed")
    made = make({"typ": "at+jwt", "alg": "HS256", "kid": "rs256"}, claims(), "HS256", "hmac-32")
    t.validate(
        "mixed-hs256-names-rsa",
        "HS256 is allowed, but the named key is an RSA key",
        "JOSE-1 T04",
        made,
        Err("key_mismatch"),
        config="mixed",
        flags="forgery",
    )
    made = make({"typ": "at+jwt", "alg": "RS256", "kid": "hs"}, claims(), "RS256", "rsa-2048-a")
    t.validate(
        "mixed-rs256-names-oct", "RS256 naming a symmetric key", "JOSE-1", made, Err("key_mismatch"), config="mixed"
    )
    first, second = (b64u(text(p).encode()) for p in (header(), claims()))
    t.validate(
        "other-key-of-the-family",
        "Signed by another P-256 key under this kid",
        "AT-VAL-5",
        sign_segments(first, second, "ES256", "p256-b"),
        Err("signature_invalid"),
        flags="forgery",
    )
