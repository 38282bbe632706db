"""Minting of client assertions: requests and the exact claims they yield."""

from __future__ import annotations

from typing import Any

from ..build import CLIENT, DROP, ISSUER, NOW, Topic
from ..common import ASYMMETRIC, KEY_FOR, jwks, verifying_jwk
from ..expect import OPEN, Err
from ..keys import oct_jwk, private_jwk, public_jwk, thumbprint
from .client_assertion_keys import plain_text
from .client_assertions import claims, client, header, server
from .mint import signing_jwk

RULES = "ASSERT-1"
JTI = {"jti": "assertion-1"}


def minter(alg: str = "RS256", **over: Any) -> dict[str, Any]:
    """A client that makes assertions; DROP leaves a member out."""
    base: dict[str, Any] = {"client_id": CLIENT, "audience": ISSUER, "keys": jwks(signing_jwk(alg))} | over
    return {name: value for name, value in base.items() if value is not DROP}


def with_secret(name: str = "client-64", **over: Any) -> dict[str, Any]:
    """A client that makes them with its secret."""
    return minter(keys=DROP, client_secret=plain_text(name), **over)


def build() -> list[Topic]:
    """The file of this topic."""
    t = Topic("client_assertions_mint", "Client assertions that are made; what one language makes, every one accepts.")
    t.config("base", minter())
    t.config("server", server(client(jwks=jwks(*map(verifying_jwk, ASYMMETRIC)))))
    keys(t)
    secrets(t)
    requests(t)
    configurations(t)
    return [t]


def keys(t: Topic) -> None:
    """Every algorithm, by the key's own or as it is asked for."""
    for alg in ASYMMETRIC:
        t.config(f"minter-{alg.lower()}", minter(alg))
        t.mint_client_assertion(
            f"alg-{alg.lower()}",
            f"{alg}, the key's own",
            RULES,
            JTI,
            claims(),
            config=f"minter-{alg.lower()}",
            head=header(alg),
            key=KEY_FOR[alg],
            validate_config="server",
        )
    unbound = private_jwk("rsa-2048-a", kid="ps256")
    t.config("chosen", minter(keys=jwks(private_jwk("p256-a", kid="es256"), unbound), algorithm="PS256"))
    t.mint_client_assertion(
        "alg-chosen",
        "The first key that serves the algorithm",
        RULES,
        JTI,
        claims(),
        config="chosen",
        head=header("PS256"),
        key="rsa-2048-a",
        validate_config="server",
    )
    t.config("nameless", minter(keys=jwks(private_jwk("ed25519-a"))))
    t.config("by-thumbprint", server(client(jwks=jwks(public_jwk("ed25519-a")))))
    t.mint_client_assertion(
        "nameless",
        "A key without a name bears its thumbprint",
        RULES,
        JTI,
        claims(),
        config="nameless",
        head=header("EdDSA", kid=thumbprint(public_jwk("ed25519-a"))),
        key="ed25519-a",
        validate_config="by-thumbprint",
    )
    t.config("one-unusable", minter(keys=jwks({"kty": "EC", "kid": "bad"}, signing_jwk("RS256"))))
    t.mint_client_assertion(
        "one-unusable",
        "An entry that cannot sign is left out",
        RULES,
        JTI,
        claims(),
        config="one-unusable",
        head=header("RS256"),
        key=KEY_FOR["RS256"],
        validate_config="server",
    )


def secrets(t: Topic) -> None:
    """The client's secret as the key of HMAC."""
    for name, alg, chosen in (
        ("client-64", "HS256", DROP),
        ("client-32", "HS256", "HS256"),
        ("client-48", "HS384", "HS384"),
        ("client-64", "HS512", "HS512"),
        ("client-utf8", "HS256", DROP),
    ):
        case = f"{name}-{alg.lower()}"
        t.config(case, with_secret(name, algorithm=chosen))
        t.config(f"server-{name}", server(client(client_secret=plain_text(name))))
        t.mint_client_assertion(
            case,
            f"{alg} under a secret: {name}",
            f"{RULES} JOSE-7",
            JTI,
            claims(),
            config=case,
            head=header(alg, kid=DROP),
            key=name,
            validate_config=f"server-{name}",
            method="client_secret_jwt",
        )


