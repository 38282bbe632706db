"""Every kind of JWT of one issuer against every validator: only an access token of its own profile passes."""

from __future__ import annotations

from typing import Any

from ..build import API, CLIENT, DROP, EXP, IAT, ISSUER, USER, Topic, claims, header
from ..common import config, topic
from ..expect import OPEN, Err
from ..jose import make
from ..keys import public_jwk

VALIDATORS = ("base", "auth0", "both")
PLAIN: dict[str, Any] = {"iss": ISSUER, "sub": USER, "aud": API, "exp": EXP, "iat": IAT}

# kind -> (its own type, or None where it has none that tells; its claims, as near to an access token's as the kind
# allows: the issuer is ours and so is the audience, where the kind leaves that open)
KINDS: dict[str, tuple[str | None, dict[str, Any]]] = {
    "id_token": (None, PLAIN | {"aud": CLIENT, "azp": CLIENT, "nonce": "n-1", "at_hash": "MTIzNDU2Nzg5MDEyMzQ1Ng"}),
    "logout_token": (
        "logout+jwt",
        PLAIN | {"jti": "j", "sid": "s", "events": {"http://schemas.openid.net/event/backchannel-logout": {}}},
    ),
    "dpop_proof": (
        "dpop+jwt",
        {"iss": ISSUER, "jti": "j", "htm": "GET", "htu": API, "iat": IAT, "ath": "MTIzNDU2Nzg5MDEyMzQ1Ng"},
    ),
    "client_assertion": (
        "client-authentication+jwt",
        {"iss": ISSUER, "sub": ISSUER, "aud": API, "exp": EXP, "iat": IAT, "jti": "j"},
    ),
    "introspection_response": (
        "token-introspection+jwt",
        {"iss": ISSUER, "aud": API, "iat": IAT, "token_introspection": {"active": True, "sub": USER, "aud": API}},
    ),
    "security_event": (
        "secevent+jwt",
        PLAIN | {"jti": "j", "events": {"https://schemas.openid.net/secevent/caep/event-type/session-revoked": {}}},
    ),
    "request_object": (
        "oauth-authz-req+jwt",
        PLAIN | {"client_id": CLIENT, "response_type": "code", "redirect_uri": "https://app.example/cb"},
    ),
}
# Under typ JWT these claims are a ground by themselves; of the others, it is the missing client that refuses.
TOLD = {"id_token", "logout_token", "dpop_proof", "introspection_response", "security_event"}


def build() -> list[Topic]:
    """The files of this topic."""
    t = topic("kinds_matrix", "Each kind of JWT against each validator: only the diagonal passes.")
    t.config("both", config(profiles=["rfc9068", "auth0"]))
    for kind, (typ, body) in KINDS.items():
        for validator in VALIDATORS:
            if typ is not None:
                own_type(t, kind, typ, body, validator)
            plain_type(t, kind, body, validator)
    vendors(t)
    foreign_issuers(t)
    access_tokens(t)
    return [t]


def own_type(t: Topic, kind: str, typ: str, body: dict[str, Any], validator: str) -> None:
    """The kind says what it is."""
    for form, spelled in {"": typ, "-full": f"application/{typ}"}.items():
        t.validate(
            f"{kind}{form}-at-{validator}",
            f"{kind}, typ {spelled}, before the validator {validator}",
            "KIND-1 JOSE-9 PRO-7 T34 T37",
            make(proof_header(kind, spelled), body, "ES256", "p256-a"),
            Err("type_mismatch", kind=kind),
            config=validator,
        )


def plain_type(t: Topic, kind: str, body: dict[str, Any], validator: str) -> None:
    """The kind hides under the type that says nothing."""
    if validator == "base":
        error = Err("type_mismatch", kind=kind)
    elif kind in TOLD:
        error = Err("kind_mismatch", kind=kind)
    else:
        error = Err("claim_missing", claim="azp")
    t.validate(
        f"{kind}-as-jwt-at-{validator}",
        f"{kind}, typ JWT, before the validator {validator}",
        "KIND-1 JOSE-9 PRO-7 T36 T37",
        make(proof_header(kind, "JWT"), body, "ES256", "p256-a"),
        error,
        config=validator,
    )


