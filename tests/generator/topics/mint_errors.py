"""Mint requests and minter configurations that are refused."""

from __future__ import annotations

from typing import Any

from ..build import API, CLIENT, OTHER_API, Topic
from ..common import jwks
from ..encoding import Raw, text
from ..expect import Err
from ..keys import oct_jwk, private_jwk, public_jwk
from .mint import AUTHZ, ORDER, PLAIN, RFC, RFC_AUTHZ, URI, USERINFO, api, minter, request, signing_jwk

TARGET = Err("invalid_target")
SCOPE = Err("invalid_scope")
AMBIGUOUS = Err("grant_ambiguous")
COLLISION = Err("subject_collision")
ARGUMENT = Err("argument_invalid")


def build() -> list[Topic]:
    """The files of this topic."""
    t = Topic("mint_errors", "Mint requests that are refused.")
    for dialect in (RFC, RFC_AUTHZ, PLAIN, AUTHZ):
        t.config(dialect, minter(api(dialect=dialect)))
    t.config(
        "several",
        minter(
            api(scopes=["a", "shared"]),
            api(OTHER_API, scopes=["b", "shared"]),
            api("logical-name", scopes=["c"]),
        ),
    )
    t.config("default", minter(api(scopes=["a"]), api(OTHER_API, scopes=["b"]), default_audience=API))
    keys = jwks(signing_jwk("RS256"), signing_jwk("ES256"))
    t.config(
        "mixed",
        minter(
            api(scopes=["a"], algorithm="RS256"),
            api(OTHER_API, scopes=["b"], algorithm="ES256"),
            api("https://auth0-api.example/", PLAIN, scopes=["c"], algorithm="RS256"),
            api("https://authz-api.example/", RFC_AUTHZ, scopes=["d"], algorithm="RS256"),
            keys=keys,
        ),
    )
    t.config("client-api", minter(api(CLIENT, PLAIN), api(CLIENT + "-authz", AUTHZ, scopes=["z"])))
    targets(t)
    scopes(t)
    subjects(t)
    reserved(t)
    arguments(t)
    c = Topic("mint_config", "Minter configurations that are refused.")
    configurations(c)
    return [t, c]


def refuse(
    t: Topic, case_id: str, comment: str, rules: str, asked: Any, error: Err, config: str = RFC, flags: str = ""
) -> None:
    """A request that is refused."""
    t.mint(case_id, comment, rules, asked, error, config=config, jti="fixed-jti", flags=flags)


