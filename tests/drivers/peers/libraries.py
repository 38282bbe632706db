"""One class per Python library, each told as much of the policy as its interface takes.

`judge` returns where the token is accepted. Whatever it raises is a refusal, but for `Skip`.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from typing import Any

from clock import Clock
from policy import ASYMMETRIC, SYMMETRIC, Policy, Skip, by_kid

ALL = frozenset((*ASYMMETRIC, *SYMMETRIC))


class Library:
    """What the driver asks of each."""

    distribution: str
    known: frozenset[str] = ALL
    # What `require` may name.
    demands: frozenset[str] = frozenset()

    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    @property
    def version(self) -> str:
        """The installed version."""
        return version(self.distribution)

    def judge(self, policy: Policy, token: str | bytes, require: dict[str, Any]) -> None:
        """Validates the token."""
        raise NotImplementedError


def text(token: str | bytes) -> str:
    """For libraries that take no bytes."""
    if isinstance(token, bytes):
        raise Skip("takes text only")
    return token


class PyJWT(Library):
    """`jwt.decode` with the key that `PyJWKClient` picks out of the set."""

    distribution = "PyJWT"
    known = ALL - {"Ed25519"}

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        import jwt
        import jwt.api_jwt

        clock.install(jwt.api_jwt)
        self.jwt = jwt

        class Client(jwt.PyJWKClient):
            """The library's own choice of a key, over a set that is at hand."""

            def __init__(self, jwks: dict[str, Any]) -> None:
                super().__init__("https://as.example/jwks", cache_jwk_set=False)
                self.jwks = jwks

            def fetch_data(self) -> Any:
                return self.jwks

        self.client = Client

    def judge(self, policy: Policy, token: str | bytes, require: dict[str, Any]) -> None:
        """Required claims by name; the type of the token is not its business."""
        client = self.client(policy.jwks)
        keys = client.get_signing_keys()
        alone = len(keys) == 1 and "kid" not in self.jwt.get_unverified_header(token)
        self.jwt.decode(
            token,
            keys[0] if alone else client.get_signing_key_from_jwt(token),
            algorithms=policy.allowed(self.known),
            audience=policy.audience,
            issuer=policy.issuer,
            leeway=policy.leeway,
            options={"require": policy.required, "enforce_minimum_key_length": True},
        )


class Authlib(Library):
    """The validator of RFC 9068. It takes no leeway and no list of algorithms."""

    distribution = "Authlib"
    known = frozenset({"RS256", "ES256", "HS256"})
    demands = frozenset({"scopes", "groups", "roles", "entitlements"})

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        from authlib.oauth2.rfc9068 import JWTBearerTokenValidator

        clock.install()

        class Validator(JWTBearerTokenValidator):
            """Keys at hand."""

            def __init__(self, policy: Policy) -> None:
                super().__init__(issuer=policy.issuer, resource_server=policy.one_audience())
                self.jwks = policy.jwks

            def get_jwks(self) -> dict[str, Any]:
                return self.jwks

        self.validator = Validator

    def judge(self, policy: Policy, token: str | bytes, require: dict[str, Any]) -> None:
        """Only the one profile that it is written for."""
        if policy.profile != "rfc9068" or policy.extra_claims:
            raise Skip("knows the claims of RFC 9068 only")
        if policy.algorithms is not None or (policy.leeway_given and policy.leeway != 0):
            raise Skip("takes no list of algorithms and no leeway")
        validator = self.validator(policy)
        held = validator.authenticate_token(token)
        # One entry with spaces asks for all of its members, several for any one.
        demands = {name: [" ".join(members)] for name, members in require.items() if members}
        validator.validate_token(
            held,
            demands.get("scopes"),
            None,
            groups=demands.get("groups"),
            roles=demands.get("roles"),
            entitlements=demands.get("entitlements"),
        )


class Joserfc(Library):
    """`jwt.decode` with a key set, a header registry that wants the type, and a claims registry."""

    distribution = "joserfc"

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        from joserfc import jwk, jwt
        from joserfc.jws import JWSRegistry
        from joserfc.registry import HeaderParameter

        self.jwk, self.jwt, self.registry, self.parameter = jwk, jwt, JWSRegistry, HeaderParameter

    def judge(self, policy: Policy, token: str | bytes, require: dict[str, Any]) -> None:
        """Its registries take the clock, the leeway, and a check of each header parameter."""

        def right_type(value: Any) -> None:
            if not isinstance(value, str) or value.lower() not in (
                policy.typ.lower(),
                f"application/{policy.typ.lower()}",
            ):
                raise ValueError("another type")

        allowed = policy.allowed(self.known)
        held = self.jwt.decode(
            token,
            self.jwk.KeySet.import_key_set(policy.jwks),
            registry=self.registry(
                header_registry={"typ": self.parameter("Type", right_type, required=True)}, algorithms=allowed
            ),
        )
        claims: dict[str, Any] = {name: {"essential": True} for name in policy.required}
        claims["iss"]["value"] = policy.issuer
        claims["aud"]["values"] = policy.audience
        self.jwt.JWTClaimsRegistry(
            now=self.clock.now,  # type: ignore[arg-type]  # a fraction is compared as well
            leeway=policy.leeway,  # type: ignore[arg-type]
            **claims,
        ).validate(held.claims)


class PythonJose(Library):
    """`jwt.decode` with the key under the token's `kid`: given the set, it would try every key."""

    distribution = "python-jose"
    known = frozenset({"RS256", "RS384", "RS512", "ES256", "ES384", "ES512", *SYMMETRIC})

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        from jose import jwt

        clock.install(jwt)
        self.jwt = jwt

    def judge(self, policy: Policy, token: str | bytes, require: dict[str, Any]) -> None:
        """Required claims by name."""
        self.jwt.decode(
            token,
            by_kid(policy.jwks, self.jwt.get_unverified_header(token)),
            algorithms=policy.allowed(self.known),
            audience=policy.one_audience(),
            issuer=policy.issuer,
            options={"leeway": policy.leeway} | {f"require_{name}": True for name in policy.required},
        )


class Jwcrypto(Library):
    """`jwt.JWT`, twice: once with required claims, once without, as only the latter judges an optional `nbf`."""

    distribution = "jwcrypto"

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock)
        from jwcrypto import jwk, jwt

        clock.install()
        self.jwk, self.jwt = jwk, jwt

    def judge(self, policy: Policy, token: str | bytes, require: dict[str, Any]) -> None:
        """Its check of `typ` looks at a claim, not at the header."""
        keys = self.jwk.JWKSet.from_json(json.dumps(policy.jwks))
        required: dict[str, Any] = dict.fromkeys(policy.required)
        required |= {"iss": policy.issuer, "aud": policy.audience}
        for claims in (required, None):
            held = self.jwt.JWT(
                algs=policy.allowed(self.known), check_claims=claims, expected_type="JWS", strict_serialization=True
            )
            held.leeway = policy.leeway
            held.deserialize(text(token), keys)


LIBRARIES: dict[str, type[Library]] = {
    "peer-pyjwt": PyJWT,
    "peer-authlib": Authlib,
    "peer-joserfc": Joserfc,
    "peer-python-jose": PythonJose,
    "peer-jwcrypto": Jwcrypto,
}
