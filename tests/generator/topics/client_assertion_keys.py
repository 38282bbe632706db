"""Client assertions: what each client authenticates with, and whose keys count for whom."""

from __future__ import annotations

from typing import Any

from ..build import CLIENT, DROP, ISSUER, OTHER_ISSUER, Topic
from ..common import ASYMMETRIC, SYMMETRIC, jwks, verifying_jwk
from ..encoding import b64u, text
from ..expect import Err
from ..jose import Token, make
from ..keys import oct_jwk, private_jwk, public_jwk, secret, thumbprint
from .client_assertions import assertion, claims, client, header, server

RULES = "ASSERT-1 JOSE-1"
NEIGHBOUR = "client-8"
CONFIDENTIAL = "client-9"


def plain_text(name: str) -> str:
    """A client's secret, as it stands in a configuration."""
    return secret(name).decode()


def confidential(name: str = "client-64", **over: Any) -> dict[str, Any]:
    """A client that shares a secret."""
    return client(CONFIDENTIAL, client_secret=plain_text(name), **over)


def shared(alg: str = "HS256", key: str = "client-64", **over: Any) -> Token:
    """An assertion of that client; claims are given by name."""
    return make(header(alg, kid=DROP), claims(iss=CONFIDENTIAL, sub=CONFIDENTIAL, **over), alg, key)


def unauthentic(code: str) -> Err:
    """An error that arises before the signature is good."""
    return Err(code, authenticated=False)


def build() -> list[Topic]:
    """The files of this topic."""
    t = Topic("client_assertion_keys", "What clients authenticate with: keys of their own, or a secret.")
    neighbour = client(NEIGHBOUR, jwks=jwks(public_jwk("p256-b", kid="neighbour", alg="ES256")))
    t.config("base", server(client(), neighbour, confidential()))
    t.config("every-algorithm", server(client(jwks=jwks(*map(verifying_jwk, ASYMMETRIC)))))
    for part in (algorithms, secrets, clients, choice, shape, configurations):
        part(t)
    return [t]


def algorithms(t: Topic) -> None:
    """Asymmetric algorithms, all of them unless others are listed."""
    for alg in ASYMMETRIC:
        t.validate_client_assertion(
            f"alg-{alg.lower()}", f"{alg} is accepted", RULES, assertion(alg=alg), config="every-algorithm"
        )
    t.config("es384", server(client(jwks=jwks(*map(verifying_jwk, ASYMMETRIC)), algorithms=["ES384"])))
    t.validate_client_assertion("listed", "The one that is listed", RULES, assertion(alg="ES384"), config="es384")
    t.validate_client_assertion(
        "unlisted", "One that is not listed", RULES, assertion(), unauthentic("algorithm_not_allowed"), config="es384"
    )
    rsa = public_jwk("rsa-2048-a", kid="rsa")
    t.config("rsa", server(client(jwks=jwks(rsa))))
    t.config("rsa-listed", server(client(jwks=jwks(rsa), algorithms=["PS256"])))
    for alg, config, result in (
        ("RS256", "rsa", "private_key_jwt"),
        ("PS256", "rsa", unauthentic("key_mismatch")),
        ("PS256", "rsa-listed", "private_key_jwt"),
        ("RS256", "rsa-listed", unauthentic("algorithm_not_allowed")),
    ):
        made = assertion(header(alg, kid="rsa"), alg=alg, key="rsa-2048-a")
        t.validate_client_assertion(
            f"{config}-{alg.lower()}",
            f"{alg} under an RSA key without `alg`: {config}",
            RULES,
            made,
            result,
            config=config,
        )
    none = f"{b64u(text(header(alg='none')).encode())}.{b64u(text(claims()).encode())}."
    t.validate_client_assertion(
        "none", "No signature at all", "ASSERT-1 T01", none, unauthentic("algorithm_not_allowed")
    )
    forged = make(header("HS256", kid="es256"), claims(), "HS256", "hmac-32")
    t.validate_client_assertion(
        "hmac-for-keys",
        "A MAC of a client that has keys",
        RULES,
        forged,
        unauthentic("algorithm_not_allowed"),
    )