def targets(t: Topic) -> None:
    """resource and audience."""
    for name, resource in {
        "unknown": "https://unknown.example/",
        "no-slash": API[:-1],
        "upper": API.upper(),
        "relative": "/patients",
        "bare": "logical",
        "empty": "",
        "space": "https://api.example/ x",
        "with-query": API + "?x",
    }.items():
        refuse(t, f"resource-{name}", f"resource: {name}", "AT-REQ-1", request(resource=[resource]), TARGET)
    refuse(t, "resource-fragment", "A resource with a fragment", "AT-REQ-1", request(resource=[API + "#x"]), TARGET)
    refuse(
        t,
        "resource-fragment-empty",
        "A resource with an empty fragment",
        "AT-REQ-1",
        request(resource=[API + "#"]),
        TARGET,
    )
    refuse(
        t,
        "resource-logical-name",
        "A logical name given as resource is no absolute URI",
        "AT-REQ-1",
        request(resource=["logical-name"], scope="c"),
        TARGET,
        "several",
    )
    refuse(
        t,
        "resource-one-unknown",
        "One known resource, one unknown",
        "AT-REQ-1",
        request(resource=[API, "https://unknown.example/"], scope="a"),
        TARGET,
        "several",
    )
    refuse(
        t,
        "audience-unknown",
        "An unknown audience",
        "AT-REQ-1",
        request(resource=None, audience=["nobody"], scope=None),
        TARGET,
    )
    refuse(
        t,
        "audience-case",
        "An audience in another letter case",
        "AT-REQ-1",
        request(resource=None, audience=["Logical-Name"], scope="c"),
        TARGET,
        "several",
    )
    refuse(
        t,
        "audience-userinfo",
        "userinfo is no API of its own",
        "AT-REQ-1",
        request(resource=None, audience=[USERINFO], scope=None),
        TARGET,
    )
    refuse(t, "no-default", "No resource, no scope, no default", "AT-REQ-2", request(resource=None, scope=None), TARGET)
    refuse(
        t,
        "no-default-openid",
        "Only OpenID scopes and no default",
        "AT-REQ-2",
        request(resource=None, scope="openid profile"),
        TARGET,
    )
    for name, resource, asked in (
        ("algorithms", [API, OTHER_API], "a b"),
        ("dialects", [API, "https://auth0-api.example/"], "a c"),
        ("authz", [API, "https://authz-api.example/"], "a d"),
    ):
        refuse(
            t,
            f"mixed-{name}",
            f"Resources that differ in {name}",
            "AT-REQ-4 PRO-4",
            request(resource=resource, scope=asked),
            TARGET,
            "mixed",
        )
    for name, audience, asked in (("plain", CLIENT, None), ("inferred", None, "read:patients")):
        refuse(
            t,
            f"audience-is-client-{name}",
            "Under Auth0's dialects an audience equal to the client would look like an ID token",
            "KIND-1 PRO-2",
            request(resource=None, audience=[audience] if audience else None, scope=asked),
            TARGET,
            "client-api",
        )


def scopes(t: Topic) -> None:
    """What no API, or more than one, stands for."""
    refuse(t, "scope-unknown", "A scope that no API lists", "AT-CLM-6", request(scope="read:patients admin"), SCOPE)
    refuse(
        t,
        "scope-unknown-no-resource",
        "The same without a resource",
        "AT-CLM-6",
        request(resource=None, scope="admin"),
        SCOPE,
    )
    refuse(
        t,
        "scope-unknown-default",
        "The same where there is a default",
        "AT-CLM-6 AT-REQ-2",
        request(resource=None, scope="admin"),
        SCOPE,
        "default",
    )
    refuse(
        t,
        "scope-unknown-two-resources",
        "A scope listed nowhere, two resources",
        "AT-CLM-6 AT-REQ-4",
        request(resource=[API, OTHER_API], scope="a b admin"),
        SCOPE,
        "several",
    )
    for name, scope in {"double-space": "read:patients  write:patients", "quote": 'read:patients "x"'}.items():
        refuse(t, f"scope-{name}", f"A scope that is none: {name}", "AT-CLM-5", request(scope=scope), SCOPE)
    refuse(t, "scope-case", "A scope in another letter case", "AT-CLM-6", request(scope="Read:patients"), SCOPE)
    refuse(
        t, "scope-other-api", "One resource, the scope of another API", "AT-CLM-6", request(scope="b"), SCOPE, "several"
    )
    refuse(
        t,
        "scope-two-apis",
        "No resource, scopes of two APIs",
        "AT-REQ-3",
        request(resource=None, scope="a b"),
        SCOPE,
        "several",
    )
    refuse(
        t,
        "scope-shared",
        "No resource, a scope that two APIs list",
        "AT-REQ-3",
        request(resource=None, scope="shared"),
        SCOPE,
        "several",
    )
    refuse(
        t,
        "scope-shared-and-own",
        "No resource, one scope of one API and one of both",
        "AT-REQ-3",
        request(resource=None, scope="a shared"),
        SCOPE,
        "several",
    )
    refuse(
        t,
        "scope-two-apis-default",
        "Scopes of two APIs are refused beside a default as well",
        "AT-REQ-3",
        request(resource=None, scope="a b"),
        SCOPE,
        "default",
    )
    refuse(
        t,
        "ambiguous-shared",
        "Two resources, a scope of both",
        "AT-REQ-4",
        request(resource=[API, OTHER_API], scope="a shared"),
        AMBIGUOUS,
        "several",
    )
    refuse(
        t,
        "ambiguous-none",
        "Two resources, a scope of a third API",
        "AT-REQ-4",
        request(resource=[API, OTHER_API], scope="a c"),
        AMBIGUOUS,
        "several",
    )