def requests(t: Topic) -> None:
    """Times and identifiers."""
    t.config("longest", minter(lifetime_seconds=300))
    t.config("shortest", minter(lifetime_seconds=1))
    for name, config, at, over in (
        ("longest", "longest", NOW, {"exp": NOW + 300}),
        ("shortest", "shortest", NOW, {"exp": NOW + 1}),
        ("fraction", "base", NOW + 0.75, {}),
        ("epoch", "base", 0, {"exp": 60, "iat": 0}),
    ):
        made = claims(**over)
        t.mint_client_assertion(
            f"time-{name}",
            f"Times: {name}",
            RULES,
            JTI,
            made,
            config=config,
            head=header("RS256"),
            key=KEY_FOR["RS256"],
            at=at,
            validate_config="server",
        )
    strange = 'quoted "\\ \u00e9\u0001'
    t.mint_client_assertion(
        "jti-strange",
        "An identifier that JSON has to escape",
        RULES,
        {"jti": strange},
        claims(jti=strange),
        config="base",
        head=header("RS256"),
        key=KEY_FOR["RS256"],
        validate_config="server",
    )
    refused: tuple[tuple[str, Any, Any, Any], ...] = (
        ("jti-empty", {"jti": ""}, NOW, "jti"),
        ("jti-number", {"jti": 7}, NOW, OPEN),
        ("unknown", {"sub": CLIENT}, NOW, OPEN),
        ("large", {"jti": "x" * 16_384}, NOW, OPEN),
        ("no-object", [], NOW, OPEN),
        ("before-epoch", JTI, -1, OPEN),
        ("end-of-time", JTI, 253_402_300_740, OPEN),
    )
    for name, request, at, claim in refused:
        t.mint_client_assertion(
            f"refused-{name}",
            f"A request that is refused: {name}",
            RULES,
            request,
            Err("argument_invalid", claim=claim, authenticated=False),
            config="base",
            at=at,
        )


def configurations(t: Topic) -> None:
    """Clients that could not authenticate."""
    long = plain_text("client-64")
    wrong: dict[str, Any] = {
        "no-client": minter(client_id=DROP),
        "empty-client": minter(client_id=""),
        "no-audience": minter(audience=DROP),
        "empty-audience": minter(audience=""),
        "audience-list": minter(audience=[ISSUER]),
        "nothing": minter(keys=DROP),
        "both": minter(client_secret=long),
        "no-key": minter(keys=jwks()),
        "public-key": minter(keys=jwks(public_jwk("p256-a", kid="es256", alg="ES256"))),
        "symmetric-key": minter(keys=jwks(oct_jwk("hmac-64", kid="k", alg="HS256"))),
        "other-algorithm": minter(algorithm="ES256"),
        "symmetric-algorithm": minter(algorithm="HS256"),
        "no-algorithm": minter(algorithm="none"),
        "no-lifetime": minter(lifetime_seconds=0),
        "long-lifetime": minter(lifetime_seconds=301),
        "short-secret": minter(keys=DROP, client_secret=long[:31]),
        "short-secret-hs384": minter(keys=DROP, client_secret=long[:47], algorithm="HS384"),
        "short-secret-hs512": minter(keys=DROP, client_secret=long[:63], algorithm="HS512"),
        "secret-es256": with_secret(algorithm="ES256"),
        "secret-number": minter(keys=DROP, client_secret=7),
        "unknown": minter(issuer=ISSUER),
    }
    for name, config in wrong.items():
        t.config(f"wrong-{name}", config)
        t.mint_client_assertion(
            f"wrong-{name}",
            f"A configuration that is refused: {name}",
            RULES,
            JTI,
            Err("config_invalid", authenticated=False),
            config=f"wrong-{name}",
            flags="config",
        )
