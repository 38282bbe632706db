"""Moves from one profile to another: what is still accepted, and what the result says would refuse it afterwards."""

from __future__ import annotations

from typing import Any

from ..build import API, DROP, EXP, ISSUER, OTHER_API, OTHER_ISSUER, Topic, claims, header, token
from ..common import config, jwks, topic, verifying_jwk
from ..expect import Err
from ..jose import Token, make
from .vendors import BODIES, COGNITO, HEADERS, KEYCLOAK_ISSUER, OKTA_ISSUER, made, validator

FORMER = ("auth0", *BODIES)
TYPE = "type_mismatch"
MISSING = f"{TYPE} claim_missing"
# What RFC 9068 wants and a good token of the former profile does not have.
LACKS: dict[str, dict[str, Any]] = {
    "auth0": {"client_id": "c", "jti": "j"},
    "keycloak": {"client_id": "c"},
    "okta": {"client_id": "c"},
    "entra": {"client_id": "c", "jti": "j"},
    COGNITO: {"aud": API},
}
CLIENTS = {"auth0": "azp", "keycloak": "azp", "okta": "cid", "entra": "azp", COGNITO: "client_id"}


def former(profile: str, head: Any = None, key: str = "p256-a", **over: Any) -> Token:
    """A token of the profile that is moved from, with some claims changed or left out."""
    if profile == "auth0":
        return token(head or header("auth0"), claims("auth0", **over), key=key)
    if key == "p256-a":
        return made(profile, head, **over)
    return make(head or HEADERS[profile], BODIES[profile] | over, "ES256", key)


def standard(profile: str, **over: Any) -> Token:
    """An RFC 9068 token of the same issuer, for the same API."""
    own = moving(profile)
    return token(body=claims(iss=own["issuer"], aud=own["audience"], **over))


def moving(profile: str, **over: Any) -> dict[str, Any]:
    """A validator of an issuer whose tokens move from a profile to RFC 9068, which is the default."""
    base = config() if profile == "auth0" else validator(profile)
    own = {name: value for name, value in base.items() if name != "profiles"}
    return {"audience": API} | own | {"migrate_from": profile} | over


def build() -> list[Topic]:
    """The files of this topic."""
    t = topic("migration", "Moves from one profile to another, and what they would break.")
    for profile in FORMER:
        t.config(profile, moving(profile))
        from_profile(t, profile)
    demands(t)
    other_reasons(t)
    still_refused(t)
    several_issuers(t)
    faults(t)
    return [t]


def from_profile(t: Topic, profile: str) -> None:
    """What holds of every former profile on the way to RFC 9068."""
    issuer = moving(profile)["issuer"]
    # Where tokens name no audience, none of them is meant for this API.
    breaks = f"{MISSING} audience_mismatch" if profile == COGNITO else MISSING
    t.validate(
        f"{profile}-former",
        f"A {profile} token on the way to RFC 9068",
        "PRO-7",
        former(profile),
        profile,
        config=profile,
        breaks=breaks,
    )
    t.validate(
        f"{profile}-former-type-only",
        f"A {profile} token that has every claim of RFC 9068, and not its type",
        "PRO-7 AT-VAL-1",
        former(profile, **LACKS[profile]),
        profile,
        config=profile,
        breaks=TYPE,
    )
    t.validate(
        f"{profile}-standard",
        f"An RFC 9068 token of an issuer that moves from {profile}",
        "PRO-7 AT-VAL-1",
        standard(profile),
        config=profile,
    )
    lists = {"profiles": ["rfc9068"], "client_ids": None}
    t.config(f"{profile}-moved", moving(profile, migrate_from=None, **lists))
    t.validate(
        f"{profile}-moved",
        f"A {profile} token where migrate_from was dropped",
        "PRO-7 AT-VAL-1",
        former(profile),
        Err("type_mismatch"),
        config=f"{profile}-moved",
    )
    client = CLIENTS[profile]
    bad: dict[str, tuple[Token, Err, dict[str, Any]]] = {
        "expired": (former(profile), Err("token_expired", claim="exp"), {"at": EXP + 30}),
        f"without-{client.replace('_', '-')}": (
            former(profile, **{client: DROP}),
            Err("claim_missing", claim=client),
            {},
        ),
        "client-malformed": (former(profile, **{client: 5}), Err("claim_malformed", claim=client), {}),
        "other-kind": (former(profile, at_hash="x"), Err("kind_mismatch", kind="id_token"), {}),
        "other-audience": (former(profile, aud=OTHER_API), Err("audience_mismatch", claim="aud"), {}),
        "other-key": (former(profile, key="p256-b"), Err("signature_invalid"), {}),
        "other-issuer": (
            former(profile, iss="https://unknown.example/"),
            Err("issuer_unknown", authenticated=False),
            {},
        ),
        "other-type": (former(profile, head=header(typ="x+jwt")), Err("type_mismatch"), {}),
        "scope-missing": (
            former(profile),
            Err("scope_insufficient", claim="scope"),
            {"require": {"scopes": ["write:patients"]}},
        ),
    }
    for name, (wrong, error, given) in bad.items():
        t.validate(
            f"{profile}-former-{name}",
            f"A {profile} token that is refused, whatever is moved to: {name}",
            "PRO-7",
            wrong,
            error,
            config=profile,
            **given,
        )
    loose: dict[str, tuple[Token, Err]] = {
        "without-client": (
            standard(profile, client_id=DROP, azp="c", cid="c"),
            Err("claim_missing", claim="client_id"),
        ),
        "without-jti": (standard(profile, jti=DROP), Err("claim_missing", claim="jti")),
        "other-audience": (
            token(body=claims(iss=issuer, aud=OTHER_API)),
            Err("audience_mismatch", claim="aud"),
        ),
    }
    for name, (wrong, error) in loose.items():
        t.validate(
            f"{profile}-standard-{name}",
            f"Beside {profile} RFC 9068 is as strict as ever: {name}",
            "PRO-7 AT-CLM-1",
            wrong,
            error,
            config=profile,
        )
    t.authenticate(
        f"{profile}-request",
        f"A {profile} token within a request",
        "PRO-7 RS-1",
        {"headers": [["Authorization", f"Bearer {former(profile).compact}"]]},
        former(profile),
        config=profile,
        profile=profile,
        breaks=breaks,
    )