def subjects(t: Topic) -> None:
    """Who the token is about."""
    for grant in (
        "authorization_code",
        "implicit",
        "password",
        "refresh_token",
        f"{URI}device_code",
        "urn:openid:params:grant-type:ciba",
    ):
        short = grant.rsplit(":", 1)[-1].replace("_", "-")
        refuse(
            t,
            f"no-subject-{short}",
            f"{grant} without a subject",
            "AT-CLM-2",
            request(grant_type=grant, subject=None),
            Err("argument_invalid", claim="sub"),
        )
    machine = {"grant_type": "client_credentials", "subject": None}
    refuse(
        t,
        "machine-subject",
        "client_credentials with a subject",
        "AT-CLM-2 AT-SEC-2",
        request(grant_type="client_credentials"),
        Err("argument_invalid", claim="sub"),
    )
    for name, value in {"auth_time": 1700000000, "acr": "1", "amr": ["pwd"]}.items():
        safe = name.replace("_", "-")
        refuse(
            t,
            f"machine-{safe}",
            f"client_credentials with {name}",
            "AT-CLM-3",
            request(**machine, **{name: value}),
            Err("argument_invalid", claim=name),
        )
        refuse(
            t,
            f"exchange-{safe}",
            f"A grant URI without subject, with {name}",
            "AT-CLM-3",
            request(grant_type=f"{URI}token-exchange", subject=None, **{name: value}),
            Err("argument_invalid", claim=name),
        )
    for name, subject in {
        "suffix": f"{CLIENT}@clients",
        "other-client": "someone@clients",
        "only-suffix": "@clients",
    }.items():
        refuse(t, f"collision-{name}", f"A user called {subject}", "AT-SEC-2", request(subject=subject), COLLISION)
    refuse(
        t,
        "collision-exchange",
        "The same through token exchange",
        "AT-SEC-2",
        request(grant_type=f"{URI}token-exchange", subject="x@clients"),
        COLLISION,
    )
    refuse(
        t, "collision-auth0", "The same under auth0", "AT-SEC-2 PRO-6", request(subject="x@clients"), COLLISION, PLAIN
    )
    t.config("own-suffix", minter(api(), client_subject_suffix="@machines"))
    refuse(
        t,
        "collision-own-suffix",
        "A configured suffix",
        "AT-SEC-2",
        request(subject="x@machines"),
        COLLISION,
        "own-suffix",
    )


def reserved(t: Topic) -> None:
    """Custom claims must not touch what a profile owns, in either profile."""
    for dialect in (RFC, PLAIN):
        for name in (*ORDER, "nbf"):
            refuse(
                t,
                f"reserved-{dialect.replace('_', '-')}-{name.replace('_', '-')}",
                f"Custom claim {name} under {dialect}",
                "PRO-1 PRO-2 PRO-5 T119",
                request(claims={"ok": 1, name: "x"}),
                Err("claim_reserved", claim=name),
                dialect,
            )
    for name in ("nonce", "at_hash", "c_hash", "events", "token_introspection", "htm"):
        for dialect in (PLAIN, AUTHZ):
            refuse(
                t,
                f"telltale-{dialect.replace('_', '-')}-{name.replace('_', '-')}",
                f"Custom claim {name} under {dialect} would make the token look like another kind",
                "KIND-1 PRO-2",
                request(claims={name: "x"}),
                Err("claim_reserved", claim=name),
                dialect,
            )


