"""Validator configurations that are refused, and limits that are not."""

from __future__ import annotations

from typing import Any

from ..build import API, ISSUER, OTHER_ISSUER, Topic, token
from ..common import config, jwks, topic, verifying_jwk
from ..encoding import Raw, text


def without(name: str) -> dict[str, Any]:
    """The usual configuration less one member."""
    return {key: value for key, value in config().items() if key != name}


def build() -> list[Topic]:
    """The files of this topic."""
    t = topic("config", "Validator configuration: what is refused, and the limits that are still good.")
    keys = jwks(verifying_jwk("ES256"))
    entry = {"issuer": ISSUER, "jwks": keys}
    refused: dict[str, tuple[Any, str]] = {
        "unknown-field": (config(audiance=API), "T81"),
        "unknown-field-camel": (config(leewaySeconds=5), "T75"),
        "unknown-field-in-entry": ({"audience": API, "issuers": [entry | {"leeway": 5}]}, "T83"),
        "issuer-and-issuers": (config(issuers=[{"issuer": OTHER_ISSUER, "jwks": keys}]), "JOSE-9"),
        "issuer-missing": (without("issuer"), "T83 AT-VAL-3"),
        "issuers-empty": ({"audience": API, "issuers": []}, "T83 AT-VAL-3"),
        "issuers-twice": ({"audience": API, "issuers": [entry, entry]}, "JOSE-9"),
        "issuer-empty": (config(issuer=""), "T83 AT-VAL-3"),
        "duplicate-member": (Raw(text(config())[:-1] + ',"audience":"https://evil.example/"}'), "T57"),
        "entry-positional": ({"audience": API, "issuers": [[ISSUER, API, keys]]}, "T83"),
        "positional": (Raw(text([ISSUER, API, keys])), "T83"),
        "issuer-number": (config(issuer=5), "T83 AT-VAL-3"),
        "issuer-array": (config(issuer=[ISSUER]), "T83 AT-VAL-3"),
        "keys-beside-issuers": ({"audience": API, "issuers": [entry], "jwks": keys}, "JOSE-9"),
        "audience-missing": (without("audience"), "T81 AT-VAL-4"),
        "audience-empty-array": (config(audience=[]), "T81 AT-VAL-4"),
        "audience-empty-string": (config(audience=""), "T81 AT-VAL-4"),
        "audience-empty-inside": (config(audience=[API, ""]), "T81 AT-VAL-4"),
        "audience-number": (config(audience=5), "T81 AT-VAL-4"),
        "audience-number-inside": (config(audience=[API, 5]), "T81 AT-VAL-4"),
        "audience-missing-in-issuers": ({"issuers": [entry]}, "T81 AT-VAL-4"),
        "profiles-empty": (config(profiles=[]), "PRO-7"),
        "profiles-unknown": (config(profiles=["rfc9068", "ping"]), "PRO-7"),
        "profiles-twice": (config(profiles=["rfc9068", "rfc9068"]), "PRO-7"),
        "profiles-twice-auth0": (config(profiles=["auth0", "auth0"]), "PRO-7"),
        "profiles-twice-in-entry": ({"audience": API, "issuers": [entry | {"profiles": ["auth0", "auth0"]}]}, "PRO-7"),
        "profiles-string": (config(profiles="rfc9068"), "PRO-7"),
        "profiles-case": (config(profiles=["RFC9068"]), "PRO-7"),
        "algorithms-empty": (config(algorithms=[]), "JOSE-1"),
        "algorithms-none": (config(algorithms=["none"]), "JOSE-1 AT-HDR-1 T01"),
        "algorithms-none-beside": (config(algorithms=["ES256", "none"]), "JOSE-1 AT-HDR-1 T01"),
        "algorithms-none-upper": (config(algorithms=["ES256", "NONE"]), "JOSE-1 AT-HDR-1 T02"),
        "algorithms-unknown": (config(algorithms=["ES256", "ES256K"]), "JOSE-1 T23"),
        "algorithms-case": (config(algorithms=["es256"]), "JOSE-1 T23"),
        "algorithms-string": (config(algorithms="ES256"), "JOSE-1"),
        "algorithms-number": (config(algorithms=[256]), "JOSE-1"),
        "leeway-301": (config(leeway_seconds=301), "AT-VAL-6 T75"),
        "leeway-negative": (config(leeway_seconds=-1), "AT-VAL-6 T75"),
        "leeway-absurd": (config(leeway_seconds=10**9), "AT-VAL-6 T75"),
        "leeway-text": (config(leeway_seconds="30"), "AT-VAL-6 T75"),
        "leeway-overflow": (config(leeway_seconds=Raw("1e999")), "AT-VAL-6 T75"),
        "leeway-true": (config(leeway_seconds=True), "AT-VAL-6 T75"),
        "lifetime-negative": (config(max_lifetime_seconds=-1), "AT-VAL-6 T75"),
        "lifetime-text": (config(max_lifetime_seconds="3600"), "AT-VAL-6 T75"),
        "token-bytes-0": (config(max_token_bytes=0), "JOSE-5 T54"),
        "token-bytes-65537": (config(max_token_bytes=65537), "JOSE-5 T54"),
        "token-bytes-negative": (config(max_token_bytes=-1), "JOSE-5 T54"),
        "token-bytes-text": (config(max_token_bytes="16384"), "JOSE-5 T54"),
        "metadata-no-host": (config(resource_metadata="https:///x"), "RS-2"),
        "metadata-user": (config(resource_metadata="https://u:p@api.example/"), "RS-2"),
        "required-claims-string": (config(required_claims="sub"), "AT-CLM-1"),
        "required-claims-number": (config(required_claims=[5]), "AT-CLM-1"),
        "realm-quote": (config(realm='a"b'), "RS-1"),
        "realm-backslash": (config(realm="a\\b"), "RS-1"),
        "realm-newline": (config(realm="a\r\nSet-Cookie: x=y"), "RS-1"),
        "realm-control": (config(realm="a\u0001b"), "RS-1"),
        "realm-del": (config(realm="a\u007fb"), "RS-1"),
        "realm-non-ascii": (config(realm="\u00e9"), "RS-1"),
        "realm-number": (config(realm=5), "RS-1"),
        "metadata-quote": (config(resource_metadata='https://api.example/"x'), "RS-2"),
        "metadata-newline": (config(resource_metadata="https://api.example/\r\nx"), "RS-2"),
        "metadata-backslash": (config(resource_metadata="https://api.example/\\x"), "RS-2"),
        "metadata-non-ascii": (config(resource_metadata="https://api.example/\u00e9"), "RS-2"),
        "not-an-object": (Raw("[]"), "T83"),
        "null": (Raw("null"), "T83"),
        "text": (Raw('"config"'), "T83"),
        "empty-object": ({}, "T83"),
    }
    made = token()
    for name, (wrong, rules) in refused.items():
        t.refuse_config(name, f"Refused: {name}", rules, wrong, made)
    good: dict[str, dict[str, Any]] = {
        "leeway-0": config(leeway_seconds=0),
        "leeway-300": config(leeway_seconds=300),
        "token-bytes-65536": config(max_token_bytes=65536),
        "audience-array": config(audience=[API]),
        "issuers": {"audience": API, "issuers": [entry]},
        "issuers-own-audience": {"issuers": [entry | {"audience": API}]},
        "lifetime-null": config(max_lifetime_seconds=None),
        "algorithms-listed": config(algorithms=["ES256", "RS256"]),
        "profiles-both": config(profiles=["auth0", "rfc9068"]),
        "required-claims-empty": config(required_claims=[]),
        "realm-plain": config(realm="The API, v1 (test)"),
        "spelled-out": config(
            leeway_seconds=30,
            max_lifetime_seconds=None,
            max_token_bytes=16384,
            required_claims=[],
            profiles=["rfc9068"],
        ),
    }
    for name, right in good.items():
        t.config(f"good-{name}", right)
        t.validate(
            f"good-{name}",
            f"Accepted: {name}",
            "PRO-7" if "profiles" in name else "AT-VAL-4",
            made,
            config=f"good-{name}",
            flags="valid boundary" if name[-1].isdigit() else "valid",
        )
    return [t]
