"""Profiles of issuers that do not follow RFC 9068 yet: the shapes of their real tokens, and what is refused."""

from __future__ import annotations

from typing import Any

from ..build import DROP, EXP, IAT, Topic, claims, header, token
from ..common import config, jwks, topic, verifying_jwk
from ..expect import OPEN, Err
from ..jose import Token, make

KEYCLOAK_ISSUER = "https://keycloak.example/realms/demo"
OKTA_ISSUER = "https://dev-1.okta.example/oauth2/default"
TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"
ENTRA_ISSUER = f"https://login.microsoftonline.example/{TENANT}/v2.0"
COGNITO_ISSUER = "https://cognito-idp.eu-central-1.amazonaws.example/eu-central-1_Example"
ENTRA_API = "6731de76-14a6-49ae-97bc-6eba6914391e"
NO_TYPE = header(typ=DROP)
COGNITO = "danger_cognito_no_audience"

# The members, and their order, of tokens as these issuers make them; values are made up.
BODIES: dict[str, dict[str, Any]] = {
    "keycloak": {
        "exp": EXP,
        "iat": IAT,
        "auth_time": IAT - 20,
        "jti": "onrtac:0a1b2c3d-1111-2222-3333-444455556666",
        "iss": KEYCLOAK_ISSUER,
        "aud": ["orders", "account"],
        "sub": "f1d7c1a2-5f3b-4d0e-9a34-0c5b6c1f7a10",
        "typ": "Bearer",
        "azp": "web-shop",
        "sid": "e5b0b1c2-0000-4000-8000-1234567890ab",
        "acr": "1",
        "allowed-origins": ["https://shop.example"],
        "realm_access": {"roles": ["offline_access", "uma_authorization"]},
        "resource_access": {"orders": {"roles": ["buyer"]}},
        "scope": "openid email profile",
        "email_verified": True,
        "preferred_username": "jane",
    },
    "okta": {
        "ver": 1,
        "jti": "AT.Qm9ndXMtb25lLWZvci10ZXN0cw",
        "iss": OKTA_ISSUER,
        "aud": "api://default",
        "iat": IAT,
        "exp": EXP,
        "cid": "0oa1b2c3d4e5f6g7h8i9",
        "uid": "00u1a2b3c4d5e6f7g8h9",
        "scp": ["openid", "read:patients"],
        "auth_time": IAT - 20,
        "sub": "jane@example.com",
    },
    "entra": {
        "aud": ENTRA_API,
        "iss": ENTRA_ISSUER,
        "iat": IAT,
        "nbf": IAT,
        "exp": EXP,
        "aio": "ATQAy/8TAAAA",
        "azp": "11112222-bbbb-3333-cccc-4444dddd5555",
        "azpacr": "1",
        "name": "Jane Doe",
        "oid": "aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb",
        "preferred_username": "jane@example.com",
        "rh": "0.ARoAv4j5cvGGr0GRqy180BHbR",
        "roles": ["Orders.Read"],
        "scp": "access_as_user read:patients",
        "sub": "AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ",
        "tid": TENANT,
        "uti": "fqiBqXLPj0eQa82S-IYFAA",
        "ver": "2.0",
    },
    COGNITO: {
        "sub": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
        "cognito:groups": ["patients"],
        "iss": COGNITO_ISSUER,
        "version": 2,
        "client_id": "1example23456789",
        "origin_jti": "aaaaaaaa-bbbb-cccc-dddd-000000000000",
        "event_id": "bbbbbbbb-cccc-dddd-eeee-000000000000",
        "token_use": "access",
        "scope": "openid read:patients",
        "auth_time": IAT - 20,
        "exp": EXP,
        "iat": IAT,
        "jti": "cccccccc-dddd-eeee-ffff-000000000000",
        "username": "jane",
    },
}
AUDIENCES = {"keycloak": "orders", "okta": "api://default", "entra": ENTRA_API}
CLIENTS = {"keycloak": "azp", "okta": "cid", "entra": "azp", COGNITO: "client_id"}
HEADERS = {"keycloak": header(typ="JWT"), "okta": NO_TYPE, "entra": header(typ="JWT"), COGNITO: NO_TYPE}
REQUIRED = {
    "keycloak": ("iss", "sub", "aud", "azp", "exp", "iat", "jti", "typ"),
    "okta": ("iss", "sub", "aud", "cid", "exp", "iat", "jti"),
    "entra": ("iss", "sub", "aud", "azp", "exp", "iat", "nbf", "tid", "ver"),
    COGNITO: ("iss", "sub", "client_id", "exp", "iat", "jti", "token_use"),
}


