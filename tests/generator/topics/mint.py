"""Minting: requests and the exact claims they yield."""

from __future__ import annotations

from typing import Any

from ..build import API, CLIENT, ISSUER, NOW, OTHER_API, USER, Topic
from ..common import ASYMMETRIC, KEY_FOR, SYMMETRIC, jwks, verifying_jwk
from ..encoding import Raw
from ..keys import Jwk, oct_jwk, private_jwk, public_jwk, thumbprint
from .binding import CERTIFICATE

USERINFO = f"{ISSUER}userinfo"
LIFETIME = 3600
ORDER = (
    "iss sub aud client_id azp exp iat jti scope permissions roles groups entitlements auth_time acr amr "
    "org_id org_name authorization_details cnf act gty"
).split()
URI = "urn:ietf:params:oauth:grant-type:"
RFC, RFC_AUTHZ, PLAIN, AUTHZ = "rfc9068_profile", "rfc9068_profile_authz", "access_token", "access_token_authz"
HEAD = {RFC: "at+jwt", RFC_AUTHZ: "at+jwt", PLAIN: "JWT", AUTHZ: "JWT"}
SIGNING = {alg: alg.lower() for alg in KEY_FOR}


def signing_jwk(alg: str, **more: Any) -> Jwk:
    """The private JWK that signs `alg`."""
    members = {"kid": alg.lower(), "alg": alg} | more
    return oct_jwk(KEY_FOR[alg], **members) if alg in SYMMETRIC else private_jwk(KEY_FOR[alg], **members)


def api(audience: str = API, dialect: str = RFC, **over: Any) -> dict[str, Any]:
    """One entry of `apis`."""
    return {"audience": audience, "dialect": dialect, "scopes": ["read:patients", "write:patients"]} | over


def minter(*apis: dict[str, Any], alg: str = "RS256", **over: Any) -> dict[str, Any]:
    """A minter configuration."""
    return {"issuer": ISSUER, "keys": jwks(signing_jwk(alg)), "apis": list(apis)} | over


def request(**over: Any) -> dict[str, Any]:
    """A usual request: authorization code, one user, one API."""
    base: dict[str, Any] = {
        "grant_type": "authorization_code",
        "client_id": CLIENT,
        "subject": USER,
        "resource": [API],
        "scope": "read:patients",
    }
    return {name: value for name, value in (base | over).items() if value is not None}


def minted(dialect: str = RFC, custom: dict[str, Any] | None = None, **over: Any) -> dict[str, Any]:
    """The claims of the usual request under a dialect, in the order in which they are minted."""
    base: dict[str, Any] = {
        "iss": ISSUER,
        "sub": USER,
        "aud": API,
        "exp": NOW + LIFETIME,
        "iat": NOW,
        "scope": "read:patients",
    }
    if HEAD[dialect] == "JWT":
        base["azp"] = CLIENT
    else:
        base |= {"client_id": CLIENT, "jti": "fixed-jti"}
    if dialect in (RFC_AUTHZ, AUTHZ):
        base["permissions"] = []
    base |= over
    assert set(base) <= set(ORDER)
    return {name: base[name] for name in ORDER if base.get(name) is not None} | (custom or {})


def build() -> list[Topic]:
    """The files of this topic."""
    t = Topic(
        "mint", "Mint requests and the exact claims they yield; what one language mints, every language validates."
    )
    t.config(
        "validator",
        {
            "issuer": ISSUER,
            "audience": [API, OTHER_API, "logical-name", "urn:api:1", USERINFO, "https://example.com/health-api"],
            "profiles": ["rfc9068", "auth0"],
            "jwks": jwks(*map(verifying_jwk, ASYMMETRIC)),
        },
    )
    t.config(
        "validator-symmetric",
        t.configs["validator"] | {"algorithms": SYMMETRIC, "jwks": jwks(*map(verifying_jwk, SYMMETRIC))},
    )
    for dialect in HEAD:
        t.config(dialect, minter(api(dialect=dialect)))
    Minting(t).run()
    return [t]