def secrets(t: Topic) -> None:
    """Secrets, whose octets are the key (OpenID Connect Core §9, RFC 7518 §3.2)."""
    for alg in SYMMETRIC:
        t.validate_client_assertion(
            f"secret-{alg.lower()}", f"{alg} under a long secret", RULES, shared(alg), "client_secret_jwt"
        )
    t.config("secret-32", server(confidential("client-32")))
    t.config("secret-48", server(confidential("client-48")))
    t.config("secret-utf8", server(confidential("client-utf8")))
    t.config("secret-listed", server(confidential(algorithms=["HS384"])))
    for name, alg, key, config, held in (
        ("32-hs256", "HS256", "client-32", "secret-32", True),
        ("32-hs384", "HS384", "client-32", "secret-32", False),
        ("48-hs384", "HS384", "client-48", "secret-48", True),
        ("48-hs512", "HS512", "client-48", "secret-48", False),
        ("utf8", "HS256", "client-utf8", "secret-utf8", True),
        ("listed", "HS384", "client-64", "secret-listed", True),
        ("unlisted", "HS256", "client-64", "secret-listed", False),
    ):
        t.validate_client_assertion(
            f"secret-{name}",
            f"Secret: {name}",
            "ASSERT-1 JOSE-7",
            shared(alg, key),
            "client_secret_jwt" if held else unauthentic("algorithm_not_allowed"),
            config=config,
            flags="boundary",
        )
    for name, made, code in (
        ("other", shared(key="client-32"), "signature_invalid"),
        ("es256", assertion(header(kid=DROP), iss=CONFIDENTIAL, sub=CONFIDENTIAL), "algorithm_not_allowed"),
        (
            "named",
            make(header("HS256"), claims(iss=CONFIDENTIAL, sub=CONFIDENTIAL), "HS256", "client-64"),
            "key_not_found",
        ),
    ):
        t.validate_client_assertion(
            f"secret-not-{name}", f"A client with a secret: {name}", "ASSERT-1 T203", made, unauthentic(code)
        )


def clients(t: Topic) -> None:
    """A client's keys never verify another client's assertion."""
    rules = "ASSERT-1 T203"
    own = {"iss": NEIGHBOUR, "sub": NEIGHBOUR}
    named = header(kid="neighbour")
    t.validate_client_assertion("neighbour", "The other client", rules, assertion(named, key="p256-b", **own))
    for name, made, code in (
        ("kid", assertion(named, key="p256-b"), "key_not_found"),
        ("no-kid", assertion(header(kid=DROP), key="p256-b"), "signature_invalid"),
        ("own-kid", assertion(key="p256-b"), "signature_invalid"),
        ("of-neighbour", assertion(named, **own), "signature_invalid"),
        ("of-neighbour-kid", assertion(**own), "key_not_found"),
    ):
        t.validate_client_assertion(
            f"neighbour-{name}",
            f"One client as another: {name}",
            f"{rules} JOSE-2",
            made,
            unauthentic(code),
            flags="forgery",
        )
    for name, sub in (("sub", NEIGHBOUR), ("confidential-sub", CONFIDENTIAL)):
        t.validate_client_assertion(
            f"neighbour-{name}",
            "One client speaks of another",
            rules,
            assertion(sub=sub),
            Err("claim_mismatch", claim="sub"),
        )


def choice(t: Topic) -> None:
    """The key, by its name or because no other fits."""
    second = public_jwk("p256-b", kid="second", alg="ES256")
    t.config("two", server(client(jwks=jwks(verifying_jwk("ES256"), second))))
    t.config("pinned", server(client(jwks=jwks(verifying_jwk("ES256"), second), key_thumbprints=[thumbprint(second)])))
    weak = public_jwk("rsa-1024", kid="weak", alg="RS256")
    t.config("weak", server(client(jwks=jwks(verifying_jwk("ES256"), weak))))
    t.config("private", server(client(jwks=jwks(private_jwk("p256-a", kid="es256", alg="ES256")))))
    t.config("oct", server(client(jwks=jwks(verifying_jwk("ES256"), oct_jwk("hmac-64", kid="oct", alg="HS256")))))
    rules = "ASSERT-1 JOSE-2"
    t.validate_client_assertion("no-kid", "No name, one key", rules, assertion(header(kid=DROP)))
    t.validate_client_assertion(
        "private", "A private key is known by its public half", rules, assertion(), config="private"
    )
    for name, made, code, config in (
        ("ambiguous", assertion(header(kid=DROP)), "key_ambiguous", "two"),
        ("not-pinned", assertion(), "key_not_found", "pinned"),
        ("kid-unknown", assertion(header(kid="other")), "key_not_found", "base"),
        ("kid-case", assertion(header(kid="ES256")), "key_not_found", "base"),
        ("weak", make(header("RS256", kid="weak"), claims(), "RS256", "rsa-1024"), "key_too_weak", "weak"),
        ("oct", make(header("HS256", kid="oct"), claims(), "HS256", "hmac-64"), "algorithm_not_allowed", "oct"),
    ):
        t.validate_client_assertion(f"choice-{name}", f"Choice: {name}", rules, made, unauthentic(code), config=config)
    t.validate_client_assertion(
        "pinned", "The key that is pinned", rules, assertion(header(kid="second"), key="p256-b"), config="pinned"
    )


