"""What real issuers give to clients, and what else may come in the place of an ID token."""

from __future__ import annotations

from typing import Any

from ..build import API, CLIENT, DROP, EXP, IAT, ISSUER, USER, Topic
from ..build import claims as access_claims
from ..build import header as access_header
from ..expect import Err
from ..jose import make
from .id_tokens import ACCESS_TOKEN, NONCE, SENT, config, half, header
from .kinds_matrix import KINDS, proof_header

RULES = "IDT-1 KIND-1 JOSE-9"
AUTHENTIC = {"iss": ISSUER, "sub": USER, "aud": CLIENT, "exp": EXP, "iat": IAT}
HASH = {"at_hash": half(ACCESS_TOKEN)}

# issuer -> (whether its header has a type, the claims of its ID tokens besides those of every one)
ISSUERS: dict[str, tuple[bool, dict[str, Any]]] = {
    "oidc-provider": (True, {"nonce": NONCE, "sid": "s-1"} | HASH),
    "keycloak": (
        True,
        {"jti": "j", "typ": "ID", "azp": CLIENT, "nonce": NONCE, "auth_time": IAT, "session_state": "s-1", "acr": "1"}
        | {"sid": "s-1", "email_verified": True, "realm_access": {"roles": ["a"]}, "preferred_username": "jane"}
        | HASH,
    ),
    "auth0": (True, {"sid": "s-1", "nonce": NONCE, "org_id": "org_1", "nickname": "jane", "updated_at": "2023-11-14"}),
    "okta": (False, {"ver": 1, "jti": "ID.1", "amr": ["pwd"], "idp": "00o1", "nonce": NONCE, "auth_time": IAT} | HASH),
    "entra": (
        True,
        {"nbf": IAT, "aio": "A", "rh": "0.A.", "uti": "u", "ver": "2.0", "tid": "t-1", "oid": "o-1", "nonce": NONCE}
        | {"preferred_username": "jane@example.com", "roles": ["admin"], "groups": ["g"], "wids": ["w"]},
    ),
    "google": (True, {"azp": CLIENT, "hd": "example.com", "email": "jane@example.com", "nonce": NONCE} | HASH),
    "cognito": (
        False,
        {"token_use": "id", "cognito:username": "jane", "cognito:groups": ["g"], "origin_jti": "o", "event_id": "e"}
        | {"jti": "j", "auth_time": IAT, "nonce": NONCE}
        | HASH,
    ),
    "ad-fs": (
        True,
        {
            "nbf": IAT,
            "auth_time": IAT,
            "scp": "openid profile",
            "apptype": "Confidential",
            "appid": CLIENT,
            "ver": "1.0",
        }
        | {"sid": "S-1-5-21", "upn": "jane@example.com", "unique_name": "EXAMPLE\\jane"},
    ),
    "naming-the-client": (
        True,
        {"client_id": CLIENT, "azp": CLIENT, "rat": IAT, "amr": ["pwd"], "nonce": NONCE} | HASH,
    ),
    "naming-the-scope": (True, {"scope": "openid", "nonce": NONCE, "tid": "t-1"} | HASH),
}

# name -> (claims of another kind for the very client, the kind that it is told to be)
OTHERS: dict[str, tuple[dict[str, Any], str | None]] = {
    "keycloak-access": (
        {"typ": "Bearer", "azp": CLIENT, "nonce": NONCE, "scope": "openid", "jti": "j"},
        "access_token",
    ),
    "keycloak-bound": ({"typ": "DPoP", "azp": CLIENT, "nonce": NONCE, "cnf": {"jkt": "x"}}, "access_token"),
    "keycloak-refresh": ({"typ": "Refresh", "azp": CLIENT, "nonce": NONCE, "jti": "j"}, None),
    "keycloak-offline": ({"typ": "Offline", "azp": CLIENT, "nonce": NONCE, "jti": "j"}, None),
    "keycloak-logout": ({"typ": "Logout", "sid": "s-1", "nonce": NONCE}, "logout_token"),
    "auth0-access": ({"azp": CLIENT, "scope": "openid read:patients"}, "access_token"),
    "auth0-access-empty-scope": ({"azp": CLIENT, "scope": ""}, "access_token"),
    "auth0-refreshed": ({"azp": CLIENT, "gty": "refresh_token"}, "access_token"),
    "okta-access": ({"cid": CLIENT, "uid": "u", "scp": ["openid"], "jti": "AT.1", "ver": 1}, "access_token"),
    "okta-access-with-nonce": ({"cid": CLIENT, "scp": ["openid"], "nonce": NONCE}, "access_token"),
    "cognito-access": ({"token_use": "access", "client_id": CLIENT, "scope": "openid", "jti": "j"}, "access_token"),
    "cognito-access-with-nonce": ({"token_use": "access", "nonce": NONCE}, "access_token"),
    "rfc9068-access": ({"client_id": CLIENT, "scope": "openid", "jti": "j"}, "access_token"),
    "hybrid": ({"nonce": NONCE, "events": {}} | HASH, "security_event"),
}


