"""Minting of ID tokens: requests and the exact claims they yield."""

from __future__ import annotations

from typing import Any

from ..build import API, CLIENT, ISSUER, NOW, USER, Topic
from ..common import ASYMMETRIC, KEY_FOR, SYMMETRIC, jwks, verifying_jwk
from ..encoding import Raw
from ..expect import OPEN, Err
from ..keys import private_jwk
from .id_tokens import ACCESS_TOKEN, CODE, NONCE, STATE, half
from .mint import PLAIN, api, minter, signing_jwk

LIFETIME = 3600
ORDER = "iss sub aud azp exp iat auth_time nonce acr amr sid at_hash c_hash s_hash".split()
FULL: dict[str, Any] = {"auth_time": NOW - 60, "acr": "gold", "amr": ["pwd", "otp"], "sid": "s-1", "nonce": NONCE}
BESIDE = {"access_token": ACCESS_TOKEN, "code": CODE, "state": STATE}
ALL = {"issuer": ISSUER, "client_id": CLIENT, "jwks": jwks(*map(verifying_jwk, ASYMMETRIC))}


def request(**over: Any) -> dict[str, Any]:
    """A usual request: one user at one client; None leaves a member out."""
    base: dict[str, Any] = {"client_id": CLIENT, "subject": USER}
    return {name: value for name, value in (base | over).items() if value is not None}


def minted(custom: dict[str, Any] | None = None, **over: Any) -> dict[str, Any]:
    """The claims of the usual request, in the order in which they are minted."""
    base: dict[str, Any] = {"iss": ISSUER, "sub": USER, "aud": CLIENT, "exp": NOW + LIFETIME, "iat": NOW}
    base |= over
    assert set(base) <= set(ORDER)
    return {name: base[name] for name in ORDER if name in base} | (custom or {})


def build() -> list[Topic]:
    """The files of this topic."""
    t = Topic("id_tokens_mint", "Requests for ID tokens and the exact claims they yield; every language takes them.")
    t.config("minter", minter(api()))
    t.config("client", ALL)
    t.config("trusting", ALL | {"trusted_audiences": [API, "urn:other"]})
    Minting(t).run()
    return [t]


def invalid(claim: Any) -> Err:
    """The error of a member that is wrong."""
    return Err("argument_invalid", claim=claim, authenticated=False)


