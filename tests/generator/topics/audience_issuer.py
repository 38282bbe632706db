"""aud and iss: byte for byte, issuer by issuer."""

from __future__ import annotations

from typing import Any

from ..build import API, ISSUER, OTHER_API, OTHER_ISSUER, Topic, claims, header, token
from ..common import config, jwks, topic, verifying_jwk
from ..expect import Err
from ..jose import make
from ..keys import public_jwk

OTHER = Err("audience_mismatch")
UNKNOWN = Err("issuer_unknown")


def build() -> list[Topic]:
    """The files of this topic."""
    a = topic("audience", "aud must hold an identifier of ours, byte for byte.")
    audience(a)
    i = topic("issuers", "iss selects the issuer, and with it keys, algorithms, profiles, audiences and limits.")
    issuer(i)
    several(i)
    return [a, i]


def audience(t: Topic) -> None:
    """String and array, near misses."""
    t.config("two", config(audience=[API, "logical-name"]))
    good: dict[str, tuple[Any, str]] = {
        "string": (API, "base"),
        "array": ([API], "base"),
        "first": ([API, OTHER_API], "base"),
        "last": ([OTHER_API, API], "base"),
        "twice": ([API, API], "base"),
        "second-of-ours": ("logical-name", "two"),
        "first-of-ours": (API, "two"),
        "both-of-ours": (["logical-name", API], "two"),
        "beside-empty": (["", API], "base"),
    }
    for name, (aud, configured) in good.items():
        t.validate(f"good-{name}", f"aud: {name}", "AT-VAL-4", token(body=claims(aud=aud)), config=configured)
    bad: dict[str, Any] = {
        "other": OTHER_API,
        "other-array": [OTHER_API, "x"],
        "empty-array": [],
        "empty-string": "",
        "empty-inside": [""],
        "suffix": API + "evil",
        "host-suffix": "https://api.example.evil/",
        "prefix": "https://api.exampl",
        "no-slash": API[:-1],
        "two-slashes": API + "/",
        "upper-host": "https://API.example/",
        "upper-scheme": "HTTPS://api.example/",
        "port": "https://api.example:443/",
        "space-joined": f"{API} {OTHER_API}",
        "trailing-space": API + " ",
        "nul": API + "\0",
        "comma-joined": f"{API},{OTHER_API}",
        "homoglyph": "https://\u0430pi.example/",
        "percent": "https://api%2Eexample/",
        "decomposed": "https://api.example/\u0301",
        "substring": "api.example",
        "issuer": ISSUER,
        "userinfo": ISSUER + "userinfo",
    }
    for name, aud in bad.items():
        t.validate(f"bad-{name}", f"aud: {name}", "AT-VAL-4 JOSE-9 T79 T80", token(body=claims(aud=aud)), OTHER)
    t.validate(
        "auth0-bad",
        "auth0: another audience",
        "AT-VAL-4 PRO-2",
        token(header("auth0"), claims("auth0", aud=OTHER_API)),
        OTHER,
        config="auth0",
    )
    t.validate(
        "auth0-empty-array",
        "auth0: aud []",
        "AT-VAL-4 PRO-2 T79",
        token(header("auth0"), claims("auth0", aud=[])),
        OTHER,
        config="auth0",
    )


def issuer(t: Topic) -> None:
    """Near misses of the issuer."""
    for name, iss in {
        "other": OTHER_ISSUER,
        "empty": "",
        "no-slash": ISSUER[:-1],
        "two-slashes": ISSUER + "/",
        "suffix": ISSUER + "x",
        "prefix": "https://as.exam",
        "upper-host": "https://AS.example/",
        "http": "http://as.example/",
        "port": "https://as.example:443/",
        "userinfo": "https://user@as.example/",
        "trailing-space": ISSUER + " ",
        "leading-space": " " + ISSUER,
        "nul": ISSUER + "\0",
        "homoglyph": "https://\u0430s.example/",
        "query": ISSUER + "?a",
        "fragment": ISSUER + "#",
        "dot-segment": "https://as.example/./",
        "percent": "https://as%2Eexample/",
        "host-suffix": "https://as.example.evil/",
    }.items():
        t.validate(f"iss-{name}", f"iss: {name}", "AT-VAL-3 JOSE-9 T82 T84", token(body=claims(iss=iss)), UNKNOWN)
    t.validate(
        "iss-array",
        "iss as an array that holds ours",
        "AT-VAL-3 T82",
        token(body=claims(iss=[ISSUER])),
        Err("claim_malformed", claim="iss", authenticated=False),
    )
    t.config("no-slash", config(issuer=ISSUER[:-1]))
    t.validate(
        "configured-no-slash",
        "Configured without the slash, issued with it",
        "AT-VAL-3 T84",
        token(),
        UNKNOWN,
        config="no-slash",
    )
    t.validate(
        "configured-no-slash-exact",
        "Configured and issued without the slash",
        "AT-VAL-3",
        token(body=claims(iss=ISSUER[:-1])),
        config="no-slash",
    )