def vendors(t: Topic) -> None:
    """The named profiles: under each one's own type, and under the kind's."""
    cognito = {name: value for name, value in config().items() if name != "audience"} | {"client_ids": [CLIENT]}
    forms = {
        "keycloak": ("JWT", config(profiles=["keycloak"])),
        "okta": (DROP, config(profiles=["okta"])),
        "entra": ("JWT", config(profiles=["entra"])),
        "danger_cognito_no_audience": (DROP, cognito | {"profiles": ["danger_cognito_no_audience"]}),
    }
    for validator, (disguise, configured) in forms.items():
        t.config(validator, configured)
        for kind, (typ, body) in KINDS.items():
            if typ is not None:
                own_type(t, kind, typ, body, validator)
            t.validate(
                f"{kind}-disguised-at-{validator}",
                f"{kind} under the type of the profile {validator}, before its validator",
                "KIND-1 JOSE-9 PRO-7 T36 T37",
                make(proof_header(kind, disguise), body, "ES256", "p256-a"),
                Err("kind_mismatch", kind=kind) if kind in TOLD else Err("claim_missing", claim=OPEN),
                config=validator,
            )
        for profile in ("rfc9068", "auth0"):
            t.validate(
                f"access-token-{profile}-at-{validator}",
                f"Access token of the profile {profile} before the validator {validator}",
                "PRO-7 JOSE-9 T34 T38",
                make(header(profile), claims(profile), "ES256", "p256-a"),
                Err("claim_missing", claim=OPEN) if disguise == "JWT" and profile == "auth0" else Err("type_mismatch"),
                config=validator,
            )


def proof_header(kind: str, typ: Any) -> dict[str, Any]:
    """A DPoP proof carries its key; that key is never used, and neither is it a ground."""
    return header(typ=typ, **({"jwk": public_jwk("p256-b")} if kind == "dpop_proof" else {}))


def foreign_issuers(t: Topic) -> None:
    """Kinds that a client makes: it is no issuer of ours, and the issuer is judged before the type."""
    forms: dict[str, tuple[str, dict[str, Any], Err]] = {
        "client-assertion": (
            "client-authentication+jwt",
            {"iss": CLIENT, "sub": CLIENT, "aud": ISSUER, "exp": EXP, "jti": "j"},
            Err("issuer_unknown"),
        ),
        "request-object": (
            "oauth-authz-req+jwt",
            {"iss": CLIENT, "aud": ISSUER, "client_id": CLIENT, "response_type": "code"},
            Err("issuer_unknown"),
        ),
        "dpop-proof": (
            "dpop+jwt",
            {"jti": "j", "htm": "GET", "htu": API, "iat": IAT},
            Err("claim_missing", claim="iss", authenticated=False),
        ),
    }
    for name, (typ, body, error) in forms.items():
        for validator in VALIDATORS:
            t.validate(
                f"by-client-{name}-at-{validator}",
                f"{name} as a client makes it, before the validator {validator}",
                "KIND-1 JOSE-9 T37",
                make(header(typ=typ), body, "ES256", "p256-b"),
                error,
                config=validator,
                flags="order",
            )


def access_tokens(t: Topic) -> None:
    """The two profiles: each passes where it is named, and nowhere else."""
    for profile in ("rfc9068", "auth0"):
        made = make(header(profile), claims(profile), "ES256", "p256-a")
        for validator in VALIDATORS:
            passes = validator in ("both", "base" if profile == "rfc9068" else profile)
            t.validate(
                f"access-token-{profile}-at-{validator}",
                f"Access token of the profile {profile} before the validator {validator}",
                "PRO-7 JOSE-9 T34 T38",
                made,
                profile if passes else Err("type_mismatch"),
                config=validator,
            )
        other = "auth0" if profile == "rfc9068" else "rfc9068"
        relabelled = make(header(other), claims(profile), "ES256", "p256-a")
        missing = "azp" if profile == "rfc9068" else "client_id"
        for validator in ("base" if other == "rfc9068" else other, "both"):
            t.validate(
                f"access-token-{profile}-as-{other}-at-{validator}",
                f"Claims of the profile {profile} under the type of {other}, before the validator {validator}",
                "PRO-7 JOSE-9 T38",
                relabelled,
                Err("claim_missing", claim=missing),
                config=validator,
            )