def demands(t: Topic) -> None:
    """What an endpoint demands is asked by both profiles, each in its own claims."""
    for profile in FORMER:
        wanted = "email" if profile == "keycloak" else "read:patients"
        breaks = f"{MISSING} audience_mismatch" if profile == COGNITO else MISSING
        t.validate(
            f"{profile}-scope-demanded",
            f"A scope of a {profile} token that RFC 9068 "
            + ("does not find" if profile in ("okta", "entra") else "finds too"),
            "PRO-7 AT-VAL-9",
            former(profile),
            profile,
            config=profile,
            require={"scopes": [wanted]},
            breaks=f"{breaks} scope_insufficient" if profile in ("okta", "entra") else breaks,
        )
    t.validate(
        "okta-scope-in-both",
        "Scopes in both claims are found by both profiles",
        "PRO-7 AT-VAL-9",
        former("okta", scope="openid read:patients"),
        "okta",
        config="okta",
        require={"scopes": ["read:patients"]},
        breaks=MISSING,
    )
    t.validate(
        "okta-scope-of-the-standard-only",
        "What only the profile moved to would find is not enough",
        "PRO-7 AT-VAL-9",
        former("okta", scope="write:patients", **LACKS["okta"]),
        Err("scope_insufficient", claim="scope"),
        config="okta",
        require={"scopes": ["write:patients"]},
    )
    t.validate(
        "okta-no-scope-demanded",
        "An empty list demands nothing of either profile",
        "PRO-7 AT-VAL-9",
        former("okta", **LACKS["okta"]),
        "okta",
        config="okta",
        require={"scopes": []},
        breaks=TYPE,
    )
    t.validate(
        "okta-scope-of-the-standard-demanded",
        "An RFC 9068 token whose scopes stand in scp",
        "PRO-7 AT-VAL-9",
        standard("okta", scope=DROP, scp=["read:patients"]),
        Err("scope_insufficient", claim="scope"),
        config="okta",
        require={"scopes": ["read:patients"]},
    )
    alike = {"roles": ["Orders.Read"], "acr_values": ["1"], "max_age": 300}
    t.validate(
        "entra-alike-demanded",
        "Roles, acr and auth_time have one place in every profile",
        "PRO-7 STEP-1 AT-VAL-9",
        former("entra", acr="1", auth_time=EXP - 3600, **LACKS["entra"]),
        "entra",
        config="entra",
        require=alike,
        breaks=TYPE,
    )


