"""The libraries that at9068 is measured beside, each set up as its documentation has it do best.

Keys are parsed once, the algorithm is pinned, and what a library has an option for is checked: type, issuer, audience,
expiry, required claims. `verifier` gives a function from a token to its claims, which raises where the token is
refused; `signer` one that mints a token with the claims of the good one, but new times and a new identifier.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from material import REQUIRED, Algorithm, anew

Claims = dict[str, Any]
Verify = Callable[[str], Claims]
Sign = Callable[[], str]

ASYMMETRIC = ("RS256", "PS256", "ES256", "EdDSA")


class Peer:
    """A library."""

    distribution: str
    algorithms: tuple[str, ...] = (*ASYMMETRIC, "HS256")
    # What it has no option to check, or is not told to check here.
    unchecked: tuple[str, ...] = ()
    # How it is set up, where that is not plain.
    note: str = ""
    # Whether it is measured at minting.
    mints: bool = True

    def verifier(self, algorithm: Algorithm) -> Verify:
        """What validates."""
        raise NotImplementedError

    def signer(self, algorithm: Algorithm) -> Sign:
        """What mints."""
        raise NotImplementedError


def _beside(algorithm: Algorithm) -> dict[str, str]:
    """The header, for libraries that write the algorithm themselves."""
    return {name: value for name, value in algorithm.header.items() if name != "alg"}


class PyJWT(Peer):
    """`jwt.decode` with a `PyJWK`."""

    distribution = "PyJWT"
    unchecked = ("typ",)
    note = "the key is a PyJWK; required claims by name"

    def verifier(self, algorithm: Algorithm) -> Verify:
        """With every option that fits."""
        import jwt

        key, algorithms, options = jwt.PyJWK(algorithm.jwk), [algorithm.name], {"require": list(REQUIRED)}
        issuer, audience = algorithm.issuer, algorithm.audience
        return lambda token: jwt.decode(
            token, key, algorithms=algorithms, issuer=issuer, audience=audience, options=options
        )

    def signer(self, algorithm: Algorithm) -> Sign:
        """With a `PyJWK`, too."""
        import jwt

        key, name = jwt.PyJWK(algorithm.private_jwk), algorithm.name
        base, headers = algorithm.claims, _beside(algorithm)
        return lambda: jwt.encode({**base, **anew()}, key, algorithm=name, headers=headers)


class Joserfc(Peer):
    """`jwt.decode` with a header registry that wants the type, and a claims registry."""

    distribution = "joserfc"
    note = "registries of header and claims that want the type and the claims"

    def verifier(self, algorithm: Algorithm) -> Verify:
        """The registries are made once."""
        from joserfc import jwk, jwt
        from joserfc.jws import JWSRegistry
        from joserfc.registry import HeaderParameter

        def right_type(value: Any) -> None:
            if not isinstance(value, str) or value.lower() not in ("at+jwt", "application/at+jwt"):
                raise ValueError("another type")

        header = {"typ": HeaderParameter("Type", right_type, required=True)}
        registry = JWSRegistry(header_registry=header, algorithms=[algorithm.name])
        options: dict[str, Any] = {name: {"essential": True} for name in REQUIRED}
        options["iss"]["value"] = algorithm.issuer
        options["aud"]["value"] = algorithm.audience
        claims = jwt.JWTClaimsRegistry(**options)
        key = jwk.import_key(algorithm.jwk)

        def verify(token: str) -> Claims:
            held = jwt.decode(token, key, registry=registry)
            claims.validate(held.claims)
            return held.claims

        return verify

    def signer(self, algorithm: Algorithm) -> Sign:
        """With a key object."""
        from joserfc import jwk, jwt

        key, header, algorithms = jwk.import_key(algorithm.private_jwk), algorithm.header, [algorithm.name]
        base = algorithm.claims
        return lambda: jwt.encode(header, {**base, **anew()}, key, algorithms=algorithms)


class Authlib(Peer):
    """Its validator of RFC 9068, and its generator of such tokens."""

    distribution = "Authlib"
    algorithms = ("RS256", "ES256", "HS256")
    unchecked = ("algorithm pinned",)
    note = "JWTBearerTokenValidator and JWTBearerTokenGenerator with a KeySet of joserfc; the algorithm is not pinned"

    def verifier(self, algorithm: Algorithm) -> Verify:
        """As a resource protector calls it, without demands."""
        from authlib.oauth2.rfc9068 import JWTBearerTokenValidator
        from joserfc.jwk import KeySet

        keys = KeySet.import_key_set(algorithm.jwks)

        class Validator(JWTBearerTokenValidator):
            def get_jwks(self) -> KeySet:
                return keys

        validator = Validator(algorithm.issuer, algorithm.audience)

        def verify(token: str) -> Claims:
            held = validator.authenticate_token(token)
            validator.validate_token(held, None, None)
            return held

        return verify

    def signer(self, algorithm: Algorithm) -> Sign:
        """It writes times and identifier itself, and is told the rest by its hooks."""
        from authlib.oauth2.rfc9068 import JWTBearerTokenGenerator
        from joserfc.jwk import import_key

        key, base = import_key(algorithm.private_jwk), algorithm.claims
        scope = base["scope"]

        class Client:
            def get_client_id(self) -> str:
                return algorithm.expected["client_id"]

        class User:
            def get_user_id(self) -> str:
                return algorithm.expected["sub"]

        class Generator(JWTBearerTokenGenerator):
            def get_jwks(self) -> Any:
                return key

            def get_audiences(self, client: Any, user: Any, scope: Any) -> str:
                return algorithm.audience

            def get_extra_claims(self, client: Any, grant_type: Any, user: Any, scope: Any) -> Claims:
                return base

        mint, client, user = Generator(algorithm.issuer, alg=algorithm.name).access_token_generator, Client(), User()
        return lambda: mint(client, "authorization_code", user, scope)


class PythonJose(Peer):
    """`jwt.decode` with a key object of its cryptography backend."""

    distribution = "python-jose"
    algorithms = ("RS256", "ES256", "HS256")
    unchecked = ("typ", "client_id present")
    note = "a key object of its cryptography backend; requires registered claims only"

    def verifier(self, algorithm: Algorithm) -> Verify:
        """Required claims by name."""
        from jose import jwk, jwt

        key, algorithms = jwk.construct(algorithm.jwk, algorithm.name), [algorithm.name]
        issuer, audience = algorithm.issuer, algorithm.audience
        options = {f"require_{name}": True for name in REQUIRED if name != "client_id"}
        return lambda token: jwt.decode(
            token, key, algorithms=algorithms, issuer=issuer, audience=audience, options=options
        )

    def signer(self, algorithm: Algorithm) -> Sign:
        """With a key object."""
        from jose import jwk, jwt

        key, name = jwk.construct(algorithm.private_jwk, algorithm.name), algorithm.name
        base, headers = algorithm.claims, _beside(algorithm)
        return lambda: jwt.encode({**base, **anew()}, key, algorithm=name, headers=headers)


class Jwcrypto(Peer):
    """`jwt.JWT` with `check_claims`."""

    distribution = "jwcrypto"
    unchecked = ("typ",)
    note = "its check of typ looks at a claim, not at the header"

    def verifier(self, algorithm: Algorithm) -> Verify:
        """A claim without a value is only required; of `exp` it is judged by the clock, too."""
        from jwcrypto import jwk, jwt

        key, algorithms = jwk.JWK(**algorithm.jwk), [algorithm.name]
        checked: Claims = dict.fromkeys(REQUIRED)
        checked |= {"iss": algorithm.issuer, "aud": algorithm.audience}

        def verify(token: str) -> Claims:
            held = jwt.JWT(jwt=token, key=key, algs=algorithms, check_claims=checked, expected_type="JWS")
            return json.loads(held.claims)

        return verify

    def signer(self, algorithm: Algorithm) -> Sign:
        """With a key object."""
        from jwcrypto import jwk, jwt

        key, header, algorithms = jwk.JWK(**algorithm.private_jwk), algorithm.header, [algorithm.name]
        base = algorithm.claims

        def sign() -> str:
            made = jwt.JWT(header=header, claims={**base, **anew()}, algs=algorithms)
            made.make_signed_token(key)
            return made.serialize()

        return sign


class Oxyjwt(Peer):
    """`oxyjwt.decode` with a `DecodingKey`, type and required claims."""

    distribution = "oxyjwt"
    note = "a DecodingKey; type and required claims, which take it off its shortest path (see oxyjwt-plain)"

    def verifier(self, algorithm: Algorithm) -> Verify:
        """With every option that fits."""
        import oxyjwt

        key, algorithms = oxyjwt.DecodingKey.from_jwk(algorithm.jwk), [algorithm.name]
        issuer, audience, options = algorithm.issuer, algorithm.audience, {"require": list(REQUIRED)}
        return lambda token: oxyjwt.decode(
            token, key, algorithms=algorithms, issuer=issuer, audience=audience, typ="at+jwt", options=options
        )

    def signer(self, algorithm: Algorithm) -> Sign:
        """With an `EncodingKey`."""
        import oxyjwt

        kind = oxyjwt.EncodingKey
        make = {"ES256": kind.from_ec_pem, "EdDSA": kind.from_ed_pem, "HS256": kind.from_secret}
        key, name = make.get(algorithm.name, kind.from_rsa_pem)(algorithm.private_key), algorithm.name
        base, headers = algorithm.claims, _beside(algorithm)
        return lambda: oxyjwt.encode({**base, **anew()}, key, algorithm=name, headers=headers)


class OxyjwtPlain(Oxyjwt):
    """The same with no check that takes it off its shortest path."""

    unchecked = ("typ", "client_id present")
    note = "a DecodingKey; neither type nor required claims, so that it stays on its shortest path"
    # There is one way only.
    mints = False

    def verifier(self, algorithm: Algorithm) -> Verify:
        """Issuer and audience only."""
        import oxyjwt

        key, algorithms = oxyjwt.DecodingKey.from_jwk(algorithm.jwk), [algorithm.name]
        issuer, audience = algorithm.issuer, algorithm.audience
        return lambda token: oxyjwt.decode(token, key, algorithms=algorithms, issuer=issuer, audience=audience)


class PyjwtRs(Peer):
    """`jwt_rs.decode` with the form of key that is fastest for the algorithm: PEM, or `PyJWK` for EdDSA."""

    distribution = "pyjwt-rs"
    unchecked = ("typ",)
    note = "the fastest form of key: PEM, which it keeps parsed; a PyJWK for EdDSA"

    def verifier(self, algorithm: Algorithm) -> Verify:
        """With every option that fits."""
        import jwt_rs

        key = jwt_rs.PyJWK(algorithm.jwk) if algorithm.name == "EdDSA" else algorithm.key
        algorithms, options = [algorithm.name], {"require": list(REQUIRED)}
        issuer, audience = algorithm.issuer, algorithm.audience
        return lambda token: jwt_rs.decode(
            token, key, algorithms=algorithms, issuer=issuer, audience=audience, options=options
        )

    def signer(self, algorithm: Algorithm) -> Sign:
        """With the PEM text."""
        import jwt_rs

        key, name = algorithm.private_key, algorithm.name
        base, headers = algorithm.claims, _beside(algorithm)
        return lambda: jwt_rs.encode({**base, **anew()}, key, algorithm=name, headers=headers)


_ALL: dict[str, Peer] = {
    "pyjwt": PyJWT(),
    "joserfc": Joserfc(),
    "authlib": Authlib(),
    "python-jose": PythonJose(),
    "jwcrypto": Jwcrypto(),
    "oxyjwt": Oxyjwt(),
    "oxyjwt-plain": OxyjwtPlain(),
    "pyjwt-rs": PyjwtRs(),
}


def _why_absent(peer: Peer) -> str | None:
    try:
        version(peer.distribution)
    except PackageNotFoundError:
        return f"{peer.distribution} is not installed"
    return None


# Why some of them are not measured.
ABSENT = {name: why for name, peer in _ALL.items() if (why := _why_absent(peer))}

PEERS = {name: peer for name, peer in _ALL.items() if name not in ABSENT}