def build() -> list[Topic]:
    """The files of this topic."""
    t = Topic("id_token_kinds", "ID tokens as widespread issuers make them, and other kinds in their place.")
    t.config("base", config())
    for name, (typed, own) in ISSUERS.items():
        head = header(typ="JWT" if typed else DROP)
        made = make(head, AUTHENTIC | own, "ES256", "p256-a")
        sent = SENT if "nonce" in own else None
        t.validate_id_token(f"issuer-{name}", f"An ID token as of {name}", "IDT-1 KIND-1", made, require=sent)
    for name, (own, kind) in OTHERS.items():
        made = make(header(), AUTHENTIC | own, "ES256", "p256-a")
        t.validate_id_token(
            f"{name}-for-the-client",
            f"For this very client: {name}",
            f"{RULES} T38",
            made,
            Err("kind_mismatch", kind=kind),
            require=SENT if "nonce" in own else None,
        )
    for kind, (typ, body) in KINDS.items():
        if kind != "id_token":
            other(t, kind, typ, body)
    access_tokens(t)
    return [t]


def other(t: Topic, kind: str, typ: str | None, body: dict[str, Any]) -> None:
    """Another kind, under its own type, under JWT and under none."""
    for form, spelled in (("", typ), ("-full", f"application/{typ}")):
        made = make(proof_header(kind, spelled or ""), body, "ES256", "p256-a")
        t.validate_id_token(
            f"{kind}{form}",
            f"{kind}, typ {spelled}",
            f"{RULES} T34 T37",
            made,
            Err("type_mismatch", kind=kind),
            require=SENT,
        )
    for form, disguise in (("-as-jwt", "JWT"), ("-untyped", DROP)):
        for whose, over in (("", {}), ("-for-the-client", {"aud": CLIENT, "nonce": NONCE})):
            made = make(proof_header(kind, disguise), body | over, "ES256", "p256-a")
            t.validate_id_token(
                f"{kind}{form}{whose}",
                f"{kind} under a type that says nothing",
                f"{RULES} T37",
                made,
                Err("kind_mismatch", kind=kind),
                require=SENT,
            )


def access_tokens(t: Topic) -> None:
    """Access tokens of both profiles, whomever they are for."""
    for profile in ("rfc9068", "auth0"):
        for whose, audience in (("", API), ("-for-the-client", CLIENT), ("-for-both", [CLIENT, API])):
            made = make(access_header(profile), access_claims(profile, aud=audience), "ES256", "p256-a")
            code = "type_mismatch" if profile == "rfc9068" else "kind_mismatch"
            t.validate_id_token(
                f"access-token-{profile}{whose}",
                f"An access token of the profile {profile}",
                f"{RULES} T38",
                made,
                Err(code, kind="access_token"),
            )
        bare = access_claims(profile, scope=DROP, aud=[API, CLIENT])
        t.validate_id_token(
            f"access-token-{profile}-telling-nothing",
            f"An access token of the profile {profile} that an ID token could be, but for its audience",
            f"{RULES} T38",
            make(header(), bare, "ES256", "p256-a"),
            Err("audience_mismatch"),
        )