def several(t: Topic) -> None:
    """Each issuer's own keys, algorithms, profiles, audiences and limits."""
    key_a = public_jwk("p256-a", kid="shared", alg="ES256")
    key_b = public_jwk("p256-b", kid="shared", alg="ES256")
    rsa = verifying_jwk("RS256")
    third = "https://third.example/"
    t.config(
        "several",
        {
            "audience": API,
            "profiles": ["rfc9068"],
            "issuers": [
                {"issuer": ISSUER, "jwks": jwks(key_a)},
                {"issuer": OTHER_ISSUER, "jwks": jwks(key_b), "audience": OTHER_API, "profiles": ["auth0"]},
                {"issuer": third, "jwks": jwks(key_a, rsa), "algorithms": ["RS256"], "max_lifetime_seconds": 3600},
            ],
            "max_lifetime_seconds": 7200,
            "realm": "several",
        },
    )

    def made(iss: str, key: str = "p256-a", profile: str = "rfc9068", **over: Any) -> Any:
        return token(header(profile, kid="shared"), claims(profile, iss=iss, **over), key=key)

    one, two = "issuers: first", "issuers: second"
    rs_head = header(alg="RS256", kid="rs256")
    t.validate("first", f"{one}", "AT-VAL-5 JOSE-9 T86", made(ISSUER), config="several")
    t.validate(
        "second",
        f"{two}, its own audience and profile",
        "AT-VAL-5 JOSE-9 PRO-7 T86",
        made(OTHER_ISSUER, "p256-b", "auth0", aud=OTHER_API),
        "auth0",
        config="several",
    )
    t.validate(
        "third",
        "issuers: third, its own algorithm",
        "AT-VAL-5",
        make(rs_head, claims(iss=third), "RS256", "rsa-2048-a"),
        config="several",
    )
    for case, what, item, error in (
        (
            "mixed-up-key",
            "the second issuer's key under the first's name",
            made(ISSUER, "p256-b"),
            Err("signature_invalid"),
        ),
        (
            "mixed-up-key-back",
            "the first issuer's key under the second's name",
            made(OTHER_ISSUER, "p256-a", "auth0", aud=OTHER_API),
            Err("signature_invalid"),
        ),
        (
            "foreign-kid",
            "a kid that only another issuer's set holds",
            make(rs_head, claims(), "RS256", "rsa-2048-a"),
            Err("key_not_found"),
        ),
        ("first-with-second-audience", "the audience of another issuer's entry", made(ISSUER, aud=OTHER_API), OTHER),
        (
            "second-with-top-audience",
            "the entry's audience replaces the one on top",
            made(OTHER_ISSUER, "p256-b", "auth0", aud=API),
            OTHER,
        ),
        (
            "second-with-top-profile",
            "the entry's profile replaces the one on top",
            made(OTHER_ISSUER, "p256-b", aud=OTHER_API),
            Err("type_mismatch"),
        ),
        ("first-with-second-profile", "another entry's profile", made(ISSUER, "p256-a", "auth0"), Err("type_mismatch")),
        (
            "third-other-algorithm",
            "the entry's list of algorithms replaces the default",
            made(third),
            Err("algorithm_not_allowed"),
        ),
        (
            "third-lifetime",
            "the entry's lifetime replaces the one on top",
            make(rs_head, claims(iss=third, exp=1700003601), "RS256", "rsa-2048-a"),
            Err("lifetime_exceeded"),
        ),
        (
            "first-top-lifetime",
            "the lifetime on top holds where the entry has none",
            made(ISSUER, exp=1700007201),
            Err("lifetime_exceeded"),
        ),
        ("none-of-them", "an issuer that is not on the list", made("https://fourth.example/"), UNKNOWN),
    ):
        t.validate(
            f"several-{case}",
            f"Several issuers: {what}",
            "AT-VAL-5 JOSE-9 T86",
            item,
            error,
            config="several",
            flags="forgery" if "mixed" in case else "",
        )
    t.validate(
        "several-top-lifetime-within",
        "Between the entry's limit and the one on top",
        "AT-VAL-6",
        made(ISSUER, exp=1700007200),
        config="several",
        flags="valid boundary",
    )