def made(profile: str, head: Any = None, **over: Any) -> Token:
    """A token of that issuer, with some claims changed or left out."""
    body = {name: value for name, value in (BODIES[profile] | over).items() if value is not DROP}
    return make(head or HEADERS[profile], body, "ES256", "p256-a")


def validator(profile: str, **over: Any) -> dict[str, Any]:
    """A validator of that issuer's tokens."""
    base = config(issuer=BODIES[profile]["iss"], profiles=[profile]) | over
    if profile == COGNITO:
        base = {name: value for name, value in base.items() if name != "audience"}
        return {"client_ids": ["0other", "1example23456789"]} | base
    return base | {"audience": AUDIENCES[profile]}


def build() -> list[Topic]:
    """The files of this topic."""
    t = topic("vendors", "The named profiles of Keycloak, Okta, Microsoft Entra ID and Amazon Cognito.")
    for profile in BODIES:
        t.config(profile, validator(profile))
        of_profile(t, profile)
    matrix(t)
    scopes(t)
    identity_tokens(t)
    cognito(t)
    return [t]


def of_profile(t: Topic, profile: str) -> None:
    """What holds of every one of them."""
    t.validate(f"{profile}-good", f"A {profile} token", "PRO-7", made(profile), profile, config=profile)
    for name in REQUIRED[profile]:
        authenticated = {"authenticated": False} if name == "iss" else {}
        t.validate(
            f"{profile}-without-{name.replace('_', '-')}",
            f"A {profile} token without {name}",
            "PRO-7 AT-CLM-1",
            made(profile, **{name: DROP}),
            Err("claim_missing", claim=name, **authenticated),
            config=profile,
        )
    client = CLIENTS[profile]
    for form, value in {"empty": "", "number": 5, "null": None, "array": ["x"]}.items():
        t.validate(
            f"{profile}-client-{form}",
            f"A {profile} token with the client {form}",
            "PRO-7 T87",
            made(profile, **{client: value}),
            Err("claim_malformed", claim=client),
            config=profile,
        )
    for name, claim in {"nonce": "nonce", "at-hash": "at_hash", "events": "events", "htm": "htm"}.items():
        if (profile, claim) == ("keycloak", "nonce"):
            t.validate(
                "keycloak-nonce",
                "Keycloak repeats the nonce in access tokens",
                "PRO-7 KIND-1",
                made(profile, nonce="n"),
                profile,
                config=profile,
                flags="valid policy",
            )
            continue
        kind = {"events": "security_event", "htm": "dpop_proof"}.get(claim, "id_token")
        t.validate(
            f"{profile}-{name}",
            f"A {profile} token with {claim}",
            "PRO-7 KIND-1",
            made(profile, **{claim: "x"}),
            Err("kind_mismatch", kind=kind),
            config=profile,
        )
    t.validate(
        f"{profile}-expired",
        f"An expired {profile} token",
        "PRO-7 AT-VAL-6",
        made(profile),
        Err("token_expired", claim="exp"),
        config=profile,
        at=EXP + 30,
    )
    t.validate(
        f"{profile}-standard",
        f"An RFC 9068 token where only {profile} is accepted",
        "PRO-7 AT-VAL-1",
        make(header(), claims(iss=BODIES[profile]["iss"]), "ES256", "p256-a"),
        Err("type_mismatch"),
        config=profile,
    )
    t.validate(
        f"{profile}-typ-array",
        f"A {profile} token whose typ is no string",
        "PRO-7 T35",
        made(profile, head=header(typ=["JWT"])),
        Err("type_mismatch"),
        config=profile,
    )


def matrix(t: Topic) -> None:
    """A vendor's token is refused by every profile that was not named for it."""
    for profile in BODIES:
        t.config(f"{profile}-standard", validator(profile) | {"profiles": ["rfc9068"], "audience": "x"} | no_clients())
        t.validate(
            f"matrix-{profile}-at-rfc9068",
            f"A {profile} token where only RFC 9068 is accepted",
            "PRO-7 AT-VAL-1",
            made(profile),
            Err("type_mismatch"),
            config=f"{profile}-standard",
        )
        for other in BODIES:
            if other == profile:
                continue
            name = f"{profile}-at-{other}"
            t.config(name, validator(other, issuer=BODIES[profile]["iss"]))
            if HEADERS[profile] != HEADERS[other]:
                error = Err("type_mismatch")
            else:
                # Of one type: the claims of the one are not those of the other.
                missing = {
                    "keycloak-at-entra": "nbf",
                    "entra-at-keycloak": "jti",
                    f"okta-at-{COGNITO}": "client_id",
                    f"{COGNITO}-at-okta": "aud",
                }[name]
                error = Err("claim_missing", claim=missing)
            t.validate(
                f"matrix-{name}",
                f"A {profile} token where only {other} is accepted",
                "PRO-7",
                made(profile),
                error,
                config=name,
            )