class Minting:
    """Keeps what every case of this file shares."""

    def __init__(self, topic: Topic) -> None:
        self.t = topic

    def run(self) -> None:
        """Every case."""
        self.contents()
        self.keys()
        self.refused()
        self.configurations()

    def good(
        self,
        case_id: str,
        comment: str,
        asked: Any,
        made: dict[str, Any],
        *,
        alg: str = "RS256",
        kid: str | None = None,
        config: str = "minter",
        client: str = "client",
        require: dict[str, Any] | None = None,
        **more: Any,
    ) -> None:
        """A request that is minted."""
        self.t.mint_id_token(
            case_id,
            comment,
            "IDT-1",
            asked,
            made,
            config=config,
            head={"typ": "JWT", "alg": alg, "kid": kid or alg.lower()},
            key=KEY_FOR[alg],
            validate_config=client,
            validate_require=require,
            **more,
        )

    def refuse(self, case_id: str, comment: str, asked: Any, error: Err, config: str = "minter", **more: Any) -> None:
        """A request that is refused."""
        self.t.mint_id_token(case_id, comment, "IDT-1", asked, error, config=config, **more)

    def contents(self) -> None:
        """What a token says."""
        sent = {"nonce": NONCE}
        self.good("plain", "A user at a client", request(), minted())
        self.good("nonce", "With a nonce", request(nonce=NONCE), minted(nonce=NONCE), require=sent)
        self.good(
            "full",
            "All that a request can say",
            request(**FULL, **BESIDE, claims={"name": "Jane", "address": {"country": "NO"}}),
            minted(
                {"name": "Jane", "address": {"country": "NO"}},
                **FULL,
                at_hash=half(ACCESS_TOKEN),
                c_hash=half(CODE),
                s_hash=half(STATE),
            ),
            require=sent | BESIDE | {"require_hashes": True, "max_age": 60, "acr_values": ["gold"]},
        )
        self.good(
            "at-hash", "With an access token", request(access_token=ACCESS_TOKEN), minted(at_hash=half(ACCESS_TOKEN))
        )
        self.good("c-hash", "With a code", request(code=CODE), minted(c_hash=half(CODE)))
        self.good("s-hash", "With a state", request(state=STATE), minted(s_hash=half(STATE)))
        both = {"aud": [CLIENT, API], "azp": CLIENT}
        for name, audience, over in (
            ("none", [], {}),
            ("client", [CLIENT, CLIENT], {}),
            ("other", [API], both),
            ("twice", [API, CLIENT, API], both),
            ("several", ["urn:other", API], {"aud": [CLIENT, "urn:other", API], "azp": CLIENT}),
        ):
            self.good(
                f"aud-{name}",
                f"Audiences beside the client: {name}",
                request(audience=audience, nonce=NONCE),
                minted(nonce=NONCE, **over),
                client="trusting",
                require=sent,
            )
        self.good(
            "aud-other-at-hash",
            "An access token tells it apart as well as a nonce",
            request(audience=[API], access_token=ACCESS_TOKEN),
            minted(at_hash=half(ACCESS_TOKEN), **both),
            client="trusting",
        )
        self.good(
            "aud-other-c-hash",
            "So does a code",
            request(audience=[API], code=CODE),
            minted(c_hash=half(CODE), **both),
            client="trusting",
        )
        self.good(
            "auth-time-fraction",
            "A time keeps its spelling",
            request(auth_time=Raw("1.7e9")),
            minted(auth_time=Raw("1.7e9")),
        )
        for name, sub in (("longest", "s" * 255), ("letters", "\u00e9" * 255), ("suffix-inside", "x@clients.example")):
            self.good(
                f"sub-{name}",
                "A subject as long as it may be, or near a client's",
                request(subject=sub),
                minted(sub=sub),
            )
        custom = {"roles": ["a"], "permissions": ["p"], "jti": "j-1", "cnf": {"jkt": "x"}, "Nonce": 1, "n\u00e9": 1.50}
        self.good("custom", "Claims that are the operator's", request(claims=custom), minted(custom))
        self.good(
            "custom-text",
            "Their text is kept",
            request(claims=Raw('{"x":1.50,"y":"\\u0061"}')),
            minted({"x": Raw("1.50"), "y": Raw('"\\u0061"')}),
        )
        self.good("custom-none", "No custom claims", request(claims={}), minted())
        self.good("iat-floor", "A clock between two seconds", request(), minted(), at=NOW + 0.75, flags="boundary")
        self.good(
            "quotes",
            "Texts are escaped",
            request(subject='a"b\\c', nonce='"'),
            minted(sub='a"b\\c', nonce='"'),
            require={"nonce": '"'},
        )

    def keys(self) -> None:
        """Algorithms, lifetimes, and what is taken where nothing is said."""
        bits = {alg: "512" if alg.startswith("Ed") else alg[2:] for alg in KEY_FOR}
        for alg in KEY_FOR:
            name = alg.lower()
            self.t.config(name, minter(api(), alg=alg))
            client = "client"
            if alg in SYMMETRIC:
                client = f"client-{name}"
                self.t.config(client, ALL | {"algorithms": [alg], "jwks": jwks(verifying_jwk(alg))})
            self.good(
                f"alg-{name}",
                f"Signed under {alg}",
                request(**BESIDE),
                minted(
                    at_hash=half(ACCESS_TOKEN, bits[alg]), c_hash=half(CODE, bits[alg]), s_hash=half(STATE, bits[alg])
                ),
                alg=alg,
                config=name,
                client=client,
                require=BESIDE | {"require_hashes": True},
            )
        three = jwks(signing_jwk("ES256"), signing_jwk("RS256"), signing_jwk("EdDSA"))
        free = jwks(private_jwk("rsa-2048-a", kid="ps256"), signing_jwk("ES256"))
        for name, comment, alg, configured in (
            (
                "of-the-first-key",
                "Nothing is said, no API uses the first key",
                "ES256",
                minter(api(algorithm="RS256"), keys=three),
            ),
            (
                "of-an-api",
                "What an API signs with, where it uses the first key",
                "PS256",
                minter(api(algorithm="PS256"), keys=free),
            ),
            ("named", "What is named", "EdDSA", minter(api(), keys=three, id_tokens={"algorithm": "EdDSA"})),
            (
                "named-as-the-api",
                "What is named, and an API's",
                "PS256",
                minter(api(algorithm="PS256"), keys=free, id_tokens={"algorithm": "PS256"}),
            ),
            ("empty", "An object without members says nothing", "ES256", minter(api(), keys=three, id_tokens={})),
            ("dialect", "Whatever the dialect of the API", "RS256", minter(api(dialect=PLAIN))),
        ):
            self.t.config(f"algorithm-{name}", configured)
            self.good(
                f"algorithm-{name}",
                f"The algorithm: {comment}",
                request(),
                minted(),
                alg=alg,
                config=f"algorithm-{name}",
            )
        for seconds in (1, 315360000):
            self.t.config(
                f"lifetime-{seconds}", minter(api(lifetime_seconds=60), id_tokens={"lifetime_seconds": seconds})
            )
            self.good(
                f"lifetime-{seconds}",
                f"A life of {seconds} s",
                request(),
                minted(exp=NOW + seconds),
                config=f"lifetime-{seconds}",
                flags="boundary",
            )
        self.t.config("api-lifetime", minter(api(lifetime_seconds=60)))
        self.good("lifetime-own", "It is no API's", request(), minted(), config="api-lifetime")

    def refused(self) -> None:
        """What no ID token may say."""
        apart = request(audience=[API])
        for name, comment, asked, error in (
            ("client-empty", "No client", request(client_id=""), invalid("client_id")),
            ("subject-empty", "No user", request(subject=""), invalid("sub")),
            ("subject-long", "A subject of 256 characters", request(subject="s" * 256), invalid("sub")),
            ("subject-issuer", "The issuer itself", request(subject=ISSUER), invalid("sub")),
            (
                "subject-client",
                "A client",
                request(subject="x@clients"),
                Err("subject_collision", claim="sub", authenticated=False),
            ),
            ("audience-empty", "An empty audience", request(audience=[""], nonce=NONCE), invalid("aud")),
            (
                "audience-many",
                "65 audiences",
                request(audience=[f"a{n}" for n in range(64)], nonce=NONCE),
                invalid("aud"),
            ),
            ("audience-untold", "Others could take it for an access token", apart, invalid("aud")),
            ("audience-untold-state", "A state does not tell it apart", apart | {"state": STATE}, invalid("aud")),
            ("nonce-empty", "An empty nonce", request(nonce=""), invalid("nonce")),
            ("sid-empty", "An empty session", request(sid=""), invalid("sid")),
            ("access-token-empty", "An empty access token", request(access_token=""), invalid("access_token")),
            ("code-empty", "An empty code", request(code=""), invalid("code")),
            ("state-empty", "An empty state", request(state=""), invalid("state")),
            ("auth-time-text", "A time as text", request(auth_time="5"), invalid("auth_time")),
            ("auth-time-negative", "A time before the epoch", request(auth_time=-1), invalid("auth_time")),
            ("auth-time-far", "A time beyond the year 9999", request(auth_time=253402300800), invalid("auth_time")),
            ("claims-array", "Claims that are no object", request(claims=[]), invalid("claims")),
            ("no-client", "The client is missing", {"subject": USER}, invalid(OPEN)),
            ("no-subject", "The user is missing", {"client_id": CLIENT}, invalid(OPEN)),
            ("unknown", "A member that is unknown", request(grant_type="authorization_code"), invalid(OPEN)),
            ("jti", "An ID token has no identifier of its own", request(jti="j"), invalid(OPEN)),
            ("amr-text", "amr as a text", request(amr="pwd"), invalid(OPEN)),
            ("array", "No object", [], invalid(OPEN)),
        ):
            self.refuse(f"refused-{name}", comment, asked, error)
        for at in (-1, 253402300799 - LIFETIME + 1):
            self.refuse(
                f"refused-at-{at}", "No time that a token can carry", request(), invalid(OPEN), at=at, flags="boundary"
            )
        self.good(
            "at-last",
            "The last time of all",
            request(),
            minted(exp=253402300799, iat=253402300799 - LIFETIME),
            at=253402300799 - LIFETIME,
            flags="boundary",
        )
        own = [*ORDER, "nbf"]
        telling = (
            "client_id scope gty cid scp typ token_use events token_introspection htm htu response_type redirect_uri"
        )
        for name in [*own, *telling.split()]:
            self.refuse(
                f"reserved-{name.replace('_', '-')}",
                f"A custom claim by the name {name}",
                request(claims={"x": 1, name: 1}),
                Err("claim_reserved", claim=name, authenticated=False),
            )
        self.refuse(
            "reserved-escaped",
            "However it is spelled",
            request(claims=Raw('{"\\u006eonce":1}')),
            Err("claim_reserved", claim="nonce", authenticated=False),
        )

    def configurations(self) -> None:
        """What is no configuration."""
        error = Err("config_invalid", claim=OPEN, authenticated=False)
        free = jwks(private_jwk("rsa-2048-a", kid="free"))
        for name, over in (
            ("algorithm-unserved", {"id_tokens": {"algorithm": "ES256"}}),
            ("algorithm-unknown", {"id_tokens": {"algorithm": "none"}}),
            ("algorithm-second", {"keys": free, "id_tokens": {"algorithm": "PS256"}}),
            ("lifetime-0", {"id_tokens": {"lifetime_seconds": 0}}),
            ("lifetime-long", {"id_tokens": {"lifetime_seconds": 315360001}}),
            ("lifetime-text", {"id_tokens": {"lifetime_seconds": "3600"}}),
            ("unknown", {"id_tokens": {"dialect": "rfc9068_profile"}}),
            ("array", {"id_tokens": []}),
            ("text", {"id_tokens": "RS256"}),
        ):
            self.t.config(f"config-{name}", minter(api(), **over))
            self.refuse(
                f"config-{name}", f"Configuration: {name}", request(), error, config=f"config-{name}", flags="config"
            )