def other_reasons(t: Topic) -> None:
    """Claims that the former profile does not look at, and profiles other than RFC 9068 to move to."""
    for form, value in {"number": 5, "empty": "", "null": None, "array": ["c"]}.items():
        t.validate(
            f"auth0-client-id-{form}",
            f"client_id, of which auth0 knows nothing: {form}",
            "PRO-7 T87",
            former("auth0", client_id=value, jti="j"),
            "auth0",
            config="auth0",
            breaks=f"{TYPE} claim_malformed",
        )
    t.validate(
        "auth0-malformed-and-missing",
        "Each code is told once, in the order of the checks",
        "PRO-7",
        former("auth0", client_id=5),
        "auth0",
        config="auth0",
        breaks=f"{TYPE} claim_malformed claim_missing",
    )
    t.validate(
        "auth0-media-type",
        "The former type may be spelt out",
        "PRO-7",
        former("auth0", head=header("auth0", typ="application/JWT")),
        "auth0",
        config="auth0",
        breaks=MISSING,
    )
    moves: dict[str, tuple[str, str, dict[str, Any], str]] = {
        "okta-to-entra": ("okta", "entra", {}, f"{TYPE} claim_malformed claim_missing"),
        "keycloak-to-okta": ("keycloak", "okta", {"nonce": "n"}, f"{TYPE} kind_mismatch claim_missing"),
        "auth0-to-okta": ("auth0", "okta", {"cid": API, "jti": "j"}, f"{TYPE} kind_mismatch"),
        "entra-to-cognito": ("entra", COGNITO, {}, f"{MISSING} audience_mismatch"),
    }
    for name, (profile, to, over, breaks) in moves.items():
        clients = {"client_ids": ["1example23456789"]} if to == COGNITO else {}
        t.config(name, moving(profile, profiles=[to], **clients))
        t.validate(
            name,
            f"A {profile} token on the way to {to}",
            "PRO-7",
            former(profile, **over),
            profile,
            config=name,
            breaks=breaks,
        )
    t.config("backwards", config(profiles=["auth0"], migrate_from="rfc9068"))
    t.validate(
        "standard-to-auth0",
        "An RFC 9068 token where the API moves to auth0",
        "PRO-7",
        token(),
        "rfc9068",
        config="backwards",
        breaks=MISSING,
    )
    t.validate(
        "standard-to-auth0-nonce",
        "What RFC 9068 needs not care about, auth0 does",
        "PRO-7 KIND-1",
        token(body=claims(azp="c", nonce="n")),
        "rfc9068",
        config="backwards",
        breaks=f"{TYPE} kind_mismatch",
    )
    t.validate(
        "standard-to-auth0-moved",
        "An auth0 token where the API moves to auth0",
        "PRO-7",
        former("auth0"),
        "auth0",
        config="backwards",
    )
    t.config("both", config(profiles=["rfc9068", "auth0"]))
    t.validate(
        "both-accepted",
        "Two profiles that are both meant to stay break nothing",
        "PRO-7",
        former("auth0"),
        "auth0",
        config="both",
    )


def still_refused(t: Topic) -> None:
    """Other options bind the former profile as they bind the other."""
    t.config("limited", moving("auth0", required_claims=["org_id"], max_lifetime_seconds=3599))
    t.validate(
        "limited-required",
        "A claim that the configuration requires",
        "PRO-7 AT-CLM-1",
        former("auth0"),
        Err("claim_missing", claim="org_id"),
        config="limited",
    )
    t.validate(
        "limited-lifetime",
        "A lifetime that the configuration limits",
        "PRO-7 AT-VAL-6",
        former("auth0", org_id="o"),
        Err("lifetime_exceeded"),
        config="limited",
    )
    t.validate(
        "limited-held",
        "Within these limits",
        "PRO-7",
        former("auth0", org_id="o", exp=EXP - 1),
        "auth0",
        config="limited",
        breaks=MISSING,
    )
    thumbprint = "A" * 43
    bound = former("auth0", cnf={"x5t#S256": thumbprint})
    t.validate(
        "bound-without-certificate",
        "A bound token of the former profile, without its certificate",
        "PRO-7 CNF-1",
        bound,
        Err("binding_missing"),
        config="auth0",
    )
    t.validate(
        "bound",
        "The same, with its certificate",
        "PRO-7 CNF-1",
        bound,
        "auth0",
        config="auth0",
        request={"client_certificate_sha256": thumbprint},
        breaks=MISSING,
    )
    t.validate(
        "cognito-other-client",
        "A client that is not on the list, where tokens name no audience",
        "PRO-7 AT-VAL-4",
        former(COGNITO, client_id="2example"),
        Err("audience_mismatch", claim="client_id"),
        config=COGNITO,
    )
    t.validate(
        "cognito-standard-other-client",
        "The list binds tokens without audience only",
        "PRO-7 AT-VAL-4",
        standard(COGNITO, client_id="2example"),
        config=COGNITO,
    )