def shape(t: Topic) -> None:
    """What is no JWT, and what is too large for one."""
    good = assertion()
    head, body, signature = good.parts
    encrypted = b64u(text({"alg": "dir", "enc": "A256GCM"}).encode())
    for name, sent, code in (
        ("empty", "", "token_malformed"),
        ("two-parts", f"{head}.{body}", "token_malformed"),
        ("no-claims", f"{head}..{signature}", "token_malformed"),
        ("no-signature", f"{head}.{body}.", "token_malformed"),
        ("padded", f"{good.compact}==", "token_malformed"),
        ("line-break", f"{good.compact}\n", "token_malformed"),
        ("encrypted", f"{encrypted}.a.b.c.d", "decryption_failed"),
        ("changed", good.with_signature(bytes(64)), "signature_invalid"),
    ):
        t.validate_client_assertion(f"shape-{name}", f"Shape: {name}", "ASSERT-1 JOSE-4", sent, unauthentic(code))
    t.validate_client_assertion(
        "shape-bytes", "Octets that are no text", "JOSE-4", b"\xff.\xff.\xff", unauthentic("token_malformed")
    )
    twice = make(header(), '{"iss":"client-7","iss":"client-7"}', "ES256", "p256-a")
    t.validate_client_assertion(
        "duplicate", "A claim that is there twice", "JOSE-5", twice.compact, unauthentic("token_malformed")
    )
    for name, more in (("crit", {"crit": ["exp"]}), ("b64", {"b64": False})):
        t.validate_client_assertion(
            name,
            f"A header with `{name}`",
            "JOSE-3",
            assertion(header(**more)),
            unauthentic("critical_header_unsupported"),
        )
    t.config("small", server(max_token_bytes=len(good.compact)))
    t.config("smaller", server(max_token_bytes=len(good.compact) - 1))
    t.validate_client_assertion(
        "size-reached", "As large as allowed", "ASSERT-1", good, config="small", flags="boundary"
    )
    t.validate_client_assertion(
        "size-exceeded",
        "One octet too large",
        "ASSERT-1",
        good,
        unauthentic("token_too_large"),
        config="smaller",
        flags="boundary",
    )


def configurations(t: Topic) -> None:
    """Configurations under which clients could not be told apart, or nobody could authenticate."""
    own = client()
    long = plain_text("client-64")
    wrong: dict[str, Any] = {
        "no-issuer": {"clients": [own]},
        "empty-issuer": server(issuer=""),
        "no-clients": {"issuer": ISSUER},
        "no-client": {"issuer": ISSUER, "clients": []},
        "same-client": server(own, client(jwks=jwks(verifying_jwk("ES384")))),
        "empty-client": server(client("")),
        "nothing": server({"client_id": CLIENT}),
        "keys-and-secret": server(client(client_secret=long, jwks=jwks(verifying_jwk("ES256")))),
        "keys-and-uri": server(client(jwks_uri="https://client.example/jwks", jwks=jwks(verifying_jwk("ES256")))),
        "uri-and-secret": server(client(jwks_uri="https://client.example/jwks", client_secret=long)),
        "uri-in-clear": server(client(jwks_uri="http://client.example/jwks")),
        "no-key": server(client(jwks=jwks())),
        "only-weak-key": server(client(jwks=jwks(public_jwk("rsa-1024", kid="weak", alg="RS256")))),
        "short-secret": server(client(client_secret=long[:31])),
        "empty-secret": server(client(client_secret="")),
        "secret-too-short-for": server(client(client_secret=long[:47], algorithms=["HS384"])),
        "secret-with-es256": server(client(client_secret=long, algorithms=["ES256"])),
        "secret-with-both": server(client(client_secret=long, algorithms=["HS256", "ES256"])),
        "secret-pinned": server(client(client_secret=long, key_thumbprints=[thumbprint(public_jwk("p256-a"))])),
        "secret-is-key": server(client(client_secret=text(public_jwk("p256-a")))),
        "keys-with-hs256": server(client(algorithms=["HS256"])),
        "no-algorithm": server(client(algorithms=[])),
        "unknown-algorithm": server(client(algorithms=["none"])),
        "no-thumbprint": server(client(key_thumbprints=[])),
        "short-thumbprint": server(client(key_thumbprints=["abc"])),
        "empty-endpoint": server(danger_token_endpoint_audience=[""]),
        "endpoint-text": server(danger_token_endpoint_audience=OTHER_ISSUER),
        "leeway": server(leeway_seconds=301),
        "no-lifetime": server(max_lifetime_seconds=0),
        "no-size": server(max_token_bytes=0),
        "large-size": server(max_token_bytes=65_537),
        "audience": server(audience=ISSUER),
        "unknown-of-client": server(client(secret=long)),
        "clients-object": {"issuer": ISSUER, "clients": {CLIENT: own}},
    }
    for name, config in wrong.items():
        t.config(f"wrong-{name}", config)
        t.validate_client_assertion(
            f"wrong-{name}",
            f"A configuration that is refused: {name}",
            "ASSERT-1",
            assertion(),
            Err("config_invalid", authenticated=False),
            config=f"wrong-{name}",
            flags="config",
        )