def arguments(t: Topic) -> None:
    """Requests that say too little, too much, or the wrong thing."""
    wrong: dict[str, Any] = {
        "grant-missing": request(grant_type=None),
        "grant-unknown": request(grant_type="magic"),
        "grant-no-uri": request(grant_type=":"),
        "grant-spaces": request(grant_type="urn:a b"),
        "grant-empty": request(grant_type=""),
        "grant-number": request(grant_type=5),
        "client-missing": request(client_id=None),
        "client-number": request(client_id=5),
        "unknown-field": request(scopes=["read:patients"]),
        "unknown-field-audience": request(aud=API),
        "scope-array": request(scope=["read:patients"]),
        "scope-number": request(scope=5),
        "subject-number": request(subject=5),
        "auth-time-text": request(auth_time="5"),
        "amr-text": request(amr="pwd"),
        "permissions-text": request(permissions="a"),
        "permissions-number": request(permissions=[1]),
        "claims-array": request(claims=["a"]),
        "claims-text": request(claims="a"),
        "org-number": request(org_id=1),
        "resource-number": request(resource=[5]),
        "positional": Raw(text(list(request().values()))),
        "cnf-number": request(cnf=5),
        "cnf-empty": request(cnf={}),
        "act-text": request(act="x"),
        "details-object": request(authorization_details={"type": "payment"}),
        "details-no-type": request(authorization_details=[{"type": "payment"}, {"amount": "1.00"}]),
        "details-type-empty": request(authorization_details=[{"type": ""}]),
        "details-type-number": request(authorization_details=[{"type": 5}]),
        "auth-time-negative": request(auth_time=-1),
        "subject-empty": request(subject=""),
        "client-empty": request(client_id=""),
        "jti-empty": request(jti=""),
        "duplicate-member": Raw(text(request())[:-1] + ',"scope":"write:patients"}'),
        "duplicate-claim": Raw(text(request())[:-1] + ',"claims":{"a":1,"a":2}}'),
        "not-an-object": Raw("[]"),
        "text": Raw('"x"'),
    }
    for name, asked in wrong.items():
        refuse(t, f"argument-{name}", f"The request is wrong: {name}", "AT-CLM-1", asked, ARGUMENT)
    # A token bound to nothing that could ever match would be refused everywhere.
    thumbprint = "A" * 43
    for name, cnf in {
        "not-understood": {"kid": "k"},
        "short": {"x5t#S256": thumbprint[1:]},
        "padded": {"x5t#S256": thumbprint + "="},
        "trailing-bits": {"x5t#S256": thumbprint[:-1] + "B"},
        "one-of-two": {"x5t#S256": thumbprint, "jkt": ""},
    }.items():
        refuse(t, f"cnf-{name}", f"Bound to nothing: {name}", "CNF-1 PRO-5", request(cnf=cnf), ARGUMENT)
    # A wrong request is wrong for every API, whatever its dialect carries.
    for name, asked in {
        "roles": request(roles=5),
        "groups": request(groups=[5]),
        "entitlements": request(entitlements=[{"display": "x"}]),
        "auth-time": request(auth_time="x"),
        "jti": request(jti=""),
    }.items():
        for dialect in (RFC, PLAIN):
            refuse(
                t, f"form-{name}-{dialect}", f"Form judged: {name}", "AT-CLM-7 PRO-2", asked, ARGUMENT, config=dialect
            )