def no_clients() -> dict[str, Any]:
    """client_ids stands only beside a profile without audience."""
    return {"client_ids": None}


def scopes(t: Topic) -> None:
    """Scopes are demanded alike, wherever a profile keeps them."""
    for profile in BODIES:
        wanted = "email" if profile == "keycloak" else "read:patients"
        t.validate(
            f"{profile}-scope",
            f"A scope of a {profile} token is demanded",
            "PRO-7 AT-VAL-9",
            made(profile),
            profile,
            config=profile,
            require={"scopes": [wanted, "openid"] if profile != "entra" else [wanted]},
        )
        t.validate(
            f"{profile}-scope-missing",
            f"A scope that a {profile} token does not have",
            "PRO-7 AT-VAL-9 RS-1",
            made(profile),
            Err("scope_insufficient", claim="scope"),
            config=profile,
            require={"scopes": ["write:patients"]},
        )
    for profile, forms in {
        "okta": {"text": "a b", "number": 5, "mixed": ["a", 5], "spaced": ["a b"], "empty-member": [""], "null": None},
        "entra": {"array": ["a"], "spaces": "a  b", "number": 5},
    }.items():
        for form, value in forms.items():
            t.validate(
                f"{profile}-scp-{form}",
                f"scp of a {profile} token: {form}",
                "PRO-7 T89",
                made(profile, scp=value),
                Err("claim_malformed", claim="scp"),
                config=profile,
            )
    for count in (1000, 1001):
        t.validate(
            f"okta-scp-{count}",
            f"{count} scopes in an array",
            "PRO-7 JOSE-5 T63",
            made("okta", scp=[f"s{n}" for n in range(count)]),
            "okta" if count == 1000 else Err("token_too_large", authenticated=OPEN),
            config="okta",
            flags="valid boundary" if count == 1000 else "boundary",
        )
    t.validate(
        "okta-scp-absent",
        "A machine's token without scopes",
        "PRO-7",
        made("okta", scp=DROP),
        "okta",
        config="okta",
    )
    t.validate(
        "okta-scope-is-not-scp",
        "What stands in scope does not count where the profile says scp",
        "PRO-7 AT-VAL-9",
        made("okta", scope="write:patients"),
        Err("scope_insufficient", claim="scope"),
        config="okta",
        require={"scopes": ["write:patients"]},
    )


def identity_tokens(t: Topic) -> None:
    """ID tokens of each, and how they are told apart."""
    bodies: dict[str, tuple[dict[str, Any], Err]] = {
        "keycloak": ({"typ": "ID", "aud": "orders"}, Err("kind_mismatch", kind="id_token")),
        "okta": ({"cid": DROP, "scp": DROP}, Err("claim_missing", claim="cid")),
        "entra": ({"azp": DROP, "scp": DROP}, Err("claim_missing", claim="azp")),
        COGNITO: ({"token_use": "id", "aud": "1example23456789"}, Err("kind_mismatch", kind="id_token")),
    }
    for profile, (over, error) in bodies.items():
        t.validate(
            f"{profile}-id-token",
            f"An ID token of {profile}",
            "PRO-7 KIND-1 T36",
            made(profile, **over),
            error,
            config=profile,
        )
    for value, kind in {"Refresh": None, "Offline": None, "Logout": "logout_token", "bearer": None, "": None}.items():
        t.validate(
            f"keycloak-typ-{value.lower() or 'empty'}{'-lower' if value == 'bearer' else ''}",
            f"The claim typ is {value!r}",
            "PRO-7 KIND-1",
            made("keycloak", typ=value),
            Err("kind_mismatch", kind=kind),
            config="keycloak",
        )
    t.validate(
        "keycloak-typ-dpop-unbound",
        "A bound token says DPoP; without cnf it is a bearer token",
        "PRO-7",
        made("keycloak", typ="DPoP"),
        "keycloak",
        config="keycloak",
        flags="valid policy",
    )
    for profile in ("okta", "entra"):
        client = BODIES[profile][CLIENTS[profile]]
        t.config(f"{profile}-own-client", validator(profile) | {"audience": client})
        t.validate(
            f"{profile}-aud-is-client",
            f"A {profile} token for the client itself",
            "PRO-7 KIND-1",
            made(profile, aud=client),
            Err("kind_mismatch", kind="id_token"),
            config=f"{profile}-own-client",
        )


