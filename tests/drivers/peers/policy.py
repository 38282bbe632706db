"""What a question asks of any library: our validator configuration, as far as others can be told of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

ASYMMETRIC = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA", "Ed25519"),
)
SYMMETRIC = ("HS256", "HS384", "HS512")
# profile -> (typ, the claims that it requires)
PROFILES = {
    "rfc9068": ("at+jwt", ("iss", "sub", "aud", "client_id", "exp", "iat", "jti")),
    "auth0": ("JWT", ("iss", "sub", "aud", "azp", "exp", "iat")),
}
# Members that only shape the challenge, or that say what holds without them.
WITHOUT_EFFECT = {"realm", "resource_metadata"}
KNOWN = {
    *("issuer", "audience", "jwks", "profiles", "algorithms", "leeway_seconds"),
    *("max_lifetime_seconds", "max_token_bytes", "required_claims"),
}


class Skip(Exception):
    """What the library cannot be told or asked."""


@dataclass(frozen=True)
class Policy:
    """One issuer, one profile, and what is expected of its tokens."""

    issuer: str
    audience: list[str]
    jwks: dict[str, Any]
    profile: str
    algorithms: list[str] | None
    leeway: float
    leeway_given: bool
    extra_claims: list[str]

    @property
    def typ(self) -> str:
        """The type of the profile."""
        return PROFILES[self.profile][0]

    @property
    def required(self) -> list[str]:
        """Every claim that must be there."""
        return list(dict.fromkeys([*PROFILES[self.profile][1], *self.extra_claims]))

    def allowed(self, known: frozenset[str]) -> list[str]:
        """The algorithms that the configuration allows and the library knows."""
        both = [alg for alg in self.algorithms or ASYMMETRIC if alg in known]
        if not both:
            # Some libraries take an empty list for none given.
            raise Skip("knows none of the algorithms listed")
        return both

    def one_audience(self) -> str:
        """The audience, for a library that expects one."""
        if len(self.audience) != 1:
            raise Skip("expects one audience")
        return self.audience[0]


def is_list_of_text(value: Any) -> bool:
    """Whether it is a list of strings."""
    return isinstance(value, list) and all(isinstance(entry, str) for entry in value)


def read(config: Any) -> Policy:
    """Reads a configuration; what no library could be told is a `Skip`."""
    if not isinstance(config, dict) or config.keys() - KNOWN - WITHOUT_EFFECT:
        raise Skip("several issuers, or an option of ours alone")
    audience = config.get("audience")
    policy = Policy(
        issuer=config.get("issuer"),  # type: ignore[arg-type]  # judged below
        audience=[audience] if isinstance(audience, str) else audience,  # type: ignore[arg-type]
        jwks=config.get("jwks"),  # type: ignore[arg-type]
        profile=profile(config.get("profiles", ["rfc9068"])),
        algorithms=config.get("algorithms"),
        leeway=config.get("leeway_seconds", 30),
        leeway_given="leeway_seconds" in config,
        extra_claims=config.get("required_claims", []),
    )
    if config.get("max_token_bytes", 16384) != 16384:
        raise Skip("bounds no size")
    if config.get("max_lifetime_seconds") is not None:
        raise Skip("bounds no lifetime")
    usable = (
        isinstance(policy.issuer, str)
        and is_list_of_text(policy.audience)
        and isinstance(policy.jwks, dict)
        and isinstance(policy.jwks.get("keys"), list)
        and (policy.algorithms is None or is_list_of_text(policy.algorithms))
        and isinstance(policy.leeway, (int, float))
        and is_list_of_text(policy.extra_claims)
    )
    if not usable:
        raise Skip("a configuration of another form")
    return policy


def profile(names: Any) -> str:
    """The one profile: no library here chooses among several by the token's type."""
    if not is_list_of_text(names) or len(names) != 1:
        raise Skip("knows one type at a time")
    if names[0] not in PROFILES:
        raise Skip("knows no vendor's profile")
    return str(names[0])


def by_kid(jwks: dict[str, Any], header: dict[str, Any]) -> dict[str, Any]:
    """The entry that a program picks for a library that takes one key: the first that bears the `kid`.

    Nothing else of the entry is looked at; a token without `kid` gets the only entry there is.
    """
    keys = jwks["keys"]
    if "kid" in header:
        keys = [key for key in keys if isinstance(key, dict) and key.get("kid", "") == header["kid"]]
    elif len(keys) != 1:
        keys = []
    if not keys:
        raise LookupError("no key bears the kid")
    return dict(keys[0])