class Minting:
    """Keeps what every mint case of this file shares."""

    def __init__(self, topic: Topic) -> None:
        self.t = topic

    def run(self) -> None:
        """Every case."""
        self.algorithms()
        self.dialects()
        self.samples()
        self.grants()
        self.audiences()
        self.scopes()
        self.claims()
        self.custom()

    def good(
        self,
        case_id: str,
        comment: str,
        rules: str,
        asked: Any,
        made: dict[str, Any],
        *,
        config: str = RFC,
        typ: str = "at+jwt",
        alg: str = "RS256",
        kid: str | None = None,
        jti: str | None = "fixed-jti",
        **more: Any,
    ) -> None:
        """A request that is minted."""
        head = {"typ": typ, "alg": alg, "kid": kid or alg.lower()}
        self.t.mint(
            case_id,
            comment,
            rules,
            asked,
            made,
            config=config,
            head=head,
            key=KEY_FOR[alg],
            jti=jti,
            **({"validate_config": "validator"} | more),
        )

    def algorithms(self) -> None:
        """Every algorithm, both profiles."""
        for alg in KEY_FOR:
            for dialect in (RFC, PLAIN):
                name = f"{alg.lower()}-{dialect.replace('_', '-')}"
                self.t.config(name, minter(api(dialect=dialect, algorithm=alg), alg=alg))
                self.good(
                    f"alg-{name}",
                    f"{alg} under {dialect}",
                    "AT-HDR-1 AT-HDR-2 AT-HDR-3",
                    request(),
                    minted(dialect),
                    config=name,
                    typ=HEAD[dialect],
                    alg=alg,
                    validate_config="validator" if alg in ASYMMETRIC else "validator-symmetric",
                )
        keys = jwks(signing_jwk("ES256"), signing_jwk("RS256"), signing_jwk("EdDSA"))
        self.t.config("three-keys", minter(api(algorithm="RS256"), keys=keys))
        self.good(
            "key-by-algorithm", "The API's algorithm picks the key", "JOSE-1", request(), minted(), config="three-keys"
        )
        self.t.config("first-key", minter(api(), keys=keys))
        self.good(
            "key-first",
            "No algorithm stated: that of the first usable key",
            "JOSE-1",
            request(),
            minted(),
            config="first-key",
            alg="ES256",
        )
        self.t.config(
            "first-usable-key",
            minter(
                api(),
                keys=jwks(
                    {"kty": "EC", "crv": "P-256", "kid": "broken"},
                    public_jwk("p256-b", kid="public-only", alg="ES256"),
                    signing_jwk("EdDSA"),
                ),
            ),
        )
        self.good(
            "key-first-usable",
            "A broken entry and a public key are passed over",
            "JOSE-1",
            request(),
            minted(),
            config="first-usable-key",
            alg="EdDSA",
        )
        bare = signing_jwk("RS256", kid=None)
        self.t.config("no-kid", minter(api(), keys=jwks(bare)))
        validator = self.t.configs["validator"] | {"jwks": jwks(verifying_jwk("RS256", kid=None))}
        self.t.config("validator-no-kid", validator)
        self.good(
            "kid-thumbprint",
            "A key without kid is named by its thumbprint",
            "JOSE-10",
            request(),
            minted(),
            config="no-kid",
            kid=thumbprint(public_jwk("rsa-2048-a")),
            validate_config="validator-no-kid",
        )

    def dialects(self) -> None:
        """What each dialect carries of one and the same request."""
        details = [{"type": "payment", "amount": "1.00"}]
        full = request(
            permissions=["read:patients"],
            roles=["doctor", {"value": "nurse"}],
            groups=["ward-7"],
            entitlements=["e"],
            auth_time=NOW - 60,
            acr="urn:example:loa:2",
            amr=["pwd", "otp"],
            org_id="org_1",
            org_name="example",
            authorization_details=details,
            cnf={"x5t#S256": CERTIFICATE},
            act={"sub": "svc", "act": {"sub": "inner"}},
            claims={"my_custom_claim": "my_custom_value"},
        )
        both: dict[str, Any] = {
            "org_id": "org_1",
            "org_name": "example",
            "authorization_details": details,
            "cnf": {"x5t#S256": CERTIFICATE},
            "act": {"sub": "svc", "act": {"sub": "inner"}},
        }
        only_rfc: dict[str, Any] = {
            "roles": ["doctor", {"value": "nurse"}],
            "groups": ["ward-7"],
            "entitlements": ["e"],
            "auth_time": NOW - 60,
            "acr": "urn:example:loa:2",
            "amr": ["pwd", "otp"],
        }
        custom = {"my_custom_claim": "my_custom_value"}
        for dialect in HEAD:
            over = both | (only_rfc if HEAD[dialect] == "at+jwt" else {})
            if dialect in (RFC_AUTHZ, AUTHZ):
                over = over | {"permissions": ["read:patients"]}
            self.good(
                f"full-{dialect.replace('_', '-')}",
                f"Everything a request can say, under {dialect}",
                "PRO-1 PRO-2 PRO-3 PRO-4 PRO-5 AT-CLM-1 AT-CLM-3 AT-CLM-4 AT-CLM-7 RAR-1 ACT-1 CNF-1",
                full,
                minted(dialect, custom, **over),
                config=dialect,
                typ=HEAD[dialect],
                validate_request={"client_certificate_sha256": CERTIFICATE},
            )
            self.good(
                f"plain-{dialect.replace('_', '-')}",
                f"A plain request under {dialect}",
                "PRO-1 PRO-2 PRO-3 AT-CLM-1",
                request(),
                minted(dialect),
                config=dialect,
                typ=HEAD[dialect],
            )
            self.good(
                f"m2m-{dialect.replace('_', '-')}",
                f"Client credentials under {dialect}",
                "PRO-6 AT-SEC-2 AT-CLM-2",
                request(grant_type="client_credentials", subject=None),
                minted(dialect, sub=f"{CLIENT}@clients"),
                config=dialect,
                typ=HEAD[dialect],
            )

    def samples(self) -> None:
        """The two sample tokens of the profile documentation, and their M2M sister."""
        issuer, health = "https://my-domain.auth0.com/", "https://example.com/health-api"
        userinfo = f"{issuer}userinfo"
        self.t.config(
            "sample-validator",
            {
                "issuer": issuer,
                "audience": health,
                "profiles": ["rfc9068", "auth0"],
                "jwks": jwks(verifying_jwk("RS256")),
            },
        )
        scope = "openid profile read:patients read:admin"
        for dialect in (PLAIN, RFC):
            name = f"sample-{dialect.replace('_', '-')}"
            self.t.config(
                name,
                {
                    "issuer": issuer,
                    "keys": jwks(signing_jwk("RS256")),
                    "apis": [
                        {
                            "audience": health,
                            "dialect": dialect,
                            "scopes": ["read:patients", "read:admin"],
                            "lifetime_seconds": 86400,
                        }
                    ],
                    "userinfo_audience": userinfo,
                },
            )
            common: dict[str, Any] = {"iss": issuer, "exp": NOW + 86400}
            self.good(
                name,
                f"The documentation's sample token, {dialect}",
                "PRO-1 PRO-2 PRO-5 PRO-6 AT-REQ-1",
                request(resource=[health], scope=scope, claims={"my_custom_claim": "my_custom_value"}),
                minted(dialect, {"my_custom_claim": "my_custom_value"}, aud=[health, userinfo], scope=scope, **common),
                config=name,
                typ=HEAD[dialect],
                validate_config="sample-validator",
            )
            self.good(
                f"{name}-m2m",
                f"The same API for a machine, {dialect}",
                "PRO-6",
                request(grant_type="client_credentials", subject=None, resource=[health]),
                minted(dialect, sub=f"{CLIENT}@clients", aud=health, **common),
                config=name,
                typ=HEAD[dialect],
                validate_config="sample-validator",
            )

    def grants(self) -> None:
        """Which grants have a resource owner, and gty."""
        owner = (
            "authorization_code",
            "implicit",
            "password",
            "refresh_token",
            f"{URI}device_code",
            "urn:openid:params:grant-type:ciba",
        )
        for grant in owner:
            short = grant.rsplit(":", 1)[-1].replace("_", "-")
            self.good(
                f"grant-{short}",
                f"{grant}, rfc9068",
                "AT-CLM-2 AT-CLM-3 PRO-1",
                request(grant_type=grant, auth_time=NOW - 5, acr="1", amr=["pwd"]),
                minted(auth_time=NOW - 5, acr="1", amr=["pwd"]),
            )
            gty = grant if grant in ("password", "refresh_token") else None
            self.good(
                f"grant-{short}-auth0",
                f"{grant}, auth0: gty {'minted' if gty else 'absent'}",
                "AT-CLM-2 PRO-2",
                request(grant_type=grant),
                minted(PLAIN, gty=gty),
                config=PLAIN,
                typ="JWT",
            )
        for grant in (f"{URI}token-exchange", f"{URI}jwt-bearer", "https://as.example/grants/own"):
            short = grant.rsplit(":", 1)[-1].replace("/", "").replace(".", "-")
            self.good(
                f"grant-{short}-owner",
                f"{grant} with a subject",
                "AT-CLM-2 AT-CLM-3",
                request(grant_type=grant, auth_time=5),
                minted(auth_time=5),
            )
            self.good(
                f"grant-{short}-client",
                f"{grant} without a subject",
                "AT-CLM-2 PRO-6",
                request(grant_type=grant, subject=None),
                minted(sub=f"{CLIENT}@clients"),
            )
        self.t.config("own-suffix", minter(api(), client_subject_suffix="@machines.example"))
        self.good(
            "m2m-own-suffix",
            "A configured suffix",
            "AT-SEC-2 PRO-6",
            request(grant_type="client_credentials", subject=None),
            minted(sub=f"{CLIENT}@machines.example"),
            config="own-suffix",
        )
        self.good(
            "subject-default-suffix-elsewhere",
            "@clients is no suffix where another one is configured",
            "AT-SEC-2",
            request(subject="x@clients"),
            minted(sub="x@clients"),
            config="own-suffix",
        )
        self.good(
            "subject-holds-suffix",
            "A subject that holds the suffix inside",
            "AT-SEC-2",
            request(subject="a@clients.example"),
            minted(sub="a@clients.example"),
        )

    def audiences(self) -> None:
        """resource, audience, inference, default."""
        two = [
            api(),
            api(OTHER_API, scopes=["read:other"], lifetime_seconds=600),
            api("logical-name", scopes=["read:logical"]),
        ]
        self.t.config("several", minter(*two, default_audience=OTHER_API))
        self.t.config("several-userinfo", minter(*two, default_audience=OTHER_API, userinfo_audience=USERINFO))
        rules = "AT-REQ-1 AT-SEC-1"
        self.good("aud-resource", "One resource: a string", rules, request(), minted(), config="several")
        self.good(
            "aud-logical",
            "A logical name",
            rules,
            request(resource=None, audience=["logical-name"], scope="read:logical"),
            minted(aud="logical-name", scope="read:logical"),
            config="several",
        )
        self.good(
            "aud-two",
            "Two resources: an array in the order of the request, the shortest lifetime",
            rules,
            request(resource=[OTHER_API, API], scope="read:patients read:other"),
            minted(aud=[OTHER_API, API], scope="read:patients read:other", exp=NOW + 600),
            config="several",
        )
        self.good(
            "aud-two-other-order",
            "The other order",
            rules,
            request(resource=[API, OTHER_API], scope="read:other read:patients"),
            minted(aud=[API, OTHER_API], scope="read:other read:patients", exp=NOW + 600),
            config="several",
        )
        self.good(
            "aud-twice",
            "One resource named twice counts once",
            rules,
            request(resource=[API, API]),
            minted(),
            config="several",
        )
        self.good(
            "aud-resource-and-audience-same",
            "The same API as resource and as audience counts once",
            rules,
            request(audience=[API]),
            minted(),
            config="several",
        )
        self.good(
            "aud-resource-then-audience",
            "A resource and a logical name",
            rules,
            request(audience=["logical-name"], scope="read:patients read:logical"),
            minted(aud=[API, "logical-name"], scope="read:patients read:logical"),
            config="several",
        )
        self.good(
            "aud-inferred",
            "No resource: the scopes' API",
            "AT-REQ-2",
            request(resource=None),
            minted(),
            config="several",
        )
        self.good(
            "aud-inferred-empty-lists",
            "Empty lists are no resource",
            "AT-REQ-2",
            request(resource=[], audience=[]),
            minted(),
            config="several",
        )
        self.good(
            "aud-inferred-openid",
            "OpenID scopes take no part in inference",
            "AT-REQ-2",
            request(resource=None, scope="openid profile email address phone offline_access read:patients"),
            minted(scope="openid profile email address phone offline_access read:patients"),
            config="several",
        )
        self.good(
            "aud-default",
            "No resource, no scope: the default",
            "AT-REQ-2",
            request(resource=None, scope=None),
            minted(aud=OTHER_API, exp=NOW + 600, scope=None),
            config="several",
        )
        self.good(
            "aud-default-openid",
            "Only OpenID scopes: the default",
            "AT-REQ-2",
            request(resource=None, scope="openid email"),
            minted(aud=OTHER_API, exp=NOW + 600, scope="openid email"),
            config="several",
        )
        self.good(
            "aud-userinfo",
            "openid granted to a user: userinfo is appended",
            rules,
            request(scope="openid read:patients"),
            minted(aud=[API, USERINFO], scope="openid read:patients"),
            config="several-userinfo",
        )
        self.good(
            "aud-userinfo-two",
            "userinfo after two resources",
            rules,
            request(resource=[OTHER_API, API], scope="openid read:patients"),
            minted(aud=[OTHER_API, API, USERINFO], scope="openid read:patients", exp=NOW + 600),
            config="several-userinfo",
        )
        self.good(
            "aud-userinfo-default",
            "userinfo after the default audience",
            "AT-REQ-2",
            request(resource=None, scope="openid"),
            minted(aud=[OTHER_API, USERINFO], scope="openid", exp=NOW + 600),
            config="several-userinfo",
        )
        self.good(
            "aud-userinfo-no-openid",
            "No openid, no userinfo",
            rules,
            request(scope="profile read:patients"),
            minted(scope="profile read:patients"),
            config="several-userinfo",
        )
        self.good(
            "aud-userinfo-machine",
            "No resource owner, no userinfo",
            rules,
            request(grant_type="client_credentials", subject=None, scope="openid read:patients"),
            minted(sub=f"{CLIENT}@clients", scope="openid read:patients"),
            config="several-userinfo",
        )
        self.t.config("urn", minter(api("urn:api:1")))
        self.good(
            "aud-urn",
            "A URN is an absolute URI",
            rules,
            request(resource=["urn:api:1"]),
            minted(aud="urn:api:1"),
            config="urn",
        )
        for seconds in (1, 315360000):
            self.t.config(f"lifetime-{seconds}", minter(api(lifetime_seconds=seconds)))
            self.good(
                f"lifetime-{seconds}",
                f"A lifetime of {seconds} s",
                "AT-CLM-1",
                request(),
                minted(exp=NOW + seconds),
                config=f"lifetime-{seconds}",
                flags="boundary",
            )
        self.good(
            "iat-floor",
            "A clock between two seconds: iat is the earlier",
            "AT-CLM-1 JOSE-6",
            request(),
            minted(),
            at=NOW + 0.75,
            flags="boundary",
        )

    def scopes(self) -> None:
        """scope goes into the token as granted."""
        self.good(
            "scope-two",
            "Two scopes keep their order",
            "AT-CLM-5 AT-CLM-6",
            request(scope="write:patients read:patients"),
            minted(scope="write:patients read:patients"),
        )
        self.good("scope-none", "No scope granted, none minted", "AT-CLM-5", request(scope=None), minted(scope=None))
        self.good("scope-empty", "An empty scope is none", "AT-CLM-5", request(scope=""), minted(scope=None))
        shared = [api(scopes=["a", "shared"]), api(OTHER_API, scopes=["b", "shared"])]
        self.t.config("shared-scope", minter(*shared))
        self.good(
            "scope-shared-one-resource",
            "A scope of two APIs, one of them asked for: no doubt",
            "AT-REQ-4",
            request(scope="shared a"),
            minted(scope="shared a"),
            config="shared-scope",
        )
        self.good(
            "scope-each-own",
            "Two resources, each scope in exactly one",
            "AT-REQ-4",
            request(resource=[API, OTHER_API], scope="a b openid"),
            minted(aud=[API, OTHER_API], scope="a b openid"),
            config="shared-scope",
        )

    def claims(self) -> None:
        """Single members of the request."""
        self.good(
            "permissions-empty",
            "_authz with no permissions: []",
            "PRO-3",
            request(permissions=[]),
            minted(RFC_AUTHZ),
            config=RFC_AUTHZ,
        )
        self.good(
            "permissions-several",
            "Permissions in their order",
            "PRO-3",
            request(permissions=["b", "a"]),
            minted(AUTHZ, permissions=["b", "a"]),
            config=AUTHZ,
            typ="JWT",
        )
        self.good(
            "jti-in-request",
            "The caller's own jti",
            "AT-CLM-1",
            request(jti="the-callers-own"),
            minted(jti="the-callers-own"),
            jti=None,
        )
        self.good(
            "cnf-x5t",
            "A certificate-bound token",
            "CNF-1 PRO-5",
            request(cnf={"x5t#S256": CERTIFICATE}),
            minted(cnf={"x5t#S256": CERTIFICATE}),
            validate_request={"client_certificate_sha256": CERTIFICATE},
        )
        self.good(
            "scim-objects",
            "SCIM values as objects",
            "AT-CLM-7",
            request(
                roles=[{"value": "r", "display": "R", "type": "t", "primary": True, "$ref": "https://scim.example/r"}]
            ),
            minted(
                roles=[{"value": "r", "display": "R", "type": "t", "primary": True, "$ref": "https://scim.example/r"}]
            ),
        )

    def custom(self) -> None:
        """Custom claims: order and text as given."""
        self.good(
            "custom-order",
            "Custom claims keep their order, after the profile's",
            "AT-CLM-4 PRO-5",
            request(claims={"zeta": 1, "alpha": {"b": 1, "a": 2}, "https://example.com/x": [True, None]}),
            minted(RFC, {"zeta": 1, "alpha": {"b": 1, "a": 2}, "https://example.com/x": [True, None]}),
        )
        values = {
            "big": Raw("9007199254740993"),
            "bigger": Raw("18446744073709551616"),
            "float": Raw("1.0"),
            "exponent": Raw("1E+2"),
            "minus-zero": Raw("-0"),
            "digits": Raw("0.10000000000000000000000000001"),
            "escaped": Raw('"\\u00e9\\/"'),
            "plain": Raw('"Zürich"'),
            "nested": Raw('{"a":[1.50,{"b":-0.0}]}'),
        }
        self.good(
            "custom-text",
            "Values are minted as the text given",
            "PRO-5 T62",
            request(claims=values),
            minted(RFC, values),
        )
        for name in ("nonce", "at_hash", "events", "htm", "response_type"):
            self.good(
                f"custom-{name.replace('_', '-')}-rfc9068",
                f"{name} is a custom claim like any other under rfc9068",
                "KIND-1",
                request(claims={name: "x"}),
                minted(RFC, {name: "x"}),
                flags="policy",
            )
        for name, value in (("redirect_uri", "https://app.example/cb"), ("response_type", "code")):
            self.good(
                f"custom-{name.replace('_', '-')}-auth0",
                f"{name} is a custom claim like any other under auth0",
                "KIND-1 PRO-2",
                request(claims={name: value}),
                minted(PLAIN, {name: value}),
                config=PLAIN,
                typ="JWT",
                flags="policy",
            )
        vendors = {"cid": "x", "scp": ["a"], "tid": "t", "token_use": "id", "typ": "Bearer", "ver": "1.0"}
        self.good(
            "custom-vendors-names",
            "Claims that only vendors' profiles know are custom claims like any other",
            "AT-CLM-4 PRO-5",
            request(claims=vendors),
            minted(RFC, vendors),
            flags="policy",
        )
        spaced = {"a": Raw("[1, 2 ]"), "b": Raw('{ "x" : 1 }')}
        self.good(
            "custom-spaces", "White space within a value is kept", "PRO-5", request(claims=spaced), minted(RFC, spaced)
        )
        self.good(
            "subject-non-ascii",
            "Text is minted as UTF-8",
            "AT-CLM-2",
            request(subject="J\u00fcrgen"),
            minted(sub="J\u00fcrgen"),
        )
        controls = 'a"b\\c\b\f\n\r\t\x00\x01\x0e\x10\x1f\x7f'
        self.good(
            "subject-controls",
            "Quotes, backslashes and control characters are minted as escapes",
            "AT-CLM-2 PRO-6",
            request(subject=controls),
            minted(sub=controls),
        )
        self.good(
            "custom-may-act",
            "may_act is minted as a custom claim",
            "ACT-1",
            request(claims={"may_act": {"sub": "s"}}),
            minted(RFC, {"may_act": {"sub": "s"}}),
        )
        self.good(
            "custom-prototype-names",
            "Names that JavaScript objects are born with",
            "T41",
            request(claims={"constructor": 1, "toString": "x", "__proto__": {"x": 1}}),
            minted(RFC, {"constructor": 1, "toString": "x", "__proto__": {"x": 1}}),
        )
        self.good("custom-empty", "No custom claims", "PRO-5", request(claims={}), minted())