def cognito(t: Topic) -> None:
    """Where tokens name no audience, the clients are all there is."""
    t.validate(
        "cognito-other-client",
        "A client that is not on the list",
        "PRO-7 AT-VAL-4",
        made(COGNITO, client_id="2example"),
        Err("audience_mismatch", claim="client_id"),
        config=COGNITO,
    )
    t.validate(
        "cognito-client-prefix",
        "A client whose name begins like one on the list",
        "PRO-7 AT-VAL-4 T80",
        made(COGNITO, client_id="1example234567890"),
        Err("audience_mismatch", claim="client_id"),
        config=COGNITO,
    )
    own = "https://api.example/"
    audiences = {"other": ("https://other.example/", own), "empty": ([], own), "unknown": (own, None)}
    for name, (aud, known) in audiences.items():
        # A token that names an audience is meant for nobody else (RFC 7519, section 4.1.3).
        t.config(f"cognito-aud-{name}", validator(COGNITO) | ({"audience": known} if known else {}))
        t.validate(
            f"cognito-aud-{name}",
            f"A token that names an audience all the same: {name}",
            "PRO-7 AT-VAL-4 T79",
            made(COGNITO, aud=aud),
            Err("audience_mismatch", claim="aud"),
            config=f"cognito-aud-{name}",
        )
    t.validate(
        "cognito-aud-own",
        "A token that names this API",
        "PRO-7 AT-VAL-4",
        made(COGNITO, aud=[own, "x"]),
        COGNITO,
        config="cognito-aud-other",
    )
    for value in ("1.0", "", "2.00", 2, None):
        t.validate(
            f"entra-ver-{str(value).lower().replace('.', '-') or 'empty'}",
            f"ver of an entra token: {value!r}",
            "PRO-7",
            made("entra", ver=value),
            Err("claim_malformed", claim="ver"),
            config="entra",
        )
    good = made(COGNITO)
    for name, wrong in {
        "no-clients": {"client_ids": None},
        "empty-clients": {"client_ids": []},
        "empty-client": {"client_ids": [""]},
        "clients-text": {"client_ids": "1example23456789"},
    }.items():
        t.refuse_config(f"cognito-{name}", f"Refused: {name}", "PRO-7 AT-VAL-4", validator(COGNITO) | wrong, good)
    t.refuse_config(
        "clients-without-cognito",
        "client_ids beside a profile that names an audience",
        "PRO-7",
        config(client_ids=["client-7"]),
        token(),
    )
    t.refuse_config(
        "okta-and-cognito",
        "Two profiles of tokens without a type",
        "PRO-7",
        validator(COGNITO) | {"profiles": ["okta", COGNITO], "audience": "x"},
        good,
    )
    t.refuse_config(
        "keycloak-and-auth0",
        "Two profiles of type JWT",
        "PRO-7",
        config(profiles=["keycloak", "auth0"]),
        token(),
    )
    for name, clients in {"unused": ["client-7"], "empty": []}.items():
        several = [{"issuer": OKTA_ISSUER, "jwks": jwks(verifying_jwk("ES256")), "profiles": ["okta"]}]
        t.refuse_config(
            f"clients-at-the-top-{name}",
            f"client_ids above issuers that name audiences: {name}",
            "PRO-7",
            {"audience": "api://default", "client_ids": clients, "issuers": several},
            made("okta"),
        )
    both = {
        "audience": "api://default",
        "issuers": [
            {"issuer": OKTA_ISSUER, "jwks": jwks(verifying_jwk("ES256")), "profiles": ["okta"]},
            {
                "issuer": COGNITO_ISSUER,
                "jwks": jwks(verifying_jwk("ES256")),
                "profiles": [COGNITO],
                "client_ids": ["1example23456789"],
            },
        ],
    }
    t.config("several", both)
    for profile in ("okta", COGNITO):
        t.validate(
            f"several-{profile}",
            f"Each issuer by its own profile: {profile}",
            "PRO-7",
            made(profile),
            profile,
            config="several",
        )