def several_issuers(t: Topic) -> None:
    """Each issuer moves by itself, or all as the top says."""
    keys = jwks(verifying_jwk("ES256"))
    stays = {"issuer": OTHER_ISSUER, "jwks": keys}
    t.config(
        "one-of-several",
        {
            "audience": [API, "orders"],
            "issuers": [
                {"issuer": ISSUER, "jwks": keys, "migrate_from": "auth0"},
                stays,
                {"issuer": KEYCLOAK_ISSUER, "jwks": keys, "migrate_from": "keycloak"},
            ],
        },
    )
    t.validate(
        "several-first",
        "The issuer that moves",
        "PRO-7",
        former("auth0"),
        "auth0",
        config="one-of-several",
        breaks=MISSING,
    )
    t.validate(
        "several-last",
        "Another that moves from another profile",
        "PRO-7",
        former("keycloak"),
        "keycloak",
        config="one-of-several",
        breaks=MISSING,
    )
    for name, iss, result in (
        ("stays", OTHER_ISSUER, Err("type_mismatch")),
        ("of-another", KEYCLOAK_ISSUER, Err("claim_missing", claim="jti")),
    ):
        t.validate(
            f"several-{name}",
            f"A token of auth0's profile from an issuer that does not move from it: {name}",
            "PRO-7 JOSE-9",
            former("auth0", iss=iss),
            result,
            config="one-of-several",
        )
    t.validate(
        "several-standard",
        "An RFC 9068 token of the issuer that stays",
        "PRO-7",
        token(body=claims(iss=OTHER_ISSUER)),
        config="one-of-several",
    )
    t.config(
        "from-the-top",
        {
            "audience": [API, "api://default"],
            "migrate_from": "auth0",
            "issuers": [
                {"issuer": ISSUER, "jwks": keys},
                {"issuer": OTHER_ISSUER, "jwks": keys, "profiles": ["okta"]},
                {"issuer": OKTA_ISSUER, "jwks": keys, "migrate_from": "okta"},
            ],
        },
    )
    t.validate(
        "top-inherited", "What the top says", "PRO-7", former("auth0"), "auth0", config="from-the-top", breaks=MISSING
    )
    t.validate(
        "top-inherited-to-another",
        "What the top says, and a profile of the entry's own to move to",
        "PRO-7",
        former("auth0", iss=OTHER_ISSUER, cid="c"),
        "auth0",
        config="from-the-top",
        breaks=MISSING,
    )
    t.validate(
        "top-replaced",
        "An entry that moves from a profile of its own",
        "PRO-7",
        former("okta"),
        "okta",
        config="from-the-top",
        breaks=MISSING,
    )
    t.validate(
        "top-replaced-refused",
        "The top's profile, at an entry that moves from its own",
        "PRO-7 JOSE-9",
        former("auth0", iss=OKTA_ISSUER),
        Err("type_mismatch"),
        config="from-the-top",
    )


def faults(t: Topic) -> None:
    """A move leads from one profile to one other, of another type."""
    entry = {"issuer": ISSUER, "jwks": jwks(verifying_jwk("ES256"))}
    wrong: dict[str, dict[str, Any]] = {
        "beside-several": config(profiles=["rfc9068", "okta"], migrate_from="auth0"),
        "beside-itself": config(profiles=["rfc9068", "auth0"], migrate_from="auth0"),
        "to-itself": config(migrate_from="rfc9068"),
        "to-itself-auth0": config(profiles=["auth0"], migrate_from="auth0"),
        "to-one-type": config(profiles=["keycloak"], migrate_from="auth0"),
        "to-one-type-entra": config(profiles=["auth0"], migrate_from="entra"),
        "to-one-type-none": config(profiles=["okta"], migrate_from=COGNITO, client_ids=["c"]),
        "without-clients": config(migrate_from=COGNITO),
        "clients-unused": config(migrate_from="auth0", client_ids=["c"]),
        "unknown": config(migrate_from="ping"),
        "letter-case": config(migrate_from="Auth0"),
        "empty": config(migrate_from=""),
        "array": config(migrate_from=["auth0"]),
        "number": config(migrate_from=1),
        "true": config(migrate_from=True),
        "camel": config(migrateFrom="auth0"),
        "profiles-empty": config(profiles=[], migrate_from="auth0"),
        "entry-to-itself": {"audience": API, "issuers": [entry | {"migrate_from": "rfc9068"}]},
        "entry-beside-several": {
            "audience": API,
            "profiles": ["rfc9068", "okta"],
            "issuers": [entry | {"migrate_from": "auth0"}],
        },
        "entry-unknown": {"audience": API, "issuers": [entry | {"migrate_from": "ping"}]},
        "top-to-itself": {"audience": API, "migrate_from": "auth0", "issuers": [entry | {"profiles": ["auth0"]}]},
    }
    for name, faulty in wrong.items():
        t.refuse_config(f"refused-{name}", f"Refused: {name}", "PRO-7", faulty, token())
    t.config("null", config(migrate_from=None))
    t.validate("null", "null is not given", "PRO-7 AT-VAL-1", former("auth0"), Err("type_mismatch"), config="null")