def configurations(t: Topic) -> None:
    """Minter configurations."""
    base = minter(api())

    def without(name: str) -> dict[str, Any]:
        return {key: value for key, value in base.items() if key != name}

    def entry(**over: Any) -> dict[str, Any]:
        return minter({name: value for name, value in (api() | over).items() if value is not None})

    wrong: dict[str, tuple[Any, str]] = {
        "unknown-field": (base | {"audience": API}, "PRO-4"),
        "unknown-field-in-api": (entry(aud=API), "PRO-4"),
        "issuer-missing": (without("issuer"), "AT-CLM-1"),
        "issuer-number": (base | {"issuer": 5}, "AT-CLM-1"),
        "keys-missing": (without("keys"), "AT-HDR-1"),
        "keys-empty": (base | {"keys": jwks()}, "AT-HDR-1"),
        "keys-public-only": (base | {"keys": jwks(public_jwk("rsa-2048-a", kid="k", alg="RS256"))}, "AT-HDR-1"),
        "keys-weak": (base | {"keys": jwks(private_jwk("rsa-1024", kid="k", alg="RS256"))}, "AT-HDR-1 JOSE-7"),
        "keys-short-secret": (
            minter(api(algorithm="HS256"), keys=jwks(oct_jwk("hmac-31", kid="k", alg="HS256"))),
            "JOSE-1",
        ),
        "dialect-missing": (entry(dialect=None), "PRO-3"),
        "dialect-unknown": (entry(dialect="rfc9068"), "PRO-3"),
        "dialect-case": (entry(dialect="RFC9068_PROFILE"), "PRO-3"),
        "audience-missing-in-api": (entry(audience=None), "AT-SEC-1"),
        "algorithm-none": (entry(algorithm="none"), "AT-HDR-1 T01"),
        "algorithm-none-upper": (entry(algorithm="NONE"), "AT-HDR-1 T02"),
        "algorithm-unknown": (entry(algorithm="ES256K"), "AT-HDR-1"),
        "algorithm-no-key": (entry(algorithm="ES256"), "AT-HDR-1 T119"),
        "algorithm-hs-over-rsa": (entry(algorithm="HS256"), "AT-HDR-1 T119"),
        "lifetime-0": (entry(lifetime_seconds=0), "AT-CLM-1 T119"),
        "lifetime-negative": (entry(lifetime_seconds=-1), "AT-CLM-1 T119"),
        "lifetime-too-long": (entry(lifetime_seconds=315360001), "AT-CLM-1"),
        "lifetime-text": (entry(lifetime_seconds="3600"), "AT-CLM-1"),
        "suffix-empty": (base | {"client_subject_suffix": ""}, "AT-SEC-2"),
        "suffix-number": (base | {"client_subject_suffix": 5}, "AT-SEC-2"),
        "scopes-text": (entry(scopes="read:patients"), "AT-CLM-6"),
        "apis-same-audience": (minter(api(), api(scopes=["x"])), "AT-SEC-1"),
        "default-audience-unknown": (base | {"default_audience": OTHER_API}, "AT-REQ-2"),
        "api-positional": (base | {"apis": [[API, RFC, "RS256", ["read:patients"], 3600]]}, "PRO-4"),
        "positional": (Raw(text([base["issuer"], base["keys"], base["apis"]])), "PRO-4"),
        "apis-object": (base | {"apis": {}}, "PRO-4"),
        "one-key-two-algorithms": (
            minter(
                api(algorithm="RS256"),
                api(OTHER_API, algorithm="PS256"),
                keys=jwks(private_jwk("rsa-2048-a", kid="k")),
            ),
            "JOSE-1",
        ),
        "two-keys-one-kid": (
            base | {"keys": jwks(*(private_jwk(f"rsa-2048-{name}", kid="k", alg="RS256") for name in "ab"))},
            "JOSE-1 T18",
        ),
        "kid-too-large": (
            base | {"keys": jwks(private_jwk("rsa-2048-a", kid="\x01" * 1000, alg="RS256"))},
            "AT-HDR-3",
        ),
        "reference-unknown": (base | {"keys": {"$signing_key": 0}}, "PRO-4"),
        "reference-beside-members": (base | {"keys": jwks(signing_jwk("RS256") | {"$signing_key": 0})}, "PRO-4"),
        "not-an-object": (Raw("[]"), "PRO-4"),
        "empty-object": ({}, "PRO-4"),
        "issuer-null": (base | {"issuer": None}, "AT-CLM-1"),
    }
    for name, (config, rules) in wrong.items():
        t.config(name, config)
        t.mint(name, f"Refused: {name}", rules, request(), Err("config_invalid"), config=name, flags="config")
